package pgtest

import (
	"os/exec"
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	for _, want := range []string{"test1", "test2"} {
		address := Open(t)
		out, err := exec.Command(find("psql"), "-At", "-c", "SELECT current_database()", address).CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("Open() leads to database %q, %v; want %q", got, err, want)
		}
	}
}

package main

import (
	"bufio"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestServeAndStop starts the role news as an operator does, looks at a page
// and at the health page, and stops it with an interrupt.
func TestServeAndStop(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "understory") // testscript.Main goes by the name
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, program)
	}
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "understory.toml")
	text := fmt.Sprintf("[news]\nlisten = \"127.0.0.1:0\"\ndata_dir = %q\n[operator]\nlisten = \"127.0.0.1:0\"\n", dir)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "serve", "news", "--config", file)
	stderr, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	stuck := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer stuck.Stop()

	log := bufio.NewScanner(stderr)
	for range 2 {
		purpose, address := listening(t, log)
		if got := status(t, address); got != http.StatusOK {
			t.Errorf("%s: GET %s = %d, want 200", purpose, address, got)
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	last := ""
	for log.Scan() {
		last = log.Text()
	}
	if err := errors.Join(log.Err(), cmd.Wait()); err != nil || !strings.Contains(last, "msg=stopped") {
		t.Errorf("an interrupt ended it with %v and the line %q; want nil and that it stopped", err, last)
	}
}

var listeningLine = regexp.MustCompile(`msg=listening for="([^"]+)" at=(\S+)`)

// listening reads the log up to the next line that tells an address.
func listening(t *testing.T, log *bufio.Scanner) (purpose, address string) {
	t.Helper()
	for log.Scan() {
		if m := listeningLine.FindStringSubmatch(log.Text()); m != nil {
			return m[1], m[2]
		}
	}
	t.Fatalf("the log ended: %v", log.Err())
	return "", ""
}

func status(t *testing.T, address string) int {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	return resp.StatusCode
}

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
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
	program := understory(t, dir)
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

// TestStopCheck interrupts a check while a server does not answer: it ends at
// once, says how far it came and keeps that.
func TestStopCheck(t *testing.T) {
	asked := make(chan struct{}, 1)
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-r.Context().Done()
	}))
	defer silent.Close()
	dir := t.TempDir()
	program := understory(t, dir)
	for name, text := range map[string]string{
		"understory.toml": "[fetch]\nallow_private = [\"127.0.0.0/8\"]\n",
		"titles.csv":      "name,home,feeds\nSilent," + silent.URL + "," + silent.URL + "/feed\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	start := func(args ...string) (*exec.Cmd, *bytes.Buffer) {
		cmd, out := exec.CommandContext(t.Context(), program, args...), new(bytes.Buffer)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd, out
	}
	cmd, out := start("title", "import", "titles.csv")
	if err := cmd.Wait(); err != nil {
		t.Fatal(err, out)
	}
	cmd, out = start("title", "check")
	select {
	case <-asked:
	case <-time.After(time.Minute):
		t.Fatal("nothing was asked")
	}
	begin := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // its exit code is looked at
	if code := cmd.ProcessState.ExitCode(); code != 130 || time.Since(begin) > 5*time.Second {
		t.Errorf("an interrupt ended it with %d after %v; want 130 at once", code, time.Since(begin))
	}
	want := "0 of 1 feeds fetched, 0 of them with trouble; what they brought is stored\nunderstory: stopped\n"
	if got := out.String(); got != want {
		t.Errorf("it said %q, want %q", got, want)
	}
}

// understory makes the test binary run as the command, which testscript.Main
// knows by its name.
func understory(t *testing.T, dir string) string {
	t.Helper()
	program := filepath.Join(dir, "understory")
	self, err := os.Executable()
	if err == nil {
		err = os.Symlink(self, program)
	}
	if err != nil {
		t.Fatal(err)
	}
	return program
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

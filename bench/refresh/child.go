package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// child is this program again in another role. It is asked and answers in
// JSON, one line each way, and ends with its input.
type child struct {
	cmd *exec.Cmd
	in  *json.Encoder
	out *json.Decoder
	end func() error
}

func start(role string) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: cmd, in: json.NewEncoder(in), out: json.NewDecoder(out)}
	c.end = func() error { in.Close(); return cmd.Wait() }
	return c, cmd.Start()
}

func (c *child) ask(question, answer any) error {
	if err := c.in.Encode(question); err != nil {
		return fmt.Errorf("ask %v: %w", c.cmd.Args, err)
	}
	if err := c.out.Decode(answer); err != nil {
		return fmt.Errorf("%v gave no answer: %w", c.cmd.Args, err)
	}
	return nil
}

// ownTime is the processor time of this process so far.
func ownTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// treeTime is the processor time of a process, its children and those that
// have ended; what it cannot read counts nothing.
func treeTime(pid int) time.Duration {
	total := statTime(pid, 4)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, name := range stats {
		child, _ := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if fields := statFields(child); len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			total += statTime(child, 2)
		}
	}
	return total
}

// statTime adds up the first n of utime, stime, cutime and cstime.
func statTime(pid, n int) time.Duration {
	const tick = 10 * time.Millisecond
	fields, total := statFields(pid), time.Duration(0)
	for i := 11; i < 11+n && i < len(fields); i++ {
		ticks, _ := strconv.Atoi(fields[i])
		total += time.Duration(ticks) * tick
	}
	return total
}

// statFields are the fields of /proc/PID/stat from the state on.
func statFields(pid int) []string {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return nil
	}
	return strings.Fields(string(line[bytes.LastIndexByte(line, ')')+1:]))
}

// procValue reads a number from a file of a process under /proc, such as VmHWM
// from status.
func procValue(pid int, file, name string) int64 {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, name+":"); ok {
			n, _ := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			return n
		}
	}
	return 0
}

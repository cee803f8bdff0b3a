// Start measures how long a newcomer waits: from make run in a fresh copy of
// the repository with a cold build cache to a front page with articles, the
// same for the binary alone, and what serve news takes of memory at rest.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"understory/kit/sqlkit"
	"understory/news"
	"understory/news/newsdb"
)

func main() {
	rest := flag.Duration("rest", 5*time.Minute, "how long serve news rests before its memory is read")
	modules := flag.Bool("modules", false, "also with a cold module cache, which downloads every module")
	feeds := flag.Int("feeds", 1000, "feeds of the resting server, none of them due")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *rest, *modules, *feeds); err != nil {
		fmt.Fprintln(os.Stderr, "start:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, rest time.Duration, modules bool, feeds int) error {
	folder, err := os.MkdirTemp("", "start-")
	if err != nil {
		return err
	}
	defer func() {
		_ = exec.Command("chmod", "-R", "u+w", folder).Run() // modules are kept read-only
		_ = os.RemoveAll(folder)
	}()
	tree := filepath.Join(folder, "tree")
	copied := exec.CommandContext(ctx, "sh", "-c", `mkdir "$1" && cd .. && git archive HEAD | tar -x -C "$1"`, "sh", tree)
	if out, err := copied.CombinedOutput(); err != nil {
		return fmt.Errorf("copy the repository: %w: %s", err, out)
	}
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Printf("load before %.14s\n%-52s %10s  %s\n", load, "", "measured", "target")
	cold := []string{"GOCACHE=" + filepath.Join(folder, "cache")}
	if err := makeRun(ctx, tree, "make run, cold build cache", cold); err != nil {
		return err
	}
	if modules {
		cold = []string{"GOCACHE=" + filepath.Join(folder, "cache2"), "GOMODCACHE=" + filepath.Join(folder, "modules")}
		if err := makeRun(ctx, tree, "make run, cold build and module caches", cold); err != nil {
			return err
		}
	}
	program := filepath.Join(tree, "bin", "understory")
	if err := warm(ctx, program); err != nil {
		return err
	}
	return resting(ctx, program, filepath.Join(folder, "data"), feeds, rest)
}

// makeRun is make run from nothing.
func makeRun(ctx context.Context, tree, name string, env []string) error {
	listen, err := free()
	if err != nil {
		return err
	}
	p, err := begin(ctx, tree, env, "make", "run", "RUNFLAGS=--listen "+listen+" --operator 127.0.0.1:0")
	if err != nil {
		return err
	}
	_, articles, err := p.pages(ctx, listen, 20*time.Minute)
	lines, silence := p.progress()
	p.stop()
	if err != nil {
		return err
	}
	row(name+", to a page with articles", articles, "< 180 s")
	row("  processor time of it, on all processors", p.cmd.ProcessState.UserTime()+p.cmd.ProcessState.SystemTime(), "")
	row(fmt.Sprintf("  longest silence; %d lines of progress", lines), silence, "")
	return nil
}

// warm is the binary alone.
func warm(ctx context.Context, program string) error {
	listen, err := free()
	if err != nil {
		return err
	}
	p, err := begin(ctx, "", nil, program, "demo", "--listen", listen, "--operator", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer p.stop()
	page, articles, err := p.pages(ctx, listen, time.Minute)
	if err != nil {
		return err
	}
	row("the binary: to a page", page, "< 1 s")
	row("the binary: to a page with articles", articles, "< 5 s")
	return nil
}

// resting is serve news with nothing due.
func resting(ctx context.Context, program, data string, feeds int, rest time.Duration) error {
	if err := fill(ctx, data, feeds); err != nil {
		return err
	}
	listen, err := free()
	if err != nil {
		return err
	}
	file := filepath.Join(data, "understory.toml")
	text := fmt.Sprintf("[news]\nlisten = %q\ndata_dir = %q\n[operator]\nlisten = \"\"\n", listen, data)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return err
	}
	p, err := begin(ctx, "", nil, program, "serve", "news", "--config", file)
	if err != nil {
		return err
	}
	defer p.stop()
	if _, err := p.wait(ctx, listen, "</html>", time.Minute); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(rest):
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		if name == "VmRSS" || name == "VmHWM" {
			kB, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
			target := map[string]string{"VmRSS": "< 150 MiB", "VmHWM": "its peak"}[name]
			fmt.Printf("%-52s %6.1f MiB  %s\n", fmt.Sprintf("serve news, %d feeds, %v with nothing due: %s", feeds, rest, name), float64(kB)/1024, target)
		}
	}
	return nil
}

// fill makes a store whose feeds are due in a day.
func fill(ctx context.Context, data string, feeds int) error {
	db, err := newsdb.Open(ctx, sqlkit.DefaultConfig(filepath.Join(data, "news.db")))
	if err != nil {
		return err
	}
	defer db.Close()
	for i := range feeds {
		t, err := db.PutTitle(ctx, news.Title{Slug: fmt.Sprint("t", i), Name: fmt.Sprint("Title ", i), Home: "http://localhost/", Section: "news"})
		if err == nil {
			_, err = db.PutFeed(ctx, news.Feed{TitleID: t.ID, URL: fmt.Sprintf("http://localhost/%d", i)}, time.Now().Add(24*time.Hour))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// process is a started program, with what it prints.
type process struct {
	cmd   *exec.Cmd
	start time.Time

	mu      sync.Mutex
	lines   int
	last    time.Time
	silence time.Duration // longest time without a line
}

func begin(ctx context.Context, folder string, env []string, name string, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, name, args...), start: time.Now()}
	p.last = p.start
	p.cmd.Dir, p.cmd.Env = folder, append(os.Environ(), env...)
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // so that make's children can be stopped with it
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p.cmd.Stderr = p.cmd.Stdout
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			p.said()
		}
	}()
	return p, p.cmd.Start()
}

func (p *process) said() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines++
	p.silence, p.last = max(p.silence, time.Since(p.last)), time.Now()
}

func (p *process) progress() (lines int, silence time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lines, p.silence
}

func (p *process) stop() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGINT)
	_ = p.cmd.Wait() // says that it was interrupted
}

// pages waits for a page, and for one with articles.
func (p *process) pages(ctx context.Context, listen string, limit time.Duration) (page, articles time.Duration, err error) {
	if page, err = p.wait(ctx, listen, "</html>", limit); err != nil {
		return 0, 0, err
	}
	articles, err = p.wait(ctx, listen, `href="/article/`, limit)
	return page, articles, err
}

// wait asks for the front page until it holds text, and returns the time since
// the start.
func (p *process) wait(ctx context.Context, listen, text string, limit time.Duration) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		if body, err := get(ctx, "http://"+listen+"/"); err == nil && strings.Contains(body, text) {
			return time.Since(p.start), nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("%v: no page with %q within %v: %w", p.cmd.Args, text, limit, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func get(ctx context.Context, address string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return string(body), err
}

// free is an address that nobody listens on.
func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func row(name string, took time.Duration, target string) {
	fmt.Printf("%-52s %8.2f s  %s\n", name, took.Seconds(), target)
}

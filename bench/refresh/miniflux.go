package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"understory/kit/sqlkit"
	"understory/press"
)

// peer is a Miniflux with its own PostgreSQL and press.
type peer struct {
	feeds   int
	address string
	pid     int
	server  *postgres
	press   *child
	db      *sqlkit.DB
	last    account
}

// miniflux measures Miniflux as it is installed: its feeds come by OPML, and
// its own interface starts each refresh.
func miniflux(ctx context.Context, n size) (map[string]line, error) {
	folder, err := os.MkdirTemp("", "miniflux-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	if err := buildMiniflux(ctx, folder); err != nil {
		return nil, err
	}
	p := &peer{feeds: n.Feeds}
	if p.server, err = startPostgres(); err != nil {
		return nil, err
	}
	defer p.server.Stop()
	if p.press, err = start("press"); err != nil {
		return nil, err
	}
	defer p.press.end()
	if err := p.press.ask(order{Size: n}, &p.last); err != nil {
		return nil, err
	}
	end, err := p.start(ctx, filepath.Join(folder, "miniflux"))
	if err != nil {
		return nil, err
	}
	defer end()
	defer p.db.Close()
	first, err := p.round(ctx, press.Mix{})
	if err != nil {
		return nil, err
	}
	first.published = n.Feeds * n.Items
	first.print("miniflux", "first", "")
	lines := map[string]line{}
	for _, kind := range kinds {
		if lines[kind.name], err = p.round(ctx, kind.mix); err != nil {
			return nil, err
		}
	}
	return lines, nil
}

// buildMiniflux builds it in a module of its own.
func buildMiniflux(ctx context.Context, folder string) error {
	err := os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module peer\n\ngo 1.26\n\nrequire miniflux.app/v2 v2.3.3\n"), 0o644)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-mod=mod", "-o", "miniflux", "miniflux.app/v2")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build Miniflux: %w: %s", err, out)
	}
	return nil
}

// start runs the program and gives it the feeds.
func (p *peer) start(ctx context.Context, program string) (end func(), err error) {
	database, err := p.server.Create("miniflux")
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	listen := l.Addr().String()
	p.address = "http://" + listen
	l.Close()
	cmd := exec.CommandContext(ctx, program)
	cmd.Stderr = os.Stderr
	cmd.Env = append(os.Environ(), "DATABASE_URL="+database, "LISTEN_ADDR="+listen, "RUN_MIGRATIONS=1", "CREATE_ADMIN=1",
		"ADMIN_USERNAME=bench", "ADMIN_PASSWORD=benchmark", "DISABLE_SCHEDULER_SERVICE=1", "FETCHER_ALLOW_PRIVATE_NETWORKS=1", "LOG_LEVEL=error")
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.pid = cmd.Process.Pid
	end = func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	if err := p.wait(ctx, func() (bool, error) { return p.call(ctx, "GET", "/healthcheck", "") == nil, nil }); err != nil {
		end()
		return nil, err
	}
	cfg := sqlkit.DefaultConfig("")
	cfg.Driver, cfg.Address = sqlkit.PostgreSQL, database
	if p.db, err = sqlkit.Open(ctx, cfg); err == nil {
		err = p.call(ctx, "POST", "/v1/import", p.opml())
	}
	if err != nil {
		end()
		return nil, err
	}
	return end, nil
}

func (p *peer) opml() string {
	var b strings.Builder
	b.WriteString(`<opml version="2.0"><body>`)
	for i := range p.feeds {
		fmt.Fprintf(&b, `<outline type="rss" text="Title %d" xmlUrl="http://127.0.0.1:%s/feed/%d.xml"/>`, i, p.last.Port, i)
	}
	b.WriteString(`</body></opml>`)
	return b.String()
}

func (p *peer) call(ctx context.Context, method, path, body string) error {
	req, err := http.NewRequestWithContext(ctx, method, p.address+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.SetBasicAuth("bench", "benchmark")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("Miniflux answered %s to %s %s", res.Status, method, path)
	}
	return nil
}

// wait asks every few milliseconds until it is so.
func (p *peer) wait(ctx context.Context, so func() (bool, error)) error {
	for {
		if done, err := so(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// round has every feed refreshed.
func (p *peer) round(ctx context.Context, mix press.Mix) (line, error) {
	var before, after account
	if err := p.press.ask(order{Mix: mix}, &before); err != nil {
		return line{}, err
	}
	if err := p.db.Exec(ctx, "UPDATE feeds SET next_check_at = now() - interval '1 day', checked_at = now() - interval '1 day'"); err != nil {
		return line{}, err
	}
	entries := p.count(ctx, "SELECT COUNT(*) FROM entries")
	begun, busy, stored := time.Now(), treeTime(p.pid), p.server.time()
	if err := p.call(ctx, "PUT", "/v1/feeds/refresh", ""); err != nil {
		return line{}, err
	}
	err := p.wait(ctx, func() (bool, error) {
		return p.count(ctx, "SELECT COUNT(*) FROM feeds WHERE checked_at < now() - interval '12 hours'") == 0, nil
	})
	if err != nil {
		return line{}, err
	}
	wall, n := time.Since(begun), float64(p.feeds)
	busy, stored = treeTime(p.pid)-busy, p.server.time()-stored
	if err := p.press.ask(order{}, &after); err != nil {
		return line{}, err
	}
	l := line{rate: n / wall.Seconds(), ingest: busy.Seconds() * 1000 / n, database: stored.Seconds() * 1000 / n,
		press: (after.Time - before.Time).Seconds() * 1000 / n, peak: float64(procValue(p.pid, "status", "VmHWM")) / 1024,
		conns: int(after.Stats.MaxConns), failed: p.count(ctx, "SELECT COUNT(*) FROM feeds WHERE parsing_error_count > 0"),
		published: before.Items - p.last.Items, added: p.count(ctx, "SELECT COUNT(*) FROM entries") - entries}
	l.handed = l.added
	p.last = after
	return l, nil
}

// count is -1 where the database does not answer.
func (p *peer) count(ctx context.Context, query string) int {
	n := -1
	_ = p.db.QueryRow(ctx, query).Scan(&n)
	return n
}

package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"understory/kit/pgtest"
	"understory/kit/sqlkit"
	"understory/press"
)

// pair is a press and a pipeline that follows it.
type pair struct {
	feeds         int
	folder        string
	server        *postgres
	press, ingest *child
	last          account
}

func open(ctx context.Context, store sqlkit.Dialect, n size) (b *pair, err error) {
	b = &pair{feeds: n.Feeds}
	defer func() {
		if err != nil {
			b.close()
		}
	}()
	if b.folder, err = os.MkdirTemp("", "refresh-"); err != nil {
		return b, err
	}
	cfg := sqlkit.DefaultConfig(filepath.Join(b.folder, "news.db"))
	if store == sqlkit.PostgreSQL {
		if b.server, err = startPostgres(); err != nil {
			return b, err
		}
		cfg.Driver = store
		if cfg.Address, err = b.server.Create("news"); err != nil {
			return b, err
		}
	}
	if b.press, err = start("press"); err != nil {
		return b, err
	}
	if err := b.press.ask(order{Size: n}, &b.last); err != nil {
		return b, err
	}
	if b.ingest, err = start("ingest"); err != nil {
		return b, err
	}
	var filled result
	return b, b.ingest.ask(job{Store: cfg, Port: b.last.Port, Size: n}, &filled)
}

func (b *pair) close() {
	for _, c := range []*child{b.ingest, b.press} {
		if c != nil {
			_ = c.end() // it has nothing left to say
		}
	}
	if b.server != nil {
		_ = b.server.Stop()
	}
	_ = os.RemoveAll(b.folder)
}

// round changes the press as the mix says, and has every feed checked.
func (b *pair) round(mix press.Mix, profile string) (line, error) {
	var before, after account
	if err := b.press.ask(order{Mix: mix}, &before); err != nil {
		return line{}, err
	}
	stored := b.server.time()
	var r result
	if err := b.ingest.ask(job{Profile: profile}, &r); err != nil {
		return line{}, err
	}
	stored = b.server.time() - stored
	if err := b.press.ask(order{}, &after); err != nil {
		return line{}, err
	}
	l := line{
		rate: float64(b.feeds) / r.Wall.Seconds(), peak: float64(r.Peak) / 1024, conns: int(after.Stats.MaxConns), failed: r.Failed,
		ingest: r.Time.Seconds() * 1000 / float64(b.feeds), database: stored.Seconds() * 1000 / float64(b.feeds),
		press: (after.Time - before.Time).Seconds() * 1000 / float64(b.feeds),
		added: r.New + r.Merged, handed: r.Entries, published: before.Items - b.last.Items, written: float64(r.Written) / 1000 / float64(b.feeds),
	}
	b.last = after
	return l, nil
}

// postgres is a server as it is installed: what it has acknowledged survives a
// power cut.
type postgres struct {
	*pgtest.Server
	pid int
}

func startPostgres() (*postgres, error) {
	s, err := pgtest.Start("-c fsync=on -c synchronous_commit=on -c full_page_writes=on -c shared_buffers=256MB")
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(s.Folder, "data", "postmaster.pid"))
	if err != nil {
		return nil, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	return &postgres{s, pid}, err
}

func (p *postgres) time() time.Duration {
	if p == nil {
		return 0
	}
	return treeTime(p.pid)
}

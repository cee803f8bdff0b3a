package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"understory/kit/config"
	"understory/kit/httpx"
	"understory/news"
	"understory/news/newsdb"
	"understory/press"
)

func newDemo() *cobra.Command {
	var listenOn, operator string
	var pace time.Duration
	c := &cobra.Command{
		Use:   "demo",
		Short: "Show everything at work on this machine, with an invented press",
		Long: "Runs a small press of invented titles with web sites of their own, and a reader that follows\n" +
			"them. New articles appear every few seconds. Nothing needs the internet, nothing leaves this\n" +
			"machine, and what it stores is removed when it stops.",
		Example: "  understory demo\n  understory demo --listen 127.0.0.1:9000 --pace 2s",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if pace < 100*time.Millisecond {
				return fmt.Errorf("--pace is at least 100ms, not %s", pace)
			}
			removeRemains()
			dir, err := os.MkdirTemp("", fmt.Sprintf("%s%d-", demoFolder, os.Getpid()))
			if err != nil {
				return err
			}
			defer os.RemoveAll(dir)
			return runDemo(c.Context(), c.OutOrStdout(), demo{dir: dir, listen: listenOn, operator: operator, pace: pace})
		},
	}
	c.Flags().StringVar(&listenOn, "listen", "127.0.0.1:8080", "address of the reader, on loopback; another port is taken where it is in use")
	c.Flags().StringVar(&operator, "operator", "127.0.0.1:9180", "address of the metrics and the health page, likewise")
	c.Flags().DurationVar(&pace, "pace", 6*time.Second, "time from one new article to the next")
	return c
}

// demoFolder begins the name of a demo's folder; the number of its process
// follows.
const demoFolder = "understory-demo-"

// removeRemains removes the folders of demos that were killed before they
// could do it themselves.
func removeRemains() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), demoFolder+"*-*"))
	for _, dir := range dirs {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), demoFolder), "-")
		pid, err := strconv.Atoi(number)
		if err != nil {
			continue
		}
		process, err := os.FindProcess(pid)
		if err != nil || errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone) {
			os.RemoveAll(dir)
		}
	}
}

// demo is what the demo is started with.
type demo struct {
	dir, listen, operator string
	pace                  time.Duration
}

// settings are those of a reader that lives on loopback and is in a hurry.
func (d demo) settings() (settings, error) {
	s := defaults()
	var err error
	s.News.Listen, err = free(d.listen)
	if err != nil {
		return s, err
	}
	s.Operator.Listen, err = free(d.operator)
	if err != nil {
		return s, err
	}
	_, port, _ := net.SplitHostPort(s.News.Listen)
	s.News.PublicURL = "http://localhost:" + port
	s.News.DataDir, s.demo = d.dir, true
	s.Fetch.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	s.Fetch.Pause, s.Ingest.HostPause = 50*time.Millisecond, 50*time.Millisecond
	s.Ingest.FirstInterval, s.Ingest.MinInterval, s.Ingest.MaxInterval = 5*time.Second, 5*time.Second, 12*time.Second
	s.Ingest.PushedInterval, s.Ingest.Poll = 30*time.Second, 200*time.Millisecond
	return s, config.Validate(&s)
}

// runDemo runs the press and the reader until the context ends.
func runDemo(ctx context.Context, out io.Writer, d demo) error {
	start := time.Now()
	cfg, err := d.settings()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen for the press: %w", err)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	p := press.New(press.Config{Every: d.pace})
	_, port, _ := net.SplitHostPort(l.Addr().String())
	titles := p.Titles("localhost:" + port)
	fmt.Fprintf(out, `An invented press of %d titles, and a reader that follows them. Nothing here is
real, and nothing leaves this machine.

  The reader    %s
  The press     http://localhost:%s
  The operator  http://%s

`, len(titles), cfg.News.PublicURL, port, cfg.Operator.Listen)

	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return httpx.Serve(ctx, l, p, log) })
	g.Go(func() error { return untilStopped(p.Run(ctx)) })
	g.Go(func() error {
		return serveNews(ctx, cfg, log, func(ctx context.Context, s *store) error {
			g.Go(func() error { return announce(ctx, out, s.db, start) })
			return follow(ctx, s.db, titles)
		})
	})
	err = g.Wait()
	fmt.Fprintln(out, "Stopped. What the demo stored is removed.")
	return err
}

// follow adds the titles of the press. The pages of those whose feeds carry
// summaries only are fetched in full.
func follow(ctx context.Context, db *newsdb.DB, titles []press.Title) error {
	for _, t := range titles {
		stored, err := db.PutTitle(ctx, news.Title{Slug: t.Slug, Name: t.Name, Home: t.Home, Country: t.Country, Language: t.Language,
			Section: t.Section, Owner: t.Owner, List: "the invented press", Colour: t.Colour, Show: news.ShowFull, Pages: !slices.ContainsFunc(t.Feeds, wholeText)})
		if err != nil {
			return err
		}
		for _, f := range t.Feeds {
			_, err := db.PutFeed(ctx, news.Feed{TitleID: stored.ID, Kind: news.FeedPoll, URL: f.URL, Section: f.Section}, time.Now())
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// wholeText reports whether a feed of the press carries whole articles.
func wholeText(f press.Feed) bool {
	return f.Format == press.RSS || f.Format == press.Atom || f.Format == press.JSON
}

// announce says when the first articles are there.
func announce(ctx context.Context, out io.Writer, db *newsdb.DB, start time.Time) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		n, err := db.Census(ctx)
		if err != nil {
			return untilStopped(err)
		}
		if n.Articles > 0 {
			fmt.Fprintf(out, "The first articles were there after %.1f s; more come every few seconds.\nCtrl-C stops it.\n", time.Since(start).Seconds())
			return nil
		}
	}
}

// free returns the address, with another port where that one is in use.
func free(address string) (string, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		host, _, splitErr := net.SplitHostPort(address)
		if splitErr != nil {
			return "", fmt.Errorf("%q is not an address such as 127.0.0.1:8080", address)
		}
		l, err = net.Listen("tcp", net.JoinHostPort(host, "0"))
	}
	if err != nil {
		return "", err
	}
	defer l.Close()
	if !httpx.Loopback(l.Addr().String()) {
		return "", fmt.Errorf("the demo stays on this machine: %s can be reached from others", address)
	}
	return l.Addr().String(), nil
}

// untilStopped drops the error of a context that ended as it should.
func untilStopped(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

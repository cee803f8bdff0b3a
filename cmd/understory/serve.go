package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"understory/kit/count"
	"understory/kit/httpx"
	"understory/news/fetch"
	"understory/news/ingest"
	"understory/news/mail"
	"understory/news/picture"
	"understory/news/web"
)

func newServe() *cobra.Command {
	c := &cobra.Command{
		Use:     "serve",
		Short:   "Run one role of the server",
		Example: "  understory serve news --config understory.toml",
	}
	c.AddCommand(newServeNews())
	return c
}

func newServeNews() *cobra.Command {
	return &cobra.Command{
		Use:   "news",
		Short: "Fetch feeds and show the reader's pages",
		Long: "Fetches the feeds when they are due, takes newsletters and WebSub notifications, and serves the\n" +
			"reader's pages. Several of them, on several machines, can share one PostgreSQL.",
		Example: "  understory serve news\n  understory serve news --config /etc/understory/understory.toml",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			cfg, _, err := load(c)
			if err != nil {
				return err
			}
			return serveNews(c.Context(), cfg, cfg.Log.open(os.Stderr), nil)
		},
	}
}

// serveNews runs the role news until the context ends. prepare, which may be
// nil, is called once with the open store before anything is served.
func serveNews(ctx context.Context, cfg settings, log *slog.Logger, prepare func(context.Context, *store) error) error {
	s, err := openStore(ctx, cfg)
	if err != nil {
		return err
	}
	defer s.db.Close()
	if prepare != nil {
		err = prepare(ctx, s)
		if err != nil {
			return err
		}
	}
	client := fetch.New(cfg.Fetch)
	defer client.Close()
	board := count.New("understory")
	pipeline := ingest.New(cfg.ingest(), s.db, client, log, board)
	pictures, err := s.openPictures(log)
	if err != nil {
		return err
	}
	pages, err := web.New(cfg.web(log), s.db, pictures)
	if err != nil {
		return err
	}
	s.register(board)

	mux := http.NewServeMux()
	mux.Handle(callbackPath+"/", http.StripPrefix(callbackPath, pipeline.Callback()))
	mux.Handle("/", pages)

	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return pipeline.Run(ctx) })
	g.Go(func() error { return listen(ctx, cfg.News.Listen, "the reader's pages", mux, log) })
	if cfg.Operator.Listen != "" {
		g.Go(func() error { return listen(ctx, cfg.Operator.Listen, "metrics and health", board.Handler(), log) })
	}
	if cfg.Mail.Listen != "" {
		g.Go(func() error {
			l, err := bind(cfg.Mail.Listen, "newsletters", "smtp", log)
			if err != nil {
				return err
			}
			return mail.New(cfg.mail(log), pipeline).Serve(ctx, l)
		})
	}
	err = g.Wait()
	log.Info("stopped")
	return err
}

// callbackPath is where WebSub hubs call back.
const callbackPath = "/websub"

// ingest is the pipeline's configuration with what follows from other sections.
func (s *settings) ingest() ingest.Config {
	c := s.Ingest
	if s.News.PublicURL != "" {
		c.Callback = strings.TrimSuffix(s.News.PublicURL, "/") + callbackPath
	}
	return c
}

func (s *settings) web(log *slog.Logger) web.Config {
	return web.Config{Name: s.News.Name, PublicURL: s.News.PublicURL, Demo: s.demo, Log: log}
}

// openPictures makes the room of the pictures. Its client does not pause
// between requests as that of the feeds does: a reader is waiting.
func (s *store) openPictures(log *slog.Logger) (*picture.Room, error) {
	cfg := s.cfg
	key, err := picture.Key(filepath.Join(cfg.News.DataDir, "picture.key"))
	if err != nil {
		return nil, err
	}
	c := cfg.Picture
	c.Folder, c.Key, c.Log, c.Withheld = filepath.Join(cfg.News.DataDir, "pictures"), key, log, s.db.Withheld
	cfg.Fetch.Pause = 0
	return picture.Open(c, pictureClient{fetch.New(cfg.Fetch)})
}

// pictureClient is fetch.Client as news/picture wants it.
type pictureClient struct{ *fetch.Client }

// Fetch gets what is at an address.
func (c pictureClient) Fetch(ctx context.Context, address string, limit int64) ([]byte, string, error) {
	res, err := c.Get(ctx, fetch.Request{URL: address, Accept: "image/*", MaxBytes: limit})
	if err != nil {
		return nil, "", err
	}
	if res.Status != http.StatusOK {
		return nil, "", fmt.Errorf("its server answered %d", res.Status)
	}
	return res.Body, res.ContentType, nil
}

func (s *settings) mail(log *slog.Logger) mail.Config {
	c := s.Mail
	c.Log = log
	return c
}

// register tells the operator how the store and the feeds are.
func (s *store) register(board *count.Board) {
	board.Check("store", func(ctx context.Context) (string, error) {
		return "answers", s.db.Ping(ctx)
	})
	board.Check("feeds", func(ctx context.Context) (string, error) {
		n, err := s.db.Census(ctx)
		if err != nil {
			return "", err
		}
		words := fmt.Sprintf("%d articles of %d titles from %d feeds; %d failing, %d gone, %d not fetched yet",
			n.Articles, n.Titles, n.Feeds, n.FeedsFailing, n.FeedsGone, n.FeedsNotFetched)
		if n.Feeds > 10 && n.FeedsFailing*2 > n.Feeds {
			return "", errors.New("most feeds fail, perhaps the network is down: " + words)
		}
		return words, nil
	})
}

// listen serves a handler at an address until the context ends.
func listen(ctx context.Context, address, what string, h http.Handler, log *slog.Logger) error {
	l, err := bind(address, what, "http", log)
	if err != nil {
		return err
	}
	return httpx.Serve(ctx, l, h, log)
}

// bind takes an address and says so.
func bind(address, what, scheme string, log *slog.Logger) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", what, err)
	}
	log.Info("listening", "for", what, "at", scheme+"://"+l.Addr().String())
	return l, nil
}

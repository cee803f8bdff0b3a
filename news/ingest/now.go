package ingest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"understory/news"
	"understory/news/fetch"
)

// Checker is what CheckNow needs of the store besides the queue.
type Checker interface {
	CheckNow(ctx context.Context, feedID int64, now time.Time, reason string) error
	Feed(ctx context.Context, url string) (news.Feed, news.Title, *news.Subscription, error)
}

// CheckNow checks feeds at once, each host one request at a time, and tells of
// each when it is done. Where another process holds a host's lease, it does
// the work, and CheckNow waits for it.
func (p *Pipeline) CheckNow(ctx context.Context, store Checker, feeds []news.Feed, tell func(news.Feed)) error {
	hosts := map[string][]news.Feed{}
	for _, f := range feeds {
		host, err := fetch.Authority(f.URL)
		if err != nil {
			return fmt.Errorf("check %s: %w", f.URL, err)
		}
		f, _, _, err = store.Feed(ctx, f.URL)
		if err == nil {
			err = store.CheckNow(ctx, f.ID, p.now(), "the operator asked for it")
		}
		if err != nil {
			return fmt.Errorf("check: %w", err)
		}
		hosts[host] = append(hosts[host], f)
	}
	committing := p.commits.start()
	defer committing.stop()
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(p.cfg.Workers)
	var mu sync.Mutex // tells one at a time
	for host, own := range hosts {
		g.Go(func() error {
			return p.checkHost(ctx, store, host, own, func(f news.Feed) {
				mu.Lock()
				defer mu.Unlock()
				tell(f)
			})
		})
	}
	return g.Wait()
}

// checkHost works through one host until all of its feeds were checked since
// they were read. Their times are compared for equality alone: another process
// may have done it, by another clock.
func (p *Pipeline) checkHost(ctx context.Context, store Checker, host string, feeds []news.Feed, tell func(news.Feed)) error {
	for {
		leases, _, err := p.queue.Lease(ctx, news.Ask{Now: p.now(), Host: host, Hosts: 1, PerHost: perHost, For: p.cfg.LeaseTime})
		if err != nil {
			return err
		}
		for _, l := range leases {
			p.serve(ctx, ctx, l)
		}
		var left []news.Feed
		for _, f := range feeds {
			now, _, _, err := store.Feed(ctx, f.URL)
			switch {
			case errors.Is(err, news.ErrNotFound): // it moved, or was removed meanwhile
				tell(f)
			case err != nil:
				return fmt.Errorf("check %s: %w", f.URL, err)
			case now.State.Checked.Equal(f.State.Checked):
				left = append(left, f)
			default:
				tell(now)
			}
		}
		feeds = left
		if len(feeds) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// NewLetterFeed is a feed that comes by mail, with an address that nobody can
// guess.
func NewLetterFeed(titleID int64, section string) news.Feed {
	return news.Feed{TitleID: titleID, Kind: news.FeedMail, URL: "mailto:" + strings.ToLower(rand.Text()), Section: section}
}

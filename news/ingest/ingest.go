// Package ingest is the pipeline from a feed to an article, and its schedule.
//
// It leases due work from the store host by host, fetches it, recognises what
// is new, makes articles of it and commits them together with the feed's next
// check and the reason for it. It also takes what is pushed: WebSub
// notifications and newsletters. It is the only room that joins fetch, feed,
// extract and sanitize; it holds no SQL and shows no page. cmd/understory runs
// it.
package ingest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"understory/kit/count"
	"understory/news"
	"understory/news/fetch"
)

// Config says how eagerly to ingest.
type Config struct {
	Workers        int           `toml:"workers" doc:"hosts that are asked at the same time, 1 to 1000"`
	FirstInterval  time.Duration `toml:"first_interval" doc:"between the checks of a feed whose rhythm is not known yet"`
	MinInterval    time.Duration `toml:"min_interval" doc:"least time between two checks of a feed"`
	MaxInterval    time.Duration `toml:"max_interval" doc:"most time between two checks of a feed, at most 24h"`
	PushedInterval time.Duration `toml:"pushed_interval" doc:"between the checks of a feed whose WebSub hub tells us of changes"`
	HostPause      time.Duration `toml:"host_pause" doc:"from one request to the next to the same host, over all processes"`
	LeaseTime      time.Duration `toml:"lease_time" doc:"how long a process that died keeps its work from the others, 1m to 1h"`
	Poll           time.Duration `toml:"poll" doc:"how often the store is asked for work that another process added"`
	Callback       string        `toml:"-"` // absolute address of the WebSub callback; "" where hubs cannot reach us
}

// Default returns the defaults.
func Default() Config {
	return Config{
		Workers:        48,
		FirstInterval:  time.Hour,
		MinInterval:    15 * time.Minute,
		MaxInterval:    longest,
		PushedInterval: 6 * time.Hour,
		HostPause:      time.Second,
		LeaseTime:      3 * time.Minute,
		Poll:           2 * time.Second,
	}
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(c.Workers >= 1 && c.Workers <= 1000, "workers %d is not within 1 to 1000", c.Workers)
	check(c.MinInterval >= time.Second, "min_interval %v is under 1s", c.MinInterval)
	check(c.MaxInterval >= c.MinInterval && c.MaxInterval <= longest, "max_interval %v is not within min_interval and 24h", c.MaxInterval)
	check(c.FirstInterval >= c.MinInterval && c.FirstInterval <= c.MaxInterval, "first_interval %v is not within min_interval and max_interval", c.FirstInterval)
	check(c.PushedInterval >= c.MinInterval && c.PushedInterval <= longest, "pushed_interval %v is not within min_interval and 24h", c.PushedInterval)
	check(c.HostPause >= 0 && c.HostPause <= time.Minute, "host_pause %v is not within 0 to 1m", c.HostPause)
	check(c.LeaseTime >= time.Minute && c.LeaseTime <= time.Hour, "lease_time %v is not within 1m to 1h", c.LeaseTime)
	check(c.Poll >= 10*time.Millisecond && c.Poll <= time.Minute, "poll %v is not within 10ms to 1m", c.Poll)
	return errors.Join(errs...)
}

// Fetcher is what the pipeline needs of fetch.Client.
type Fetcher interface {
	Get(ctx context.Context, r fetch.Request) (*fetch.Response, error)
	Post(ctx context.Context, address string, form url.Values) (*fetch.Response, error)
	Robots(ctx context.Context, address, agent string) (allowed bool, err error)
}

// Store is what the pipeline needs of news/newsdb.
type Store interface {
	news.Queue
	news.Subscriptions
}

// Pipeline ingests. Its methods are safe for use by many goroutines.
type Pipeline struct {
	cfg     Config
	queue   Store
	fetcher Fetcher
	log     *slog.Logger
	now     func() time.Time
	counts  *counts
	commits *committer
}

// New returns a pipeline that does nothing until Run. It registers its metrics
// with the board.
func New(cfg Config, store Store, f Fetcher, log *slog.Logger, board *count.Board) *Pipeline {
	p := &Pipeline{cfg: cfg, queue: store, fetcher: f, log: log, now: time.Now, counts: newCounts(board)}
	p.commits = newCommitter(store, log, func() time.Time { return p.now() }, p.counts)
	return p
}

// perHost is how many pieces of work are taken with one lease.
const perHost = 20

// Run ingests until the context ends. Then it finishes the requests under way,
// commits them and gives the other work back.
func (p *Pipeline) Run(ctx context.Context) error {
	work := make(chan news.Lease)
	busy, cancel := lingering(ctx, stopGrace)
	defer cancel()
	committing := p.commits.start()
	g := new(errgroup.Group)
	g.Go(func() error { defer close(work); return p.lease(ctx, work) })
	for range p.cfg.Workers {
		g.Go(func() error {
			for l := range work {
				p.serve(ctx, busy, l)
			}
			return nil
		})
	}
	g.Go(func() error { return p.tidy(ctx) })
	err := g.Wait()
	committing.stop()
	return err
}

// lease keeps the workers supplied until the context ends.
func (p *Pipeline) lease(ctx context.Context, work chan<- news.Lease) error {
	for ctx.Err() == nil {
		leases, due, err := p.queue.Lease(ctx, news.Ask{Now: p.now(), Hosts: 2 * p.cfg.Workers, PerHost: perHost, For: p.cfg.LeaseTime})
		if err != nil && ctx.Err() == nil {
			p.log.Error("the store does not give out work; trying again", "err", err)
		}
		for _, l := range leases {
			work <- l
		}
		if len(leases) == 0 {
			p.idle(ctx, due)
		}
	}
	return nil
}

// idle waits until work is due, but not so long that another process's new
// work would wait.
func (p *Pipeline) idle(ctx context.Context, due time.Time) {
	wait := p.cfg.Poll
	if !due.IsZero() {
		wait = min(wait, max(due.Sub(p.now()), time.Millisecond))
	}
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
}

// stopGrace is how long requests under way may still take after a stop.
const stopGrace = 5 * time.Second

// lingering returns a context that ends some time after another one.
func lingering(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	busy, cancel := context.WithCancel(context.WithoutCancel(ctx))
	context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return busy, cancel
}

// serve does a lease's work, one request after the other, until ctx ends or
// there is no time left to finish a request and commit it; busy is the context
// of a request under way.
func (p *Pipeline) serve(ctx, busy context.Context, l news.Lease) {
	for i, w := range l.Work {
		if i > 0 && !p.pause(ctx) || ctx.Err() != nil || l.Until.Sub(p.now()) < p.cfg.LeaseTime/6 {
			break
		}
		r, err := p.within(busy, l, w)
		if busy.Err() != nil {
			break
		}
		if err != nil {
			p.log.Error("work given up until its lease ends", "kind", w.Kind, "host", l.Host, "err", err)
			return
		}
		r.Host, r.Token = l.Host, l.Token
		p.commits.add(r)
	}
	p.commits.release(news.Release{Host: l.Host, Token: l.Token, Free: p.now().Add(p.cfg.HostPause)})
}

// pause spares the host between two requests; false when the context ended.
func (p *Pipeline) pause(ctx context.Context) bool {
	if p.cfg.HostPause == 0 {
		return true
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(p.cfg.HostPause):
		return true
	}
}

// within does one piece of work with the time that is left of its lease, less
// what committing needs: what comes later is dropped, and would be again and
// again.
func (p *Pipeline) within(ctx context.Context, l news.Lease, w news.Work) (news.Result, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, l.Until.Sub(p.now())-p.cfg.LeaseTime/12, fetch.ErrTimeout)
	defer cancel()
	return p.do(ctx, w)
}

// do is one piece of work. One that makes the program panic fails alone.
func (p *Pipeline) do(ctx context.Context, w news.Work) (r news.Result, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			p.log.Error("work panicked", "kind", w.Kind, "work", w.ID, "reason", fmt.Sprint(reason), "stack", string(debug.Stack()))
			r, err = p.spoilt(w), nil
		}
	}()
	switch w.Kind {
	case news.WorkFeed:
		return p.check(ctx, w)
	case news.WorkPage:
		return p.page(ctx, w)
	case news.WorkSubscribe:
		return p.subscribe(ctx, w)
	}
	return news.Result{}, fmt.Errorf("work of unknown kind %q", w.Kind)
}

// spoilt is the result of work on something that this program cannot bear.
func (p *Pipeline) spoilt(w news.Work) news.Result {
	switch w.Kind {
	case news.WorkFeed:
		c := p.checking(w)
		c.fail("what it sent made this program stumble: see the log")
		return c.result()
	case news.WorkPage:
		p.counts.page("spoilt")
		return news.Result{WorkID: w.ID, Done: true}
	}
	return news.Result{WorkID: w.ID, Next: p.now().Add(refusedFor), Tries: w.Tries + 1}
}

// remember is how long an article can be recognised by its body. Agencies'
// texts are reprinted within hours; corrections come within days.
const remember = 14 * 24 * time.Hour

func (p *Pipeline) tidy(ctx context.Context) error {
	for {
		err := p.queue.Tidy(ctx, p.now().Add(-remember))
		if err != nil && ctx.Err() == nil {
			p.log.Error("the store is not tidied; trying again in an hour", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Hour):
		}
	}
}

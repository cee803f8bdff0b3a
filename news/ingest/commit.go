package ingest

import (
	"context"
	"log/slog"
	"time"

	"understory/news"
)

// A batch is committed when it is this large, or this old: one transaction for
// many feeds is what makes an unchanged feed cheap.
const (
	batchSize = 256
	batchWait = 40 * time.Millisecond
)

// committer gathers what workers bring and commits it in batches. What cannot
// be committed is done again by whoever leases it next.
type committer struct {
	queue   news.Queue
	log     *slog.Logger
	now     func() time.Time
	counts  *counts
	results chan pending
}

// pending is one thing to commit.
type pending struct {
	result  *news.Result
	release *news.Release
}

func newCommitter(q news.Queue, log *slog.Logger, now func() time.Time, c *counts) *committer {
	return &committer{queue: q, log: log, now: now, counts: c, results: make(chan pending, batchSize)}
}

func (c *committer) add(r news.Result)      { c.results <- pending{result: &r} }
func (c *committer) release(r news.Release) { c.results <- pending{release: &r} }

// commitNow commits one result that nobody leased, and waits for it.
func (c *committer) commitNow(ctx context.Context, r news.Result) error {
	done, err := c.queue.Commit(ctx, news.Batch{Now: c.now(), Results: []news.Result{r}})
	if err == nil {
		c.counts.committed(done)
	}
	return err
}

// running is a started committer.
type running struct {
	stop func() // commits what is left and returns
}

func (c *committer) start() running {
	quit, finished := make(chan struct{}), make(chan struct{})
	go func() { defer close(finished); c.run(quit) }()
	return running{stop: func() { close(quit); <-finished }}
}

func (c *committer) run(quit <-chan struct{}) {
	for {
		select {
		case p := <-c.results:
			c.commit(c.gather(p, time.After(batchWait)))
		case <-quit:
			for len(c.results) > 0 {
				c.commit(c.gather(<-c.results, nil))
			}
			return
		}
	}
}

// gather takes what comes within the time, up to a batch. Without a time it
// takes what is there.
func (c *committer) gather(first pending, late <-chan time.Time) news.Batch {
	var b news.Batch
	put := func(p pending) {
		if p.result != nil {
			b.Results = append(b.Results, *p.result)
		} else {
			b.Releases = append(b.Releases, *p.release)
		}
	}
	put(first)
	for len(b.Results)+len(b.Releases) < batchSize {
		if late == nil && len(c.results) == 0 {
			return b
		}
		select {
		case p := <-c.results:
			put(p)
		case <-late:
			return b
		}
	}
	return b
}

// commitFor is how long a batch is tried: after it most leases are near their
// end. A batch that failed wholeTries times goes in one result at a time, so
// that one that the store will never take does not take the others with it.
const (
	commitFor  = time.Minute
	wholeTries = 3
)

func (c *committer) commit(b news.Batch) {
	ctx, cancel := context.WithTimeout(context.Background(), commitFor)
	defer cancel()
	if c.try(ctx, b, wholeTries) {
		return
	}
	for i := range b.Results {
		if !c.try(ctx, news.Batch{Results: b.Results[i : i+1]}, 1) {
			c.log.Error("given up: it will be fetched again when its lease has ended", "host", b.Results[i].Host, "feed", b.Results[i].FeedID)
		}
	}
	c.try(ctx, news.Batch{Releases: b.Releases}, 1)
}

// try commits a batch, up to n times.
func (c *committer) try(ctx context.Context, b news.Batch, n int) bool {
	wait := 200 * time.Millisecond
	for i := range n {
		b.Now = c.now()
		done, err := c.queue.Commit(ctx, b)
		if err == nil {
			c.counts.committed(done)
			return true
		}
		c.log.Error("the store does not take what was fetched", "results", len(b.Results), "try", i+1, "err", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(wait):
			wait *= 5
		}
	}
	return false
}

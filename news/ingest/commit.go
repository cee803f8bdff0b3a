package ingest

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/semaphore"

	"understory/news"
)

// A batch is committed when it is this large, or this old: one transaction for
// many feeds is what makes an unchanged feed cheap. What waits to be committed
// is bounded in bytes too: feeds that are read for the first time come faster
// than a store takes them.
const (
	batchSize  = 256
	batchWait  = 40 * time.Millisecond
	batchBytes = 4 << 20
	mostBytes  = 12 << 20 // of all batches; workers wait for room
)

// committer gathers what workers bring and commits it in batches. What cannot
// be committed is done again by whoever leases it next.
type committer struct {
	queue   news.Queue
	log     *slog.Logger
	now     func() time.Time
	counts  *counts
	results chan pending
	room    *semaphore.Weighted // mostBytes
}

// pending is one thing to commit.
type pending struct {
	result  *news.Result
	release *news.Release
	bytes   int64 // of room
}

func newCommitter(q news.Queue, log *slog.Logger, now func() time.Time, c *counts) *committer {
	return &committer{queue: q, log: log, now: now, counts: c, results: make(chan pending, batchSize), room: semaphore.NewWeighted(mostBytes)}
}

func (c *committer) release(r news.Release) { c.results <- pending{release: &r} }

func (c *committer) add(r news.Result) {
	n := bytesOf(r)
	_ = c.room.Acquire(context.Background(), n) // which does not end before there is room
	c.results <- pending{result: &r, bytes: n}
}

// bytesOf is about what a result takes of memory.
func bytesOf(r news.Result) (n int64) {
	for i := range r.Entries {
		n += int64(len(r.Entries[i].Article.Body)) + 1<<10
	}
	return min(n, mostBytes)
}

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
			c.take(p, time.After(batchWait))
		case <-quit:
			for len(c.results) > 0 {
				c.take(<-c.results, nil)
			}
			return
		}
	}
}

func (c *committer) take(first pending, late <-chan time.Time) {
	b, bytes := c.gather(first, late)
	c.commit(b)
	c.room.Release(bytes)
}

// gather takes what comes within the time, up to a batch. Without a time it
// takes what is there.
func (c *committer) gather(first pending, late <-chan time.Time) (b news.Batch, bytes int64) {
	put := func(p pending) {
		bytes += p.bytes
		if p.result != nil {
			b.Results = append(b.Results, *p.result)
		} else {
			b.Releases = append(b.Releases, *p.release)
		}
	}
	put(first)
	for len(b.Results)+len(b.Releases) < batchSize && bytes < batchBytes {
		if late == nil && len(c.results) == 0 {
			return b, bytes
		}
		select {
		case p := <-c.results:
			put(p)
		case <-late:
			return b, bytes
		}
	}
	return b, bytes
}

// commitFor is how long a batch is tried: after it most leases are near their
// end. A batch that failed wholeTries times goes in one result at a time, so
// that one that the store will never take does not take the others with it:
// of that one only the failure is stored.
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
	for i, r := range b.Results {
		if !c.try(ctx, news.Batch{Results: b.Results[i : i+1]}, 1) && !c.try(ctx, news.Batch{Results: []news.Result{bare(r, c.now())}}, 1) {
			c.log.Error("the store is away: what was fetched is given up, and fetched again when its lease has ended", "results", len(b.Results)-i)
			return
		}
	}
	c.try(ctx, news.Batch{Releases: b.Releases}, 1)
}

// bare is what is left of a result that the store does not take: that it was
// tried, and when it is tried again. Without it a feed that cannot be stored
// would be fetched whenever its lease ended, and nobody would see why.
func bare(r news.Result, now time.Time) news.Result {
	out := news.Result{WorkID: r.WorkID, Host: r.Host, Token: r.Token, FeedID: r.FeedID, Done: r.Done, Next: r.Next, Tries: r.Tries}
	if r.State != nil && r.State.Status == news.FeedActive {
		const problem = "the store did not take what it brought: see the log"
		out.State = &news.FeedState{Status: news.FeedActive, Checked: now, Changed: r.State.Changed, Interval: r.State.Interval,
			Skip: r.State.Skip, Failures: r.State.Failures + 1, Error: problem, HTTPStatus: r.State.HTTPStatus}
		out.Next = now.Add(max(grow(r.State.Interval, failureGrowth, r.State.Failures), out.Next.Sub(now)))
		out.State.Next, out.State.Reason = out.Next, problem
	}
	return out
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
		if i == n-1 {
			break
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(wait):
			wait *= 5
		}
	}
	return false
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"runtime/pprof"
	"sync"
	"time"

	"understory/kit/count"
	"understory/kit/sqlkit"
	"understory/news"
	"understory/news/fetch"
	"understory/news/ingest"
	"understory/news/newsdb"
)

// job asks the pipeline for a round; the first one says where the store and the
// press are, and only fills the store with feeds.
type job struct {
	Store   sqlkit.Config
	Port    string
	Size    size
	Profile string
}

// result is the pipeline's answer.
type result struct {
	Wall, Time  time.Duration
	Peak        int64 // kB
	New, Merged int   // entries that became an article, or joined one
	Failed      int
	Entries     int   // handed to the store: what is unchanged is not
	Written     int64 // bytes, to files
}

// ingestRounds is the role of the pipeline.
func ingestRounds() error {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	var j job
	if err := in.Decode(&j); err != nil {
		return err
	}
	ctx := context.Background()
	db, err := newsdb.Open(ctx, j.Store)
	if err != nil {
		return err
	}
	defer db.Close()
	b := &bench{DB: db}
	if b.feeds, err = fill(ctx, db, j); err != nil {
		return err
	}
	client := fetch.New(fetch.Config{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Pause: time.Second})
	b.pipeline = ingest.New(ingest.Default(), b, client, slog.New(slog.NewTextHandler(os.Stderr, nil)), count.New("bench"))
	answer := result{}
	for {
		if err := out.Encode(answer); err != nil {
			return err
		}
		j = job{}
		if err := in.Decode(&j); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if answer, err = b.round(ctx, j.Profile); err != nil {
			return err
		}
	}
}

// fill adds the feeds, each of a title of its own.
func fill(ctx context.Context, db *newsdb.DB, j job) (feeds []int64, err error) {
	for i := range j.Size.Feeds {
		host := fmt.Sprintf("http://t%05d.localhost:%s", i/j.Size.PerHost, j.Port)
		t, err := db.PutTitle(ctx, news.Title{Slug: fmt.Sprintf("t%05d", i), Name: fmt.Sprint("Title ", i), Home: host, Section: "news"})
		if err != nil {
			return nil, err
		}
		f, err := db.PutFeed(ctx, news.Feed{TitleID: t.ID, URL: fmt.Sprintf("%s/feed/%d.xml", host, i)}, time.Now())
		if err != nil {
			return nil, err
		}
		feeds = append(feeds, f.ID)
	}
	return feeds, nil
}

// bench is the store with an eye on what is committed.
type bench struct {
	*newsdb.DB
	pipeline *ingest.Pipeline
	feeds    []int64
	ended    time.Time // the last round: hosts are spared for a second after it

	mu                     sync.Mutex
	left                   int // feeds not yet committed
	added, merged, entries int
	stop                   context.CancelFunc
	took                   result
	start                  time.Time
	busy                   time.Duration
	writtenAtStart         int64
}

// Commit ends the round with its last feed.
func (b *bench) Commit(ctx context.Context, batch news.Batch) (news.Committed, error) {
	done, err := b.DB.Commit(ctx, batch)
	if err != nil {
		return done, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.added += done.New
	b.merged += done.Merged
	for _, r := range batch.Results {
		b.entries += len(r.Entries)
		b.left--
	}
	if b.left == 0 {
		b.took.Wall, b.took.Time = time.Since(b.start), ownTime()-b.busy
		b.stop()
	}
	return done, nil
}

// roundTime is what a round may take, the first one on a busy machine included.
const roundTime = 40 * time.Minute

// round makes every feed due, and measures from then until the last one is
// committed.
func (b *bench) round(ctx context.Context, profile string) (result, error) {
	for _, id := range b.feeds {
		if err := b.CheckNow(ctx, id, time.Now(), ""); err != nil {
			return result{}, err
		}
	}
	<-time.After(time.Until(b.ended.Add(1100 * time.Millisecond)))
	if profile != "" {
		file, err := os.Create(profile)
		if err != nil {
			return result{}, err
		}
		defer file.Close()
		if err := pprof.StartCPUProfile(file); err != nil {
			return result{}, err
		}
		defer pprof.StopCPUProfile()
	}
	ctx, stop := context.WithTimeout(ctx, roundTime)
	defer stop()
	b.left, b.added, b.merged, b.entries, b.stop, b.took = len(b.feeds), 0, 0, 0, stop, result{}
	b.writtenAtStart, b.start, b.busy = procValue(os.Getpid(), "io", "write_bytes"), time.Now(), ownTime()
	if err := b.pipeline.Run(ctx); err != nil {
		return result{}, err
	}
	b.ended = time.Now()
	if b.left > 0 {
		return result{}, fmt.Errorf("%d feeds were not checked within %v", b.left, roundTime)
	}
	census, err := b.Census(context.Background())
	b.took.Failed, b.took.New, b.took.Merged, b.took.Entries = census.FeedsFailing, b.added, b.merged, b.entries
	b.took.Peak, b.took.Written = procValue(os.Getpid(), "status", "VmHWM"), procValue(os.Getpid(), "io", "write_bytes")-b.writtenAtStart
	return b.took, err
}

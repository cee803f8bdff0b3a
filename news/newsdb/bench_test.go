package newsdb_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"understory/news"
)

func benchEach(b *testing.B, run func(b *testing.B, s store)) {
	b.Run("sqlite", func(b *testing.B) { run(b, onSQLite(b)) })
	b.Run("postgresql", func(b *testing.B) { run(b, onPostgreSQL(b)) })
}

// cpu reports the processor time of this process per operation, which on a
// busy machine says more than the time on the clock.
func cpu(b *testing.B) func() {
	used := func() time.Duration {
		var u syscall.Rusage
		syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	b.ReportAllocs()
	b.ResetTimer()
	start := used()
	return func() { b.ReportMetric(float64((used()-start).Microseconds())/float64(b.N), "cpu-µs/op") }
}

// feeds adds n feeds, each on a host of its own or all on one, due at noon.
func (s store) feeds(n int, oneHost bool) []news.Feed {
	title := s.title("coast")
	feeds := make([]news.Feed, n)
	for i := range feeds {
		url := fmt.Sprintf("https://host%d.example/feed", i)
		if oneHost {
			url = fmt.Sprintf("https://host.example/feed%d", i)
		}
		feeds[i] = s.feed(title, url)
	}
	return feeds
}

// BenchmarkUnchanged leases feeds that are due, 64 hosts at a time, and
// commits that nothing is new. An operation is one feed.
func BenchmarkUnchanged(b *testing.B) {
	for _, bm := range []struct {
		name           string
		oneHost        bool
		hosts, perHost int
	}{
		{"host each", false, 64, 4},
		{"one host", true, 64, 4},
	} {
		b.Run(bm.name, func(b *testing.B) {
			benchEach(b, func(b *testing.B, s store) {
				s.feeds(2000, bm.oneHost)
				defer cpu(b)()
				now := noon
				for n := 0; n < b.N; {
					done := s.unchanged(now, bm.hosts, bm.perHost)
					if done == 0 {
						now = now.Add(time.Hour)
					}
					n += done
				}
			})
		})
	}
}

// unchanged does one round of checks that find nothing new and returns how
// many.
func (s store) unchanged(now time.Time, hosts, perHost int) int {
	batch := news.Batch{Now: now}
	for _, l := range s.lease(now, hosts, perHost) {
		for _, w := range l.Work {
			w.Feed.State.Checked, w.Feed.State.HTTPStatus, w.Feed.State.ETag = now, 304, `"abcdef0123456789"`
			batch.Results = append(batch.Results, news.Result{WorkID: w.ID, Host: l.Host, Token: l.Token,
				FeedID: w.Feed.ID, State: &w.Feed.State, Next: now.Add(time.Hour)})
		}
		batch.Releases = append(batch.Releases, news.Release{Host: l.Host, Token: l.Token, Free: now})
	}
	if len(batch.Results) == 0 {
		return 0
	}
	_, err := s.Commit(s.Context(), batch)
	s.must(err)
	return len(batch.Results)
}

// BenchmarkNew commits new articles of 300 words, 30 of a feed at a time. An
// operation is one article.
func BenchmarkNew(b *testing.B) {
	benchEach(b, func(b *testing.B, s store) {
		f := s.feeds(1, false)[0]
		var batches [][]news.EntryChange
		for n := 0; n < b.N; n += 30 {
			var entries []news.EntryChange
			for i := range 30 {
				seed := fmt.Sprintf("w%dx", n+i)
				entries = append(entries, entry("News of "+seed, "https://host0.example/"+seed, text(seed, 300)))
			}
			batches = append(batches, entries)
		}
		defer cpu(b)()
		for _, entries := range batches {
			s.commit(noon, brought(f, entries...))
		}
	})
}

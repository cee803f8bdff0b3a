package newsdb_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"understory/kit/sqlkit"
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
		{"host each, few at a time", false, 5, 4},
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

// BenchmarkMillion asks a store of 1,000,000 articles of 200 titles, a tenth
// of them copies, for pages of lists, and adds to it.
func BenchmarkMillion(b *testing.B) {
	benchEach(b, func(b *testing.B, s store) {
		var titles []news.Title
		for i := range 200 {
			titles = append(titles, s.title(fmt.Sprint("title-", i)))
		}
		f := s.feed(titles[0], "https://title.example/feed")
		s.fill(1_000_000)
		deep := news.Mark{Published: noon.Add(-600_000 * time.Minute), ID: 600_000}
		for _, list := range []struct {
			name string
			list news.List
		}{
			{"front", news.List{}},
			{"front, deep", news.List{After: deep}},
			{"section", news.List{Section: "sport"}},
			{"section, deep", news.List{Section: "sport", After: deep}},
			{"title", news.List{TitleID: titles[7].ID}},
			{"with copies, deep", news.List{Copies: true, After: deep}},
		} {
			b.Run(list.name, func(b *testing.B) {
				defer cpu(b)()
				list.list.Limit = 30
				for range b.N {
					if page, err := s.Articles(b.Context(), list.list); err != nil || len(page) != 30 {
						b.Fatalf("%d articles, %v", len(page), err)
					}
				}
			})
		}
		b.Run("article", func(b *testing.B) {
			defer cpu(b)()
			for i := range b.N {
				if _, err := s.Article(b.Context(), int64(i*7919%1_000_000+1)); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("new", func(b *testing.B) {
			defer cpu(b)()
			for i := range b.N {
				seed := fmt.Sprintf("m%dx%d", b.N, i)
				s.commit(noon, brought(f, entry("News of "+seed, "https://title.example/"+seed, text(seed, 300))))
			}
		})
	})
}

// fill adds n articles without the work of recognising them.
func (s store) fill(n int) {
	raw, err := sqlkit.Open(s.Context(), s.config)
	s.must(err)
	defer raw.Close()
	const count = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
	upTo := fmt.Sprint(n) + ")"
	s.must(raw.Exec(s.Context(), `INSERT INTO article (title_id, status, listed, section, address, headline, standfirst, byline, language,
			picture_url, picture_alt, picture_caption, picture_credit, published, updated, first_seen, revised, notice, words, copy_of,
			address_print, headline_print, item_feed, item_key, paged) `+count+upTo+`
		SELECT i % 200 + 1, 'live', CASE WHEN i % 10 = 0 THEN 1 ELSE 2 END, CASE WHEN i % 12 = 0 THEN 'sport' ELSE 'world' END,
			'https://title.example/an/address/of/usual/length', 'A headline of the usual length, eight words', 'A standfirst that says a little more than that', 'A. Writer', 'en',
			'https://title.example/picture.jpg', '', '', '', CAST(? AS BIGINT) - i * CAST(60000 AS BIGINT), 0, CAST(? AS BIGINT) - i * CAST(60000 AS BIGINT), 0, '', 400, CASE WHEN i % 10 = 0 THEN i - 1 ELSE 0 END,
			?, ?, 0, ?, FALSE FROM n`, noon.UnixMilli(), noon.UnixMilli(), make([]byte, 16), make([]byte, 16), make([]byte, 16)))
	s.must(raw.Exec(s.Context(), "INSERT INTO article_body (article_id, body) "+count+upTo+" SELECT i, '<p>A body.</p>' FROM n"))
	s.must(raw.Exec(s.Context(), "ANALYZE"))
}

package newsdb_test

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"understory/kit/pgtest"
	"understory/kit/sqlkit"
	"understory/news"
	"understory/news/newsdb"
)

// noon is when the tests take place.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// store is an empty store for one test.
type store struct {
	*newsdb.DB
	testing.TB
	config sqlkit.Config
}

// each runs a test on every kind of database.
func each(t *testing.T, test func(s store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { test(onSQLite(t)) })
	t.Run("postgresql", func(t *testing.T) { test(onPostgreSQL(t)) })
}

func onSQLite(t testing.TB) store {
	return open(t, sqlkit.DefaultConfig(filepath.Join(t.TempDir(), "news.db")))
}

func onPostgreSQL(t testing.TB) store {
	c := sqlkit.DefaultConfig("")
	c.Driver, c.Address = sqlkit.PostgreSQL, pgtest.Open(t)
	return open(t, c)
}

func open(t testing.TB, c sqlkit.Config) store {
	t.Helper()
	db, err := newsdb.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return store{db, t, c}
}

// again opens the same store once more, as another process would.
func (s store) again() store { return open(s, s.config) }

func (s store) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s store) title(slug string) news.Title {
	s.Helper()
	t, err := s.PutTitle(s.Context(), news.Title{Slug: slug, Name: strings.ToUpper(slug), Section: "world"})
	s.must(err)
	return t
}

// feed adds a feed that is due at noon.
func (s store) feed(t news.Title, url string) news.Feed {
	s.Helper()
	f, err := s.PutFeed(s.Context(), news.Feed{TitleID: t.ID, URL: url}, noon)
	s.must(err)
	return f
}

func (s store) lease(now time.Time, hosts, perHost int) []news.Lease {
	s.Helper()
	leases, _, err := s.Lease(s.Context(), news.Ask{Now: now, Hosts: hosts, PerHost: perHost, For: time.Minute})
	s.must(err)
	return leases
}

// commit stores results at a time.
func (s store) commit(now time.Time, results ...news.Result) news.Committed {
	s.Helper()
	done, err := s.Commit(s.Context(), news.Batch{Now: now, Results: results})
	s.must(err)
	return done
}

// brought is what a feed brings without having been asked.
func brought(f news.Feed, entries ...news.EntryChange) news.Result {
	return news.Result{FeedID: f.ID, Entries: entries}
}

// all returns the articles of a title.
func (s store) all(t news.Title) []news.Article {
	s.Helper()
	articles, err := s.Articles(s.Context(), news.List{TitleID: t.ID, Limit: 1000})
	s.must(err)
	return articles
}

// only returns the only article of a title, with its body.
func (s store) only(t news.Title) news.Article {
	s.Helper()
	list := s.all(t)
	if len(list) != 1 {
		s.Fatalf("title %s has %d articles, want 1", t.Slug, len(list))
	}
	a, err := s.Article(s.Context(), list[0].ID)
	s.must(err)
	return a
}

func digest(text string) (d news.Digest) {
	if text != "" {
		sum := sha256.Sum256([]byte(text))
		copy(d[:], sum[:])
	}
	return d
}

// entry is an entry as ingest makes one. Its address, if not "", is the key.
func entry(headline, address, body string) news.EntryChange {
	return news.EntryChange{
		Key:     digest("key " + headline + address),
		Content: digest("content " + headline + address + body),
		Article: news.Article{Headline: headline, Address: address, Body: body, Words: news.CountWords(body), Published: noon.Add(-time.Hour)},
		Prints:  news.Prints{Address: digest(address), Headline: news.NormalHeadline(headline), Bands: news.Bands(body)},
	}
}

// text returns n words, different from those of any other seed.
func text(seed string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<p>%s%d</p> ", seed, i)
	}
	return b.String()
}

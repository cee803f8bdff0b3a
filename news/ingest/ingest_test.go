package ingest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"understory/kit/count"
	"understory/kit/sqlkit"
	"understory/news"
	"understory/news/fetch"
	"understory/news/mail"
	"understory/news/newsdb"
)

// world is a pipeline with a real store and a real client, before a server
// that answers as the test says.
type world struct {
	*Pipeline
	t     *testing.T
	db    *newsdb.DB
	title news.Title
	feed  news.Feed
	site  *httptest.Server

	mu    sync.Mutex
	clock time.Time
	serve http.HandlerFunc
	asked []*http.Request
}

func newWorld(t *testing.T) *world {
	return newWorldOn(t, sqlkit.DefaultConfig(filepath.Join(t.TempDir(), "news.db")))
}

func newWorldOn(t *testing.T, store sqlkit.Config) *world {
	w := &world{t: t, clock: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)}
	w.site = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.asked = append(w.asked, r)
		serve := w.serve
		w.mu.Unlock()
		serve(rw, r)
	}))
	t.Cleanup(w.site.Close)
	db, err := newsdb.Open(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w.db = db
	w.title = must(db.PutTitle(t.Context(), news.Title{Slug: "ledger", Name: "The Ledger", Home: w.site.URL, Section: "world",
		Owner: news.UnknownOwner, Show: news.ShowFull, Language: "en"}))(t)
	w.feed = must(db.PutFeed(t.Context(), news.Feed{TitleID: w.title.ID, Kind: news.FeedPoll, URL: w.site.URL + "/feed.xml"}, w.clock))(t)
	w.Pipeline = w.pipeline()
	return w
}

// pipeline is one more process on the same store.
func (w *world) pipeline() *Pipeline {
	client := fetch.New(fetch.Config{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	w.t.Cleanup(client.Close)
	cfg := Default()
	cfg.HostPause, cfg.Callback = 0, "http://reader.example/websub"
	p := New(cfg, w.db, client, slog.New(slog.NewTextHandler(w.t.Output(), nil)), count.New("test"))
	p.now = w.now
	return p
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

// answer makes the server answer every request like this.
func (w *world) answer(status int, body string, header ...string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.serve = func(rw http.ResponseWriter, r *http.Request) {
		for i := 0; i < len(header); i += 2 {
			rw.Header()[header[i]] = []string{header[i+1]} // as written, not canonical
		}
		rw.WriteHeader(status)
		io.WriteString(rw, body)
	}
}

// step does the work that is due, and commits it.
func (w *world) step() int {
	w.t.Helper()
	leases, _, err := w.db.Lease(w.t.Context(), news.Ask{Now: w.now(), Hosts: 10, PerHost: 10, For: w.cfg.LeaseTime})
	if err != nil {
		w.t.Fatal(err)
	}
	running := w.commits.start()
	n := 0
	for _, l := range leases {
		n += len(l.Work)
		w.Pipeline.serve(w.t.Context(), w.t.Context(), l)
	}
	running.stop()
	return n
}

func (w *world) state() news.FeedState {
	w.t.Helper()
	feeds := must(w.db.Feeds(w.t.Context(), w.title.ID))(w.t)
	for _, f := range feeds {
		if f.ID == w.feed.ID {
			w.feed.URL = f.URL
			return f.State
		}
	}
	w.t.Fatal("the feed is gone")
	return news.FeedState{}
}

func (w *world) articles() []news.Article {
	w.t.Helper()
	return must(w.db.Articles(w.t.Context(), news.List{TitleID: w.title.ID, Limit: 100}))(w.t)
}

func rss(items ...string) string {
	return `<?xml version="1.0"?><rss version="2.0"><channel><title>The Ledger</title>` + strings.Join(items, "") + `</channel></rss>`
}

func item(n int, text string) string {
	return fmt.Sprintf(`<item><guid>id-%d</guid><title>Headline %d</title><link>http://ledger.example/%d?utm_source=feed</link><description>&lt;p&gt;%s&lt;script&gt;alert(1)&lt;/script&gt;&lt;/p&gt;</description></item>`, n, n, n, text)
}

func TestArticleFromFeed(t *testing.T) {
	w := newWorld(t)
	w.answer(200, rss(item(1, "first"), item(2, "second")), "Etag", `W/"odd `+"\xe9"+`"`, "Last-Modified", "yesterday, around noon")
	if n := w.step(); n != 1 {
		t.Fatalf("did %d pieces of work, want 1", n)
	}
	got := w.articles()
	if len(got) != 2 {
		t.Fatalf("%d articles, want 2: %+v", len(got), got)
	}
	a := must(w.db.Article(t.Context(), got[0].ID))(t)
	if strings.Contains(a.Body, "script") || !strings.Contains(a.Body, "<p>") {
		t.Errorf("body is %q", a.Body)
	}
	if strings.Contains(a.Address, "utm_") || a.Section != "world" || a.Language != "en" || !a.FirstSeen.Equal(w.now()) {
		t.Errorf("article is %+v", a)
	}

	w.answer(304, "")
	w.wait(90 * time.Minute)
	w.step()
	last := w.asked[len(w.asked)-1]
	if got := last.Header.Get("If-None-Match"); got != `W/"odd `+"\xe9"+`"` {
		t.Errorf("If-None-Match is %q", got)
	}
	if got := last.Header.Get("If-Modified-Since"); got != "yesterday, around noon" {
		t.Errorf("If-Modified-Since is %q", got)
	}
	if s := w.state(); !s.Checked.Equal(w.now()) || s.Failures != 0 || !s.Next.After(w.now()) || s.Reason == "" {
		t.Errorf("state after 304: %+v", s)
	}
}

func TestNothingIsFetchedBeforeItsTime(t *testing.T) {
	w := newWorld(t)
	w.answer(200, rss(item(1, "first")))
	w.step()
	next := w.state().Next
	w.wait(next.Sub(w.now()) - time.Second)
	if n := w.step(); n != 0 {
		t.Fatalf("fetched %d feeds a second before their time", n)
	}
	w.Pipeline = w.pipeline() // a restart changes nothing
	if n := w.step(); n != 0 {
		t.Fatalf("fetched %d feeds a second before their time after a restart", n)
	}
	w.wait(time.Second)
	if n := w.step(); n != 1 {
		t.Fatalf("fetched %d feeds at their time, want 1", n)
	}
}

func TestChangedEntryRevisesItsArticle(t *testing.T) {
	w := newWorld(t)
	w.answer(200, rss(item(1, "as it was"), item(2, "stays")))
	w.step()
	w.wait(2 * time.Hour)
	w.answer(200, rss(item(1, "corrected"), item(2, "stays")))
	w.step()
	got := w.articles()
	if len(got) != 2 {
		t.Fatalf("%d articles, want 2", len(got))
	}
	for _, a := range got {
		body := must(w.db.Article(t.Context(), a.ID))(t).Body
		switch a.Headline {
		case "Headline 1":
			if !strings.Contains(body, "corrected") || !a.Revised.Equal(w.now()) {
				t.Errorf("article 1 is not revised: %q, %v", body, a.Revised)
			}
		case "Headline 2":
			if !a.Revised.IsZero() {
				t.Errorf("article 2 counts as revised")
			}
		}
	}
}

func TestTroubleWithAServer(t *testing.T) {
	for _, tt := range []struct {
		name    string
		status  int
		body    string
		header  []string
		after   time.Duration // least and, with a twentieth, most wait
		trouble string
		status2 news.FeedStatus
	}{
		{"fault", 500, "", nil, time.Hour, "fault (500)", news.FeedActive},
		{"not found", 404, "", nil, time.Hour, "404", news.FeedActive},
		{"forbidden", 403, "", nil, 4 * time.Hour, "403", news.FeedActive},
		{"too often", 429, "", []string{"Retry-After", "7200"}, 2 * time.Hour, "429", news.FeedActive},
		{"gone", 410, "", nil, 0, "410", news.FeedGone},
		{"a page", 200, "<!doctype html><html><body>Hello</body></html>", nil, time.Hour, "HTML page", news.FeedActive},
		{"nothing", 200, "", nil, time.Hour, "empty", news.FeedActive},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.answer(200, rss(item(1, "first")))
			w.step()
			before := w.state()
			w.wait(25 * time.Hour)
			w.answer(tt.status, tt.body, tt.header...)
			w.step()
			s := w.state()
			if !strings.Contains(s.Error, tt.trouble) || s.Status != tt.status2 {
				t.Errorf("trouble %q, status %q; want %q, %q", s.Error, s.Status, tt.trouble, tt.status2)
			}
			if s.ETag != before.ETag || s.Body != before.Body {
				t.Error("a failure changed what is known of the last document")
			}
			if got := s.Next.Sub(w.now()); tt.after > 0 && (got < tt.after*18/20 || got > tt.after*22/20) {
				t.Errorf("next check after %v, want about %v", got, tt.after)
			}
			if len(w.articles()) != 1 {
				t.Error("the last articles are not shown any more")
			}
			if tt.status2 == news.FeedGone {
				w.wait(1000 * time.Hour)
				if w.step() != 0 {
					t.Error("a feed that is gone was asked again")
				}
			}
		})
	}
}

func TestPermanentRedirectIsTakenOverWhenSeenThreeTimes(t *testing.T) {
	w := newWorld(t)
	w.serve = func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/feed.xml" {
			http.Redirect(rw, r, "/new.xml", http.StatusMovedPermanently)
			return
		}
		io.WriteString(rw, rss(item(1, "first")))
	}
	for i := range 3 {
		if w.state(); !strings.HasSuffix(w.feed.URL, "/feed.xml") {
			t.Fatalf("moved after %d sightings", i)
		}
		if w.step() != 1 {
			t.Fatal("it was not due")
		}
		w.wait(w.state().Next.Sub(w.now()))
	}
	if w.state(); !strings.HasSuffix(w.feed.URL, "/new.xml") {
		t.Errorf("address is %s after three sightings", w.feed.URL)
	}
	if len(w.articles()) != 1 {
		t.Error("the move doubled or lost the article")
	}
}

func TestStoreThatDoesNotAnswerIsNoFaultOfTheFeed(t *testing.T) {
	w := newWorld(t)
	w.answer(200, rss(item(1, "first")))
	leases, _, err := w.db.Lease(t.Context(), news.Ask{Now: w.now(), Hosts: 1, PerHost: 1, For: w.cfg.LeaseTime})
	if err != nil || len(leases) != 1 {
		t.Fatal(leases, err)
	}
	w.db.Close()
	if _, err := w.check(t.Context(), leases[0].Work[0]); err == nil {
		t.Error("a check against a closed store counts")
	}
}

func TestRunStopsInOrder(t *testing.T) {
	w := newWorld(t)
	asked, release := make(chan struct{}), make(chan struct{})
	w.serve = func(rw http.ResponseWriter, r *http.Request) {
		close(asked)
		<-release
		io.WriteString(rw, rss(item(1, "first")))
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.Run(ctx) }()
	<-asked
	stop()
	close(release)
	if err := <-done; err != nil {
		t.Fatalf("Run: %v", err)
	}
	if len(w.articles()) != 1 {
		t.Error("what was being fetched at the stop is lost")
	}
	leases, _, err := w.db.Lease(t.Context(), news.Ask{Now: w.now().Add(25 * time.Hour), Hosts: 1, PerHost: 1, For: time.Minute})
	if err != nil || len(leases) != 1 {
		t.Errorf("the lease was not given back: %v, %v", leases, err)
	}
}

func TestNewsletter(t *testing.T) {
	w := newWorld(t)
	f := must(w.db.PutFeed(t.Context(), NewLetterFeed(w.title.ID, "culture"), time.Time{}))(t)
	for token, want := range map[string]bool{f.Token(): true, "nobody": false, "": false} {
		if got, err := w.Accepts(t.Context(), token); err != nil || got != want {
			t.Errorf("Accepts(%q) = %v, %v", token, got, err)
		}
	}
	letter := mail.Letter{MessageID: "1@letters.example", Subject: "This week", FromName: "The Ledger", Sent: w.now(),
		HTML: `<p>Hello <a href="https://ledger.example/a">read</a></p><script>alert(1)</script>`}
	for range 2 { // the sender may come again
		if err := w.Deliver(t.Context(), f.Token(), letter); err != nil {
			t.Fatal(err)
		}
	}
	got := w.articles()
	if len(got) != 1 || got[0].Headline != "This week" || got[0].Section != "culture" || got[0].Byline != "The Ledger" {
		t.Fatalf("articles are %+v", got)
	}
	body := must(w.db.Article(t.Context(), got[0].ID))(t).Body
	if strings.Contains(body, "script") || !strings.Contains(body, "ledger.example/a") {
		t.Errorf("body is %q", body)
	}
}

func TestCheckNow(t *testing.T) {
	w := newWorld(t)
	w.answer(200, rss(item(1, "first")))
	w.step()
	w.wait(time.Minute)
	var told []news.Feed
	err := w.CheckNow(t.Context(), w.db, []news.Feed{w.feed}, func(f news.Feed) { told = append(told, f) })
	if err != nil || len(told) != 1 || !told[0].State.Checked.Equal(w.now()) {
		t.Errorf("CheckNow: %v, told %+v", err, told)
	}
}

func TestDiscover(t *testing.T) {
	w := newWorld(t)
	pages := map[string]string{
		"/":       `<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/a.xml"><link rel="alternate" type="application/rss+xml" href="/broken.xml"></head></html>`,
		"/a.xml":  rss(item(1, "x")),
		"/silent": `<!doctype html><html><body>no link</body></html>`,
		"/feed":   rss(item(1, "x")),
		"/index.xml": `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>` + w.site.URL + `/pages.xml</loc></sitemap><sitemap><loc>` +
			w.site.URL + `/a.xml</loc></sitemap></sitemapindex>`,
		"/pages.xml": `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>` + w.site.URL + `/bare</loc></url></urlset>`,
	}
	w.serve = func(rw http.ResponseWriter, r *http.Request) {
		if pages[r.URL.Path] == "" {
			http.NotFound(rw, r)
			return
		}
		io.WriteString(rw, pages[r.URL.Path])
	}
	for _, tt := range []struct{ path, want string }{{"/", "/a.xml"}, {"/a.xml", "/a.xml"}, {"/silent", "/feed"}, {"/index.xml", "/a.xml"}} {
		found, err := Discover(t.Context(), w.fetcher, w.site.URL+tt.path, nil)
		if err != nil || len(found) != 1 || found[0].URL != w.site.URL+tt.want || found[0].Title != "The Ledger" {
			t.Errorf("Discover(%s) = %+v, %v", tt.path, found, err)
		}
	}
	if _, err := Discover(t.Context(), w.fetcher, w.site.URL+"/missing", nil); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("a missing page: %v", err)
	}
}

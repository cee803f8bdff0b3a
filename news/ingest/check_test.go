package ingest

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"understory/news"
	"understory/news/fetch"
)

// sighted has the feed's server redirect for good, and checks the feed so
// often that a redirect that counts is taken over.
func (w *world) sighted(to string, landing http.HandlerFunc) {
	w.serve = func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/feed.xml" {
			http.Redirect(rw, r, to, http.StatusMovedPermanently)
			return
		}
		landing(rw, r)
	}
	for range movesToFollow + 1 {
		w.step()
		w.wait(w.state().Next.Sub(w.now()))
	}
}

func TestRedirectThatIsNotTakenOver(t *testing.T) {
	whole := func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, rss(item(1, "first"))) }
	for _, tt := range []struct {
		name    string
		cookie  string
		path    string
		landing http.HandlerFunc
	}{
		{"to a page for parked names", "", "/", func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, "<!doctype html><p>For sale") }},
		{"to an address longer than any", "", "/" + strings.Repeat("a", maxAddress), whole},
		{"to another host, which must not get the cookie", "sid=secret", "/feed2.xml", whole},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.feed.Cookie = tt.cookie
			must(w.db.PutFeed(t.Context(), w.feed, w.now()))(t)
			was := w.feed.URL
			w.sighted(strings.Replace(w.site.URL, "127.0.0.1", "localhost", 1)+tt.path, tt.landing)
			if w.state(); w.feed.URL != was {
				t.Errorf("the feed's address is now %s", w.feed.URL)
			}
			for _, r := range w.asked {
				if strings.HasPrefix(r.Host, "localhost") && r.Header.Get("Cookie") != "" {
					t.Errorf("the other host got the cookie %q", r.Header.Get("Cookie"))
				}
			}
		})
	}
}

// TestRefusalAfterFaults begins with four hours, however often the server had
// a fault before, and doubles from there.
func TestRefusalAfterFaults(t *testing.T) {
	w := newWorld(t)
	for i, tt := range []struct {
		status int
		least  time.Duration
	}{{500, time.Hour}, {500, 2 * time.Hour}, {500, 4 * time.Hour}, {403, 4 * time.Hour}, {429, 8 * time.Hour}, {403, 16 * time.Hour}, {403, 24 * time.Hour}} {
		w.answer(tt.status, "")
		w.step()
		got := w.state().Next.Sub(w.now())
		if got < tt.least || got > tt.least*21/20 {
			t.Errorf("answer %d, a %d: next check after %v, want %v", i, tt.status, got, tt.least)
		}
		w.wait(got)
	}
}

// stumbling panics on every answer, as a parser with a fault would.
type stumbling struct{ Fetcher }

func (stumbling) Get(context.Context, fetch.Request) (*fetch.Response, error) {
	panic("index out of range")
}
func (stumbling) Post(context.Context, string, url.Values) (*fetch.Response, error) {
	panic("index out of range")
}

func TestPanicIsAFailureOfThatWorkAlone(t *testing.T) {
	w, _ := subscribed(t, SubscriptionAsked)
	w.fetcher = stumbling{w.fetcher}
	if n := w.step(); n != 2 {
		t.Fatalf("%d pieces of work, want a check and a subscription", n)
	}
	if s := w.state(); !strings.Contains(s.Error, "stumble") || s.Failures != 1 || !s.Next.After(w.now()) {
		t.Errorf("state is %+v", s)
	}
	if n := w.step(); n != 0 {
		t.Errorf("%d pieces of work are due again at once", n)
	}
}

// choosy is a store that never takes articles of one headline.
type choosy struct {
	Store
	headline string
}

func (s choosy) Commit(ctx context.Context, b news.Batch) (news.Committed, error) {
	for _, r := range b.Results {
		for _, e := range r.Entries {
			if e.Article.Headline == s.headline {
				return news.Committed{}, errors.New("value too long")
			}
		}
	}
	return s.Store.Commit(ctx, b)
}

// TestResultThatCannotBeStored shows that it spoils no other result, and that
// its feed is told to be in trouble and is not fetched again and again.
func TestResultThatCannotBeStored(t *testing.T) {
	w := newWorld(t)
	other := must(w.db.PutFeed(t.Context(), news.Feed{TitleID: w.title.ID, Kind: news.FeedPoll, URL: w.site.URL + "/other.xml"}, w.now()))(t)
	w.serve = func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/other.xml" {
			io.WriteString(rw, rss(item(2, "second")))
			return
		}
		io.WriteString(rw, rss(item(1, "first")))
	}
	w.commits.queue = choosy{w.db, "Headline 1"}
	w.step()
	if s := w.state(); !strings.Contains(s.Error, "did not take") || s.Failures != 1 || s.Next.Sub(w.now()) < 30*time.Minute {
		t.Errorf("the feed that cannot be stored: %+v", s)
	}
	f, _, _, err := w.db.Feed(t.Context(), other.URL)
	if err != nil || f.State.Error != "" || len(w.articles()) != 1 {
		t.Errorf("the other feed of its batch: %+v, %d articles, %v", f.State, len(w.articles()), err)
	}
}

// away is a store that takes nothing, and counts how often it was asked to.
type away struct {
	Store
	asked int
}

func (s *away) Commit(context.Context, news.Batch) (news.Committed, error) {
	s.asked++
	return news.Committed{}, errors.New("connection refused")
}

// TestStoreThatIsAway is not asked for each result of a batch.
func TestStoreThatIsAway(t *testing.T) {
	w := newWorld(t)
	s := &away{Store: w.db}
	w.commits.queue = s
	w.commits.commit(news.Batch{Results: make([]news.Result, 200)})
	if s.asked > wholeTries+2 {
		t.Errorf("asked %d times for one batch", s.asked)
	}
}

// TestCheckNowWithAnotherClock lets a process whose clock is behind take the
// work: CheckNow must see that it was done.
func TestCheckNowWithAnotherClock(t *testing.T) {
	w := newWorld(t)
	w.answer(200, rss(item(1, "first")))
	store := &behind{world: w}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	told := 0
	if err := w.CheckNow(ctx, store, []news.Feed{w.feed}, func(news.Feed) { told++ }); err != nil || told != 1 {
		t.Errorf("CheckNow: %v, told of %d feeds", err, told)
	}
}

// TestCheckNowOfAHostWrittenOddly ends: the store and the client must tell
// hosts apart by the same name.
func TestCheckNowOfAHostWrittenOddly(t *testing.T) {
	w := newWorld(t)
	w.answer(200, rss(item(1, "first")))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for _, host := range []string{"LOCALHOST.", "m\u00fcnchen.localhost", "localhost"} {
		address := strings.Replace(w.site.URL, "127.0.0.1:", host+":00", 1) + "/" + url.PathEscape(host)
		f := must(w.db.PutFeed(t.Context(), news.Feed{TitleID: w.title.ID, URL: address}, w.now()))(t)
		told := 0
		if err := w.CheckNow(ctx, w.db, []news.Feed{f}, func(news.Feed) { told++ }); err != nil || told != 1 {
			t.Errorf("%s: CheckNow: %v, told of %d feeds", address, err, told)
		}
	}
}

// behind has another process, an hour behind, do the work as soon as it is due.
type behind struct{ *world }

func (b *behind) Feed(ctx context.Context, url string) (news.Feed, news.Title, *news.Subscription, error) {
	return b.db.Feed(ctx, url)
}

func (b *behind) CheckNow(ctx context.Context, id int64, now time.Time, reason string) error {
	now = now.Add(-time.Hour)
	if err := b.db.CheckNow(ctx, id, now, reason); err != nil {
		return err
	}
	other := b.pipeline()
	other.now = func() time.Time { return now }
	leases, _, err := b.db.Lease(ctx, news.Ask{Now: now, Hosts: 1, PerHost: 1, For: time.Minute})
	running := other.commits.start()
	defer running.stop()
	for _, l := range leases {
		other.serve(ctx, ctx, l)
	}
	return err
}

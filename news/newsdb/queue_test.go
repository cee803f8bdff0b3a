package newsdb_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"understory/news"
)

func TestCheckOfAFeed(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		f := s.feed(title, "https://Coast.example:443/feed")
		if leases := s.lease(noon.Add(-time.Second), 10, 10); len(leases) != 0 {
			s.Fatalf("leased %v before it is due", leases)
		}
		l := s.leaseOne(noon)
		w := l.Work[0]
		if l.Host != "coast.example" || w.Kind != news.WorkFeed || w.Feed.ID != f.ID || w.Title.ID != title.ID || !w.Due.Equal(noon) {
			s.Errorf("leased %+v", l)
		}
		state := news.FeedState{Status: news.FeedActive, Checked: noon, Changed: noon, ETag: "\"\xff\x00\"", LastModified: "yesterday\xe9",
			Body: "d1", Interval: time.Hour, Skip: 1 << 30, Reason: "as usual", Failures: 2, Error: "broken\x00pipe\xff", HTTPStatus: 304, Format: "rss2.0",
			Mended: "a tag", MoveTo: "https://new.example/", MoveSeen: 2, MoveFirst: noon}
		if done := s.finish(noon, l, news.Result{State: &state, Next: noon.Add(time.Hour)}); done != (news.Committed{}) {
			s.Errorf("Commit() = %+v", done)
		}
		got, _, _, err := s.Feed(s.Context(), f.URL)
		s.must(err)
		state.Next, state.Error = noon.Add(time.Hour), "brokenpipe\uFFFD"
		if diff := cmp.Diff(state, got.State); diff != "" {
			s.Errorf("state (-want +got):\n%s", diff)
		}
		s.wantNext(noon, noon.Add(time.Hour))
	})
}

// leaseOne leases the one host that is due.
func (s store) leaseOne(now time.Time) news.Lease {
	s.Helper()
	leases := s.lease(now, 10, 10)
	if len(leases) != 1 || len(leases[0].Work) != 1 {
		s.Fatalf("leased %+v, want one piece of work", leases)
	}
	return leases[0]
}

// finish commits what the first work of a lease brought, and gives it back.
func (s store) finish(now time.Time, l news.Lease, r news.Result) news.Committed {
	s.Helper()
	w := l.Work[0]
	r.WorkID, r.Host, r.Token = w.ID, l.Host, l.Token
	if w.Feed != nil {
		r.FeedID = w.Feed.ID
	}
	done, err := s.Commit(s.Context(), news.Batch{Now: now, Results: []news.Result{r},
		Releases: []news.Release{{Host: l.Host, Token: l.Token, Free: now}}})
	s.must(err)
	return done
}

func (s store) wantNext(now, want time.Time) {
	s.Helper()
	leases, next, err := s.Lease(s.Context(), news.Ask{Now: now, Hosts: 10, PerHost: 10, For: time.Minute})
	if err != nil || len(leases) > 0 || !next.Equal(want) {
		s.Errorf("Lease() = %+v, %v, %v; want nothing until %v", leases, next, err, want)
	}
}

func TestFeedsThatLeaveTheQueue(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		f := s.feed(title, "https://coast.example/feed")
		s.must(s.SetStatus(s.Context(), f.ID, news.FeedOff))
		s.wantNext(noon, time.Time{})
		s.must(s.SetStatus(s.Context(), f.ID, news.FeedActive))

		l := s.leaseOne(noon)
		s.must(s.SetStatus(s.Context(), f.ID, news.FeedOff))
		s.finish(noon, l, news.Result{State: &news.FeedState{Status: news.FeedActive}, Next: noon.Add(time.Hour)})
		s.wantStatus(f, news.FeedOff) // though the check was under way
		s.wantNext(noon, time.Time{})

		s.must(s.CheckNow(s.Context(), f.ID, noon, "asked for"))
		s.wantStatus(f, news.FeedActive)
		s.finish(noon, s.leaseOne(noon), news.Result{Done: true, State: &news.FeedState{Status: news.FeedGone}})
		s.wantStatus(f, news.FeedGone)
		s.wantNext(noon, time.Time{})

		s.must(s.CheckNow(s.Context(), f.ID, noon, "asked for"))
		l = s.leaseOne(noon)
		s.must(s.RemoveFeed(s.Context(), f.URL))
		e := entry("Too late", "", "")
		if done := s.finish(noon, l, news.Result{State: &f.State, Next: noon, Entries: []news.EntryChange{e}}); done != (news.Committed{Stale: 1}) {
			s.Errorf("result of a removed feed: %+v, want it to be stale", done)
		}
	})
}

func (s store) wantStatus(f news.Feed, want news.FeedStatus) {
	s.Helper()
	got, _, _, err := s.Feed(s.Context(), f.URL)
	if err != nil || got.State.Status != want {
		s.Errorf("feed is %q, %v; want %q", got.State.Status, err, want)
	}
}

func TestInvalidResults(t *testing.T) {
	each(t, func(s store) {
		f := s.feed(s.title("coast"), "https://coast.example/feed")
		id := s.leaseOne(noon).Work[0].ID
		for name, r := range map[string]news.Result{
			"neither done nor due":   {WorkID: id},
			"a state without status": {WorkID: id, Next: noon, FeedID: f.ID, State: &news.FeedState{}},
		} {
			if _, err := s.Commit(s.Context(), news.Batch{Now: noon, Results: []news.Result{r}}); !errors.Is(err, news.ErrInvalid) {
				s.Errorf("%s: Commit() = %v, want ErrInvalid", name, err)
			}
		}
	})
}

func TestFeedThatMoved(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		f := s.feed(title, "https://old.example/feed")
		other := s.feed(title, "https://other.example/feed")
		s.finish(noon, s.leaseHost("old.example"), news.Result{State: &f.State, Next: noon.Add(time.Hour), MovedTo: "https://NEW.example/feed"})
		if _, _, _, err := s.Feed(s.Context(), f.URL); !errors.Is(err, news.ErrNotFound) {
			s.Errorf("the old address: %v, want ErrNotFound", err)
		}
		f.URL = "https://NEW.example/feed"
		s.must(s.CheckNow(s.Context(), f.ID, noon, "asked for"))
		l := s.leaseHost("new.example")
		s.finish(noon, l, news.Result{State: &f.State, Next: noon.Add(time.Hour), MovedTo: "ftp://nowhere.example/"})
		s.wantStatus(f, news.FeedActive)

		s.must(s.CheckNow(s.Context(), f.ID, noon, "asked for"))
		s.finish(noon, s.leaseHost("new.example"), news.Result{State: &f.State, Next: noon.Add(time.Hour), MovedTo: other.URL})
		s.wantStatus(f, news.FeedOff)
		s.wantStatus(other, news.FeedActive)
	})
}

func (s store) leaseHost(host string) news.Lease {
	s.Helper()
	leases, _, err := s.Lease(s.Context(), news.Ask{Now: noon, Host: host, Hosts: 1, PerHost: 1, For: time.Minute})
	s.must(err)
	if len(leases) != 1 || leases[0].Host != host {
		s.Fatalf("leased %+v, want %s", leases, host)
	}
	return leases[0]
}

func TestPages(t *testing.T) {
	each(t, func(s store) {
		title, err := s.PutTitle(s.Context(), news.Title{Slug: "coast", Name: "Coast", Section: "world", Pages: true})
		s.must(err)
		f := s.feed(title, "https://feeds.example/coast")
		s.must(s.SetStatus(s.Context(), f.ID, news.FeedOff))
		s.must(s.SetStatus(s.Context(), f.ID, news.FeedActive))
		e := entry("Harbour stays open", "https://www.coast.example/1", "<p>In short.</p>")
		s.finish(noon, s.leaseHost("feeds.example"), news.Result{State: &f.State, Next: noon.Add(time.Hour),
			Entries: []news.EntryChange{e, entry("No address", "", "<p>x</p>"), entry("Odd address", "tag:coast,1", "<p>y</p>")}})

		l := s.leaseOne(noon)
		w := l.Work[0]
		if l.Host != "www.coast.example" || w.Kind != news.WorkPage || w.Article.Headline != e.Article.Headline || w.Title.Slug != "coast" {
			s.Fatalf("leased %+v, want the page of the article", l)
		}
		s.finish(noon, l, news.Result{Next: noon.Add(time.Minute), Tries: 1})
		l = s.leaseOne(noon.Add(time.Minute))
		if l.Work[0].Tries != 1 {
			s.Errorf("tried %d times, want 1", l.Work[0].Tries)
		}
		page := news.PageChange{ArticleID: w.Article.ID, Body: text("page", 80), Words: 80, Byline: "A. Writer",
			Picture: news.Picture{URL: "https://www.coast.example/1.jpg", Credit: "A. Photographer"}}
		if done := s.finish(noon, l, news.Result{Done: true, Page: &page}); done != (news.Committed{Revised: 1}) {
			s.Errorf("page: %+v", done)
		}
		a, err := s.Article(s.Context(), w.Article.ID)
		if err != nil || a.Body != page.Body || a.Words != 80 || a.Byline != page.Byline || a.Picture != page.Picture {
			s.Errorf("article %+v, %v", a, err)
		}

		// The feed's short text does not replace the page's, but brings it in again.
		e.Article.Headline, e.Content = "Harbour to stay open", digest("second version")
		s.commit(noon, brought(f, e))
		a, err = s.Article(s.Context(), w.Article.ID)
		if err != nil || a.Headline != e.Article.Headline || a.Body != page.Body || a.Byline != page.Byline {
			s.Errorf("article after a change in the feed %+v, %v", a, err)
		}
		if l := s.leaseHost("www.coast.example"); l.Work[0].Tries != 0 {
			s.Errorf("leased %+v, want a first try", l)
		}
	})
}

func TestSubscriptions(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		f := s.feed(title, "https://coast.example/feed")
		sub := news.Subscription{FeedID: f.ID, Hub: "https://hub.example/", Topic: f.URL, Token: "t1", Secret: "s1", State: "asked", Renew: noon}
		s.finish(noon, s.leaseOne(noon), news.Result{State: &f.State, Next: noon.Add(time.Hour), Subscription: &sub})

		l := s.leaseOne(noon)
		w := l.Work[0]
		if l.Host != "hub.example" || w.Kind != news.WorkSubscribe || w.Feed.ID != f.ID {
			s.Fatalf("leased %+v, want to subscribe", l)
		}
		if diff := cmp.Diff(&sub, w.Subscription); diff != "" {
			s.Errorf("leased subscription (-want +got):\n%s", diff)
		}
		sub.Error, sub.Renew = "the hub is away", noon.Add(time.Minute)
		s.finish(noon, l, news.Result{Subscription: &sub, Next: sub.Renew, Tries: 1})
		if l = s.leaseOne(noon.Add(time.Minute)); l.Work[0].Tries != 1 {
			s.Errorf("leased %+v, want one try", l)
		}

		// The hub confirms before its answer to our request is committed.
		sub.State, sub.Error, sub.Expires, sub.Renew = "active", "", noon.Add(24*time.Hour), noon.Add(20*time.Hour)
		s.must(s.SetSubscription(s.Context(), sub))
		s.finish(noon, l, news.Result{Next: noon.Add(30 * time.Minute)})
		got, gotFeed, gotTitle, err := s.SubscriptionByToken(s.Context(), "t1")
		if diff := cmp.Diff(sub, got); err != nil || diff != "" || gotFeed.ID != f.ID || gotTitle.ID != title.ID {
			s.Errorf("by token: %v, feed %d, title %d (-want +got):\n%s", err, gotFeed.ID, gotTitle.ID, diff)
		}
		s.wantNext(noon, noon.Add(30*time.Minute))

		s.commit(noon, news.Result{FeedID: f.ID, Unsubscribe: true})
		if _, _, _, err := s.SubscriptionByToken(s.Context(), "t1"); !errors.Is(err, news.ErrNotFound) {
			s.Errorf("by token after unsubscribing: %v, want ErrNotFound", err)
		}
		s.wantNext(noon.Add(30*time.Minute), noon.Add(time.Hour))
		if err := s.SetSubscription(s.Context(), news.Subscription{FeedID: 999}); !errors.Is(err, news.ErrNotFound) {
			s.Errorf("subscription of no feed: %v, want ErrNotFound", err)
		}
	})
}

func TestKnown(t *testing.T) {
	each(t, func(s store) {
		f := s.feed(s.title("coast"), "https://coast.example/feed")
		want := map[news.Digest]news.Digest{}
		var entries []news.EntryChange
		keys := []news.Digest{digest("unknown")}
		for i := range 600 {
			e := entry(fmt.Sprint("Headline ", i), fmt.Sprint("https://coast.example/", i), "")
			entries, keys, want[e.Key] = append(entries, e), append(keys, e.Key), e.Content
		}
		s.commit(noon, brought(f, entries...))
		got, err := s.Known(s.Context(), f.ID, keys)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			s.Errorf("Known() error %v (-want +got):\n%s", err, diff)
		}
		if got, err := s.Known(s.Context(), f.ID+1, keys); err != nil || len(got) > 0 {
			s.Errorf("Known() of another feed = %d entries, %v", len(got), err)
		}
	})
}

func TestTidy(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		f := s.feed(title, "https://coast.example/feed")
		body := text("same", 200)
		s.commit(noon, brought(f, entry("Old", "https://coast.example/old", body)))
		s.commit(noon.Add(time.Hour), brought(f, entry("Recent", "https://coast.example/recent", text("recent", 200))))
		s.must(s.Tidy(s.Context(), noon.Add(time.Minute)))
		got := s.commit(noon.Add(time.Hour), brought(f,
			entry("Same text, forgotten", "https://coast.example/2", body),
			entry("Same text, remembered", "https://coast.example/3", text("recent", 200)),
			entry("Same address", "https://coast.example/old", "")))
		if want := (news.Committed{New: 1, Merged: 2}); got.New != 1 || got.Merged != 2 {
			s.Errorf("after Tidy: %+v, want %+v", got, want)
		}
	})
}

// TestBigBatch commits more than one statement holds.
func TestBigBatch(t *testing.T) {
	each(t, func(s store) {
		feeds := s.feeds(600, false)
		leases := s.lease(noon, 1000, 1)
		batch := news.Batch{Now: noon}
		for _, l := range leases {
			batch.Results = append(batch.Results, news.Result{WorkID: l.Work[0].ID, Host: l.Host, Token: l.Token,
				FeedID: l.Work[0].Feed.ID, State: &l.Work[0].Feed.State, Next: noon.Add(time.Hour)})
			batch.Releases = append(batch.Releases, news.Release{Host: l.Host, Token: l.Token})
		}
		if len(leases) != len(feeds) || slices.ContainsFunc(leases, func(l news.Lease) bool { return l.Work[0].Title == nil }) {
			s.Fatalf("leased %d hosts, want %d", len(leases), len(feeds))
		}
		done, err := s.Commit(s.Context(), batch)
		if err != nil || done != (news.Committed{}) {
			s.Errorf("Commit() = %+v, %v", done, err)
		}
		s.wantNext(noon, noon.Add(time.Hour))
	})
}

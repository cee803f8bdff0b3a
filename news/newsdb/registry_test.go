package newsdb_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"understory/kit/sqlkit"
	"understory/news"
	"understory/news/newsdb"
)

func TestReopen(t *testing.T) {
	each(t, func(s store) {
		want := s.title("coast")
		s.feed(want, "https://coast.example/feed")
		l := s.leaseOne(noon)
		s.must(s.Close())
		s = s.again()
		got, err := s.Title(s.Context(), "coast")
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			s.Errorf("after reopening: %v (-want +got):\n%s", err, diff)
		}
		s.wantNext(noon, l.Until)
	})
}

// TestOpenTogether opens an empty store from several processes at once.
func TestOpenTogether(t *testing.T) {
	each(t, func(s store) {
		config := s.config
		config.Path += "2" // not made yet; on PostgreSQL the one that is there
		s.together(6, func(s store, _ int) error {
			db, err := newsdb.Open(s.Context(), config)
			if err != nil {
				return err
			}
			return errors.Join(db.Ping(s.Context()), db.Close())
		})
	})
}

func TestTitles(t *testing.T) {
	each(t, func(s store) {
		ctx := s.Context()
		want := news.Title{Slug: "coast", Name: "The Coast", Home: "https://coast.example/", Country: "IE", Language: "en", Section: "local",
			Owner: "A trust", List: "a list", Colour: "#123456", Show: news.ShowPreview, Pages: true}
		got, err := s.PutTitle(ctx, want)
		s.must(err)
		want.ID = got.ID
		if diff := cmp.Diff(want, got); diff != "" {
			s.Errorf("PutTitle() (-want +got):\n%s", diff)
		}
		other, err := s.PutTitle(ctx, news.Title{Slug: "alps", Name: "alps", Section: "news"})
		if err != nil || other.Show != news.ShowFull || other.Owner != news.UnknownOwner {
			s.Errorf("defaults: %+v, %v", other, err)
		}
		want.Name, want.Pages = "Coast", false
		if got, err := s.PutTitle(ctx, want); err != nil || got != want {
			s.Errorf("changed: %+v, %v; want %+v", got, err, want)
		}
		list, err := s.Titles(ctx)
		if diff := cmp.Diff([]news.Title{other, want}, list); err != nil || diff != "" {
			s.Errorf("Titles() %v (-want +got):\n%s", err, diff)
		}
		for _, bad := range []news.Title{
			{Slug: "Coast", Name: "x", Section: "world"}, {Slug: "", Name: "x", Section: "world"}, {Slug: "a--b", Name: "x", Section: "world"},
			{Slug: "x", Section: "world"}, {Slug: "x", Name: "x", Section: "gossip"}, {Slug: "x", Name: "x", Section: "world", Show: "half"},
		} {
			if _, err := s.PutTitle(ctx, bad); !errors.Is(err, news.ErrInvalid) {
				s.Errorf("PutTitle(%+v) = %v, want ErrInvalid", bad, err)
			}
		}
		if _, err := s.Title(ctx, "none"); !errors.Is(err, news.ErrNotFound) {
			s.Errorf("unknown title: %v, want ErrNotFound", err)
		}
	})
}

func TestFeeds(t *testing.T) {
	each(t, func(s store) {
		ctx := s.Context()
		coast, alps := s.title("coast"), s.title("alps")
		want := news.Feed{TitleID: coast.ID, Kind: news.FeedPoll, URL: "https://coast.example/feed", Section: "sport", UserAgent: "ours",
			Cookie: "id=1", Header: map[string]string{"X-Key": "k"}, State: news.FeedState{Reason: "new"}}
		f, err := s.PutFeed(ctx, want, noon)
		s.must(err)
		want.ID, want.State = f.ID, news.FeedState{Status: news.FeedActive, Reason: "new", Next: noon}
		if diff := cmp.Diff(want, f); diff != "" {
			s.Errorf("PutFeed() (-want +got):\n%s", diff)
		}
		s.finish(noon, s.leaseOne(noon), news.Result{State: &news.FeedState{Status: news.FeedActive, ETag: "e"}, Next: noon.Add(time.Hour)})
		f.Cookie, f.Header = "", nil
		f, err = s.PutFeed(ctx, f, noon)
		if err != nil || f.State.ETag != "e" || !f.State.Next.Equal(noon.Add(time.Hour)) {
			s.Errorf("a known feed lost its state: %+v, %v", f, err)
		}
		got, title, sub, err := s.Feed(ctx, f.URL)
		if diff := cmp.Diff(f, got); err != nil || diff != "" || title != coast || sub != nil {
			s.Errorf("Feed() = %v, %v, %v (-want +got):\n%s", title, sub, err, diff)
		}

		mail, err := s.PutFeed(ctx, news.Feed{TitleID: alps.ID, Kind: news.FeedMail, URL: "mailto:secret"}, noon)
		s.must(err)
		s.wantNext(noon, noon.Add(time.Hour))
		if got, title, err := s.FeedByToken(ctx, "secret"); err != nil || got.ID != mail.ID || title.ID != alps.ID {
			s.Errorf("FeedByToken() = %+v, %+v, %v", got, title, err)
		}
		s.must(s.CheckNow(ctx, mail.ID, noon, "asked for"))
		s.wantNext(noon, noon.Add(time.Hour))
		for id, want := range map[int64]int{0: 2, coast.ID: 1, alps.ID: 1, 999: 0} {
			if feeds, err := s.Feeds(ctx, id); err != nil || len(feeds) != want {
				s.Errorf("Feeds(%d) = %d feeds, %v; want %d", id, len(feeds), err, want)
			}
		}

		for name, tt := range map[string]struct {
			err, want error
		}{
			"feed of another title": {put(s, news.Feed{TitleID: alps.ID, URL: f.URL}), news.ErrConflict},
			"feed of no title":      {put(s, news.Feed{TitleID: 999, URL: "https://x.example/"}), news.ErrNotFound},
			"not of the web":        {put(s, news.Feed{TitleID: alps.ID, URL: "file:///etc/passwd"}), news.ErrInvalid},
			"no host":               {put(s, news.Feed{TitleID: alps.ID, URL: "https:///feed"}), news.ErrInvalid},
			"no token":              {put(s, news.Feed{TitleID: alps.ID, Kind: news.FeedMail, URL: "mailto:"}), news.ErrInvalid},
			"unknown kind":          {put(s, news.Feed{TitleID: alps.ID, Kind: "pigeon", URL: "https://x.example/"}), news.ErrInvalid},
			"unknown section":       {put(s, news.Feed{TitleID: alps.ID, URL: "https://x.example/", Section: "gossip"}), news.ErrInvalid},
			"check of no feed":      {s.CheckNow(ctx, 999, noon, ""), news.ErrNotFound},
			"switch no feed":        {s.SetStatus(ctx, 999, news.FeedOff), news.ErrNotFound},
			"switch to gone":        {s.SetStatus(ctx, f.ID, news.FeedGone), news.ErrInvalid},
			"remove no feed":        {s.RemoveFeed(ctx, "https://x.example/"), news.ErrNotFound},
			"remove no title":       {s.RemoveTitle(ctx, "none"), news.ErrNotFound},
			"no such token":         {second(s.FeedByToken(ctx, "x")), news.ErrNotFound},
		} {
			if !errors.Is(tt.err, tt.want) {
				s.Errorf("%s: %v, want %v", name, tt.err, tt.want)
			}
		}
	})
}

func put(s store, f news.Feed) error {
	_, err := s.PutFeed(s.Context(), f, noon)
	return err
}

func second[A, B any](_ A, _ B, err error) error { return err }

// TestSwitchedOnAgain keeps a feed from being asked before its time by
// switching it off and on.
func TestSwitchedOnAgain(t *testing.T) {
	each(t, func(s store) {
		f := s.feed(s.title("coast"), "https://coast.example/feed")
		s.finish(noon, s.leaseOne(noon), news.Result{Next: noon.Add(time.Hour),
			State: &news.FeedState{Status: news.FeedActive, Checked: noon, Interval: time.Hour}})
		s.must(s.SetStatus(s.Context(), f.ID, news.FeedActive))
		s.wantNext(noon, noon.Add(time.Hour))
		s.must(s.SetStatus(s.Context(), f.ID, news.FeedOff))
		s.must(s.SetStatus(s.Context(), f.ID, news.FeedActive))
		s.wantNext(noon, noon.Add(time.Hour))
	})
}

func TestCensus(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		var feeds []news.Feed
		for i := range 4 {
			feeds = append(feeds, s.feed(title, fmt.Sprintf("https://coast%d.example/feed", i)))
		}
		for i, state := range []news.FeedState{{Status: news.FeedActive, Checked: noon}, {Status: news.FeedActive, Checked: noon, Failures: 3}, {Status: news.FeedGone, Checked: noon}} {
			s.commit(noon, news.Result{FeedID: feeds[i].ID, State: &state})
		}
		s.commit(noon, brought(feeds[0], entry("A", "", ""), entry("B", "", "")))
		want := news.Census{Titles: 1, Feeds: 4, Articles: 2, FeedsFailing: 1, FeedsGone: 1, FeedsNotFetched: 1, Newest: noon}
		if got, err := s.Census(s.Context()); err != nil || got != want {
			s.Errorf("Census() = %+v, %v; want %+v", got, err, want)
		}
	})
}

// TestRemoveLeavesNothing removes titles and looks into every table.
func TestRemoveLeavesNothing(t *testing.T) {
	each(t, func(s store) {
		for _, slug := range []string{"coast", "alps"} {
			title, err := s.PutTitle(s.Context(), news.Title{Slug: slug, Name: slug, Section: "world", Pages: true})
			s.must(err)
			f := s.feed(title, "https://"+slug+".example/feed")
			s.commit(noon, news.Result{FeedID: f.ID, Entries: []news.EntryChange{entry("Same", "https://"+slug+".example/1", text("same", 100))},
				Subscription: &news.Subscription{Hub: "https://hub.example/", Token: slug, Renew: noon}})
		}
		s.must(s.RemoveTitle(s.Context(), "coast"))
		s.wantListed(news.List{}, 1)
		s.must(s.RemoveTitle(s.Context(), "alps"))
		s.wantNext(noon, time.Time{})
		s.must(s.Tidy(s.Context(), noon))
		s.must(s.Close())

		raw, err := sqlkit.Open(s.Context(), s.config)
		s.must(err)
		defer raw.Close()
		for _, table := range []string{"title", "feed", "subscription", "host", "work", "article", "article_body", "item", "clue"} {
			var n int
			s.must(raw.QueryRow(s.Context(), "SELECT COUNT(*) FROM "+table).Scan(&n))
			if n != 0 {
				s.Errorf("%d rows are left in %s", n, table)
			}
		}
	})
}

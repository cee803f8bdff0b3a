package newsdb_test

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"understory/news"
)

// changed is a later version of an entry.
func changed(e news.EntryChange, change func(*news.Article)) news.EntryChange {
	change(&e.Article)
	later := entry(e.Article.Headline, e.Article.Address, e.Article.Body)
	later.Article, later.Key = e.Article, e.Key
	later.Article.Words = news.CountWords(e.Article.Body)
	later.Content = digest(fmt.Sprint(e.Article))
	return later
}

// TestSameTitle commits one entry, then others of the same title, and says
// what the store made of each.
func TestSameTitle(t *testing.T) {
	const a1, a2 = "https://coast.example/1", "https://coast.example/2"
	body := text("harbour", 100)
	first := entry("Harbour stays open", a1, body)
	type step struct {
		feed  int // 0 is that of the first entry
		after time.Duration
		entry news.EntryChange
		want  news.Committed
	}
	cases := []struct {
		name  string
		steps []step
		body  string // shown in the end
		count int    // of articles
	}{
		{"again", []step{{0, 0, first, news.Committed{}}}, body, 1},
		{"a new version", []step{{0, time.Hour, changed(first, func(a *news.Article) { a.Body = "<p>Short.</p>" }), news.Committed{Revised: 1}}}, "<p>Short.</p>", 1},
		{"a new version that shows the same", []step{{0, time.Hour, news.EntryChange{Key: first.Key, Content: digest("else"), Article: first.Article, Prints: first.Prints}, news.Committed{}}}, body, 1},
		{"same address in another feed", []step{{1, 200 * time.Hour, entry("Something else", a1, "<p>Short.</p>"), news.Committed{Merged: 1}}}, body, 1},
		{"same address, much longer", []step{{1, time.Hour, entry("Harbour", a1, text("long", 130)), news.Committed{Merged: 1}}}, text("long", 130), 1},
		{"same address, a little longer", []step{{1, time.Hour, entry("Harbour", a1, text("long", 115)), news.Committed{Merged: 1}}}, body, 1},
		{"same headline within two days", []step{{1, 48 * time.Hour, entry("HARBOUR stays open!", a2, "<p>x</p>"), news.Committed{Merged: 1}}}, body, 1},
		{"same headline later", []step{{1, 49 * time.Hour, entry("Harbour stays open", a2, "<p>x</p>"), news.Committed{New: 1}}}, "", 2},
		{"same text", []step{{1, 200 * time.Hour, entry("Other headline", a2, body+"<p>More.</p>"), news.Committed{Merged: 1}}}, body, 1},
		{"half the text", []step{{1, time.Hour, entry("Other headline", a2, text("harbour", 50)+text("other", 50)), news.Committed{New: 1}}}, "", 2},
		{"same short text", []step{{1, time.Hour, entry("Other headline", a2, text("harbour", 5)), news.Committed{New: 1}}}, "", 2},
		{"no headline, no address, no text", []step{{1, time.Hour, entry("", "", ""), news.Committed{New: 1}}, {1, time.Hour, changed(entry("", "", ""), func(a *news.Article) { a.Byline = "x" }), news.Committed{Revised: 1}}}, "", 2},
		{"the other feed's version changes", []step{
			{1, time.Hour, entry("Harbour", a1, "<p>Short.</p>"), news.Committed{Merged: 1}},
			{1, time.Hour, changed(entry("Harbour", a1, "<p>Short.</p>"), func(a *news.Article) { a.Body = "<p>Shorter</p>" }), news.Committed{}},
			{0, time.Hour, changed(first, func(a *news.Article) { a.Body = "<p>Leads.</p>" }), news.Committed{Revised: 1}},
		}, "<p>Leads.</p>", 1},
		{"the longer version leads from then on", []step{
			{1, time.Hour, entry("Harbour", a1, text("long", 130)), news.Committed{Merged: 1}},
			{0, time.Hour, changed(first, func(a *news.Article) { a.Body = text("led", 100) }), news.Committed{}},
			{1, time.Hour, changed(entry("Harbour", a1, text("long", 130)), func(a *news.Article) { a.Body = "<p>Leads.</p>" }), news.Committed{Revised: 1}},
		}, "<p>Leads.</p>", 1},
		{"known by its first address after a longer version came", []step{
			{1, time.Hour, entry("Harbour stays open", a2, text("long", 130)), news.Committed{Merged: 1}},
			{1, time.Hour, entry("Third", a1, "<p>x</p>"), news.Committed{Merged: 1}},
		}, text("long", 130), 1},
		{"withdrawn", []step{{0, time.Hour, news.EntryChange{Key: first.Key, Withdrawn: true}, news.Committed{Withdrawn: 1}}}, "", 1},
		{"withdrawn twice", []step{
			{0, time.Hour, news.EntryChange{Key: first.Key, Withdrawn: true}, news.Committed{Withdrawn: 1}},
			{0, time.Hour, news.EntryChange{Key: first.Key, Withdrawn: true}, news.Committed{}},
		}, "", 1},
		{"withdrawn and brought back", []step{
			{0, time.Hour, news.EntryChange{Key: first.Key, Withdrawn: true}, news.Committed{Withdrawn: 1}},
			{0, time.Hour, changed(first, func(a *news.Article) { a.Body = "<p>Back.</p>" }), news.Committed{Revised: 1}},
		}, "<p>Back.</p>", 1},
		{"withdrawn and brought back as it was", []step{
			{0, time.Hour, news.EntryChange{Key: first.Key, Withdrawn: true}, news.Committed{Withdrawn: 1}},
			{0, time.Hour, first, news.Committed{Revised: 1}},
		}, body, 1},
		{"withdrawn where another version leads", []step{
			{1, time.Hour, entry("Harbour", a1, "<p>Short.</p>"), news.Committed{Merged: 1}},
			{1, time.Hour, news.EntryChange{Key: digest("key Harbour" + a1), Withdrawn: true}, news.Committed{}},
		}, body, 1},
		{"unknown and withdrawn", []step{{0, time.Hour, news.EntryChange{Key: digest("unknown"), Withdrawn: true}, news.Committed{}}}, body, 1},
	}
	each(t, func(s store) {
		for _, tt := range cases {
			title := s.title("coast")
			feeds := []news.Feed{s.feed(title, "https://coast.example/feed"), s.feed(title, "https://coast.example/other")}
			s.commit(noon, brought(feeds[0], first))
			for i, step := range tt.steps {
				if got := s.commit(noon.Add(step.after), brought(feeds[step.feed], step.entry)); got != step.want {
					s.Errorf("%s: step %d: %+v, want %+v", tt.name, i, got, step.want)
				}
			}
			articles := s.all(title)
			if len(articles) != tt.count {
				s.Errorf("%s: %d articles, want %d", tt.name, len(articles), tt.count)
			}
			if len(articles) == 1 && s.only(title).Body != tt.body {
				s.Errorf("%s: shown body %.40q, want %.40q", tt.name, s.only(title).Body, tt.body)
			}
			s.must(s.RemoveTitle(s.Context(), title.Slug))
		}
	})
}

// TestWhatARevisionChanges looks at every field of a new version.
func TestWhatARevisionChanges(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		f := s.feed(title, "https://coast.example/feed")
		e := entry("Harbour", "https://coast.example/1", text("harbour", 50))
		e.Article.Published = noon.Add(time.Hour) // a clock that is fast
		e.Article.Section = "gossip"
		s.commit(noon, brought(f, e))
		want := e.Article
		want.ID, want.TitleID, want.Status, want.Section = 1, title.ID, news.Live, "world"
		want.Published, want.FirstSeen = noon, noon
		if diff := cmp.Diff(want, s.only(title)); diff != "" {
			s.Errorf("new article (-want +got):\n%s", diff)
		}
		e = changed(e, func(a *news.Article) {
			*a = news.Article{Section: "sport", Address: "https://coast.example/one", Headline: "Harbor\x00", Standfirst: "Stand\xff",
				Byline: "A. Writer", Language: "en", Picture: news.Picture{URL: "https://coast.example/p", Alt: "a", Caption: "b", Credit: "c"},
				Published: noon.Add(-time.Minute), Updated: noon.Add(time.Minute), Body: "<p>New text.</p>"}
		})
		s.commit(noon.Add(time.Hour), brought(f, e))
		want = e.Article
		want.ID, want.TitleID, want.Status, want.Headline, want.Standfirst = 1, title.ID, news.Live, "Harbor", "Stand\uFFFD"
		want.FirstSeen, want.Revised = noon, noon.Add(time.Hour)
		if diff := cmp.Diff(want, s.only(title)); diff != "" {
			s.Errorf("revised article (-want +got):\n%s", diff)
		}
	})
}

// TestDuplicatesInOneDocument commits entries that repeat each other at once.
func TestDuplicatesInOneDocument(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		f, g := s.feed(title, "https://coast.example/feed"), s.feed(title, "https://coast.example/other")
		body := text("same", 100)
		got := s.commit(noon,
			brought(f, entry("One", "https://coast.example/1", body), entry("Two", "https://coast.example/2", body), entry("One", "https://coast.example/1", body)),
			brought(g, entry("One!", "https://coast.example/3", "<p>x</p>")))
		if want := (news.Committed{New: 1, Merged: 2}); got != want {
			s.Errorf("Commit() = %+v, want %+v", got, want)
		}
		s.only(title)
	})
}

// TestLeadPasses checks that another feed takes over what an article shows
// when the feed that did is not checked any more.
func TestLeadPasses(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		f, g := s.feed(title, "https://coast.example/feed"), s.feed(title, "https://coast.example/other")
		e := entry("Harbour", "https://coast.example/1", text("harbour", 50))
		s.commit(noon, brought(f, e), brought(g, e))
		s.must(s.RemoveFeed(s.Context(), f.URL))
		got := s.commit(noon, brought(g, changed(e, func(a *news.Article) { a.Body = "<p>New.</p>" })))
		if got != (news.Committed{Revised: 1}) || s.only(title).Body != "<p>New.</p>" {
			s.Errorf("Commit() = %+v, body %.40q", got, s.only(title).Body)
		}
	})
}

// TestCopies checks that a text of another title is marked, and never merged.
func TestCopies(t *testing.T) {
	each(t, func(s store) {
		var titles []news.Title
		var feeds []news.Feed
		for _, slug := range []string{"agency", "coast", "valley"} {
			title := s.title(slug)
			titles, feeds = append(titles, title), append(feeds, s.feed(title, "https://"+slug+".example/feed"))
		}
		body := text("agency", 200)
		for i, want := range []news.Committed{{New: 1}, {New: 1, Copies: 1}, {New: 1, Copies: 1}} {
			e := entry("Same headline", "https://agency.example/1", body+strings.Repeat(fmt.Sprintf("<p>by%d</p>", i), i))
			if got := s.commit(noon.Add(time.Duration(i)*time.Minute), brought(feeds[i], e)); got != want {
				s.Errorf("title %d: %+v, want %+v", i, got, want)
			}
		}
		root := s.only(titles[0])
		for _, title := range titles[1:] {
			if a := s.only(title); a.CopyOf != root.ID {
				s.Errorf("%s copies %d, want %d", title.Slug, a.CopyOf, root.ID)
			}
		}
		s.wantCopies(root.ID, 2)
		s.wantListed(news.List{}, 1)
		s.wantListed(news.List{Section: "world"}, 1)
		s.wantListed(news.List{Copies: true}, 3)
		s.wantListed(news.List{Section: "world", Copies: true}, 3)
		s.wantListed(news.List{TitleID: titles[1].ID}, 1)

		// The second takes the place of the first when that goes.
		s.must(s.SetArticleStatus(s.Context(), root.ID, news.TakenDown, "by order", noon))
		s.wantCopies(s.only(titles[1]).ID, 1)
		s.wantListed(news.List{}, 1)
		s.must(s.RemoveTitle(s.Context(), "coast"))
		if a := s.only(titles[2]); a.CopyOf != 0 {
			s.Errorf("the last one copies %d", a.CopyOf)
		}
		s.wantListed(news.List{}, 1)
	})
}

func (s store) wantCopies(id int64, want int) {
	s.Helper()
	copies, err := s.CopiesOf(s.Context(), id)
	if err != nil || len(copies) != want {
		s.Errorf("CopiesOf(%d) = %d articles, %v; want %d", id, len(copies), err, want)
	}
}

func (s store) wantListed(l news.List, want int) {
	s.Helper()
	l.Limit = 100
	articles, err := s.Articles(s.Context(), l)
	if err != nil || len(articles) != want {
		s.Errorf("Articles(%+v) = %d articles, %v; want %d", l, len(articles), err, want)
	}
}

// TestCopyBecomesItsOwn has a title rewrite what it had copied, and copy again.
func TestCopyBecomesItsOwn(t *testing.T) {
	each(t, func(s store) {
		agency, coast := s.title("agency"), s.title("coast")
		body := text("agency", 200)
		s.commit(noon, brought(s.feed(agency, "https://agency.example/feed"), entry("A", "https://agency.example/1", body)))
		f, e := s.feed(coast, "https://coast.example/feed"), entry("B", "https://coast.example/1", body)
		s.commit(noon, brought(f, e))
		root := s.only(agency).ID
		for i, step := range []struct {
			body string
			want int64
		}{{body + "<p>More.</p>", root}, {text("own", 200), 0}, {body, root}} {
			s.commit(noon, brought(f, changed(e, func(a *news.Article) { a.Body = step.body })))
			if got := s.only(coast).CopyOf; got != step.want {
				s.Errorf("step %d: copies %d, want %d", i, got, step.want)
			}
		}
		s.wantListed(news.List{}, 1)
	})
}

// TestPageIsACopy finds a copy once the page has brought the text.
func TestPageIsACopy(t *testing.T) {
	each(t, func(s store) {
		agency, coast := s.title("agency"), s.title("coast")
		body := text("agency", 200)
		s.commit(noon, brought(s.feed(agency, "https://agency.example/feed"), entry("A", "https://agency.example/1", body)))
		s.commit(noon, brought(s.feed(coast, "https://coast.example/feed"), entry("B", "https://coast.example/1", "<p>Short.</p>")))
		page := news.PageChange{ArticleID: s.only(coast).ID, Body: body, Words: 200, Bands: news.Bands(body)}
		if got := s.commit(noon, news.Result{Page: &page}); got != (news.Committed{Revised: 1, Copies: 1}) {
			s.Errorf("Commit() = %+v", got)
		}
		if got, want := s.only(coast).CopyOf, s.only(agency).ID; got != want {
			s.Errorf("copies %d, want %d", got, want)
		}
	})
}

// TestTemplatedTexts brings many articles that look alike without being the
// same: each stays an article of its own.
func TestTemplatedTexts(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		f := s.feed(title, "https://coast.example/feed")
		var entries []news.EntryChange
		for i := range 60 {
			entries = append(entries, entry(fmt.Sprint("Weather ", i), fmt.Sprint("https://coast.example/", i), text("weather", 60)+text(fmt.Sprint("day", i), 40)))
		}
		if got := s.commit(noon, brought(f, entries...)); got.New != 60 {
			s.Errorf("Commit() = %+v, want 60 new", got)
		}
	})
}

// TestOneArticleHoweverManyBringIt has 8 feeds of two processes bring the same
// articles at the same time.
func TestOneArticleHoweverManyBringIt(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		feeds := make([]news.Feed, 8)
		for i := range feeds {
			feeds[i] = s.feed(title, fmt.Sprintf("https://coast.example/feed%d", i))
		}
		var made, merged atomic.Int64
		s.together(len(feeds), func(s store, i int) error {
			for n := range 10 {
				e := entry(fmt.Sprint("Headline ", n), "", text(fmt.Sprint("body", n), 60))
				done, err := s.Commit(s.Context(), news.Batch{Now: noon, Results: []news.Result{brought(feeds[i], e)}})
				if err != nil {
					return err
				}
				made.Add(int64(done.New))
				merged.Add(int64(done.Merged))
			}
			return nil
		})
		if made.Load() != 10 || merged.Load() != 70 || len(s.all(title)) != 10 {
			s.Errorf("%d new, %d merged, %d listed; want 10, 70, 10", made.Load(), merged.Load(), len(s.all(title)))
		}
	})
}

func TestStatusOfAnArticle(t *testing.T) {
	each(t, func(s store) {
		ctx := s.Context()
		title := s.title("coast")
		f := s.feed(title, "https://coast.example/feed")
		e := entry("Harbour", "https://coast.example/1", text("harbour", 60))
		e.Article.Standfirst, e.Article.Byline, e.Article.Picture.URL = "In short", "A. Writer", "https://coast.example/p"
		s.commit(noon, brought(f, e))
		id := s.only(title).ID

		s.must(s.SetArticleStatus(ctx, id, news.Retracted, "It was wrong.", noon))
		a, err := s.Article(ctx, id)
		if err != nil || a.Status != news.Retracted || a.Headline != "Harbour" || a.Notice != "It was wrong." || a.Body != "" || a.Standfirst != "" {
			s.Errorf("retracted: %+v, %v", a, err)
		}
		if got := s.commit(noon, brought(f, changed(e, func(a *news.Article) { a.Body = "<p>Insists.</p>" }))); got != (news.Committed{}) {
			s.Errorf("a new version of what the operator retracted: %+v", got)
		}
		s.wantListed(news.List{}, 1)
		s.must(s.SetArticleStatus(ctx, id, news.Live, "", noon))
		if a := s.only(title); a.Body != e.Article.Body || a.Notice != "" {
			s.Errorf("restored: %+v", a)
		}

		const inside = "https://coast.example/p?a=1&b=2"
		s.commit(noon, news.Result{Page: &news.PageChange{ArticleID: id, Words: 1, Picture: news.Picture{URL: "https://coast.example/lead"},
			Body: `<p>x <img src="https://coast.example/p?a=1&amp;b=2" alt=""></p>`}})
		withheld := func(address string) bool {
			is, err := s.Withheld(ctx, address)
			s.must(err)
			return is
		}
		if withheld(inside) || withheld("https://coast.example/lead") {
			s.Error("pictures of a live article are withheld")
		}
		s.must(s.SetArticleStatus(ctx, id, news.TakenDown, "By order of a court.", noon))
		if !withheld(inside) || !withheld("https://coast.example/lead") || withheld("https://coast.example/other") {
			s.Error("pictures of an article that was taken down are shown, or others are not")
		}
		a, err = s.Article(ctx, id)
		if !errors.Is(err, news.ErrGone) || a.Body+a.Headline+a.Standfirst+a.Byline+a.Picture.URL != "" || a.Address != e.Article.Address || a.Notice == "" {
			s.Errorf("taken down: %+v, %v", a, err)
		}
		for name, again := range map[string]news.EntryChange{
			"new version":         changed(e, func(a *news.Article) { a.Body = "<p>Again.</p>" }),
			"new key":             entry("Else", e.Article.Address, text("else", 200)),
			"new address":         entry("Harbour", "https://coast.example/2", text("else", 200)),
			"same text elsewhere": entry("Else", "https://coast.example/3", e.Article.Body),
		} {
			if got := s.commit(noon, brought(f, again)); got.New+got.Revised != 0 {
				s.Errorf("%s brings it back: %+v", name, got)
			}
		}
		s.commit(noon, news.Result{Page: &news.PageChange{ArticleID: id, Body: "<p>Again.</p>", Words: 1}})
		if a, _ := s.Article(ctx, id); a.Body != "" || a.Headline != "" {
			s.Errorf("after feeds and a page brought it again: %+v", a)
		}
		s.wantListed(news.List{}, 0)
		s.wantListed(news.List{TitleID: title.ID}, 0)

		for name, tt := range map[string]struct {
			id     int64
			status news.Status
			want   error
		}{
			"restore what was taken down": {id, news.Live, news.ErrGone},
			"unknown article":             {999, news.Retracted, news.ErrNotFound},
		} {
			if err := s.SetArticleStatus(ctx, tt.id, tt.status, "", noon); !errors.Is(err, tt.want) {
				s.Errorf("%s: %v, want %v", name, err, tt.want)
			}
		}
		s.commit(noon, brought(f, entry("Fine", "https://coast.example/9", "")))
		if err := s.SetArticleStatus(ctx, s.only(title).ID, "odd", "", noon); !errors.Is(err, news.ErrInvalid) {
			s.Errorf("unknown status: %v, want ErrInvalid", err)
		}
	})
}

package newsdb_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"understory/news"
)

// TestPaging walks lists page by page: every article comes once, newest first,
// though many have the same time.
func TestPaging(t *testing.T) {
	each(t, func(s store) {
		coast, alps := s.title("coast"), s.title("alps")
		for i, title := range []news.Title{coast, alps} {
			f := s.feed(title, "https://"+title.Slug+".example/feed")
			var entries []news.EntryChange
			for n := range 30 {
				e := entry(fmt.Sprint(title.Slug, " ", n), "", "")
				e.Article.Published = noon.Add(-time.Duration(n/7) * time.Hour)
				e.Article.Section = []string{"world", "sport"}[n%2]
				if i == 1 && n < 5 { // copies of the first title's
					e = changed(e, func(a *news.Article) { a.Body = text(fmt.Sprint("agency", n), 100) })
				} else if n < 5 {
					e = changed(e, func(a *news.Article) { a.Body = text(fmt.Sprint("agency", n), 101) })
				}
				entries = append(entries, e)
			}
			s.commit(noon, brought(f, entries...))
		}
		var all []news.Article
		for _, title := range []news.Title{coast, alps} {
			all = append(all, s.all(title)...)
		}
		slices.SortFunc(all, func(x, y news.Article) int {
			return cmp.Or(y.Published.Compare(x.Published), cmp.Compare(y.ID, x.ID))
		})
		for _, l := range []news.List{{}, {Section: "sport"}, {Copies: true}, {Section: "world", Copies: true}, {TitleID: alps.ID}, {TitleID: alps.ID, Section: "world"}, {Section: "opinion"}} {
			var want, got []int64
			for _, a := range all {
				if (l.Section == "" || a.Section == l.Section) && (l.TitleID == 0 || a.TitleID == l.TitleID) && (l.Copies || l.TitleID != 0 || a.CopyOf == 0) {
					want = append(want, a.ID)
				}
			}
			for l.Limit = 4; ; {
				page, err := s.Articles(s.Context(), l)
				s.must(err)
				for _, a := range page {
					got = append(got, a.ID)
				}
				if len(page) < l.Limit {
					break
				}
				l.After = news.Mark{Published: page[3].Published, ID: page[3].ID}
			}
			if !slices.Equal(got, want) {
				s.Errorf("%+v:\n got %v\nwant %v", l, got, want)
			}
		}
	})
}

func TestUnknownArticle(t *testing.T) {
	each(t, func(s store) {
		if _, err := s.Article(s.Context(), 1); !errors.Is(err, news.ErrNotFound) {
			s.Errorf("Article() = %v, want ErrNotFound", err)
		}
	})
}

package newsdb_test

import (
	"testing"

	"understory/news"
)

func TestIdentity(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		f := s.feed(title, "https://coast.example/feed")
		e := entry("Harbour stays open", "https://coast.example/1", text("harbour", 100))
		if got := s.commit(noon, brought(f, e)); got != (news.Committed{New: 1}) {
			s.Errorf("first: %+v", got)
		}
		if got := s.commit(noon, brought(f, e)); got != (news.Committed{}) {
			s.Errorf("again: %+v", got)
		}
		e.Article.Body, e.Content = text("harbour", 110), digest("other")
		if got := s.commit(noon, brought(f, e)); got != (news.Committed{Revised: 1}) {
			s.Errorf("changed: %+v", got)
		}
		if a := s.only(title); a.Body != e.Article.Body || a.Revised != noon {
			s.Errorf("article %+v", a)
		}
	})
}

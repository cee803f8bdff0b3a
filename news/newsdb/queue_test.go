package newsdb_test

import (
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
		leases := s.lease(noon, 10, 10)
		if len(leases) != 1 || leases[0].Host != "coast.example" || len(leases[0].Work) != 1 {
			s.Fatalf("leased %+v, want one piece of work at coast.example", leases)
		}
		w := leases[0].Work[0]
		if w.Kind != news.WorkFeed || w.Feed.ID != f.ID || w.Title.ID != title.ID || !w.Due.Equal(noon) {
			s.Errorf("leased %+v", w)
		}
		state := news.FeedState{Status: news.FeedActive, Checked: noon, Changed: noon, ETag: "\"\xff\x00\"", LastModified: "yesterday\xe9",
			Body: "d1", Interval: time.Hour, Skip: 1 << 30, Reason: "as usual", Failures: 2, Error: "broken\x00pipe\xff", HTTPStatus: 304, Format: "rss2.0",
			Mended: "a tag", MoveTo: "https://new.example/", MoveSeen: 2, MoveFirst: noon}
		done, err := s.Commit(s.Context(), news.Batch{Now: noon,
			Results:  []news.Result{{WorkID: w.ID, Host: leases[0].Host, Token: leases[0].Token, FeedID: f.ID, State: &state, Next: noon.Add(time.Hour)}},
			Releases: []news.Release{{Host: leases[0].Host, Token: leases[0].Token, Free: noon.Add(time.Second)}}})
		if err != nil || done != (news.Committed{}) {
			s.Fatalf("Commit() = %+v, %v", done, err)
		}
		got, _, _, err := s.Feed(s.Context(), f.URL)
		s.must(err)
		state.Next, state.Error = noon.Add(time.Hour), "brokenpipe\uFFFD"
		if diff := cmp.Diff(state, got.State); diff != "" {
			s.Errorf("state (-want +got):\n%s", diff)
		}
		_, next, err := s.Lease(s.Context(), news.Ask{Now: noon, Hosts: 1, PerHost: 1, For: time.Minute})
		if err != nil || !next.Equal(noon.Add(time.Hour)) {
			s.Errorf("next is due at %v, %v; want in an hour", next, err)
		}
	})
}

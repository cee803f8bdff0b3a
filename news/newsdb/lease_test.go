package newsdb_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"understory/kit/sqlkit"
	"understory/news"
)

func TestLeaseOrderAndLimits(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		for i, url := range []string{"https://b.example/1", "https://b.example/2", "https://a.example/1", "https://c.example/1", "https://b.example/3"} {
			_, err := s.PutFeed(s.Context(), news.Feed{TitleID: title.ID, URL: url}, noon.Add(time.Duration(i)*time.Minute))
			s.must(err)
		}
		ask := func(a news.Ask) (got []string) {
			a.Now, a.For = noon.Add(3*time.Minute), time.Minute
			leases, _, err := s.Lease(s.Context(), a)
			s.must(err)
			for _, l := range leases {
				for _, w := range l.Work {
					got = append(got, l.Host+" "+w.Feed.URL)
				}
			}
			return got
		}
		if diff := cmp.Diff([]string{"c.example https://c.example/1"}, ask(news.Ask{Host: "c.example", Hosts: 5, PerHost: 5})); diff != "" {
			s.Errorf("one host (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"b.example https://b.example/1"}, ask(news.Ask{Hosts: 1, PerHost: 1})); diff != "" {
			s.Errorf("one piece of work (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"a.example https://a.example/1"}, ask(news.Ask{Hosts: 5, PerHost: 5})); diff != "" {
			s.Errorf("what is left (-want +got):\n%s", diff)
		}
	})
}

// TestLeasesDoNotOverlap has 8 workers of 2 processes check 120 feeds on 40
// hosts: nobody ever works on a host beside another, and every feed is checked
// exactly once.
func TestLeasesDoNotOverlap(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		for i := range 120 {
			s.feed(title, fmt.Sprintf("https://host%d.example/%d", i%40, i))
		}
		var mu sync.Mutex
		held, checks := map[string]bool{}, map[int64]int{}
		work := func(s store) error {
			for {
				leases, next, err := s.Lease(s.Context(), news.Ask{Now: noon, Hosts: 3, PerHost: 2, For: time.Hour})
				if err != nil {
					return err
				}
				if len(leases) == 0 && (next.IsZero() || next.After(noon.Add(time.Minute))) {
					return nil
				}
				batch := news.Batch{Now: noon}
				mu.Lock()
				for _, l := range leases {
					if held[l.Host] {
						err = fmt.Errorf("%s is leased twice", l.Host)
					}
					held[l.Host] = true
					for _, w := range l.Work {
						checks[w.Feed.ID]++
						batch.Results = append(batch.Results, news.Result{WorkID: w.ID, Host: l.Host, Token: l.Token,
							FeedID: w.Feed.ID, State: &w.Feed.State, Next: noon.Add(2 * time.Hour)})
					}
					batch.Releases = append(batch.Releases, news.Release{Host: l.Host, Token: l.Token, Free: noon})
				}
				mu.Unlock()
				if err != nil {
					return err
				}
				if _, err := s.Titles(s.Context()); err != nil { // the work itself
					return err
				}
				mu.Lock()
				for _, l := range leases {
					delete(held, l.Host)
				}
				mu.Unlock()
				if done, err := s.Commit(s.Context(), batch); err != nil || done.Stale != 0 {
					return fmt.Errorf("Commit() = %+v, %w", done, err)
				}
			}
		}
		s.together(8, func(s store, _ int) error { return work(s) })
		if len(checks) != 120 {
			s.Errorf("%d feeds were checked, want 120", len(checks))
		}
		for id, n := range checks {
			if n != 1 {
				s.Errorf("feed %d was checked %d times", id, n)
			}
		}
	})
}

// together runs n workers at the same time, on two handles of the store.
func (s store) together(n int, work func(s store, i int) error) {
	s.Helper()
	handles := []store{s, s.again()}
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = work(handles[i%2], i) })
	}
	wg.Wait()
	s.must(errors.Join(errs...))
}

// TestOperatorMeddles has the operator's commands run beside workers whose
// titles share hosts: nobody is refused, whatever waits for whatever.
func TestOperatorMeddles(t *testing.T) {
	each(t, func(s store) {
		var feeds []news.Feed
		for i := range 6 {
			title, err := s.PutTitle(s.Context(), news.Title{Slug: fmt.Sprint("t", i), Name: "T", Section: "world", Pages: true})
			s.must(err)
			feeds = append(feeds, s.feed(title, fmt.Sprintf("https://host%d.example/feed", i)))
		}
		worker := func(s store, me int) error {
			for n := range 10 {
				leases, _, err := s.Lease(s.Context(), news.Ask{Now: noon, Hosts: 2, PerHost: 2, For: time.Hour})
				if err != nil {
					return err
				}
				batch := news.Batch{Now: noon}
				for _, l := range leases {
					for _, w := range l.Work {
						r := news.Result{WorkID: w.ID, Host: l.Host, Token: l.Token, Done: true}
						if w.Kind == news.WorkFeed {
							r.Done, r.Next, r.FeedID, r.State = false, noon, w.Feed.ID, &w.Feed.State
							id := fmt.Sprint(me, " ", n, " ", w.ID)
							r.Entries = []news.EntryChange{entry("Headline "+id, fmt.Sprintf("https://host%d.example/%s", (me+n)%6, id), text(id, 50))}
						}
						batch.Results = append(batch.Results, r)
					}
					batch.Releases = append(batch.Releases, news.Release{Host: l.Host, Token: l.Token})
				}
				if _, err := s.Commit(s.Context(), batch); err != nil {
					return err
				}
			}
			return nil
		}
		s.together(8, func(s store, me int) error {
			if me < 6 {
				return worker(s, me)
			}
			for n := range 30 {
				err := errors.Join(s.CheckNow(s.Context(), feeds[n%6].ID, noon, "asked for"),
					s.SetStatus(s.Context(), feeds[(n+me)%6].ID, news.FeedOff),
					s.SetStatus(s.Context(), feeds[(n+me)%6].ID, news.FeedActive))
				if err != nil {
					return err
				}
			}
			return nil
		})
	})
}

// TestQueuedWhileReleased queues a page at a host whose lease another process
// is just giving back, without yet knowing of the page: in the end the host is
// due for it.
func TestQueuedWhileReleased(t *testing.T) {
	s := onPostgreSQL(t) // SQLite has one writer at a time
	title, err := s.PutTitle(s.Context(), news.Title{Slug: "coast", Name: "Coast", Section: "world", Pages: true})
	s.must(err)
	f := s.feed(title, "https://coast.example/feed")
	s.leaseOne(noon)
	raw, err := sqlkit.Open(s.Context(), s.config)
	s.must(err)
	defer raw.Close()

	queued := make(chan error, 1)
	s.must(raw.InTx(s.Context(), func(tx *sqlkit.Tx) error {
		if _, err := tx.Exec(s.Context(), "SELECT name FROM host FOR UPDATE"); err != nil {
			return err
		}
		go func() {
			_, err := s.Commit(s.Context(), news.Batch{Now: noon, Results: []news.Result{brought(f, entry("A", "https://coast.example/1", ""))}})
			queued <- err
		}()
		for waiting := 0; waiting == 0; {
			if len(queued) > 0 {
				return errors.New("the commit did not wait for the release")
			}
			err := raw.QueryRow(s.Context(), "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").Scan(&waiting)
			if err != nil {
				return err
			}
		}
		_, err := tx.Exec(s.Context(), "UPDATE host SET token = 0, due = ?", noon.Add(time.Hour).UnixMilli())
		return err
	}))
	s.must(<-queued)
	if l := s.lease(noon, 1, 5); len(l) != 1 || len(l[0].Work) != 2 || l[0].Work[1].Kind != news.WorkPage {
		s.Errorf("leased %+v, want the feed, which was not checked, and the page", l)
	}
}

func TestLapsedLease(t *testing.T) {
	each(t, func(s store) {
		s.feed(s.title("coast"), "https://coast.example/feed")
		state := news.FeedState{Status: news.FeedActive}
		later := noon.Add(time.Hour)

		crashed := s.leaseOne(noon)
		s.wantNext(noon.Add(59*time.Second), noon.Add(time.Minute))
		taken := s.again().leaseOne(noon.Add(time.Minute))
		if taken.Token == crashed.Token {
			s.Error("both leases have the same token")
		}
		if done := s.finish(noon, crashed, news.Result{State: &state, Next: later.Add(time.Hour)}); done != (news.Committed{Stale: 1}) {
			s.Errorf("late commit: %+v, want it to be stale", done)
		}
		s.wantNext(noon.Add(time.Minute), noon.Add(2*time.Minute)) // the release did nothing either
		if done := s.finish(noon.Add(3*time.Minute), taken, news.Result{State: &state, Next: later}); done != (news.Committed{}) {
			s.Errorf("commit of a lapsed lease that nobody took: %+v", done)
		}
		s.wantNext(noon.Add(3*time.Minute), later)
	})
}

func TestHostIsSpared(t *testing.T) {
	each(t, func(s store) {
		title := s.title("coast")
		f := s.feed(title, "https://coast.example/1")
		s.feed(title, "https://coast.example/2")
		l := s.lease(noon, 1, 1)[0]
		_, err := s.Commit(s.Context(), news.Batch{Now: noon, Releases: []news.Release{{Host: l.Host, Token: l.Token, Free: noon.Add(time.Second)}}})
		s.must(err)
		s.wantNext(noon, noon.Add(time.Second))
		s.must(s.CheckNow(s.Context(), f.ID, noon, "asked for"))
		s.wantNext(noon, noon.Add(time.Second))
		if l := s.lease(noon.Add(time.Second), 1, 5)[0]; len(l.Work) != 2 {
			s.Errorf("leased %+v, want two pieces of work", l)
		}
		s.must(s.CheckNow(s.Context(), f.ID, noon, "asked for again"))
		s.wantNext(noon.Add(time.Second), noon.Add(time.Minute+time.Second)) // it is leased
	})
}

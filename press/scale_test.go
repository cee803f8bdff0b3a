package press_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"understory/press"
)

func TestScaleRounds(t *testing.T) {
	for _, tt := range []struct {
		name       string
		mix        press.Mix
		wantStatus int
		wantItems  int
	}{
		{name: "not modified", mix: press.Mix{NotModified: 1}, wantStatus: http.StatusNotModified, wantItems: 5},
		{name: "nothing new", mix: press.Mix{NothingNew: 1}, wantStatus: http.StatusOK, wantItems: 5},
		{name: "new item", mix: press.Mix{NewItem: 1}, wantStatus: http.StatusOK, wantItems: 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := press.NewScale(press.ScaleConfig{Feeds: 20, Items: 5, ItemBytes: 400, Mix: tt.mix, Now: noon})
			base, client := start(t, s)
			res, first := get(t, client, s.FeedURL(base, 3))
			s.NextRound()
			req, err := http.NewRequest(http.MethodGet, s.FeedURL(base, 3), nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("If-None-Match", res.Header.Get("ETag"))
			again, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			again.Body.Close()
			if again.StatusCode != tt.wantStatus || s.Items(3) != tt.wantItems {
				t.Errorf("status %d with %d items, want %d with %d", again.StatusCode, s.Items(3), tt.wantStatus, tt.wantItems)
			}
			_, second := get(t, client, s.FeedURL(base, 3))
			if newItem := links(t, second)[0] != links(t, first)[0]; newItem != (tt.wantItems == 6) {
				t.Errorf("new item: %v", newItem)
			}
		})
	}
}

func links(t *testing.T, feed string) []string {
	t.Helper()
	parsed, err := gofeed.NewParser().ParseString(feed)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, item := range parsed.Items {
		all = append(all, item.Link)
	}
	return all
}

func TestScaleNothingNewChangesBuildDateOfHalf(t *testing.T) {
	s := press.NewScale(press.ScaleConfig{Feeds: 200, Items: 1, ItemBytes: 100, Mix: press.Mix{NothingNew: 1}, Now: noon})
	base, client := start(t, s)
	before := make([]string, 200)
	for i := range before {
		_, before[i] = get(t, client, s.FeedURL(base, i))
	}
	s.NextRound()
	changed := 0
	for i := range before {
		if _, now := get(t, client, s.FeedURL(base, i)); now != before[i] {
			changed++
		}
	}
	if changed < 70 || changed > 130 {
		t.Errorf("%d of 200 changed their build date, want about half", changed)
	}
}

func TestScaleCountsWhatIsImpolite(t *testing.T) {
	now := noon()
	var mu sync.Mutex
	clock := func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	s := press.NewScale(press.ScaleConfig{Feeds: 2, Items: 1, Interval: time.Minute, Delay: 20 * time.Millisecond, Now: clock})
	base, client := start(t, s)
	get(t, client, s.FeedURL(base, 0))
	get(t, client, s.FeedURL(base, 0)) // early, and again in the same round
	mu.Lock()
	now = now.Add(time.Hour)
	mu.Unlock()
	s.NextRound()
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			res, err := client.Get(s.FeedURL(base, 1))
			if err != nil {
				t.Error(err)
				return
			}
			res.Body.Close()
		})
	}
	wg.Wait()
	got := s.Stats()
	if got.Requests != 7 || got.Early != 1 || got.Repeated != 1 || got.MaxPerHost < 2 || got.MaxPerHost > 5 || s.Asked(1) != 5 {
		t.Errorf("%+v", got)
	}
}

func TestScaleCountsConnections(t *testing.T) {
	s := press.NewScale(press.ScaleConfig{Feeds: 2, Items: 1})
	srv := httptest.NewUnstartedServer(s)
	s.Watch(srv.Config)
	srv.Start()
	defer srv.Close()
	base := "localhost:1"
	for range 3 { // each client opens a connection of its own and keeps it
		req, err := http.NewRequest(http.MethodGet, srv.URL+"/feed/0.xml", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = strings.TrimPrefix(s.FeedURL(base, 0), "http://")
		req.Host, _, _ = strings.Cut(req.Host, "/")
		transport := &http.Transport{}
		defer transport.CloseIdleConnections()
		res, err := (&http.Client{Transport: transport}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil { // or the connection would not be kept
			t.Fatal(err)
		}
		res.Body.Close()
	}
	if got := s.Stats().MaxConns; got != 3 {
		t.Errorf("%d connections, want 3", got)
	}
}

func TestScaleIsTheSameForASeed(t *testing.T) {
	read := func(seed uint64) string {
		s := press.NewScale(press.ScaleConfig{Feeds: 3, Seed: seed, Now: noon})
		s.NextRound()
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, httptest.NewRequest(http.MethodGet, s.FeedURL("localhost:1", 2), nil))
		return rec.Body.String()
	}
	first, again := read(7), read(7)
	if first != again {
		t.Error("two presses of one seed differ")
	}
	if first == read(8) {
		t.Error("two seeds give one press")
	}
	if n := len(first); n < 140_000 || n > 190_000 {
		t.Errorf("a default feed has %d bytes, want about 150 kB", n)
	}
}

func BenchmarkScaleFull(b *testing.B) { benchmarkScale(b, false) }

func BenchmarkScaleNotModified(b *testing.B) { benchmarkScale(b, true) }

func benchmarkScale(b *testing.B, conditional bool) {
	s := press.NewScale(press.ScaleConfig{Feeds: 1000})
	req := httptest.NewRequest(http.MethodGet, s.FeedURL("localhost:1", 7), nil)
	if conditional {
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, req)
		req.Header.Set("If-None-Match", rec.Header().Get("ETag"))
	}
	for b.Loop() {
		s.ServeHTTP(&discard{h: http.Header{}}, req)
	}
}

// discard is a ResponseWriter that keeps nothing.
type discard struct{ h http.Header }

func (d *discard) Header() http.Header         { return d.h }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

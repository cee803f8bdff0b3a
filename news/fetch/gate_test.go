package fetch

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestGateSpacesRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2, time.Second)
		start := time.Now()
		inside, most := 0, 0
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				leave, err := g.enter(t.Context(), "a.example")
				if err != nil {
					t.Error(err)
					return
				}
				defer leave()
				mu.Lock()
				inside++
				most = max(most, inside)
				mu.Unlock()
				time.Sleep(3 * time.Second)
				mu.Lock()
				inside--
				mu.Unlock()
			})
		}
		wg.Wait()
		// Two at a time, started a second apart, three seconds each.
		if took := time.Since(start); took != 10*time.Second || most != 2 {
			t.Errorf("took %v with %d at once; want 10s with 2", took, most)
		}
		if leave, err := g.enter(t.Context(), "b.example"); err != nil || time.Since(start) != 10*time.Second {
			t.Errorf("another host had to wait: %v", err)
		} else {
			leave()
		}
	})
}

func TestGateGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1, 0)
		leave, _ := g.enter(t.Context(), "a")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.enter(ctx, "a"); err != context.DeadlineExceeded {
			t.Errorf("error = %v", err)
		}
		leave()
		if leave, err := g.enter(t.Context(), "a"); err != nil {
			t.Error(err)
		} else {
			leave()
		}
		if n := g.hosts["a"].users; n != 0 {
			t.Errorf("%d users left", n)
		}
	})
}

func TestGateForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(2, time.Second)
		for i := range 20 * minSweep {
			leave, _ := g.enter(t.Context(), fmt.Sprint(i))
			leave()
			time.Sleep(10 * time.Millisecond)
		}
		if len(g.hosts) > 2*minSweep {
			t.Errorf("%d hosts remembered", len(g.hosts))
		}
	})
}

func TestConnectionsToAHost(t *testing.T) {
	var mu sync.Mutex
	open, most := 0, 0
	both := make(chan struct{}) // closed when two requests are inside
	inside := 0
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if inside++; inside == 2 {
			close(both)
		}
		mu.Unlock()
		<-both
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		mu.Lock()
		defer mu.Unlock()
		switch state {
		case http.StateNew:
			open++
			most = max(most, open)
		case http.StateClosed:
			open--
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	c := local(t, nil)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, err := c.Get(t.Context(), Request{URL: s.URL}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	if most != 2 {
		t.Errorf("%d connections at once; want 2", most)
	}
}

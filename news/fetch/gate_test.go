package fetch

import (
	"context"
	"fmt"
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

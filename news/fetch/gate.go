package fetch

import (
	"context"
	"sync"
	"time"
)

// gate spares each host: so many requests at once, so long between two.
type gate struct {
	perHost int
	pause   time.Duration

	mu    sync.Mutex
	hosts map[string]*host
	sweep int // forget idle hosts when there are this many
}

type host struct {
	slots chan struct{} // full: as many requests as the host gets at once
	users int           // waiting or inside; under gate.mu
	next  time.Time     // when the next request may start; under gate.mu
}

const minSweep = 1024

func newGate(perHost int, pause time.Duration) *gate {
	return &gate{perHost: perHost, pause: pause, hosts: map[string]*host{}, sweep: minSweep}
}

// enter waits for a turn at a host. Whoever got one calls leave after the
// request.
func (g *gate) enter(ctx context.Context, name string) (leave func(), err error) {
	h := g.join(name)
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		g.quit(h)
		return nil, ctx.Err()
	}
	leave = func() { <-h.slots; g.quit(h) }
	if err := sleep(ctx, g.turn(h)); err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}

func (g *gate) join(name string) *host {
	g.mu.Lock()
	defer g.mu.Unlock()
	h := g.hosts[name]
	if h == nil {
		g.forget()
		h = &host{slots: make(chan struct{}, g.perHost)}
		g.hosts[name] = h
	}
	h.users++
	return h
}

func (g *gate) quit(h *host) {
	g.mu.Lock()
	defer g.mu.Unlock()
	h.users--
}

// turn takes the host's next turn and returns how long it is until then.
func (g *gate) turn(h *host) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if h.next.Before(now) {
		h.next = now
	}
	wait := h.next.Sub(now)
	h.next = h.next.Add(g.pause)
	return wait
}

// forget drops the hosts that need no more sparing, once there are twice as
// many as last time, so that it costs little a request.
func (g *gate) forget() {
	if len(g.hosts) < g.sweep {
		return
	}
	now := time.Now()
	for name, h := range g.hosts {
		if h.users == 0 && !h.next.After(now) {
			delete(g.hosts, name)
		}
	}
	g.sweep = max(minSweep, 2*len(g.hosts))
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

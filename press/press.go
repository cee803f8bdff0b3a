// Package press is a small press of invented titles: newspapers, magazines and
// a news agency that do not exist, in places that do not exist, with web sites,
// feeds, pictures and a WebSub hub of their own on loopback.
//
// It has two faces. [Press] is the press of the demo: written articles, released
// one by one for as long as it runs, on sites with characters and with some of
// the faults that real feeds have. [Scale] is the press of the tests and the
// benchmarks: any number of feeds of any size, with any mixture of [Fault].
// Every site and every article says in a sentence that it is invented.
//
// It fetches nothing but the callbacks of its own hub, on loopback, and keeps
// everything in memory. It is used by cmd for the demo, by bench, and by tests.
package press

import (
	"cmp"
	"context"
	"html/template"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"understory/press/drawing"
)

// Bounds of what the press keeps, so that a demo left running stays small.
const (
	feedLen     = 30  // items in a feed
	keepLen     = 300 // newest articles kept for each title; older pages are gone
	pictureLen  = 96  // rendered pictures kept, about 100 kB each
	defaultPace = 8 * time.Second
)

// Config says how a [Press] runs. The zero value is a working press.
type Config struct {
	Seed   uint64           // chooses the order of articles and the faces of pictures
	Every  time.Duration    // pace of new articles in Run; 0 means 8 s, below 0 means only Publish
	Titles []string         // slugs of the titles to run; empty means all
	Now    func() time.Time // nil means time.Now
}

// Press is a running press. Its methods may be called from many goroutines.
type Press struct {
	cfg      Config
	profiles []*profile
	sites    map[string]*site
	hub      *hub
	pictures *drawing.Cache
	pages    map[string]*template.Template

	mu       sync.RWMutex // guards timeline and the sites' articles
	timeline timeline
}

// site is what one title has published so far.
type site struct {
	*profile
	articles []*article          // newest first; each is never changed, only replaced
	byPath   map[string]*article // by path of the address
	asked    sync.Map            // feed path to *atomic.Int64, requests so far
}

// New makes a press with the older part of its written articles already published.
func New(cfg Config) *Press {
	cfg.Every = cmp.Or(cfg.Every, defaultPace)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	p := &Press{
		cfg:      cfg,
		sites:    map[string]*site{},
		pictures: drawing.NewCache(pictureLen),
		pages:    parsePages(),
	}
	for _, t := range profiles() {
		if len(cfg.Titles) == 0 || slices.Contains(cfg.Titles, t.Slug) {
			p.profiles = append(p.profiles, t)
			p.sites[t.Slug] = &site{profile: t, byPath: map[string]*article{}}
		}
	}
	p.hub = newHub(p)
	p.timeline = newTimeline(cfg.Seed, p.sites)
	p.publishBacklog()
	return p
}

// Titles describes the titles of the press as they are found on base, the host
// and port that serve it, such as "localhost:8091".
func (p *Press) Titles(base string) []Title {
	var all []Title
	for _, t := range p.profiles {
		all = append(all, t.at(base))
	}
	return all
}

// Run publishes at the pace of the configuration and delivers to the hub's
// subscribers until ctx ends, whose error it returns.
func (p *Press) Run(ctx context.Context) error {
	var hub sync.WaitGroup
	hub.Go(func() { p.hub.run(ctx) })
	defer hub.Wait()
	if p.cfg.Every < 0 {
		<-ctx.Done()
		return ctx.Err()
	}
	tick := time.NewTicker(p.cfg.Every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			p.Publish()
		}
	}
}

// ServeHTTP serves every site of the press by the host of the request:
// SLUG.localhost, hub.localhost, and a list of the titles on any other.
func (p *Press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch name := hostLabel(r.Host); name {
	case "hub":
		p.hub.ServeHTTP(w, r)
	default:
		if s, ok := p.sites[name]; ok {
			p.serveSite(w, r, s)
			return
		}
		p.serveIndex(w, r)
	}
}

// hostLabel returns the part of host before ".localhost", or "".
func hostLabel(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	name, ok := strings.CutSuffix(strings.ToLower(host), ".localhost")
	if !ok {
		return ""
	}
	return name
}

// baseOf returns the host and port that serve the press, from the host of any
// of its sites: "localhost:8091" for "fathom.localhost:8091".
func baseOf(host string) string {
	if i := strings.Index(host, "localhost"); i >= 0 {
		return host[i:]
	}
	return host
}

// random returns the generator for one numbered decision of a seed, so that no
// decision depends on how many came before it.
func random(seed uint64, n int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(n)*0x9e3779b97f4a7c15+1))
}

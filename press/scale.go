package press

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// ScaleConfig says how large a [Scale] is and how it behaves. Zero values take
// the defaults named here.
type ScaleConfig struct {
	Feeds     int               // how many; 1000
	Items     int               // items in each feed; 30
	ItemBytes int               // bytes of text in an item, about; 5000
	PerHost   int               // feeds on one host; 1
	Seed      uint64            // of texts, rounds and faults
	Mix       Mix               // what a round brings; 70% 304, 20% nothing new, 10% new
	Faults    map[Fault]float64 // share of the feeds, 0 to 1, that always has a fault
	Interval  time.Duration     // told as max-age; a request before it has passed is counted as early; 0 counts none
	Delay     time.Duration     // before each answer
	Now       func() time.Time  // nil means time.Now
}

// Mix is what a new round brings, in shares that add up to 1.
type Mix struct {
	NotModified float64 // 304 to a client that sends its validators
	NothingNew  float64 // 200 in spite of validators; half of them differ in their build date, half in no byte
	NewItem     float64 // one new item
}

// Stats is what a Scale has counted since it was made.
type Stats struct {
	Requests    int64 // for feeds
	NotModified int64 // answered 304
	Full        int64 // answered 200
	Bytes       int64 // of the bodies of those
	Early       int64 // sooner than Interval after the last answer, or than a Retry-After
	Repeated    int64 // for a feed that was already answered in this round
	MaxPerHost  int64 // most requests that one host was answering at a time
	MaxConns    int64 // most connections that were open to one host; only with [Scale.Watch]
}

// Scale serves many plain feeds from little memory. Feed i of host h is found at
// FeedURL; its items' pages are at their links; any fault can be had from any
// feed at FaultURL. Its methods may be called from many goroutines.
type Scale struct {
	cfg     ScaleConfig
	start   time.Time
	prose   *prose
	feeds   []scaleFeed
	hosts   []scaleHost
	round   atomic.Int64
	buffers sync.Pool // of *[]byte, space for feeds being written
	totals  struct{ requests, notModified, full, bytes, early, repeated, maxPerHost, maxConns atomic.Int64 }
}

// scaleFeed is the state of one feed.
type scaleFeed struct {
	fault Fault // never changes

	mu       sync.Mutex
	added    int       // items that rounds have brought
	builds   int       // changes of the build date
	version  int       // changes of the validators
	asked    int64     // requests so far
	answered int64     // round of the last 200 or 304, counted from 1
	next     time.Time // when it may be asked again
}

type scaleHost struct{ busy, conns atomic.Int64 }

// NewScale makes the feeds of a benchmark or a test. Equal configurations serve
// equal bytes, but for the dates, which begin an hour before Now.
func NewScale(cfg ScaleConfig) *Scale {
	cfg.Feeds = cmp.Or(cfg.Feeds, 1000)
	cfg.Items = cmp.Or(cfg.Items, 30)
	cfg.ItemBytes = cmp.Or(cfg.ItemBytes, 5000)
	cfg.PerHost = cmp.Or(cfg.PerHost, 1)
	cfg.Mix = cmp.Or(cfg.Mix, Mix{NotModified: 0.7, NothingNew: 0.2, NewItem: 0.1})
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	s := &Scale{
		cfg: cfg, start: cfg.Now().UTC().Truncate(time.Second).Add(-time.Hour), prose: newProse(cfg.Seed),
		feeds: make([]scaleFeed, cfg.Feeds), hosts: make([]scaleHost, (cfg.Feeds+cfg.PerHost-1)/cfg.PerHost),
		buffers: sync.Pool{New: func() any { return new([]byte) }},
	}
	for i := range s.feeds {
		s.feeds[i].fault = s.faultOf(i)
	}
	return s
}

// faultOf gives each fault its share of the feeds.
func (s *Scale) faultOf(i int) Fault {
	at := random(s.cfg.Seed, i).Float64()
	for _, f := range Faults() {
		if at -= s.cfg.Faults[f]; at < 0 {
			return f
		}
	}
	return None
}

// FeedURL is the address of feed i, from 0, on a press found at base, such as "localhost:8091".
func (s *Scale) FeedURL(base string, i int) string {
	return fmt.Sprintf("http://%s.%s/feed/%d.xml", s.hostName(i), base, i)
}

// FaultURL is the address of feed i with a fault, whatever fault it has of its own.
func (s *Scale) FaultURL(base string, i int, f Fault) string {
	return fmt.Sprintf("http://%s.%s/fault/%s/%d.xml", s.hostName(i), base, f, i)
}

func (s *Scale) hostName(i int) string { return fmt.Sprintf("t%05d", i/s.cfg.PerHost+1) }

// Fault returns the fault that feed i always has.
func (s *Scale) Fault(i int) Fault { return s.feeds[i].fault }

// Asked returns how often feed i was asked for.
func (s *Scale) Asked(i int) int64 {
	f := &s.feeds[i]
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

// Items returns how many different items feed i has had so far, the old ones included.
func (s *Scale) Items(i int) int {
	f := &s.feeds[i]
	f.mu.Lock()
	defer f.mu.Unlock()
	return s.cfg.Items + f.added
}

// NextRound changes the feeds as the configured mix says and returns the round's number.
func (s *Scale) NextRound() int { return s.Bring(s.cfg.Mix) }

// Bring is NextRound with another mix.
func (s *Scale) Bring(mix Mix) int {
	round := int(s.round.Add(1))
	r := random(s.cfg.Seed, -round)
	for i := range s.feeds {
		at, half := r.Float64(), r.IntN(2) == 0
		f := &s.feeds[i]
		f.mu.Lock()
		switch {
		case at < mix.NewItem:
			f.added++
			f.builds++
			f.version++
		case at < mix.NewItem+mix.NothingNew:
			f.version++
			if half {
				f.builds++
			}
		}
		f.mu.Unlock()
	}
	return round
}

// Stats returns the counts so far.
func (s *Scale) Stats() Stats {
	t := &s.totals
	return Stats{
		Requests: t.requests.Load(), NotModified: t.notModified.Load(), Full: t.full.Load(), Bytes: t.bytes.Load(),
		Early: t.early.Load(), Repeated: t.repeated.Load(), MaxPerHost: t.maxPerHost.Load(), MaxConns: t.maxConns.Load(),
	}
}

// ServeHTTP serves the feeds and the pages of their items.
func (s *Scale) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, movedPrefix)
	kind, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	fault := None
	if kind == "fault" {
		name, number, _ := strings.Cut(rest, "/")
		fault, rest = Fault(name), number
	}
	name, item, _ := strings.Cut(strings.TrimSuffix(rest, ".xml"), "/")
	i, err := strconv.Atoi(name)
	if err != nil || i < 0 || i >= len(s.feeds) {
		http.NotFound(w, r)
		return
	}
	s.countConn(r, i/s.cfg.PerHost)
	switch kind {
	case "a":
		s.servePage(w, r, i, item)
	case "feed":
		s.serveFeed(w, r, i, s.feeds[i].fault)
	case "fault":
		s.serveFeed(w, r, i, fault)
	default:
		http.NotFound(w, r)
	}
}

func (s *Scale) serveFeed(w http.ResponseWriter, r *http.Request, i int, fault Fault) {
	host := &s.hosts[i/s.cfg.PerHost]
	raise(&s.totals.maxPerHost, host.busy.Add(1))
	defer host.busy.Add(-1)
	edition := s.ask(i)
	if s.cfg.Delay > 0 {
		select {
		case <-r.Context().Done():
			return
		case <-time.After(s.cfg.Delay):
		}
	}
	if fault == None {
		s.servePlain(w, r, edition)
	} else {
		s.serveFaulty(w, r, edition, fault)
	}
	s.answered(i, fault)
}

// ask counts a request and returns the feed as it is now.
func (s *Scale) ask(i int) edition {
	s.totals.requests.Add(1)
	f := &s.feeds[i]
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked++
	if s.cfg.Now().Before(f.next) {
		s.totals.early.Add(1)
	}
	if f.answered == s.round.Load()+1 {
		s.totals.repeated.Add(1)
	}
	return edition{feed: i, added: f.added, builds: f.builds, version: f.version}
}

// answered notes until when the feed should now be left alone.
func (s *Scale) answered(i int, fault Fault) {
	f := &s.feeds[i]
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answered = s.round.Load() + 1
	wait := s.cfg.Interval
	if fault == TooMany {
		wait = max(wait, retryAfter)
	}
	f.next = s.cfg.Now().Add(wait)
}

func (s *Scale) servePlain(w http.ResponseWriter, r *http.Request, e edition) {
	h := w.Header()
	tag := e.tag()
	h["Etag"] = []string{tag}
	h["Last-Modified"] = []string{s.start.Add(time.Duration(e.version) * time.Second).Format(http.TimeFormat)}
	if s.cfg.Interval > 0 {
		h["Cache-Control"] = []string{"max-age=" + strconv.Itoa(int(s.cfg.Interval.Seconds()))}
	}
	if r.Header.Get("If-None-Match") == tag {
		s.totals.notModified.Add(1)
		w.WriteHeader(http.StatusNotModified)
		return
	}
	buf := s.buffers.Get().(*[]byte)
	defer s.buffers.Put(buf)
	body := s.appendRSS((*buf)[:0], e, r.Host)
	*buf = body
	h["Content-Type"] = []string{"application/rss+xml; charset=utf-8"}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	s.totals.full.Add(1)
	s.totals.bytes.Add(int64(len(body)))
	_, _ = w.Write(body) // the client may have left
}

// serveFaulty writes the feed the slow way, through a document that can be spoilt.
func (s *Scale) serveFaulty(w http.ResponseWriter, r *http.Request, e edition, fault Fault) {
	if !slices.Contains(Faults(), fault) {
		http.NotFound(w, r)
		return
	}
	d := s.document(e, r.Host)
	fault.spoilDocument(d)
	body, mediaType := d.write(RSS)
	rep := newReply(body, mediaType, d.built)
	if !fault.serve(w, r, rep) {
		fault.spoil(rep)
		rep.send(w, r)
	}
}

// connKey finds the watched connection of a request.
type connKey struct{}

// watched is a connection with the host that it was first used for, counted from 1.
type watched struct{ host atomic.Int64 }

// Watch makes srv count its open connections for [Stats]. Call it before srv serves.
func (s *Scale) Watch(srv *http.Server) {
	var conns sync.Map // net.Conn to *watched
	srv.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		seen := &watched{}
		conns.Store(c, seen)
		return context.WithValue(ctx, connKey{}, seen)
	}
	srv.ConnState = func(c net.Conn, state http.ConnState) {
		if state != http.StateClosed && state != http.StateHijacked {
			return
		}
		if seen, ok := conns.LoadAndDelete(c); ok {
			if host := seen.(*watched).host.Load(); host > 0 {
				s.hosts[host-1].conns.Add(-1)
			}
		}
	}
}

func (s *Scale) countConn(r *http.Request, host int) {
	seen, ok := r.Context().Value(connKey{}).(*watched)
	if ok && seen.host.CompareAndSwap(0, int64(host)+1) {
		raise(&s.totals.maxConns, s.hosts[host].conns.Add(1))
	}
}

// raise lifts a maximum to n.
func raise(top *atomic.Int64, n int64) {
	for {
		old := top.Load()
		if n <= old || top.CompareAndSwap(old, n) {
			return
		}
	}
}

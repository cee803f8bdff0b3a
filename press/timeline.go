package press

import (
	"fmt"
	"slices"
	"time"
)

// Kind is what happened to an article.
type Kind string

// The kinds of [Event].
const (
	Published Kind = "published"
	Updated   Kind = "update"
	Corrected Kind = "correction"
	Retracted Kind = "retraction"
)

// Event is one step of the press: an article published, or one changed.
type Event struct {
	At       time.Time
	Kind     Kind
	Title    string // slug
	Path     string // of the article on its title's site
	Headline string
}

// timeline decides what comes next. Everything but the times follows from the seed.
type timeline struct {
	seed    uint64
	step    int       // steps taken
	count   int       // articles made so far, in all titles
	queue   []release // the written library, what is left of it
	streams []draft   // patterns for when it is used up
	pending []pending // changes to come
}

// release is a draft to be published in a title.
type release struct {
	title  string
	draft  draft
	agency string // name of the agency whose text it is
}

// pending is a change to an article, due at a step.
type pending struct {
	due         int
	title, path string
	change      change
}

// newTimeline puts the library in the order of the seed. Drafts on one event
// stay together, the agency's first; two events are told at a time.
func newTimeline(seed uint64, sites map[string]*site) timeline {
	drafts, err := library()
	if err != nil {
		panic(err) // the files are part of the binary: this is a broken build
	}
	t := timeline{seed: seed}
	groups := map[string][]release{}
	var names []string
	for _, d := range drafts {
		if d.stream {
			if d.titles = slices.DeleteFunc(d.titles, func(s string) bool { return sites[s] == nil }); len(d.titles) > 0 {
				t.streams = append(t.streams, d)
			}
			continue
		}
		name := d.event
		if name == "" {
			name = d.headline
		}
		if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], releasesOf(d, sites)...)
	}
	random(seed, -1).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for i := 0; i < len(names); i += 2 {
		second := []release(nil)
		if i+1 < len(names) {
			second = groups[names[i+1]]
		}
		t.queue = append(t.queue, interleave(groups[names[i]], second)...)
	}
	return t
}

// releasesOf lists where d is printed: in its title and in those that copy it.
func releasesOf(d draft, sites map[string]*site) []release {
	var all []release
	agency := sites[d.title]
	if agency != nil {
		all = append(all, release{title: d.title, draft: d})
	}
	for _, c := range d.copies {
		if sites[c.title] == nil || agency == nil || agency.Style != "agency" {
			continue
		}
		copied := d
		copied.title, copied.changes, copied.by = c.title, nil, agency.Name
		if c.headline != "" {
			copied.headline = c.headline
		}
		all = append(all, release{title: c.title, draft: copied, agency: agency.Name})
	}
	return all
}

func interleave(a, b []release) []release {
	var all []release
	for i := range max(len(a), len(b)) {
		if i < len(a) {
			all = append(all, a[i])
		}
		if i < len(b) {
			all = append(all, b[i])
		}
	}
	return all
}

// publishBacklog publishes the first two thirds of the library as if over the
// two days before now.
func (p *Press) publishBacklog() {
	t := &p.timeline
	n := len(t.queue) * 2 / 3
	now := p.cfg.Now().UTC().Truncate(time.Second)
	for i := range n {
		age := time.Duration(n-i) * 44 * time.Hour / time.Duration(n)
		p.publish(t.queue[i], now.Add(-age))
	}
	t.queue = t.queue[n:]
}

// Publish takes the next step of the timeline at once and tells the hub.
func (p *Press) Publish() Event {
	p.mu.Lock()
	event := p.next(p.cfg.Now().UTC().Truncate(time.Second))
	p.mu.Unlock()
	p.hub.changed(event.Title)
	return event
}

// next makes a due change, else the next release of the library, else a piece
// from a pattern. The caller holds p.mu.
func (p *Press) next(now time.Time) Event {
	t := &p.timeline
	t.step++
	for i, c := range t.pending {
		if c.due <= t.step && t.step%3 == 0 { // two new articles for every change
			t.pending = slices.Delete(t.pending, i, i+1)
			if a := p.sites[c.title].byPath[c.path]; a != nil {
				return p.change(a, c.change, now)
			}
			break
		}
	}
	if len(t.queue) == 0 {
		t.queue = p.streamed()
	}
	r := t.queue[0]
	t.queue = t.queue[1:]
	return p.publish(r, now)
}

// streamed makes the next piece from the patterns, with its copies. It avoids
// headlines that its title still shows, since one title does not say the same twice.
func (p *Press) streamed() []release {
	t := &p.timeline
	r := random(t.seed, t.step)
	var d draft
	for range 50 {
		d = fill(t.streams[r.IntN(len(t.streams))], r)
		if !slices.ContainsFunc(p.sites[d.title].articles, func(a *article) bool { return a.headline == d.headline }) {
			break
		}
	}
	return releasesOf(d, p.sites)
}

func (p *Press) publish(r release, at time.Time) Event {
	t := &p.timeline
	s := p.sites[r.title]
	a := newArticle(s.profile, r.draft, t.count, at)
	a.agency = r.agency
	t.count++
	for s.byPath[a.path] != nil {
		a.path += "-" + a.id
	}
	s.articles = slices.Insert(s.articles, 0, a)
	s.byPath[a.path] = a
	if len(s.articles) > keepLen {
		delete(s.byPath, s.articles[keepLen].path)
		s.articles = s.articles[:keepLen]
	}
	wait := random(t.seed, -2-t.count)
	spread := 6
	if t.step == 0 { // the backlog's changes come over the first minutes, not all at once
		spread = 60
	}
	for i, c := range a.changes {
		due := t.step + 3 + 6*i + wait.IntN(spread)
		t.pending = append(t.pending, pending{due: due, title: r.title, path: a.path, change: c})
	}
	return Event{At: at, Kind: Published, Title: r.title, Path: a.path, Headline: a.headline}
}

func (p *Press) change(a *article, c change, at time.Time) Event {
	s := p.sites[a.site.Slug]
	b := a.changed(c, at)
	s.articles[slices.Index(s.articles, a)] = b
	s.byPath[a.path] = b
	return Event{At: at, Kind: c.kind, Title: a.site.Slug, Path: a.path, Headline: b.headline}
}

// String says the event in a line, for the demo's log.
func (e Event) String() string {
	return fmt.Sprintf("%s %s: %s", e.Title, e.Kind, e.Headline)
}

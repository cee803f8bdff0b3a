package press

import (
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

// feedAt finds the feed of a path, also at the address it has moved to.
func (s *site) feedAt(path string) (Feed, bool) {
	path = strings.TrimPrefix(path, movedPrefix)
	for _, f := range s.Feeds {
		if f.URL == path {
			return f, true
		}
	}
	return Feed{}, false
}

// serveFeed answers a request for a feed, with whatever fault is the title's habit.
func (p *Press) serveFeed(w http.ResponseWriter, r *http.Request, s *site, f Feed) {
	origin := "http://" + r.Host
	rep := p.feedReply(s, f, origin)
	counter, _ := s.asked.LoadOrStore(f.URL, new(atomic.Int64))
	n := counter.(*atomic.Int64).Add(1)
	for _, h := range s.habits {
		if n%h.every != 0 {
			continue
		}
		if h.fault.serve(w, r, rep) {
			return
		}
		h.fault.spoil(rep)
	}
	if s.Hub {
		w.Header().Add("Link", `<`+hubURL(r.Host)+`>; rel="hub"`)
		w.Header().Add("Link", `<`+origin+f.URL+`>; rel="self"`)
	}
	rep.send(w, r)
}

// feedReply writes a feed with the faults of its document.
func (p *Press) feedReply(s *site, f Feed, origin string) *reply {
	d := p.document(s, f, origin)
	for _, h := range s.habits {
		if h.every == 1 {
			h.fault.spoilDocument(d)
		}
	}
	body, mediaType := d.write(f.Format)
	return newReply(body, mediaType, d.built)
}

func (p *Press) document(s *site, f Feed, origin string) *document {
	t := tongueOf(s.Language)
	d := &document{
		title: s.Name, home: origin + "/", self: origin + f.URL, language: s.Language, stamp: rfc822,
		description: s.Tagline + ". " + s.invented(), rights: s.Owner,
	}
	if s.Hub {
		d.hub = hubURL(strings.TrimPrefix(origin, "http://"))
	}
	if f.Section != "" {
		d.title += " – " + t.Section(f.Section)
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, a := range s.articles {
		if f.Section != "" && a.section != f.Section {
			continue
		}
		d.add(a, f, origin)
		if len(d.entries) == feedLen {
			break
		}
	}
	if d.built.IsZero() {
		d.built = p.cfg.Now().UTC().Truncate(24 * time.Hour)
	}
	return d
}

// add puts an article into the feed, or only its tombstone.
func (d *document) add(a *article, f Feed, origin string) {
	if a.updated.After(d.built) {
		d.built = a.updated
	}
	e := entry{
		id: origin + a.path, link: origin + a.path, permalink: true, title: a.headline, summary: a.stand,
		author: a.by, section: tongueOf(a.site.Language).Section(a.section), tags: a.tags,
		published: a.published, updated: a.updated,
	}
	if a.withdrawn != "" {
		if a.site.has(Tombstones) {
			d.gone = append(d.gone, tombstone{e.id, a.updated, a.withdrawn})
			return
		}
		e.title = tongueOf(a.site.Language).Retract + ": " + a.headline
		e.summary = a.withdrawn
	} else if a.picture() != "" {
		e.image, e.caption, e.credit = origin+a.picture(), a.caption, a.credit()
	}
	if f.Format != Summary {
		e.content = a.feedHTML(origin)
	}
	if f.Section != "" && a.site.has(Duplicates) {
		e.id, e.permalink = f.Section+"-"+a.id, false
		e.link += "?utm_source=rss&utm_medium=" + f.Section
	}
	d.entries = append(d.entries, e)
}

package feed

import "net/url"

// sitemap reads a news sitemap or a list of sitemaps.
func (r *reader) sitemap(root *node) {
	for c := root.first; c != nil; c = c.next {
		switch c.name {
		case "sitemap":
			if loc := c.child("loc"); loc != nil && len(r.doc.Sitemaps) < MaxEntries {
				if u := loc.link(r.tree.text(loc)); u != "" {
					r.doc.Sitemaps = append(r.doc.Sitemaps, u)
				}
			}
		case "url":
			if e := r.room(); e != nil {
				r.page(c, e)
			}
		}
	}
}

// page reads one page of a sitemap with what its news extension tells.
func (r *reader) page(n *node, e *Entry) {
	i := itemReader{reader: r, entry: e}
	for c := n.first; c != nil; c = c.next {
		switch {
		case c.name == "loc" && c.space != picmap:
			i.setLink(c.link(r.tree.text(c)), 1)
		case c.name == "lastmod":
			i.setTime(&e.Updated, &i.ranks.updated, c, 1)
		case c.name == "news":
			i.newsOf(c)
		case c.space == picmap && c.name == "image":
			if loc := c.child("loc"); loc != nil {
				i.picture(loc.link(r.tree.text(loc)), 0)
			}
		}
	}
	i.finish()
}

func (i *itemReader) newsOf(n *node) {
	e := i.entry
	for c := n.first; c != nil; c = c.next {
		switch c.name {
		case "title":
			i.setTitle(c, 1)
		case "publication_date":
			i.setTime(&e.Published, &i.ranks.published, c, 1)
		case "keywords":
			i.tags(i.tree.plain(c))
		case "publication":
			if name := c.child("name"); name != nil && i.doc.Title == "" {
				i.doc.Title = cut(i.tree.plain(name), MaxTitle)
			}
			if lang := c.child("language"); lang != nil {
				e.Language = languageTag(i.tree.text(lang))
			}
		}
	}
}

// parseBase returns nil for an address that is none.
func parseBase(s string) *url.URL {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil {
		return nil
	}
	return u
}

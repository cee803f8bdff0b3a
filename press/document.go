package press

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"time"
)

// document is a feed before it is written in a format.
type document struct {
	title, home, self, hub, description, language, rights string
	built                                                 time.Time
	entries                                               []entry
	gone                                                  []tombstone // told by Atom only
	stamp                                                 func(time.Time) string
	oddText                                               string // put into fields that are written nowhere else: a fault's
}

type entry struct {
	id, link, title, summary, content, author, section string
	titleHTML                                          bool // the title holds markup
	permalink                                          bool // the id is the address
	tags                                               []string
	published, updated                                 time.Time
	image, caption, credit                             string
}

type tombstone struct {
	id   string
	when time.Time
	why  string
}

// write writes d in a format and returns its media type.
func (d *document) write(f Format) (body []byte, mediaType string) {
	switch f {
	case Atom:
		return d.atom(), "application/atom+xml; charset=utf-8"
	case RDF:
		return d.rdf(), "application/rdf+xml; charset=utf-8"
	case JSON:
		return d.json(), "application/feed+json"
	case Sitemap:
		return d.sitemap(), "application/xml; charset=utf-8"
	}
	return d.rss(f == RSS), "application/rss+xml; charset=utf-8"
}

// xmlWriter writes elements one after the other.
type xmlWriter struct{ bytes.Buffer }

// open writes a start tag with pairs of attribute names and values.
func (w *xmlWriter) open(name string, attrs ...string) { w.tag(name, ">\n", attrs) }

// empty writes an element without content.
func (w *xmlWriter) empty(name string, attrs ...string) { w.tag(name, "/>\n", attrs) }

func (w *xmlWriter) close(name string) { w.WriteString("</" + name + ">\n") }

// text writes an element with text, and nothing for an empty text.
func (w *xmlWriter) text(name, text string, attrs ...string) {
	if text == "" {
		return
	}
	w.tag(name, ">", attrs)
	w.escape(text)
	w.close(name)
}

func (w *xmlWriter) tag(name, end string, attrs []string) {
	w.WriteString("<" + name)
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] == "" {
			continue
		}
		w.WriteString(" " + attrs[i] + `="`)
		w.escape(attrs[i+1])
		w.WriteByte('"')
	}
	w.WriteString(end)
}

func (w *xmlWriter) escape(text string) {
	_ = xml.EscapeText(w, []byte(text)) // a buffer takes every byte
}

func (d *document) rss(full bool) []byte {
	w := &xmlWriter{}
	w.WriteString(xml.Header)
	w.open("rss", "version", "2.0", "xmlns:atom", "http://www.w3.org/2005/Atom", "xmlns:dc", "http://purl.org/dc/elements/1.1/",
		"xmlns:content", "http://purl.org/rss/1.0/modules/content/", "xmlns:media", "http://search.yahoo.com/mrss/")
	w.open("channel")
	w.text("title", d.title)
	w.text("link", d.home)
	w.text("description", d.description)
	w.text("language", d.language)
	w.text("copyright", d.rights)
	w.text("managingEditor", d.oddText)
	w.text("lastBuildDate", d.stamp(d.built))
	w.empty("atom:link", "rel", "self", "type", "application/rss+xml", "href", d.self)
	if d.hub != "" {
		w.text("ttl", "15") // only where the hub tells of what is new: the others must be asked every few seconds
		w.empty("atom:link", "rel", "hub", "href", d.hub)
	}
	for _, e := range d.entries {
		d.rssItem(w, e, full)
	}
	w.close("channel")
	w.close("rss")
	return w.Bytes()
}

func (d *document) rssItem(w *xmlWriter, e entry, full bool) {
	w.open("item")
	w.text("title", e.title)
	w.text("link", e.link)
	if e.permalink {
		w.text("guid", e.id)
	} else {
		w.text("guid", e.id, "isPermaLink", "false")
	}
	w.text("pubDate", d.stamp(e.published))
	w.text("dc:creator", e.author)
	w.text("category", e.section)
	for _, t := range e.tags {
		w.text("category", t)
	}
	w.text("description", e.summary)
	if full {
		w.text("content:encoded", e.content)
	}
	if e.image != "" {
		w.open("media:content", "url", e.image, "medium", "image", "type", "image/jpeg", "width", "1200", "height", "800")
		w.text("media:description", e.caption)
		w.text("media:credit", e.credit)
		w.close("media:content")
	}
	w.close("item")
}

func (d *document) atom() []byte {
	w := &xmlWriter{}
	w.WriteString(xml.Header)
	w.open("feed", "xmlns", "http://www.w3.org/2005/Atom", "xmlns:at", "http://purl.org/atompub/tombstones/1.0",
		"xml:lang", d.language, "xml:base", d.home)
	w.text("id", d.self)
	w.text("title", d.title)
	w.text("subtitle", d.description)
	w.text("rights", d.rights)
	w.text("updated", d.built.Format(time.RFC3339))
	w.empty("link", "rel", "self", "type", "application/atom+xml", "href", d.self)
	w.empty("link", "rel", "alternate", "type", "text/html", "href", d.home)
	if d.hub != "" {
		w.empty("link", "rel", "hub", "href", d.hub)
	}
	for _, g := range d.gone {
		w.open("at:deleted-entry", "ref", g.id, "when", g.when.Format(time.RFC3339))
		w.text("at:comment", g.why)
		w.close("at:deleted-entry")
	}
	for _, e := range d.entries {
		e.atom(w)
	}
	w.close("feed")
	return w.Bytes()
}

func (e entry) atom(w *xmlWriter) {
	titleType := "text"
	if e.titleHTML {
		titleType = "html"
	}
	w.open("entry")
	w.text("id", e.id)
	w.text("title", e.title, "type", titleType)
	w.empty("link", "rel", "alternate", "type", "text/html", "href", e.link)
	w.text("published", e.published.Format(time.RFC3339))
	w.text("updated", e.updated.Format(time.RFC3339))
	w.open("author")
	w.text("name", e.author)
	w.close("author")
	w.empty("category", "term", e.section)
	for _, t := range e.tags {
		w.empty("category", "term", t)
	}
	w.text("summary", e.summary)
	w.text("content", e.content, "type", "html")
	if e.image != "" {
		w.empty("link", "rel", "enclosure", "type", "image/jpeg", "href", e.image)
	}
	w.close("entry")
}

func (d *document) rdf() []byte {
	w := &xmlWriter{}
	w.WriteString(xml.Header)
	w.open("rdf:RDF", "xmlns:rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "xmlns", "http://purl.org/rss/1.0/",
		"xmlns:dc", "http://purl.org/dc/elements/1.1/", "xmlns:content", "http://purl.org/rss/1.0/modules/content/")
	w.open("channel", "rdf:about", d.self)
	w.text("title", d.title)
	w.text("link", d.home)
	w.text("description", d.description)
	w.text("dc:language", d.language)
	w.text("dc:rights", d.rights)
	w.text("dc:date", d.built.Format(time.RFC3339))
	w.open("items")
	w.open("rdf:Seq")
	for _, e := range d.entries {
		w.empty("rdf:li", "rdf:resource", e.link)
	}
	w.close("rdf:Seq")
	w.close("items")
	w.close("channel")
	for _, e := range d.entries {
		w.open("item", "rdf:about", e.link)
		w.text("title", e.title)
		w.text("link", e.link)
		w.text("description", e.summary)
		w.text("content:encoded", e.content)
		w.text("dc:creator", e.author)
		w.text("dc:subject", e.section)
		w.text("dc:date", e.published.Format(time.RFC3339))
		w.close("item")
	}
	w.close("rdf:RDF")
	return w.Bytes()
}

func (d *document) sitemap() []byte {
	w := &xmlWriter{}
	w.WriteString(xml.Header)
	w.open("urlset", "xmlns", "http://www.sitemaps.org/schemas/sitemap/0.9", "xmlns:news",
		"http://www.google.com/schemas/sitemap-news/0.9", "xmlns:image", "http://www.google.com/schemas/sitemap-image/1.1")
	for _, e := range d.entries {
		w.open("url")
		w.text("loc", e.link)
		w.text("lastmod", e.updated.Format(time.RFC3339))
		w.open("news:news")
		w.open("news:publication")
		w.text("news:name", d.title)
		w.text("news:language", d.language)
		w.close("news:publication")
		w.text("news:publication_date", e.published.Format(time.RFC3339))
		w.text("news:title", e.title)
		w.close("news:news")
		if e.image != "" {
			w.open("image:image")
			w.text("image:loc", e.image)
			w.close("image:image")
		}
		w.close("url")
	}
	w.close("urlset")
	return w.Bytes()
}

func (d *document) json() []byte {
	type object = map[string]any
	items := []object{}
	for _, e := range d.entries {
		item := object{
			"id": e.id, "url": e.link, "title": e.title, "summary": e.summary, "content_html": e.content,
			"authors": []object{{"name": e.author}}, "tags": append([]string{e.section}, e.tags...),
			"date_published": e.published.Format(time.RFC3339), "date_modified": e.updated.Format(time.RFC3339),
		}
		if e.image != "" {
			item["image"] = e.image
		}
		items = append(items, item)
	}
	feed := object{
		"version": "https://jsonfeed.org/version/1.1", "title": d.title, "home_page_url": d.home, "feed_url": d.self,
		"description": d.description, "language": d.language, "items": items,
	}
	if d.hub != "" {
		feed["hubs"] = []object{{"type": "WebSub", "url": d.hub}}
	}
	body, err := json.MarshalIndent(feed, "", " ")
	if err != nil {
		panic(err) // plain strings always have a JSON form
	}
	return body
}

// rfc822 is how RSS writes a time.
func rfc822(t time.Time) string { return t.Format(time.RFC1123Z) }

package feed

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"

	"understory/news/sanitize"
)

// Link is a feed that a page names, or may have.
type Link struct {
	URL   string // absolute
	Title string // plain text; "" when not given
	Type  string // media type; "" when not given
}

// feedTypes are the media types of feeds, the ones without doubt first.
var feedTypes = []string{"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml",
	"application/x-rss+xml", "text/xml", "application/xml", "text/rss", "application/json"}

// usualPlaces are where feeds are when a page does not say.
var usualPlaces = []string{"/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/feed.json", "/feeds/posts/default"}

// Links returns the feeds that an HTML page at base names in its head, in its
// order without those of comments, and apart from them the usual places of
// feeds, which may or may not exist.
func Links(page []byte, base string) (named, usual []Link) {
	at, err := url.Parse(base)
	if err != nil {
		return nil, nil
	}
	named = namedLinks(page, at)
	for _, place := range usualPlaces {
		if u := at.ResolveReference(&url.URL{Path: place}).String(); web(u) {
			usual = append(usual, Link{URL: u})
		}
	}
	return named, usual
}

func namedLinks(page []byte, at *url.URL) (links []Link) {
	text := decodeBody(page[:min(len(page), 1<<20)], "text/html", &Document{})
	z := html.NewTokenizer(strings.NewReader(text))
	for len(links) < MaxList {
		switch z.Next() {
		case html.ErrorToken:
			return links
		case html.StartTagToken, html.SelfClosingTagToken:
			switch t := z.Token(); t.Data {
			case "base":
				if u, err := at.Parse(attrOf(t, "href")); err == nil && web(u.String()) {
					at = u
				}
			case "link":
				if l := linkOf(t, at); l.URL != "" && !slices.ContainsFunc(links, func(k Link) bool { return k.URL == l.URL }) {
					links = append(links, l)
				}
			}
		}
	}
	return links
}

// linkOf returns the feed that a link element names, empty when it names none.
func linkOf(t html.Token, at *url.URL) Link {
	rel := strings.Fields(strings.ToLower(attrOf(t, "rel")))
	typ, _, _ := strings.Cut(strings.ToLower(attrOf(t, "type")), ";")
	typ = strings.TrimSpace(typ)
	title := cut(sanitize.Text(attrOf(t, "title")), MaxTitle)
	isFeed := slices.Contains(rel, "feed") || slices.Contains(rel, "alternate") && slices.Contains(feedTypes, typ)
	u := resolve(attrOf(t, "href"), at)
	if !isFeed || !web(u) || strings.Contains(u, "/comments/") || strings.Contains(u, "/wp-json/") || strings.Contains(u, "oembed") {
		return Link{}
	}
	return Link{URL: u, Title: title, Type: typ}
}

func attrOf(t html.Token, name string) string {
	for _, a := range t.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

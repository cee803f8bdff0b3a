// Package feed turns the bytes of a feed into a Document: RSS 0.9 to 2.0, RDF,
// Atom 0.3 and 1.0, JSON Feed 1 and 1.1, CDF and sitemaps, in any encoding, and
// what can be salvaged of the broken ones. It also finds the feeds that a page
// names, and reads and writes OPML.
//
// It fetches nothing, knows no clock and trusts nothing: titles and names come
// out as plain text, but descriptions, summaries and contents are the raw HTML
// of the feed, which the caller must pass through sanitize before it keeps or
// shows them. Links have only schemes that can be shown. news/ingest calls it,
// news/catalogue for OPML, and `understory debug feed`.
package feed

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of what is taken from one document. Texts are cut at theirs; entries
// and elements beyond theirs are left out, and Mended says so.
const (
	MaxEntries = 5000    // entries
	MaxTitle   = 1000    // bytes of a title
	MaxName    = 300     // bytes of a name, an address of mail, a tag
	MaxAddress = 4096    // bytes of a link or an id; longer links are dropped
	MaxMarkup  = 2 << 20 // bytes of a summary or a content
	MaxList    = 100     // authors, tags, enclosures or pictures of an entry
	maxNodes   = 300_000 // elements of an XML document
	maxDepth   = 200     // nesting of an XML document
)

// ErrNotFeed says that the bytes are no feed: a page, or nothing known.
var ErrNotFeed = errors.New("this is not a feed")

// Options is what is known about a document besides its bytes.
type Options struct {
	ContentType string // as the server sent it; "" when unknown
	Base        string // the address it came from, after redirects; "" when unknown
}

// Document is a feed as it was read.
type Document struct {
	Format      string // "rss2.0", "rss1.0", "atom1.0", "json1.1", "cdf", "sitemap", "sitemapindex", ...
	Title       string // plain text
	Link        string // the site's address
	Description Markup
	Language    string
	Updated     time.Time
	Image       string   // address
	Self        string   // address of the feed as it names it
	Hubs        []string // WebSub hubs
	TTL         time.Duration
	SkipHours   []int // UTC, 0 to 23
	SkipDays    []time.Weekday
	Entries     []Entry
	Sitemaps    []string // addresses that a sitemap index lists
	Mended      []string // what had to be repaired or left out, in plain words
}

// Entry is one item of a feed.
type Entry struct {
	ID         string // as the feed gives it; "" when it gives none
	Title      string // plain text
	Link       string
	Summary    Markup
	Content    Markup
	Authors    []Person
	Published  time.Time // zero when not given; UTC like all times here
	Updated    time.Time
	Tags       []string
	Enclosures []Enclosure
	Images     []string // addresses, the best first
	Caption    string   // plain text, of the first of Images where Media RSS tells it
	Credit     string   // the same
	Language   string   // "" for the feed's
	Withdrawn  bool     // the feed says that the entry of this ID is gone
}

// Markup is HTML as the feed has it, not sanitised.
type Markup struct {
	HTML string
	Base string // what its relative links are relative to; "" when unknown
}

// Person is an author. Empty fields were not given.
type Person struct{ Name, Email, URI string }

// Enclosure is a file that belongs to an entry, with the type and the length in
// bytes that the feed claims.
type Enclosure struct{ URL, Type, Length string }

// Parse reads a document. A broken one is read as far as it goes, and Mended
// tells what was wrong; the error is ErrNotFeed, wrapped, or nil. It takes time
// and memory in proportion to the body, and the same body gives the same result.
func Parse(body []byte, o Options) (*Document, error) {
	d := &Document{}
	text := decodeBody(body, o.ContentType, d)
	start := strings.TrimLeft(text, " \t\r\n\f\x00\ufeff")
	base, _ := url.Parse(o.Base)
	if strings.HasPrefix(start, "{") {
		return d, parseJSON(start, base, d)
	}
	t := parseXML(text, base)
	if t.root == nil {
		return nil, fmt.Errorf("%w: %s", ErrNotFeed, describe(start))
	}
	t.report(d)
	r := reader{tree: t, doc: d}
	r.read()
	return d, nil
}

// describe says what a document that is no feed seems to be.
func describe(start string) string {
	switch head := strings.ToLower(start[:min(len(start), 1024)]); {
	case head == "":
		return "it is empty"
	case strings.Contains(head, "<!doctype html") || strings.Contains(head, "<html"):
		return "it is an HTML page"
	case strings.HasPrefix(head, "<"):
		return "it is XML of another kind"
	}
	return "it is neither XML nor JSON"
}

func (d *Document) mend(format string, args ...any) {
	d.Mended = append(d.Mended, fmt.Sprintf(format, args...))
}

// cut shortens s to at most n bytes without breaking a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

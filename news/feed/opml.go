package feed

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// The limits of [ParseOPML].
const (
	MaxOPML         = 16 << 20 // bytes
	MaxOPMLDepth    = 32       // outlines inside each other
	MaxOPMLOutlines = 50_000   // feeds
)

// OPML is a list of feeds, as feed readers export and import it.
type OPML struct {
	Title    string
	Outlines []Outline

	// Faults says what [ParseOPML] left out, each with its line and in words
	// for the person who brought the file. [FormatOPML] ignores it.
	Faults []error
}

// Outline is one feed of an [OPML] list. All texts are plain.
type Outline struct {
	Title    string   // never empty once parsed: the address, where nothing else is given
	FeedURL  string   // absolute http or https address
	SiteURL  string   // absolute http or https address, or ""
	Language string   // as the file has it, or ""
	Path     []string // the folders it lies in, outermost first; else what Category says
	Category string   // as the file has it, such as "/science,/space", or ""
	Line     int      // where it was read, from 1; [FormatOPML] ignores it
}

// ParseOPML reads OPML 1.0 and 2.0 with the liberties that feed readers take:
// any case of the attribute names, "url" for "xmlUrl", bare ampersands, tags
// left open, a document cut short, a missing or wrong encoding. A feed that is
// listed twice is kept where it first stood. Feeds without a usable address are
// left out and reported in Faults.
//
// The error is for a file that as a whole is no list of feeds or exceeds
// [MaxOPML], [MaxOPMLDepth] or [MaxOPMLOutlines]; it names the line.
func ParseOPML(data []byte) (OPML, error) {
	if len(data) > MaxOPML {
		return OPML{}, fmt.Errorf("the file is larger than %d MB", MaxOPML>>20)
	}
	p := opmlParser{line: 1, at: map[string]int{}}
	z := html.NewTokenizer(strings.NewReader(decodeBody(data, "", new(Document))))
	z.AllowCDATA(true)
	for z.Next() != html.ErrorToken {
		z.NextIsNotRawText() // to HTML a <title/> would hide all that follows
		lines := bytes.Count(z.Raw(), []byte("\n"))
		if err := p.token(z.Token()); err != nil {
			return OPML{}, fmt.Errorf("line %d: %w", p.line, err)
		}
		p.line += lines
	}
	if !p.opml && len(p.list.Outlines) == 0 {
		return OPML{}, errors.New("line 1: this is not an OPML file: it has no <opml> element and no feeds")
	}
	return p.list, nil
}

type opmlParser struct {
	list    OPML
	line    int            // of the token at hand
	opml    bool           // an <opml> element was seen
	title   bool           // inside <title>
	folders []string       // of the open outlines; "" for one that is no folder
	at      map[string]int // index in list.Outlines by FeedURL
}

func (p *opmlParser) token(t html.Token) error {
	p.title = p.title && t.Type == html.TextToken
	switch {
	case t.Type == html.TextToken && p.title && p.list.Title == "":
		p.list.Title = opmlPlain(t.Data)
	case t.Type == html.EndTagToken && t.Data == "outline" && len(p.folders) > 0:
		p.folders = p.folders[:len(p.folders)-1]
	case t.Type != html.StartTagToken && t.Type != html.SelfClosingTagToken:
	case t.Data == "opml":
		p.opml = true
	case t.Data == "title":
		p.title = true
	case t.Data == "outline":
		return p.outline(t)
	}
	return nil
}

func (p *opmlParser) outline(t html.Token) error {
	attr := map[string]string{}
	for _, a := range t.Attr {
		if _, twice := attr[a.Key]; !twice {
			attr[a.Key] = opmlPlain(a.Val)
		}
	}
	name := cmp.Or(attr["title"], attr["text"])
	address, isFeed := feedAddress(attr)
	if isFeed {
		if err := p.add(name, address, attr); err != nil {
			return err
		}
		name = ""
	}
	if t.Type == html.StartTagToken {
		if len(p.folders) == MaxOPMLDepth {
			return fmt.Errorf("the outlines lie more than %d deep", MaxOPMLDepth)
		}
		p.folders = append(p.folders, name)
	}
	return nil
}

// feedAddress returns the address of the feed that an outline describes and
// whether it describes one: folders, links to pages and included lists do not.
func feedAddress(attr map[string]string) (string, bool) {
	kind := strings.ToLower(attr["type"])
	isFeed := slices.Contains([]string{"rss", "atom", "feed", "json"}, kind)
	if a, ok := attr["xmlurl"]; ok {
		return a, isFeed || a != ""
	}
	return attr["url"], isFeed
}

func (p *opmlParser) add(name, address string, attr map[string]string) error {
	if len(p.list.Outlines)+len(p.list.Faults) == MaxOPMLOutlines {
		return fmt.Errorf("the file lists more than %d feeds", MaxOPMLOutlines)
	}
	u, ok := opmlAddress(address)
	if !ok {
		why := fmt.Sprintf("%q is not the address of a feed", address)
		if address == "" {
			why = "it has no address (xmlUrl)"
		}
		p.list.Faults = append(p.list.Faults, fmt.Errorf("line %d: %q is left out: %s", p.line, name, why))
		return nil
	}
	o := Outline{Title: cmp.Or(name, u), FeedURL: u, Language: attr["language"],
		Path: p.path(attr["category"]), Category: attr["category"], Line: p.line}
	o.SiteURL, _ = opmlAddress(attr["htmlurl"])
	if i, twice := p.at[u]; twice {
		p.list.Outlines[i].merge(o)
		return nil
	}
	p.at[u] = len(p.list.Outlines)
	p.list.Outlines = append(p.list.Outlines, o)
	return nil
}

// path is where an outline belongs: the folders around it or, where there are
// none, the first of its categories, which OPML 2.0 writes "/a/b,/c".
func (p *opmlParser) path(category string) []string {
	names := p.folders
	if strings.Join(names, "") == "" {
		category, _, _ = strings.Cut(category, ",")
		names = strings.Split(category, "/")
	}
	var path []string
	for _, n := range names {
		if n = opmlPlain(n); n != "" && len(path) < MaxOPMLDepth {
			path = append(path, n)
		}
	}
	return path
}

// merge fills what o does not say from a second mention of the same feed.
func (o *Outline) merge(more Outline) {
	if o.Title == o.FeedURL {
		o.Title = more.Title
	}
	o.SiteURL = cmp.Or(o.SiteURL, more.SiteURL)
	o.Language = cmp.Or(o.Language, more.Language)
	o.Category = cmp.Or(o.Category, more.Category)
	if len(o.Path) == 0 {
		o.Path = more.Path
	}
}

// FormatOPML writes an OPML 2.0 document. It keeps the order of the outlines
// and opens and closes folders as Path changes, so sort by Path to have each
// folder once. [ParseOPML] reads back what it was given, save Line and Faults.
func FormatOPML(list OPML) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + "<opml version=\"2.0\">\n<head>")
	fmt.Fprintf(&b, "<title>%s</title></head>\n<body>\n", opmlEscape(list.Title))
	var open []string
	to := func(path []string) {
		common := 0
		for common < min(len(open), len(path)) && open[common] == path[common] {
			common++
		}
		b.WriteString(strings.Repeat("</outline>\n", len(open)-common))
		for _, name := range path[common:] {
			fmt.Fprintf(&b, "<outline text=\"%s\">\n", opmlEscape(name))
		}
		open = path
	}
	for _, o := range list.Outlines {
		to(o.Path)
		text := opmlEscape(cmp.Or(o.Title, o.FeedURL))
		fmt.Fprintf(&b, "<outline type=\"rss\" text=\"%s\" title=\"%s\" xmlUrl=\"%s\"", text, text, opmlEscape(o.FeedURL))
		for _, a := range [][2]string{{"htmlUrl", o.SiteURL}, {"language", o.Language}, {"category", o.Category}} {
			if a[1] != "" {
				fmt.Fprintf(&b, " %s=\"%s\"", a[0], opmlEscape(a[1]))
			}
		}
		b.WriteString("/>\n")
	}
	to(nil)
	b.WriteString("</body>\n</opml>\n")
	return b.Bytes()
}

func opmlEscape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder never fails
	return b.String()
}

// opmlAddress checks that s is an absolute web address. feed: is how browsers
// once handed feeds to readers: in front of an address, or in place of http:.
func opmlAddress(s string) (string, bool) {
	s = strings.TrimPrefix(s, "feed:")
	if strings.HasPrefix(s, "//") {
		s = "http:" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.ContainsFunc(s, unwritable) {
		return "", false
	}
	return s, true
}

// unwritable reports whether XML has no way to say r: what is no control
// character, which url.Parse and opmlPlain keep out, is one of these two.
func unwritable(r rune) bool { return r == 0xfffe || r == 0xffff }

// opmlPlain makes a text one line without control characters.
func opmlPlain(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) || unwritable(r) {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

package extract

import (
	"cmp"
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A source is everything a page says about itself, as it says it.
type source struct {
	addr, base *url.URL
	body       *html.Node
	metas      map[string][]string // contents by name or property, in lower case
	links      map[string]string   // first href by rel
	lang       string              // of the html element
	title      string              // of the title element
	headings   []string            // h1, in reading order
	scripts    []string            // JSON-LD
	props      map[string][]string // microdata by itemprop, outside comments and navigation
	times      []string            // of time elements: datetime, or the text
	bylines    []byline
	figures    map[string]*html.Node // by the file name of their pictures
	linked     *linked
	data       thing // the JSON-LD of the article, or nil
}

// A byline is a text that stands where authors are named.
type byline struct {
	text   string
	linked bool // rel="author" or itemprop="author": nothing else can stand there
}

// readSource walks the page once.
func readSource(root *html.Node, addr *url.URL) *source {
	s := &source{addr: addr, base: addr, metas: map[string][]string{}, links: map[string]string{},
		props: map[string][]string{}, figures: map[string]*html.Node{}}
	s.walk(root, 0)
	s.linked = readLinked(s.scripts)
	s.data = s.linked.article([]string{addr.String(), s.links["canonical"]}, cmp.Or(append(s.headings, s.meta("og:title"))...))
	return s
}

// notMeta are the hints of elements whose authors and dates are not the
// article's.
const notMeta = hintRelated | hintComment | hintAd | hintNav | hintSide | hintFoot

func (s *source) walk(n *html.Node, around hint) {
	switch n.DataAtom {
	case atom.Html:
		s.lang = attr(n, "lang")
	case atom.Meta:
		s.addMeta(n)
	case atom.Link:
		s.addLink(n)
	case atom.Base:
		if u, err := s.addr.Parse(attr(n, "href")); err == nil && s.base == s.addr {
			s.base = u
		}
	case atom.Title:
		if s.title == "" && n.Namespace == "" {
			s.title = textOf(n)
		}
	case atom.Script:
		if strings.EqualFold(strings.TrimSpace(attr(n, "type")), "application/ld+json") && n.FirstChild != nil {
			s.scripts = append(s.scripts, n.FirstChild.Data)
		}
		return
	case atom.Style, atom.Noscript, atom.Template, atom.Svg:
		return
	case atom.Body:
		if s.body == nil {
			s.body = n
		}
	}
	if n.Type == html.ElementNode && s.body != nil && n != s.body {
		if h := hintsOf(n); h&hintBody == 0 {
			around |= h & notMeta
		}
		s.visit(n, around)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s.walk(c, around)
	}
}

// visit reads what an element of the body says about the page.
func (s *source) visit(n *html.Node, around hint) {
	switch n.DataAtom {
	case atom.H1:
		s.headings = append(s.headings, textOf(n))
	case atom.Figure:
		s.addFigure(n)
	}
	if around&(hintComment|hintRelated|hintNav) != 0 {
		return
	}
	if n.DataAtom == atom.Time {
		s.times = append(s.times, cmp.Or(attr(n, "datetime"), textOf(n)))
	}
	prop := strings.ToLower(attr(n, "itemprop"))
	for name := range strings.FieldsSeq(prop) {
		s.props[name] = append(s.props[name], propValue(n))
	}
	linked := prop == "author" || strings.Contains(attr(n, "rel"), "author")
	if linked || hintsOf(n)&hintAuthor != 0 && around&(hintSide|hintFoot|hintAd) == 0 {
		if t := nameText(n); t != "" {
			s.bylines = append(s.bylines, byline{t, linked})
		}
	}
}

func (s *source) addMeta(n *html.Node) {
	content := collapse(attr(n, "content"))
	if content == "" {
		return
	}
	for _, key := range []string{"name", "property", "itemprop", "http-equiv"} {
		if k := strings.ToLower(strings.TrimSpace(attr(n, key))); k != "" {
			s.metas[k] = append(s.metas[k], content)
		}
	}
}

func (s *source) addLink(n *html.Node) {
	for rel := range strings.FieldsSeq(strings.ToLower(attr(n, "rel"))) {
		if s.links[rel] == "" {
			s.links[rel] = strings.TrimSpace(attr(n, "href"))
		}
	}
}

// addFigure remembers a figure by its pictures.
func (s *source) addFigure(n *html.Node) {
	each(n, func(c *html.Node) {
		if c.DataAtom != atom.Img && c.DataAtom != atom.Source {
			return
		}
		for _, addr := range pictureAddresses(c) {
			if name := fileName(addr); name != "" && s.figures[name] == nil {
				s.figures[name] = n
			}
		}
	})
}

// meta returns the first content under the first of the names that has one.
func (s *source) meta(names ...string) string {
	for _, name := range names {
		if v := s.metas[name]; len(v) > 0 {
			return v[0]
		}
	}
	return ""
}

// propValue is the value of a microdata property.
func propValue(n *html.Node) string {
	for _, key := range []string{"content", "datetime"} {
		if v := attr(n, key); v != "" {
			return collapse(v)
		}
	}
	switch n.DataAtom {
	case atom.Img:
		return attr(n, "src")
	case atom.Link:
		return attr(n, "href")
	}
	return nameText(n)
}

// maxShort is the most bytes of a text that names somebody or something.
const maxShort = 300

// nameText is the text of n, or "" where it is too long for a name.
func nameText(n *html.Node) string {
	t := textOf(n)
	if len(t) > maxShort {
		return ""
	}
	return t
}

// textOf is the text inside n with white space collapsed, scripts left out.
func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for c := n.FirstChild; c != nil && b.Len() < 4*maxShort; c = c.NextSibling {
			if !unread[c.DataAtom] || c.DataAtom == atom.Button {
				walk(c)
				if c.Type == html.ElementNode && !inline[c.DataAtom] {
					b.WriteByte(' ')
				}
			}
		}
	}
	walk(n)
	return collapse(b.String())
}

// each calls f for every element inside n.
func each(n *html.Node, f func(*html.Node)) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			f(c)
			each(c, f)
		}
	}
}

package feed

import (
	"net/url"
	"strings"
)

// tree is the part of a document that is the feed. It holds where the elements
// are, not what they say: texts are read out of src when they are asked for.
type tree struct {
	src    string
	root   *node
	cut    bool // the text ended before the elements did
	full   bool // there were more than maxNodes elements
	tangle int  // end tags that were missing or had no start

	slab     []node
	count    int
	open     []*node
	over     int // open elements below maxDepth
	prefixes []prefix
}

// node is an element.
type node struct {
	space    string // of its namespace: a key of the table below, "" for RSS, unknown for others
	name     string // local name in lower case
	attrs    string
	from, to int // its content in src
	begin    int // of its start tag
	end      int // behind its end tag
	base     *url.URL
	cut      bool // the text ended inside it

	first, last, next *node // children and the sibling after it
}

// prefix binds a namespace prefix while the element at depth is open.
type prefix struct {
	name, space string
	depth       int
}

// Names for the namespaces that matter.
const (
	atom    = "atom"
	cc      = "content"
	dc      = "dc"
	dcterms = "dcterms"
	fburner = "feedburner"
	itunes  = "itunes"
	media   = "media"
	rdf     = "rdf"
	sitemap = "sitemap"
	newsmap = "news"
	picmap  = "image"
	syndic  = "sy"
	tombs   = "at"
	xhtml   = "xhtml"
	unknown = "?"
)

// spaces are the namespaces by a piece of their name, since feeds write them in
// many ways: with and without www, of other years, with or without the end.
var spaces = []struct{ piece, space string }{
	{"www.w3.org/2005/atom", atom}, {"purl.org/atom/", atom}, {"purl.org/pie", atom}, {"example.com/newformat", atom},
	{"purl.org/rss/1.0/modules/content", cc}, {"purl.org/rss/1.0/modules/syndication", syndic},
	{"purl.org/rss/1.0/modules/", unknown}, {"purl.org/rss/", ""}, {"purl.org/net/rss1.1", ""},
	{"backend.userland.com/", ""}, {"blogs.law.harvard.edu/tech/rss", ""}, {"netscape.com/", ""},
	{"purl.org/dc/elements/", dc}, {"purl.org/dc/terms", dcterms},
	{"search.yahoo.com/mrss", media}, {"tools.search.yahoo.com/mrss", media}, {"/dtds/podcast-1.0", itunes},
	{"22-rdf-syntax-ns", rdf}, {"www.w3.org/1999/xhtml", xhtml}, {"feedburner", fburner},
	{"sitemaps.org/schemas/sitemap/", sitemap}, {"google.com/schemas/sitemap/0", sitemap},
	{"schemas/sitemap-news", newsmap}, {"schemas/sitemap-image", picmap}, {"purl.org/atompub/tombstones", tombs},
}

func spaceOf(uri string) string {
	uri = strings.ToLower(strings.TrimSpace(uri))
	if uri == "" {
		return ""
	}
	for _, s := range spaces {
		if strings.Contains(uri, s.piece) {
			return s.space
		}
	}
	return unknown
}

// roots are the elements that a feed begins with.
var roots = set("rss rdf feed channel urlset sitemapindex entry")

// parseXML finds the feed in src. What stands before it (warnings of the
// program that made it, white space) and after it is left out.
func parseXML(src string, base *url.URL) *tree {
	t := &tree{src: src}
	s := scanner{src: src}
	for s.next() {
		if s.kind != startToken {
			continue
		}
		_, local := splitName(s.name)
		if local == "html" && t.root == nil {
			return t
		}
		if roots[local] {
			t.root = t.push(&s, base)
			break
		}
	}
	for len(t.open) > 0 && s.next() {
		switch s.kind {
		case startToken:
			t.start(&s)
		case endToken:
			t.end(&s)
		}
	}
	t.cut = len(t.open) > 0 && !t.full
	for len(t.open) > 0 {
		t.open[len(t.open)-1].cut = true
		t.pop(len(src))
	}
	return t
}

func splitName(name string) (prefix, local string) {
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		prefix, local = name[:i], name[i+1:]
	} else {
		local = name
	}
	return prefix, strings.ToLower(local)
}

func (t *tree) start(s *scanner) {
	t.endBefore(s)
	switch {
	case t.count >= maxNodes:
		t.full = true
		s.pos = len(s.src)
	case len(t.open) < maxDepth:
		t.push(s, nil)
	case !s.selfClose:
		t.over++
	}
}

// containers are the elements that entries stand in, leaves the fields that
// have no elements inside, fields what may follow one of those.
var (
	containers = set("rss rdf feed channel items urlset")
	leaves     = set("title link guid pubdate lastbuilddate language ttl comments docs generator copyright")
	fields     = set("title link guid pubdate lastbuilddate language ttl comments docs generator copyright " +
		"description category author enclosure source image")
)

func set(names string) map[string]bool {
	m := map[string]bool{}
	for _, name := range strings.Fields(names) {
		m[name] = true
	}
	return m
}

// endBefore closes what must have ended before the start tag at hand, because
// its end tag was lost: an entry before the next one, a field before the next.
func (t *tree) endBefore(s *scanner) {
	pre, local := splitName(s.name)
	top := t.open[len(t.open)-1]
	switch {
	case local == "item", local == "entry", local == "url" && t.root.name == "urlset":
		space := t.space(pre)
		if space != "" && space != atom && space != sitemap {
			return
		}
		i := len(t.open) - 1
		for i > 0 && !containers[t.open[i].name] {
			i--
		}
		if i+1 < len(t.open) {
			t.tangle++
			t.over = 0
			t.popTo(i+1, s.from)
		}
	case leaves[top.name] && top.space == "" && fields[local] && pre == "" && !strings.Contains(s.attrs, "xmlns"):
		t.tangle++
		t.pop(s.from)
	}
}

// push opens the element of a start tag; base is that of the document, for the
// root.
func (t *tree) push(s *scanner, base *url.URL) *node {
	if len(t.slab) == 0 {
		t.slab = make([]node, 128)
	}
	n := &t.slab[0]
	t.slab = t.slab[1:]
	t.count++
	n.attrs, n.base = s.attrs, base
	n.begin, n.from, n.to, n.end = s.from, s.to, s.to, s.to
	if strings.Contains(s.attrs, "xmlns") {
		t.bind(s.attrs)
	}
	if depth := len(t.open); depth > 0 {
		parent := t.open[depth-1]
		n.base = parent.base
		if parent.last == nil {
			parent.first = n
		} else {
			parent.last.next = n
		}
		parent.last = n
	}
	pre, local := splitName(s.name)
	n.name, n.space = local, t.space(pre)
	if strings.Contains(s.attrs, "xml:base") {
		n.base = rebase(n.base, n.attr("xml:base"))
	}
	if s.selfClose {
		t.unbind()
	} else {
		t.open = append(t.open, n)
	}
	return n
}

func rebase(base *url.URL, ref string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(ref))
	if err != nil || ref == "" {
		return base
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return base
	}
	return u
}

// bind takes the namespace declarations of the element that is about to open.
func (t *tree) bind(attrs string) {
	eachAttr(attrs, func(name, value string) bool {
		if name == "xmlns" || strings.HasPrefix(name, "xmlns:") {
			_, p, _ := strings.Cut(name, ":")
			t.prefixes = append(t.prefixes, prefix{p, spaceOf(decode(value)), len(t.open) + 1})
		}
		return len(t.prefixes) < 200
	})
}

// unbind forgets the declarations of elements that are no longer open.
func (t *tree) unbind() {
	for n := len(t.prefixes); n > 0 && t.prefixes[n-1].depth > len(t.open); n-- {
		t.prefixes = t.prefixes[:n-1]
	}
}

func (t *tree) space(pre string) string {
	for i := len(t.prefixes) - 1; i >= 0; i-- {
		if t.prefixes[i].name == pre {
			return t.prefixes[i].space
		}
	}
	if pre == "" {
		return ""
	}
	// A prefix that is used without being declared means what it always means.
	pre = strings.ToLower(pre)
	for _, s := range spaces {
		if s.space == pre {
			return s.space
		}
	}
	return unknown
}

// end closes the innermost element of that name; those inside it end with it.
func (t *tree) end(s *scanner) {
	if t.over > 0 {
		t.over--
		return
	}
	_, local := splitName(s.name)
	for i := len(t.open) - 1; i >= 0; i-- {
		if t.open[i].name == local {
			if i < len(t.open)-1 {
				t.tangle++
			}
			n := t.open[i]
			t.popTo(i, s.from)
			n.end = s.to
			return
		}
	}
	t.tangle++
}

func (t *tree) popTo(i, at int) {
	for len(t.open) > i {
		t.pop(at)
	}
}

func (t *tree) pop(at int) {
	n := t.open[len(t.open)-1]
	n.to = max(n.from, at)
	n.end = n.to
	t.open = t.open[:len(t.open)-1]
	t.unbind()
}

// report adds to d what was wrong with the document.
func (t *tree) report(d *Document) {
	if t.cut {
		d.mend("the document ends before its end")
	}
	if t.full {
		d.mend("more than %d elements: the rest is left out", maxNodes)
	}
	if t.tangle > 0 && !t.cut {
		d.mend("%d tags were not closed in order", t.tangle)
	}
}

// attr returns the value of an attribute, "" when it is missing. A name
// without a colon also finds one with any other prefix than xml and xmlns.
func (n *node) attr(name string) string {
	if n.attrs == "" {
		return ""
	}
	var found string
	eachAttr(n.attrs, func(key, value string) bool {
		if !strings.EqualFold(key, name) {
			pre, local, prefixed := strings.Cut(key, ":")
			if !prefixed || pre == "xml" || pre == "xmlns" || !strings.EqualFold(local, name) {
				return true
			}
		}
		found = strings.TrimSpace(decode(value))
		return false
	})
	return found
}

// child returns the first child of that name in the node's own namespace or in
// RSS's.
func (n *node) child(name string) *node {
	for c := n.first; c != nil; c = c.next {
		if c.name == name && (c.space == n.space || c.space == "") {
			return c
		}
	}
	return nil
}

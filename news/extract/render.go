package extract

import (
	"net/url"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// render returns the HTML of the kept blocks: their elements as the page has
// them, the figures and pictures that stand between them, and nothing of the
// boxes around them. Links and pictures are made absolute.
func render(bs []*block, base *url.URL) string {
	r := renderer{base: base, runs: map[*html.Node]*block{}, holds: map[*html.Node]bool{}}
	var root *area
	for _, b := range bs {
		if !b.kept {
			continue
		}
		r.runs[b.first] = b
		r.last = b
		for a := b.area; a != nil; a = a.parent {
			r.holds[a.node] = true
			root = a
		}
	}
	var out strings.Builder
	top := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	r.children(top, root.node)
	for c := top.FirstChild; c != nil; c = c.NextSibling {
		// Rendering fails only for a writer that fails.
		_ = html.Render(&out, c)
		out.WriteByte('\n')
	}
	return out.String()
}

// renderer copies what is kept.
type renderer struct {
	base  *url.URL
	runs  map[*html.Node]*block // by the first node of the run
	holds map[*html.Node]bool   // elements with kept blocks inside
	begun bool                  // a kept block was copied
	last  *block
	done  bool // so was the last one
}

// unboxed holds the elements that are left out around what they hold.
var unboxed = atomSet(atom.Div, atom.Section, atom.Article, atom.Main, atom.Header, atom.Footer, atom.Form, atom.Body,
	atom.Center, atom.Fieldset, atom.Aside)

// children copies what is kept below from into to.
func (r *renderer) children(to, from *html.Node) {
	for c := from.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case r.runs[c] != nil:
			c = r.run(to, from, r.runs[c])
		case r.holds[c]:
			into := to
			if !unboxed[c.DataAtom] {
				into = r.shallow(c)
				to.AppendChild(into)
			}
			r.children(into, c)
		case c.Type == html.ElementNode && r.begun && !r.done:
			r.picture(to, c)
		}
	}
}

// run copies a block's run and returns its last node. A run that stands
// directly in a box becomes a paragraph.
func (r *renderer) run(to, from *html.Node, b *block) *html.Node {
	into := to
	if unboxed[from.DataAtom] {
		into = &html.Node{Type: html.ElementNode, Data: "p", DataAtom: atom.P}
		to.AppendChild(into)
	}
	for c := b.first; ; c = c.NextSibling {
		r.phrase(into, c)
		if c == b.last {
			break
		}
	}
	r.begun = true
	r.done = b == r.last
	return b.last
}

// phrase copies a text or an inline element.
func (r *renderer) phrase(to, n *html.Node) {
	switch {
	case n.Type == html.TextNode:
		to.AppendChild(&html.Node{Type: html.TextNode, Data: n.Data})
	case n.Type == html.ElementNode && !unread[n.DataAtom]:
		m := r.shallow(n)
		to.AppendChild(m)
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			r.phrase(m, c)
		}
	}
}

// picture copies a figure, or the pictures inside another element that holds
// nothing else, unless its names say that they are not the article's.
func (r *renderer) picture(to, n *html.Node) {
	switch {
	case n.DataAtom == atom.Figure, n.DataAtom == atom.Picture, n.DataAtom == atom.Img:
		r.phrase(to, n)
	case unread[n.DataAtom], n.DataAtom == atom.Nav, n.DataAtom == atom.Aside, n.DataAtom == atom.A, isHidden(n),
		hintsOf(n)&hintsAside != 0:
		return
	default:
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.ElementNode {
				r.picture(to, c)
			}
		}
	}
}

// shallow copies an element without its children, its addresses absolute and
// a picture's address taken from where a script would look for it.
func (r *renderer) shallow(n *html.Node) *html.Node {
	m := &html.Node{Type: html.ElementNode, Data: n.Data, DataAtom: n.DataAtom, Namespace: n.Namespace}
	for _, a := range n.Attr {
		switch a.Key {
		case "href", "cite":
			a.Val = r.absolute(a.Val)
		case "src", "class", "style", "id", "srcset":
			continue
		}
		if !strings.HasPrefix(a.Key, "data-") {
			m.Attr = append(m.Attr, a)
		}
	}
	if n.DataAtom == atom.Img {
		if addrs := pictureAddresses(n); len(addrs) > 0 {
			m.Attr = append(m.Attr, html.Attribute{Key: "src", Val: r.absolute(addrs[0])})
		}
	}
	return m
}

func (r *renderer) absolute(ref string) string {
	u, err := r.base.Parse(strings.TrimSpace(ref))
	if err != nil {
		return ""
	}
	return u.String()
}

package extract

import (
	"net/url"
	"strconv"
	"strings"

	readability "codeberg.org/readeck/go-readability/v2"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// mark begins the attribute that carries an element's number through the
// library. The number is part of the attribute's name, so that an element
// that the library makes of two keeps both.
const mark = "x-node-"

// askLibrary sets kept for the blocks that the readability library would keep.
//
// It reads a copy of the page without scripts and styles, and without what
// hides an element where hidden is true. Each element of the copy is marked;
// the marks in the answer name the elements of our tree.
func askLibrary(body *html.Node, bs []*block, hidden bool, title string, addr *url.URL) {
	c := copier{showAll: hidden}
	doc := &html.Node{Type: html.DocumentNode}
	root := addElement(doc, "html")
	addElement(addElement(root, "head"), "title").AppendChild(&html.Node{Type: html.TextNode, Data: title})
	root.AppendChild(c.copy(body))
	p := readability.NewParser()
	p.DisableJSONLD = true
	answer, err := p.ParseAndMutate(doc, addr)
	if err != nil || answer.Node == nil {
		return // it found no article: the blocks speak for themselves
	}
	kept := map[*html.Node]bool{}
	c.collect(answer.Node, kept)
	for _, b := range bs {
		b.kept = kept[b.area.node] || b.anyNode(func(n *html.Node) bool { return kept[n] })
	}
}

// anyNode says whether f holds for a node of b's run.
func (b *block) anyNode(f func(*html.Node) bool) bool {
	for n := b.first; n != nil; n = n.NextSibling {
		if f(n) {
			return true
		}
		if n == b.last {
			break
		}
	}
	return false
}

func addElement(parent *html.Node, tag string) *html.Node {
	n := &html.Node{Type: html.ElementNode, Data: tag, DataAtom: atom.Lookup([]byte(tag))}
	parent.AppendChild(n)
	return n
}

// copier copies a tree and remembers the originals by number.
type copier struct {
	showAll   bool
	originals []*html.Node
}

func (c *copier) copy(n *html.Node) *html.Node {
	m := &html.Node{Type: n.Type, Data: n.Data, DataAtom: n.DataAtom, Namespace: n.Namespace}
	if n.Type == html.ElementNode {
		m.Attr = make([]html.Attribute, 0, len(n.Attr)+1)
		for _, a := range n.Attr {
			if !c.showAll || a.Key != "style" && a.Key != "hidden" {
				m.Attr = append(m.Attr, a)
			}
		}
		m.Attr = append(m.Attr, html.Attribute{Key: mark + strconv.Itoa(len(c.originals))})
		c.originals = append(c.originals, n)
	}
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		if k.Type == html.TextNode || k.Type == html.ElementNode && !unwanted[k.DataAtom] {
			m.AppendChild(c.copy(k))
		}
	}
	return m
}

// unwanted holds the elements that the library would throw away at once.
var unwanted = atomSet(atom.Script, atom.Style, atom.Svg, atom.Template)

// collect adds the originals of the elements in n's tree.
func (c *copier) collect(n *html.Node, kept map[*html.Node]bool) {
	for _, a := range n.Attr {
		number, ok := strings.CutPrefix(a.Key, mark)
		if !ok {
			continue
		}
		if i, err := strconv.Atoi(number); err == nil && i < len(c.originals) {
			kept[c.originals[i]] = true
		}
	}
	for k := n.FirstChild; k != nil; k = k.NextSibling {
		c.collect(k, kept)
	}
}

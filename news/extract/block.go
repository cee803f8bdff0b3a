package extract

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A block is one paragraph as a reader sees it: a run of text and inline
// elements inside one element.
type block struct {
	area        *area      // the element that holds the run
	first, last *html.Node // the run, siblings below area.node
	text        string     // white space collapsed
	words       int
	linkWords   int // words inside links
	strongWords int // words inside bold or italic
	kept        bool
}

// An area is an element that holds blocks, itself or further down.
type area struct {
	node   *html.Node
	parent *area
	depth  int
	in     place
	hints  hint // of this element alone
	aside  bool // it or an element around it is there for something else than the article

	words, kept, core int // words below it: all, of kept blocks, of its solid paragraphs
}

// A place says which telling elements a block stands in.
type place uint16

const (
	inLink place = 1 << iota
	inAside
	inNav
	inFooter
	inHeader
	inFigure
	inCaption
	inList
	inTable
	inQuote
	inHeading
	inArticle
	inNested // an article inside an article
)

// places maps an element to what standing in it means.
var places = map[atom.Atom]place{
	atom.A: inLink, atom.Aside: inAside, atom.Nav: inNav, atom.Footer: inFooter, atom.Header: inHeader,
	atom.Figure: inFigure, atom.Figcaption: inCaption, atom.Li: inList, atom.Table: inTable,
	atom.Blockquote: inQuote, atom.Article: inArticle, atom.H1: inHeading, atom.H2: inHeading,
	atom.H3: inHeading, atom.H4: inHeading, atom.H5: inHeading, atom.H6: inHeading,
}

// inline holds the elements that do not end a paragraph.
var inline = atomSet(atom.A, atom.Abbr, atom.Acronym, atom.B, atom.Bdi, atom.Bdo, atom.Big, atom.Br, atom.Cite,
	atom.Code, atom.Data, atom.Del, atom.Dfn, atom.Em, atom.Font, atom.I, atom.Img, atom.Ins, atom.Kbd, atom.Label,
	atom.Mark, atom.Picture, atom.Q, atom.S, atom.Samp, atom.Small, atom.Source, atom.Span, atom.Strike,
	atom.Strong, atom.Sub, atom.Sup, atom.Time, atom.Tt, atom.U, atom.Var, atom.Wbr)

// unread holds the elements whose content is not text of the page.
var unread = atomSet(atom.Audio, atom.Button, atom.Canvas, atom.Datalist, atom.Dialog, atom.Embed, atom.Head,
	atom.Iframe, atom.Input, atom.Map, atom.Math, atom.Noscript, atom.Object, atom.Script, atom.Select, atom.Style,
	atom.Svg, atom.Template, atom.Textarea, atom.Video)

func atomSet(as ...atom.Atom) map[atom.Atom]bool {
	m := make(map[atom.Atom]bool, len(as))
	for _, a := range as {
		m[a] = true
	}
	return m
}

// fewWords is so little text that a page must be hiding the rest until a
// script shows it.
const fewWords = 50

// split returns the blocks below n in reading order, and whether it had to
// read what is hidden.
func split(n *html.Node) (bs []*block, hidden bool) {
	for _, hidden = range []bool{false, true} {
		s := splitter{all: hidden}
		s.walk(&area{node: n})
		if bs = s.blocks; totalWords(bs) >= fewWords {
			break
		}
	}
	return bs, hidden
}

func totalWords(bs []*block) (n int) {
	for _, b := range bs {
		n += b.words
	}
	return n
}

// splitter cuts a page into blocks.
type splitter struct {
	all    bool // read what is hidden too
	blocks []*block
	run    *block // the run being read, nil between runs
	text   strings.Builder
	breaks int // line breaks since the last text
}

func (s *splitter) walk(a *area) {
	for c := a.node.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode, s.isPhrase(c):
			s.extend(a, c)
		case s.isRead(c):
			s.flush()
			s.walk(a.enter(c))
		}
	}
	s.flush()
}

// enter returns the area of n, an element inside a.
func (a *area) enter(n *html.Node) *area {
	in := places[n.DataAtom]
	if in&a.in&inArticle != 0 {
		in |= inNested
	}
	h := hintsOf(n)
	return &area{node: n, parent: a, depth: a.depth + 1, in: a.in | in, hints: h,
		aside: a.aside || h&hintsAside != 0 && h&hintBody == 0 && n.DataAtom != atom.Main && n.DataAtom != atom.Article}
}

// extend adds c, a text or an inline element, to the run.
func (s *splitter) extend(a *area, c *html.Node) {
	if s.run == nil {
		s.run = &block{area: a, first: c}
	}
	s.run.last = c
	s.inlineText(c, a.in&inLink != 0, false)
	if s.breaks > 1 {
		s.flush()
	}
}

func (s *splitter) inlineText(n *html.Node, link, strong bool) {
	switch {
	case n.Type == html.TextNode:
		s.addText(n.Data, link, strong)
		return
	case !s.isRead(n):
		return
	case n.DataAtom == atom.Br:
		s.text.WriteByte(' ')
		s.breaks++
		return
	}
	switch n.DataAtom {
	case atom.A:
		link = true
	case atom.B, atom.Strong, atom.I, atom.Em:
		strong = true
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		s.inlineText(c, link, strong)
	}
}

func (s *splitter) addText(t string, link, strong bool) {
	s.text.WriteString(t)
	n := countWords(t)
	if n == 0 {
		return
	}
	s.breaks = 0
	s.run.words += n
	if link {
		s.run.linkWords += n
	}
	if strong {
		s.run.strongWords += n
	}
}

// flush ends the run, and keeps it if it has a word.
func (s *splitter) flush() {
	if s.run != nil && s.run.words > 0 {
		s.run.text = collapse(s.text.String())
		s.blocks = append(s.blocks, s.run)
	}
	s.run, s.breaks = nil, 0
	s.text.Reset()
}

// isRead says whether n is an element whose text a reader sees.
func (s *splitter) isRead(n *html.Node) bool {
	return n.Type == html.ElementNode && !unread[n.DataAtom] && (s.all || !isHidden(n))
}

// isPhrase says whether n is an inline element with only such inside.
func (s *splitter) isPhrase(n *html.Node) bool {
	if !inline[n.DataAtom] || !s.isRead(n) {
		return false
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if s.isRead(c) && !s.isPhrase(c) {
			return false
		}
	}
	return true
}

func isHidden(n *html.Node) bool {
	for _, a := range n.Attr {
		if a.Key == "hidden" || a.Key == "style" &&
			(strings.Contains(a.Val, "display:none") || strings.Contains(a.Val, "display: none")) {
			return true
		}
	}
	return false
}

// collapse makes every run of white space one space.
func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }

// firstIdeograph begins the scripts that put no space between words.
const firstIdeograph = '\u2e80'

// countWords counts the words of s: runs of letters and digits, and two
// characters a word where a script has no spaces.
func countWords(s string) int {
	n, dense, inside := 0, 0, false
	for _, r := range s {
		w := isWord(r)
		if w && r >= firstIdeograph {
			dense, w = dense+1, false
		} else if w && !inside {
			n++
		}
		inside = w
	}
	return n + (dense+1)/2
}

func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

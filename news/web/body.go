package web

import (
	"html/template"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// bodyLen is the length in bytes of the longest body that a page shows whole.
const bodyLen = 2 << 20

// body turns an article's safe HTML into what its page shows: pictures come
// through our server, films become links, headings stand below the headline,
// the lead picture is not shown twice. With words > 0 it keeps so many words
// and says whether there were more.
func (s *site) body(text, lead string, words int) (shown template.HTML, cut bool) {
	if len(text) > bodyLen {
		text, cut = text[:bodyLen], true
	}
	parent := &html.Node{Type: html.ElementNode, Data: "div", DataAtom: atom.Div}
	nodes, err := html.ParseFragment(strings.NewReader(text), parent)
	if err != nil { // nested too deeply to be an article
		return "", true
	}
	for _, n := range nodes {
		parent.AppendChild(n)
	}
	e := bodyEditor{site: s, lead: lead, shift: headingShift(parent)}
	e.children(parent)
	if words > 0 {
		cut = !keepWords(parent, &words) || cut
	}
	var b strings.Builder
	for n := range parent.ChildNodes() {
		if err := html.Render(&b, n); err != nil {
			return "", true
		}
	}
	return template.HTML(b.String()), cut
}

// bodyEditor edits the tree of one body.
type bodyEditor struct {
	site  *site
	lead  string // address of the lead picture
	shift int    // how far headings move down
}

// children edits all below n, and says whether anything is left to be seen in
// it; a caption alone is nothing.
func (e *bodyEditor) children(n *html.Node) (holds bool) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling // c may leave the tree
		if e.element(c, e.children(c)) {
			holds = true
		}
		c = next
	}
	return holds
}

// element edits n, in which something is left to be seen or not, and says the
// same of n itself.
func (e *bodyEditor) element(n *html.Node, holds bool) bool {
	if n.Type == html.TextNode {
		return strings.TrimSpace(n.Data) != ""
	}
	switch n.DataAtom {
	case atom.Img:
		return e.picture(n)
	case atom.Video, atom.Audio:
		film(n)
		return true
	case atom.Figcaption:
		return false
	case atom.Figure, atom.P, atom.A:
		if !holds {
			n.Parent.RemoveChild(n)
		}
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		level := min(int(n.Data[1]-'0')+e.shift, 6)
		n.Data = "h" + strconv.Itoa(level)
		n.DataAtom = atom.Lookup([]byte(n.Data))
	}
	return holds
}

// picture points an img at our server, or removes it; it says whether it stays.
func (e *bodyEditor) picture(n *html.Node) bool {
	src, alt := attribute(n, "src"), attribute(n, "alt")
	shot := e.site.shot(src, alt)
	if shot == nil || src == e.lead {
		n.Parent.RemoveChild(n)
		return false
	}
	n.Attr = []html.Attribute{
		{Key: "src", Val: shot.Src}, {Key: "srcset", Val: shot.Srcset}, {Key: "sizes", Val: "(min-width: 48rem) 38rem, 100vw"},
		{Key: "alt", Val: shot.Alt}, {Key: "loading", Val: "lazy"},
		{Key: "class", Val: shape(attribute(n, "width"), attribute(n, "height"))},
	}
	return true
}

// shape is the class that reserves a picture's space: that of the nearest
// proportion, because what a feed says of a size is often not quite true, and
// a page must not move when it turns out so.
func shape(width, height string) string {
	w, errW := strconv.Atoi(width)
	h, errH := strconv.Atoi(height)
	if errW != nil || errH != nil || w <= 0 || h <= 0 {
		return "p3-2"
	}
	class := "p3-4"
	for _, row := range []struct {
		from  float64 // width by height
		class string
	}{{2.4, "p3-1"}, {1.64, "p16-9"}, {1.4, "p3-2"}, {1.15, "p4-3"}, {0.87, "p1-1"}} {
		if float64(w)/float64(h) >= row.from {
			class = row.class
			break
		}
	}
	if w < 300 {
		class += " little"
	}
	return class
}

// film puts a link in place of a film or a sound, which would be loaded from
// another server.
func film(n *html.Node) {
	what, src := "Watch the film", attribute(n, "src")
	if n.DataAtom == atom.Audio {
		what = "Listen to the recording"
	}
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
	}
	n.Data, n.DataAtom, n.Attr = "a", atom.A, []html.Attribute{{Key: "href", Val: src}, {Key: "rel", Val: "noopener noreferrer nofollow"}}
	n.AppendChild(&html.Node{Type: html.TextNode, Data: what + " at " + host(src)})
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// headingShift is what brings the highest heading to the second level.
func headingShift(n *html.Node) int {
	highest := 6
	for c := range n.Descendants() {
		switch c.DataAtom {
		case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
			highest = min(highest, int(c.Data[1]-'0'))
		}
	}
	return 2 - highest
}

// keepWords removes all after the first *left words, and takes from *left
// those it kept. It says whether it kept everything.
func keepWords(n *html.Node, left *int) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		whole := true
		if c.Type == html.TextNode {
			c.Data, whole = firstWords(c.Data, left)
		} else {
			whole = keepWords(c, left)
		}
		if whole {
			continue
		}
		for c.NextSibling != nil {
			n.RemoveChild(c.NextSibling)
		}
		return false
	}
	return true
}

// firstWords cuts text after *left words, which are those of [news.CountWords].
func firstWords(text string, left *int) (string, bool) {
	inWord := false
	for i, r := range text {
		alone := unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
		letter := !alone && (inWord && (r == '\'' || r == '’') || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
		if alone || letter && !inWord {
			if *left == 0 {
				return strings.TrimRightFunc(text[:i], notInWord) + "…", false
			}
			*left--
		}
		inWord = letter
	}
	return text, true
}

func notInWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r)
}

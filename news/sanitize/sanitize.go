// Package sanitize turns untrusted HTML into HTML that is safe to show on a
// page of ours, by an allow-list (allow.go), and into plain text.
//
// It reads tags one by one and writes its own, properly nested, with every text
// and attribute escaped anew. Because nothing it writes is read by a browser as
// anything but ordinary elements and text, the browser's tree is the one that
// was written, and sanitising twice equals once. Its time and memory grow in
// proportion to the input, whatever the nesting.
//
// It fetches nothing and does not judge what is worth showing. Whatever came
// from a feed, a page or a mail passes through here before it is stored:
// news/ingest calls it, news/feed for plain text, and the debug commands.
package sanitize

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// maxDepth is how deep the output nests. Browsers stop at 512; tags deeper than
// this are dropped and their text kept.
const maxDepth = 100

// kind tells how an element behaves among others.
type kind uint16

const (
	inline    kind = 1 << iota
	block          // closes an open paragraph
	void           // has no content and no end tag
	heading        // closes a heading directly around it
	item           // closes the item before it in the same list
	rubyPart       // rt and rp: close each other
	tabular        // table and its parts that hold only parts
	tablePart      // may stand only inside a table
	cell           // part of a table that holds anything; a wall for end tags
)

// element is a row of the allow-list.
type element struct {
	name  string // filled from the key
	kind  kind
	attrs []attr
	need  string // attribute without which the element is not written
	extra string // attributes added by us
}

func (e *element) is(k kind) bool { return e.kind&k != 0 }

// elements is the allow-list as it is looked up: with the names and the
// attributes for everywhere filled in, and the other names.
var elements = func() map[string]*element {
	m := make(map[string]*element, len(allowed)+len(renamed))
	for name, e := range allowed {
		e.name = name
		e.attrs = append(slices.Clip(e.attrs), everywhere...)
		m[name] = &e
	}
	for from, to := range renamed {
		m[from] = m[to]
	}
	return m
}()

// HTML returns the safe part of an HTML fragment: the elements and attributes
// of the allow-list, well-formed, with the text of all others. Links become
// absolute against base and are dropped when they cannot (relative ones always,
// when base is nil). Pictures of one pixel are dropped, frames with a size
// become links. HTML(HTML(x, b), b) equals HTML(x, b).
func HTML(fragment string, base *url.URL) string {
	fragment = strings.ToValidUTF8(fragment, "\uFFFD")
	c := cleaner{
		z:    html.NewTokenizer(strings.NewReader(fragment)),
		base: base,
		out:  make([]byte, 0, len(fragment)+len(fragment)/8),
	}
	for {
		switch c.z.Next() {
		case html.ErrorToken:
			c.finish()
			c.closeTo(0)
			return string(c.out)
		case html.TextToken:
			c.text()
		case html.CommentToken, html.DoctypeToken:
			if raw := c.z.Raw(); unclosed(raw) && c.skip == "" {
				c.intoCell()
				c.out = appendEscaped(c.out, raw, inText)
			}
		case html.StartTagToken:
			c.start(false)
		case html.SelfClosingTagToken:
			c.start(true)
		case html.EndTagToken:
			c.end()
		}
	}
}

// unclosed reports whether a declaration at the end of the text is none, but a
// "<!" that should have been escaped.
func unclosed(raw []byte) bool {
	return bytes.HasPrefix(raw, []byte("<!")) && !bytes.HasPrefix(raw, []byte("<!-")) && !bytes.HasSuffix(raw, []byte(">"))
}

// cleaner is the state of one call of HTML.
type cleaner struct {
	z      *html.Tokenizer
	base   *url.URL
	out    []byte
	open   []*element
	skip   string // inside an element whose content is dropped: its name
	nested int    // how many of that name are open
	film   film   // sound or film whose content is being skipped
	shown  string // address of the last picture written
}

func (c *cleaner) text() {
	if c.skip != "" {
		return
	}
	raw := c.z.Raw()
	if c.inTable() && len(strings.TrimSpace(string(raw))) == 0 {
		return
	}
	c.intoCell()
	if plainText(raw) {
		c.out = append(c.out, raw...)
	} else {
		c.out = appendEscaped(c.out, c.z.Text(), inText)
	}
}

func (c *cleaner) start(selfClosing bool) {
	tag, _ := c.z.TagName()
	if c.skip != "" {
		c.skipped(tag, selfClosing)
		return
	}
	name := string(tag)
	e := elements[name]
	switch {
	case e != nil && len(c.open) < maxDepth && c.place(e):
		c.write(e)
	case name == "iframe" && !c.frame():
		c.z.NextIsNotRawText() // what is inside stands in its place
		return
	}
	switch {
	case name == "noscript":
		c.z.NextIsNotRawText() // its content is what we want: no script runs here
	case emptied[name] && selfClosing:
		c.z.NextIsNotRawText()
		c.finish()
	case emptied[name]:
		c.skip, c.nested = name, 1
	}
}

func (c *cleaner) write(e *element) {
	switch {
	case e.name == "img":
		c.picture()
	case e.name == "audio" || e.name == "video":
		c.media(e)
	case c.tag(e) && !e.is(void):
		c.open = append(c.open, e)
	}
}

// skipped handles a start tag inside an element whose content is dropped.
func (c *cleaner) skipped(tag []byte, selfClosing bool) {
	switch {
	case string(tag) == c.skip && !selfClosing:
		c.nested++
	case string(tag) == "source" && c.film.element != nil && c.film.src == "":
		c.film.src = c.mediaAddress(c.values("src")[0])
	}
}

func (c *cleaner) end() {
	tag, _ := c.z.TagName()
	if c.skip != "" {
		if string(tag) == c.skip {
			if c.nested--; c.nested == 0 {
				c.skip = ""
				c.finish()
			}
		}
		return
	}
	e := elements[string(tag)]
	if e == nil || e.is(void) {
		return
	}
	if i := c.lastOpen(e); i >= 0 {
		c.closeTo(i)
	}
}

// lastOpen is the index of the open element that an end tag of e closes, or -1.
// An end tag inside a cell closes nothing outside it, one inside a list no item
// of an outer list.
func (c *cleaner) lastOpen(e *element) int {
	for i := len(c.open) - 1; i >= 0; i-- {
		o := c.open[i]
		switch {
		case o == e || o.is(heading) && e.is(heading):
			return i
		case o.name == "table", o.is(cell) && !e.is(tablePart) && e.name != "table":
			return -1
		case e.name == "li" && (o.name == "ul" || o.name == "ol"):
			return -1
		}
	}
	return -1
}

// closeTo closes the open elements from the innermost to index i.
func (c *cleaner) closeTo(i int) {
	for j := len(c.open) - 1; j >= i; j-- {
		c.out = append(c.out, "</"...)
		c.out = append(c.out, c.open[j].name...)
		c.out = append(c.out, '>')
	}
	c.open = c.open[:i]
}

// place closes and opens what must be so that e may follow, as a browser would
// when it meets e here, and reports whether e may stand here at all.
func (c *cleaner) place(e *element) bool {
	if e.is(tablePart) {
		return c.placePart(e)
	}
	if e.name == "table" && len(c.open) > maxDepth-4 {
		return false // no room for its parts
	}
	c.intoCell()
	switch {
	case e.is(rubyPart):
		return c.placeRuby()
	case e.name == "a":
		return c.closeLink(e)
	case e.is(item):
		c.closeItem(e)
	}
	if e.is(block) {
		if i := c.lastOpen(elements["p"]); i >= 0 {
			c.closeTo(i)
		}
	}
	if n := len(c.open); e.is(heading) && n > 0 && c.open[n-1].is(heading) {
		c.closeTo(n - 1)
	}
	return true
}

// closeItem closes the list item before e, unless another block stands between.
func (c *cleaner) closeItem(e *element) {
	for i := len(c.open) - 1; i >= 0; i-- {
		o := c.open[i]
		if o == e || o.is(item) && e.name != "li" && o.name != "li" {
			c.closeTo(i)
			return
		}
		if !o.is(inline) && o.name != "div" && o.name != "p" && o.name != "address" {
			return
		}
	}
}

// closeLink closes an open link, since links do not nest; where that would
// break blocks open inside it, the new one is given up.
func (c *cleaner) closeLink(a *element) bool {
	i := slices.Index(c.open, a)
	if i < 0 {
		return true
	}
	for _, o := range c.open[i:] {
		if !o.is(inline) {
			return false
		}
	}
	c.closeTo(i)
	return true
}

func (c *cleaner) placeRuby() bool {
	if !slices.Contains(c.open, elements["ruby"]) {
		return false
	}
	n := len(c.open)
	for n > 0 && (c.open[n-1].is(item|rubyPart) || c.open[n-1].name == "p") {
		n--
	}
	c.closeTo(n)
	return true
}

// inTable reports whether only parts of a table may come next.
func (c *cleaner) inTable() bool {
	n := len(c.open)
	return n > 0 && c.open[n-1].is(tabular)
}

// intoCell opens the missing parts when something else than a part of a table
// comes directly inside one; a browser would move it in front of the table.
func (c *cleaner) intoCell() {
	for c.inTable() {
		switch c.open[len(c.open)-1].name {
		case "table":
			c.push("tbody")
		case "tr":
			c.push("td")
		default:
			c.push("tr")
		}
	}
}

func (c *cleaner) push(name string) {
	c.out = append(c.out, '<')
	c.out = append(c.out, name...)
	c.out = append(c.out, '>')
	c.open = append(c.open, elements[name])
}

// placePart makes room for a part of a table in the innermost table.
func (c *cleaner) placePart(e *element) bool {
	t := len(c.open) - 1
	for t >= 0 && c.open[t].name != "table" {
		t--
	}
	if t < 0 {
		return false
	}
	keep := t + 1 // how many stay open
	if e.name == "tr" || e.name == "td" || e.name == "th" {
		for keep < len(c.open) && c.open[keep].is(tabular) && (c.open[keep].name != "tr" || e.name != "tr") {
			keep++
		}
	}
	c.closeTo(keep)
	switch e.name {
	case "tr":
		if c.open[keep-1].name == "table" {
			c.push("tbody")
		}
	case "td", "th":
		if c.open[len(c.open)-1].name == "table" {
			c.push("tbody")
		}
		if c.open[len(c.open)-1].name != "tr" {
			c.push("tr")
		}
	}
	return true
}

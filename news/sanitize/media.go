package sanitize

import "strings"

// picture writes an img. Where a script would have put the address in later,
// the one meant for the script is taken.
func (c *cleaner) picture() {
	v := c.values("src", "data-src", "data-lazy-src", "data-original", "alt", "width", "height", "title", "lang", "dir")
	var src string
	for _, s := range v[:4] {
		if src = c.mediaAddress(s); src != "" {
			break
		}
	}
	if src == "" || src == c.shown || tiny(v[5]) && tiny(v[6]) {
		return
	}
	c.shown = src // a noscript often repeats the picture before it
	c.out = append(c.out, "<img"...)
	c.attr("src", src)
	c.attr("alt", string(v[4]))
	c.optional("width", number, v[5])
	c.optional("height", number, v[6])
	c.optional("title", text, v[7])
	c.optional("lang", plain, v[8])
	c.optional("dir", direction, v[9])
	c.out = append(c.out, '>')
}

// mediaAddress resolves the address of a picture, sound or film; empty when it
// has no good one.
func (c *cleaner) mediaAddress(v []byte) string {
	if u := resolve(v, c.base); strings.HasPrefix(u, "http") {
		return u
	}
	return ""
}

// tiny tells the size of a picture that is there to be counted, not seen.
func tiny(size []byte) bool {
	s := strings.TrimSuffix(strings.TrimSpace(string(size)), "px")
	return s == "0" || s == "1"
}

// film is an audio or video until its end tag or its first source is met.
type film struct {
	element            *element
	src, poster        string
	width, height, lab []byte
}

// media remembers an audio or video; finish writes it.
func (c *cleaner) media(e *element) {
	v := c.values("src", "poster", "width", "height", "title")
	c.film = film{e, c.mediaAddress(v[0]), c.mediaAddress(v[1]), v[2], v[3], v[4]}
}

// finish writes the audio or video that was met, if an address was. It plays
// when the reader asks for it, never by itself.
func (c *cleaner) finish() {
	f := c.film
	c.film = film{}
	if f.element == nil || f.src == "" {
		return
	}
	c.out = append(append(c.out, '<'), f.element.name...)
	c.out = append(c.out, ` controls="" preload="none"`...)
	c.attr("src", f.src)
	if f.element.name == "video" {
		if f.poster != "" {
			c.attr("poster", f.poster)
		}
		c.optional("width", number, f.width)
		c.optional("height", number, f.height)
	}
	c.optional("title", text, f.lab)
	c.out = append(append(append(c.out, "></"...), f.element.name...), '>')
}

// frame writes a link in place of a frame that has a size, such as a player or
// a map, and reports whether it did; others are there to count or to advertise.
func (c *cleaner) frame() bool {
	v := c.values("src", "data-src", "width", "height", "title")
	src := c.mediaAddress(v[0])
	if src == "" {
		src = c.mediaAddress(v[1])
	}
	if src == "" || v[2] == nil && v[3] == nil || tiny(v[2]) || tiny(v[3]) {
		return false
	}
	a := elements["a"]
	c.intoCell()
	if len(c.open) >= maxDepth || !c.closeLink(a) {
		return false
	}
	label := strings.TrimSpace(string(v[4]))
	if label == "" {
		_, label, _ = strings.Cut(src, "://")
	}
	c.out = append(c.out, "<a"...)
	c.attr("href", src)
	c.out = append(append(c.out, a.extra...), '>')
	c.out = appendEscaped(c.out, label, inText)
	c.out = append(c.out, "</a>"...)
	return true
}

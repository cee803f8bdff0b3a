package feed

import (
	"encoding/base64"
	"html"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"understory/news/sanitize"
)

// form is how the content of an element is to be read.
type form uint8

const (
	asText  form = iota // plain text
	asHTML              // HTML, escaped or in CDATA
	asXHTML             // elements
)

// formOf reads the type and the mode that an element names. Atom's default is
// text and RSS's is HTML; Atom's is not believed when the text has tags.
func (t *tree) formOf(n *node) (f form, binary bool) {
	typ, mode := strings.ToLower(n.attr("type")), strings.ToLower(n.attr("mode"))
	switch {
	case mode == "base64":
		return asHTML, true
	case typ == "xhtml" || mode == "xml" && n.first != nil || typ == "application/xhtml+xml":
		return asXHTML, false
	case typ == "html" || typ == "text/html":
		return asHTML, false
	case typ == "text" || typ == "text/plain":
		if n.first != nil {
			return asXHTML, false
		}
		return asText, false
	case strings.HasSuffix(typ, "/xml") || strings.HasSuffix(typ, "+xml"):
		return asXHTML, false
	case strings.Contains(typ, "/") && !strings.HasPrefix(typ, "text/"):
		return asHTML, true
	case n.space != atom:
		if n.space == xhtml || n.first != nil && n.first.space == xhtml {
			return asXHTML, false
		}
		return asHTML, false
	case n.first != nil:
		return asXHTML, false
	}
	if mode == "escaped" || tagged(t.text(n)) {
		return asHTML, false
	}
	return asText, false
}

// tagged reports whether text has a paragraph, a link, a picture or the like.
func tagged(text string) bool {
	for {
		i := strings.IndexByte(text, '<')
		if i < 0 {
			return false
		}
		text = text[i+1:]
		for _, tag := range []string{"p>", "p ", "a ", "br>", "br/>", "br />", "img ", "div>", "div ", "b>", "i>", "em>", "strong>", "ul>", "span "} {
			if strings.HasPrefix(text, tag) {
				return true
			}
		}
	}
}

// html returns the content of n as HTML.
func (t *tree) html(n *node) string {
	f, binary := t.formOf(n)
	var s string
	switch {
	case f == asXHTML:
		return strings.TrimSpace(t.inner(n.withoutDiv(t), true))
	case n.first != nil:
		s = t.inner(n.withoutDiv(t), false)
	default:
		s = t.text(n)
	}
	if binary {
		if b, ok := unpack(s); ok {
			s = b
		} else if isMedia(n.attr("type")) {
			return ""
		}
	}
	s = unmangle(strings.TrimSpace(s))
	if f == asText {
		s = html.EscapeString(s)
	}
	return s
}

// withoutDiv returns the div around the content of n, which Atom asks for and
// which is no part of it; n itself where there is none.
func (n *node) withoutDiv(t *tree) *node {
	d := n.first
	if d == nil || d.next != nil || d.name != "div" || n.space != atom {
		return n
	}
	around := t.src[n.from:d.begin] + t.src[min(d.end, n.to):n.to]
	if strings.TrimSpace(around) != "" {
		return n
	}
	return d
}

// plain returns the content of n as plain text on one line.
func (t *tree) plain(n *node) string {
	if f, _ := t.formOf(n); f != asText {
		return plainText(t.html(n))
	}
	return squeeze(unmangle(t.text(n)))
}

// plainText reduces what may be HTML to its text.
func plainText(s string) string {
	if strings.ContainsAny(s, "<&") {
		return sanitize.Text(s)
	}
	return squeeze(s)
}

// squeeze makes every run of white space and control characters one space.
func squeeze(s string) string {
	clean := true
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] >= 0x7f || s[i] == ' ' && (i == 0 || s[i-1] == ' ' || i == len(s)-1) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	return sanitize.Squeeze(s)
}

// text returns the character data of n and of what is inside it, decoded.
func (t *tree) text(n *node) string {
	raw := t.src[n.from:n.to]
	if strings.IndexByte(raw, '<') < 0 {
		return decode(raw)
	}
	const begin, end = "<![CDATA[", "]]>"
	if s := strings.TrimSpace(raw); strings.HasPrefix(s, begin) && strings.Index(s, end) == len(s)-len(end) {
		return s[len(begin) : len(s)-len(end)]
	}
	var b strings.Builder
	for s := (scanner{src: raw}); s.next(); {
		switch s.kind {
		case textToken:
			b.WriteString(decode(raw[s.from:s.to]))
		case cdataToken:
			b.WriteString(raw[s.from:s.to])
		}
	}
	return b.String()
}

// inner returns the elements inside n as HTML: names without prefixes, nothing
// self-closed that HTML does not close. In XHTML references stay as they are;
// otherwise the text between the tags is itself escaped HTML.
func (t *tree) inner(n *node, xml bool) string {
	raw := t.src[n.from:n.to]
	var b strings.Builder
	b.Grow(len(raw))
	for s := (scanner{src: raw}); s.next(); {
		switch s.kind {
		case textToken:
			if xml {
				b.WriteString(raw[s.from:s.to])
			} else {
				b.WriteString(decode(raw[s.from:s.to]))
			}
		case cdataToken:
			if xml {
				b.WriteString(html.EscapeString(raw[s.from:s.to]))
			} else {
				b.WriteString(raw[s.from:s.to])
			}
		case startToken:
			_, name := splitName(s.name)
			b.WriteString("<" + name + s.attrs + ">")
			if s.selfClose && !voids[name] {
				b.WriteString("</" + name + ">")
			}
		case endToken:
			if _, name := splitName(s.name); !voids[name] {
				b.WriteString("</" + name + ">")
			}
		}
	}
	return b.String()
}

// voids are the elements without an end tag in HTML.
var voids = set("area base br col embed hr img input link meta param source track wbr")

// unpack decodes base64 with white space in it to text.
func unpack(s string) (string, bool) {
	s = strings.Join(strings.Fields(s), "")
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil || !utf8.Valid(b) {
		return "", false
	}
	return strings.ReplaceAll(string(b), "\x00", ""), true
}

// isMedia reports whether a media type is of something to look at or to hear.
func isMedia(typ string) bool {
	kind, _, _ := strings.Cut(strings.ToLower(typ), "/")
	return kind == "image" || kind == "audio" || kind == "video"
}

// markup returns the content of n as Markup.
func (t *tree) markup(n *node) Markup {
	m := Markup{HTML: cut(t.html(n), MaxMarkup)}
	if n.base != nil && m.HTML != "" {
		m.Base = n.base.String()
	}
	return m
}

// unmangle repairs UTF-8 that was taken for Windows-1252 and encoded once more,
// such as "â€™" for "’". Only sequences that can hardly be meant are touched.
func unmangle(s string) string {
	if !strings.ContainsAny(s, "ÂÃâ") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r == 'Â' || r == 'Ã' || r == 'â' {
			if fixed, n := unmangleAt(s[i:]); n > 0 {
				b.WriteRune(fixed)
				i += n
				continue
			}
		}
		b.WriteString(s[i : i+size])
		i += size
	}
	return b.String()
}

// unmangleAt returns the character that s begins with in mangled form and the
// length of that form, 0 when it does not.
func unmangleAt(s string) (rune, int) {
	var b [3]byte
	want, n := 2, 0
	if strings.HasPrefix(s, "â") {
		want = 3
	}
	for i := range want {
		r, size := utf8.DecodeRuneInString(s[n:])
		c, ok := windows1252(r)
		if !ok || c < 0x80 {
			return 0, 0
		}
		b[i] = c
		n += size
	}
	r, size := utf8.DecodeRune(b[:want])
	if r == utf8.RuneError || size != want {
		return 0, 0
	}
	return r, n
}

// link resolves an address found in n; "" when it cannot be shown.
func (n *node) link(s string) string { return resolve(s, n.base) }

func resolve(s string, base *url.URL) string {
	s = clean(s)
	if s == "" || len(s) > MaxAddress {
		return ""
	}
	s = strings.ReplaceAll(s, " ", "%20")
	if web(s) {
		return s
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	switch u.Scheme {
	case "", "http", "https", "mailto":
		return u.String()
	}
	return ""
}

// clean takes control characters and the space around it off an address or id.
func clean(s string) string {
	s = strings.TrimSpace(s)
	if strings.IndexFunc(s, unicode.IsControl) < 0 {
		return s
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return -1
		}
		return r
	}, s))
}

// web reports whether s is an absolute address of the web.
func web(s string) bool {
	return len(s) > 8 && (strings.EqualFold(s[:7], "http://") || strings.EqualFold(s[:8], "https://"))
}

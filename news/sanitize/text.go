package sanitize

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// Text returns the text of an HTML fragment: entities decoded, white space
// squeezed to single spaces, a space where a block or a line ends, without the
// content of scripts, styles and the like. The result is plain text: it must be
// escaped like any other before it is put on a page.
func Text(fragment string) string {
	fragment = strings.ToValidUTF8(fragment, "\uFFFD")
	t := reducer{z: html.NewTokenizer(strings.NewReader(fragment))}
	for {
		switch kind := t.z.Next(); kind {
		case html.ErrorToken:
			return string(t.out)
		case html.TextToken:
			if t.skip == "" {
				t.write(t.z.Text())
			}
		case html.CommentToken, html.DoctypeToken:
			if raw := t.z.Raw(); t.skip == "" && unclosed(raw) {
				t.write(raw)
			}
		default:
			t.tag(kind)
		}
	}
}

// reducer is the state of one call of Text.
type reducer struct {
	squeezer
	z      *html.Tokenizer
	skip   string // inside an element whose content is dropped: its name
	nested int    // how many of that name are open
}

func (t *reducer) tag(kind html.TokenType) {
	tag, _ := t.z.TagName()
	name := string(tag)
	switch {
	case t.skip != "":
		if name == t.skip {
			t.skipped(kind)
		}
	case name == "noscript" || name == "iframe" || emptied[name] && kind == html.SelfClosingTagToken:
		t.z.NextIsNotRawText()
	case emptied[name]:
		if kind == html.StartTagToken {
			t.skip, t.nested = name, 1
		}
	default:
		if e := elements[name]; e != nil && (e.name == "br" || !e.is(inline|void)) {
			t.gap = true
		}
	}
}

// skipped handles a tag of the element whose content is dropped.
func (t *reducer) skipped(kind html.TokenType) {
	switch kind {
	case html.StartTagToken:
		t.nested++
	case html.EndTagToken:
		t.nested--
	}
	if t.nested == 0 {
		t.skip = ""
	}
}

// squeezer joins pieces of text with white space squeezed.
type squeezer struct {
	out []byte
	gap bool // a space is due before the next word
}

func (s *squeezer) write(text []byte) {
	for _, r := range string(text) {
		switch {
		case unicode.IsSpace(r):
			s.gap = true
		case unicode.IsControl(r):
		default:
			if s.gap && len(s.out) > 0 {
				s.out = append(s.out, ' ')
			}
			s.gap = false
			s.out = utf8.AppendRune(s.out, r)
		}
	}
}

// Squeeze returns plain text with its white space squeezed to single spaces and
// without control characters.
func Squeeze(text string) string {
	var s squeezer
	s.write([]byte(text))
	return string(s.out)
}

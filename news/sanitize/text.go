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
	z := html.NewTokenizer(strings.NewReader(fragment))
	var b squeezer
	skip, nested := "", 0
	for {
		tt := z.Next()
		if tt == html.ErrorToken {
			return string(b.out)
		}
		if tt == html.TextToken {
			if skip == "" {
				b.write(z.Text())
			}
			continue
		}
		if tt == html.CommentToken || tt == html.DoctypeToken {
			if raw := z.Raw(); unclosed(raw) && skip == "" {
				b.write(raw)
			}
			continue
		}
		tag, _ := z.TagName()
		name := string(tag)
		switch {
		case tt == html.EndTagToken && name == skip:
			if nested--; nested == 0 {
				skip = ""
			}
		case tt == html.StartTagToken && name == skip:
			nested++
		case skip != "" || tt == html.EndTagToken && emptied[name]:
		case name == "iframe" || emptied[name] && tt == html.SelfClosingTagToken:
			z.NextIsNotRawText()
		case emptied[name]:
			skip, nested = name, 1
		case name == "noscript":
			z.NextIsNotRawText()
		default:
			if e := elements[name]; e != nil && (e.name == "br" || !e.is(inline|void)) {
				b.gap = true
			}
		}
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

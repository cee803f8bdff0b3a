package catalogue

import (
	"cmp"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// MaxSlug is the most bytes of a slug.
const MaxSlug = 64

// letters are those of the Latin script that do not decompose into a plain one
// and marks.
var letters = strings.NewReplacer("æ", "ae", "œ", "oe", "ø", "o", "ß", "ss", "ð", "d", "þ", "th",
	"đ", "d", "ł", "l", "ħ", "h", "ı", "i", "ŋ", "ng", "ə", "e", "'", "", "’", "", "ʻ", "")

// Slug makes a title's part of an address from its name: lower case ASCII
// letters, digits and single hyphens, at most [MaxSlug] bytes. Latin letters
// lose their marks. A name that leaves nothing, such as one in another script,
// gives way to the host of the title's home page, "www." left out, and that to
// "title". Two titles can get the same slug; [Parse] tells them apart.
func Slug(name, home string) string {
	host := ""
	if u, err := url.Parse(home); err == nil {
		host = strings.TrimPrefix(u.Hostname(), "www.")
	}
	s := cmp.Or(asciiWords(name), asciiWords(host), "title")
	return strings.TrimRight(s[:min(len(s), MaxSlug)], "-")
}

// asciiWords returns the words of s as small ASCII letters and digits, with a
// hyphen between them.
func asciiWords(s string) string {
	s = norm.NFD.String(letters.Replace(strings.ToLower(s)))
	s = strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			return r
		case unicode.Is(unicode.Mn, r):
			return -1
		}
		return ' '
	}, s)
	return strings.Join(strings.Fields(s), "-")
}

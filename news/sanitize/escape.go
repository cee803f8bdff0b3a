package sanitize

// Where a byte has to be written in another way.
const (
	inText byte = 1 << iota
	inValue
)

// special tells for every byte where it is not copied as it is: those with a
// meaning in HTML, and control characters other than tab and line feed.
var special = func() (t [256]byte) {
	for b := range 0x20 {
		if b != '\t' && b != '\n' {
			t[b] = inText | inValue
		}
	}
	for _, b := range "&<>\x7f" {
		t[b] = inText | inValue
	}
	t['"'] = inValue
	return t
}()

// plainText reports whether raw HTML text means what its bytes say.
func plainText(raw []byte) bool {
	for _, b := range raw {
		if special[b]&inText != 0 {
			return false
		}
	}
	return true
}

// appendEscaped appends s so that a browser reads exactly s there, but for its
// control characters.
func appendEscaped[T string | []byte](dst []byte, s T, where byte) []byte {
	from := 0
	for i := range len(s) {
		if special[s[i]]&where == 0 {
			continue
		}
		dst = append(dst, s[from:i]...)
		from = i + 1
		switch s[i] {
		case '&':
			dst = append(dst, "&amp;"...)
		case '<':
			dst = append(dst, "&lt;"...)
		case '>':
			dst = append(dst, "&gt;"...)
		case '"':
			dst = append(dst, "&#34;"...)
		case '\r':
			dst = append(dst, '\n')
		}
	}
	return append(dst, s[from:]...)
}

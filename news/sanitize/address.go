package sanitize

import (
	"net/url"
	"strings"
)

// resolve returns the absolute form of a link found in HTML, or "" when its
// scheme is not allowed or it cannot be made absolute.
func resolve(link []byte, base *url.URL) string {
	s := tidy(string(link))
	if s == "" || complete(s) {
		return s
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	if base != nil {
		u = base.ResolveReference(u)
	} else if u.Scheme == "" && u.Host != "" {
		u.Scheme = "https"
	}
	// What is written must be taken unchanged when it is read again.
	if s = tidy(u.String()); complete(s) {
		return s
	}
	return ""
}

// complete reports whether s, which is tidy, is an absolute address with one of
// the allowed schemes in lower case.
func complete(s string) bool {
	for _, scheme := range schemes {
		if rest, ok := strings.CutPrefix(s, scheme); ok {
			return rest != "" && rest[0] != '/' && rest[0] != '?' && rest[0] != '#'
		}
	}
	return false
}

// tidy takes off what browsers ignore in an address (control characters, space
// around it) and encodes what they encode, so that the address means the same
// to every program that reads it.
func tidy(s string) string {
	if strings.IndexFunc(s, untidy) < 0 {
		return s
	}
	s = strings.TrimFunc(s, func(r rune) bool { return r <= ' ' })
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, s)
	return encoder.Replace(s)
}

func untidy(r rune) bool {
	return r <= ' ' || r == '"' || r == '<' || r == '>' || r == '\\' || r == 0x7f
}

var encoder = strings.NewReplacer(" ", "%20", `"`, "%22", "<", "%3C", ">", "%3E", `\`, "/")

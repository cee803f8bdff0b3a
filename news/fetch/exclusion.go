package fetch

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
)

// target is what rules are matched against: path and query, in one form.
func target(u *url.URL) string {
	path := orElse(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		path += "?" + u.RawQuery
	}
	return normal(path)
}

// allows applies a robots.txt (RFC 9309): the rules of the groups that name
// agent, else of those for all; the longest that matches wins.
func allows(text []byte, agent, target string) bool {
	agent = strings.ToLower(agent)
	own, all := verdict{allow: true}, verdict{allow: true}
	named, mine, every, inRules := false, false, false, false
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	for line := range bytes.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		key, value := field(string(line))
		switch key {
		case "user-agent":
			if inRules {
				mine, every, inRules = false, false, false
			}
			mine = mine || product(value) == agent
			every = every || value == "*"
			named = named || mine
		case "allow", "disallow":
			inRules = true
			if mine {
				own.weigh(value, key == "allow", target)
			}
			if every {
				all.weigh(value, key == "allow", target)
			}
		}
	}
	if named {
		return own.allow
	}
	return all.allow
}

// reserves applies a tdmrep.json: the longest rule that matches wins. What
// cannot be read reserves nothing.
func reserves(text []byte, target string) bool {
	var rules []struct {
		Location    string `json:"location"`
		Reservation int    `json:"tdm-reservation"`
	}
	if json.Unmarshal(text, &rules) != nil {
		return false
	}
	free := verdict{allow: true}
	for _, r := range rules {
		free.weigh(r.Location, r.Reservation != 1, target)
	}
	return !free.allow
}

func field(line string) (key, value string) {
	line, _, _ = strings.Cut(line, "#")
	key, value, _ = strings.Cut(line, ":")
	return strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value)
}

// product is the name in a user-agent line, without a version.
func product(s string) string {
	s = strings.ToLower(s)
	end := strings.IndexFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && r != '-' && r != '_' })
	if end >= 0 {
		s = s[:end]
	}
	return s
}

// verdict is what the longest matching rule so far says.
type verdict struct {
	allow bool
	len   int
}

// weigh lets a rule take over that matches target and is longer than the one
// before, or as long and kinder.
func (v *verdict) weigh(pattern string, allow bool, target string) {
	pattern = normal(pattern)
	if pattern == "" || len(pattern) < v.len || (len(pattern) == v.len && !allow) || !matches(pattern, target) {
		return
	}
	v.allow, v.len = allow, len(pattern)
}

// matches reports whether a pattern matches the start of s: '*' stands for any
// bytes, a '$' at the end for the end of s.
func matches(pattern, s string) bool {
	pattern, whole := strings.CutSuffix(pattern, "$")
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	if len(parts) == 1 {
		return !whole || s == ""
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		_, rest, ok := strings.Cut(s, part)
		if !ok {
			return false
		}
		s = rest
	}
	if whole {
		return strings.HasSuffix(s, last)
	}
	return strings.Contains(s, last)
}

// normal spells percent-encoding in one way: what needs none has none.
func normal(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		coded := false
		if c == '%' && i+2 < len(s) && ishex(s[i+1]) && ishex(s[i+2]) {
			c, coded = unhex(s[i+1])<<4|unhex(s[i+2]), true
			i += 2
		}
		if c >= 0x80 || (coded && !unreserved(c)) {
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			c = hex[c&15]
		}
		b.WriteByte(c)
	}
	return b.String()
}

func ishex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&0xdf - 'A' + 10
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

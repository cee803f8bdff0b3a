package sanitize

import (
	"slices"
	"strings"
	"unicode"
)

// attr is an attribute that an element may have and what its value may be.
type attr struct {
	name  string
	check check
}

// check returns the safe form of an attribute's value, or reports that it has
// none.
type check func(c *cleaner, value []byte) (string, bool)

func link(c *cleaner, v []byte) (string, bool) {
	u := resolve(v, c.base)
	return u, u != ""
}

// plain admits what dates, languages and keywords are made of.
func plain(_ *cleaner, v []byte) (string, bool) {
	if len(v) == 0 || len(v) > 40 {
		return "", false
	}
	for _, b := range v {
		if !(b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("-+:., _", b) >= 0) {
			return "", false
		}
	}
	return string(v), true
}

func direction(_ *cleaner, v []byte) (string, bool) {
	switch d := strings.ToLower(string(v)); d {
	case "ltr", "rtl", "auto":
		return d, true
	}
	return "", false
}

// number admits up to five digits, with 'px' behind them taken off.
func number(_ *cleaner, v []byte) (string, bool) {
	s := strings.TrimSuffix(strings.TrimSpace(string(v)), "px")
	if s == "" || len(s) > 5 || strings.Trim(s, "0123456789") != "" {
		return "", false
	}
	return s, true
}

func flag(*cleaner, []byte) (string, bool) { return "", true }

func text(_ *cleaner, v []byte) (string, bool) {
	s := strings.TrimSpace(strings.Map(printable, string(v)))
	return s, s != ""
}

func printable(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}

// tag writes the start tag of e with the attributes allowed on it, or nothing
// when the one it needs is missing. The first of two equal attributes counts.
func (c *cleaner) tag(e *element) bool {
	mark := len(c.out)
	c.out = append(append(c.out, '<'), e.name...)
	met := e.need == ""
	var seen uint32
	for more := true; more; {
		var key, val []byte
		key, val, more = c.z.TagAttr()
		i := slices.IndexFunc(e.attrs, func(a attr) bool { return a.name == string(key) })
		if i < 0 || seen&(1<<i) != 0 {
			continue
		}
		seen |= 1 << i
		if v, ok := e.attrs[i].check(c, val); ok {
			met = met || e.attrs[i].name == e.need
			c.attr(e.attrs[i].name, v)
		}
	}
	if !met {
		c.out = c.out[:mark]
		return false
	}
	c.out = append(append(c.out, e.extra...), '>')
	return true
}

func (c *cleaner) attr(key, value string) {
	c.out = append(append(c.out, ' '), key...)
	c.out = append(c.out, `="`...)
	c.out = appendEscaped(c.out, value, inValue)
	c.out = append(c.out, '"')
}

// optional writes an attribute if its value passes.
func (c *cleaner) optional(key string, chk check, value []byte) {
	if v, ok := chk(c, value); ok {
		c.attr(key, v)
	}
}

// values returns the named attributes of the current tag, nil where one is
// missing. The first of two equal ones counts.
func (c *cleaner) values(names ...string) [][]byte {
	values := make([][]byte, len(names))
	for more := true; more; {
		var key, val []byte
		key, val, more = c.z.TagAttr()
		if i := slices.Index(names, string(key)); i >= 0 && values[i] == nil {
			values[i] = append([]byte{}, val...)
		}
	}
	return values
}

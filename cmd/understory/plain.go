package main

import (
	"io"
	"unicode"
	"unicode/utf8"
)

// plain is where commands print. Names and errors come from feeds and servers:
// what would steer the terminal, or turn its direction of writing, is shown as
// a mark instead.
type plain struct{ to io.Writer }

// Write expects whole characters, as all that is printed at once has.
func (p plain) Write(text []byte) (int, error) {
	out := make([]byte, 0, len(text))
	for rest := text; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		if steers(r) {
			out = utf8.AppendRune(out, utf8.RuneError)
		} else {
			out = append(out, rest[:size]...)
		}
		rest = rest[size:]
	}
	if _, err := p.to.Write(out); err != nil {
		return 0, err
	}
	return len(text), nil
}

// steers reports whether a terminal does something else with r than show it.
func steers(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case unicode.IsControl(r), r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}

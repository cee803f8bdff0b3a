package feed

import (
	"html"
	"strings"
)

// tokenKind tells what scanner.next has found.
type tokenKind uint8

const (
	endOfText tokenKind = iota
	textToken           // raw text: entities not decoded
	cdataToken
	startToken
	endToken
)

// scanner splits XML into tokens. It never fails: what is not markup is text.
// Declarations, processing instructions and comments are passed over; entities
// that a document declares are not expanded.
type scanner struct {
	src       string
	pos       int
	noComment bool // no comment ends after pos

	// The token.
	kind      tokenKind
	from, to  int    // the text, or the tag from its "<" to behind its ">"
	name      string // of the tag, with its prefix
	attrs     string // raw attributes of a start tag
	selfClose bool
}

// next moves to the next token and reports whether there is one.
func (s *scanner) next() bool {
	for s.pos < len(s.src) {
		if s.src[s.pos] != '<' {
			s.text(s.pos)
			return true
		}
		rest := s.src[s.pos+1:]
		switch {
		case rest == "":
			s.text(s.pos)
			return true
		case nameStart(rest[0]):
			s.startTag()
			return true
		case rest[0] == '/':
			s.endTag()
			return true
		case strings.HasPrefix(rest, "![CDATA["):
			s.cdata()
			return true
		case strings.HasPrefix(rest, "!--"):
			s.comment()
		case rest[0] == '?':
			s.passInstruction()
		case rest[0] == '!' && len(rest) > 1 && nameStart(rest[1]):
			s.passDeclaration()
		default: // a "<" that should have been escaped
			s.text(s.pos)
			return true
		}
	}
	s.kind = endOfText
	return false
}

func nameStart(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' || b >= 0x80
}

// text takes everything from pos to the next "<" after it.
func (s *scanner) text(pos int) {
	s.kind, s.from = textToken, pos
	if i := strings.IndexByte(s.src[pos+1:], '<'); i >= 0 {
		s.to = pos + 1 + i
	} else {
		s.to = len(s.src)
	}
	s.pos = s.to
}

func (s *scanner) cdata() {
	s.kind, s.from = cdataToken, s.pos+len("<![CDATA[")
	if i := strings.Index(s.src[s.from:], "]]>"); i >= 0 {
		s.to = s.from + i
		s.pos = s.to + len("]]>")
	} else {
		s.to = len(s.src)
		s.pos = s.to
	}
}

// comment passes over a comment; one that never ends is over at the next ">".
func (s *scanner) comment() {
	if !s.noComment {
		if i := strings.Index(s.src[s.pos+4:], "-->"); i >= 0 {
			s.pos += 4 + i + 3
			return
		}
		s.noComment = true
	}
	s.passTo(">")
}

func (s *scanner) passInstruction() {
	i := strings.IndexByte(s.src[s.pos:], '>')
	if i < 0 {
		s.pos = len(s.src)
		return
	}
	s.pos += i + 1
}

// passDeclaration passes over a document type with what it declares in brackets.
func (s *scanner) passDeclaration() {
	end := strings.IndexAny(s.src[s.pos:], ">[")
	if end >= 0 && s.src[s.pos+end] == '[' {
		if i := strings.Index(s.src[s.pos+end:], "]"); i >= 0 {
			s.pos += end + i
		}
	}
	s.passTo(">")
}

func (s *scanner) passTo(mark string) {
	if i := strings.Index(s.src[s.pos:], mark); i >= 0 {
		s.pos += i + len(mark)
	} else {
		s.pos = len(s.src)
	}
}

func (s *scanner) endTag() {
	s.kind, s.from = endToken, s.pos
	i := s.pos + 2
	for i < len(s.src) && !delimiter(s.src[i]) {
		i++
	}
	s.name = s.src[s.pos+2 : i]
	for i < len(s.src) && s.src[i] != '>' && s.src[i] != '<' {
		i++
	}
	if i < len(s.src) && s.src[i] == '>' {
		i++
	}
	s.to, s.pos = i, i
}

// startTag reads a start tag. One that is never closed ends before the next "<".
func (s *scanner) startTag() {
	s.kind, s.from = startToken, s.pos
	i := s.pos + 1
	for i < len(s.src) && !delimiter(s.src[i]) {
		i++
	}
	s.name = s.src[s.pos+1 : i]
	attrs, last := i, byte(0)
	for i < len(s.src) && s.src[i] != '>' && s.src[i] != '<' {
		c := s.src[i]
		if (c == '"' || c == '\'') && last == '=' {
			if end := strings.IndexByte(s.src[i+1:], c); end >= 0 {
				i += 1 + end
			}
		}
		if c > ' ' {
			last = c
		}
		i++
	}
	s.attrs = s.src[attrs:min(i, len(s.src))]
	if i < len(s.src) && s.src[i] == '>' {
		i++
	}
	s.attrs, s.selfClose = strings.CutSuffix(s.attrs, "/")
	s.to, s.pos = i, i
}

func delimiter(b byte) bool {
	return b == '>' || b == '/' || b == '<' || b == ' ' || b == '\n' || b == '\t' || b == '\r' || b == '='
}

// eachAttr calls f with each attribute of a tag, its value still encoded, until
// f returns false.
func eachAttr(attrs string, f func(name, value string) bool) {
	for {
		attrs = strings.TrimLeft(attrs, " \t\r\n/")
		i := strings.IndexAny(attrs, "= \t\r\n")
		if i < 0 {
			return
		}
		name := attrs[:i]
		rest := strings.TrimLeft(attrs[i:], " \t\r\n")
		if !strings.HasPrefix(rest, "=") {
			attrs = rest // an attribute without a value
			continue
		}
		rest = strings.TrimLeft(rest[1:], " \t\r\n")
		var value string
		if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
			end := strings.IndexByte(rest[1:], rest[0])
			if end < 0 {
				end = len(rest) - 1
			}
			value, attrs = rest[1:1+end], rest[min(len(rest), end+2):]
		} else {
			end := strings.IndexAny(rest, " \t\r\n")
			if end < 0 {
				end = len(rest)
			}
			value, attrs = rest[:end], rest[end:]
		}
		if !f(name, value) {
			return
		}
	}
}

// decode replaces the references in raw XML text: numbers, and the names of
// HTML, which feeds use without declaring them. An "&" that begins none stays.
func decode(raw string) string {
	i := strings.IndexByte(raw, '&')
	if i < 0 {
		return raw
	}
	var b strings.Builder
	b.Grow(len(raw))
	for ; i >= 0; i = strings.IndexByte(raw, '&') {
		b.WriteString(raw[:i])
		raw = raw[i:]
		end := referenceLen(raw)
		if end == 0 {
			end = 1
			b.WriteByte('&')
		} else {
			writeReference(&b, raw[:end])
		}
		raw = raw[end:]
	}
	b.WriteString(raw)
	return b.String()
}

// referenceLen is the length of the reference that s begins with, 0 for none.
func referenceLen(s string) int {
	for i := 1; i < len(s) && i < 34; i++ {
		switch c := s[i]; {
		case c == ';' && i > 1:
			return i + 1
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '#' && i == 1:
		default:
			return 0
		}
	}
	return 0
}

func writeReference(b *strings.Builder, ref string) {
	switch ref {
	case "&lt;":
		b.WriteByte('<')
	case "&gt;":
		b.WriteByte('>')
	case "&amp;":
		b.WriteByte('&')
	case "&quot;":
		b.WriteByte('"')
	default:
		b.WriteString(html.UnescapeString(ref))
	}
}

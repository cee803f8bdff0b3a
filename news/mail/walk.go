package mail

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"net/textproto"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// walk goes through the parts of a mail.
type walk struct {
	source *source
	left   int64 // bytes of text that may still be kept
	parts  int
}

// content is what part of a mail says, in one form or in two.
type content struct{ html, text string }

func (c content) asHTML() string {
	if c.html == "" {
		return paragraphs(c.text)
	}
	return c.html
}

// then is what c and the part after it say together.
func (c content) then(next content) content {
	switch {
	case c == content{}:
		return next
	case next == content{}:
		return c
	}
	out := content{text: strings.TrimSpace(c.text + "\n\n" + next.text)}
	if c.html != "" || next.html != "" {
		out.html = c.asHTML() + next.asHTML()
	}
	return out
}

// or is what c and another form of the same say.
func (c content) or(other content) content {
	if other.html != "" {
		c.html = other.html
	}
	if c.text == "" {
		c.text = other.text
	}
	return c
}

// part reads one part with all that is inside. Its error is one that the whole
// mail is refused for.
func (w *walk) part(h textproto.MIMEHeader, r io.Reader, depth int) (content, error) {
	if w.parts++; w.parts > maxParts || depth > maxDepth {
		return content{}, errBounds
	}
	kind, params := mediaType(h.Get("Content-Type"))
	attached := strings.HasPrefix(strings.ToLower(strings.TrimSpace(h.Get("Content-Disposition"))), "attachment")
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		return w.several(kind, params["boundary"], r, depth)
	case attached:
	case kind == "message/rfc822":
		header, body, err := open(r)
		if err != nil {
			return content{}, nil
		}
		return w.part(textproto.MIMEHeader(header), body, depth+1)
	case kind == "text/html":
		s, err := w.text(h, r)
		return content{html: s}, err
	case kind == "text/plain":
		s, err := w.text(h, r)
		if strings.EqualFold(params["format"], "flowed") {
			s = unflow(s, strings.EqualFold(params["delsp"], "yes"))
		}
		return content{text: strings.TrimSpace(s)}, err
	}
	return content{}, nil
}

func (w *walk) several(kind, boundary string, r io.Reader, depth int) (content, error) {
	var all content
	if boundary == "" {
		return all, nil
	}
	for parts := multipart.NewReader(r, boundary); ; {
		w.source.budget = maxHeader
		p, err := parts.NextRawPart()
		w.source.budget = unbounded
		if err != nil {
			return all, nil // the end, or where it is broken
		}
		one, err := w.part(p.Header, p, depth+1)
		if err != nil {
			return content{}, err
		}
		io.Copy(io.Discard, p)
		if kind == "multipart/alternative" {
			all = all.or(one)
		} else {
			all = all.then(one)
		}
	}
}

func mediaType(s string) (kind string, params map[string]string) {
	kind, params, err := mime.ParseMediaType(s)
	if err != nil && kind == "" {
		kind, _, _ = strings.Cut(strings.ToLower(s), ";")
		kind = strings.TrimSpace(kind)
	}
	if !strings.Contains(kind, "/") {
		kind = "text/plain"
	}
	return kind, params
}

// text reads a part as text, as far as it can be read.
func (w *walk) text(h textproto.MIMEHeader, r io.Reader) (string, error) {
	b, _ := io.ReadAll(io.LimitReader(r, w.left+1))
	if w.left -= int64(len(b)); w.left < 0 {
		return "", ErrTooLarge
	}
	switch strings.ToLower(strings.TrimSpace(h.Get("Content-Transfer-Encoding"))) {
	case "quoted-printable":
		b = unquote(b)
	case "base64":
		b = unbase64(b)
	}
	return toUTF8(b, h.Get("Content-Type")), nil
}

// unquote undoes quoted-printable and leaves what is none.
func unquote(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		i := bytes.IndexByte(b, '=')
		if i < 0 {
			return append(out, b...)
		}
		out, b = append(out, b[:i]...), b[i+1:]
		if len(b) > 1 && unhex(b[0]) >= 0 && unhex(b[1]) >= 0 {
			out, b = append(out, byte(unhex(b[0])<<4|unhex(b[1]))), b[2:]
			continue
		}
		line, rest, _ := bytes.Cut(b[:min(len(b), 80)], []byte("\n"))
		if len(bytes.TrimSpace(line)) > 0 {
			out = append(out, '=')
			continue
		}
		b = b[min(len(b), 80)-len(rest):] // the line goes on
	}
	return out
}

func unhex(c byte) int {
	if c >= 'a' {
		c -= 'a' - 'A'
	}
	return strings.IndexByte("0123456789ABCDEF", c)
}

// unbase64 undoes base64 and skips what is none.
func unbase64(b []byte) []byte {
	clean := b[:0]
	for _, c := range b {
		if 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/' {
			clean = append(clean, c)
		}
	}
	out := make([]byte, base64.RawStdEncoding.DecodedLen(len(clean)))
	n, _ := base64.RawStdEncoding.Decode(out, clean)
	return out[:n]
}

// toUTF8 reads bytes as text. What is UTF-8 beyond ASCII is UTF-8, whatever it
// is said to be.
func toUTF8(b []byte, contentType string) string {
	if utf8.Valid(b) && strings.ContainsFunc(string(b), func(r rune) bool { return r >= utf8.RuneSelf }) {
		return string(b)
	}
	encoding, name, _ := charset.DetermineEncoding(b, contentType)
	if name == "utf-8" && !utf8.Valid(b) {
		encoding, _ = charset.Lookup("windows-1252")
	}
	out, err := encoding.NewDecoder().Bytes(b)
	if err != nil {
		return strings.ToValidUTF8(string(b), "\ufffd")
	}
	return string(out)
}

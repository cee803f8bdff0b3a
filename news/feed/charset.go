package feed

import (
	"bytes"
	"cmp"
	"mime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gogs/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/ianaindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// decodeBody returns the body as UTF-8 without control characters that have no
// place in text.
//
// What the bytes show goes before what anybody says about them: a byte order
// mark, the zeros of UTF-16 and UTF-32, and text that is valid UTF-8 beyond
// ASCII. Then the server's word counts, then the document's own, then a guess.
func decodeBody(body []byte, contentType string, d *Document) string {
	text := string(body)
	if enc := wideEncoding(body); enc != nil {
		text = convert(enc, body)
	} else if label := claimed(body, contentType); !plainlyUTF8(text, label) {
		text = legacy(body, label, d)
	}
	text = strings.TrimPrefix(text, "\ufeff")
	if strings.Contains(text, "\xc2") {
		text = modern(text)
	}
	if strings.IndexByte(text, 0) >= 0 {
		d.mend("it contained NUL bytes")
		text = strings.ReplaceAll(text, "\x00", "")
	}
	return text
}

// modern puts the characters of Windows-1252 in the place of control characters
// that have their numbers: they come from texts that were converted as Latin-1.
func modern(text string) string {
	if !strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 && r < 0xa0 }) {
		return text
	}
	return strings.Map(func(r rune) rune {
		if r >= 0x80 && r < 0xa0 {
			return charmap.Windows1252.DecodeByte(byte(r))
		}
		return r
	}, text)
}

// wideEncoding recognises the encodings with two or four bytes a character.
func wideEncoding(b []byte) encoding.Encoding {
	for _, w := range []struct {
		mark string
		enc  encoding.Encoding
	}{
		{"\x00\x00\xfe\xff", utf32.UTF32(utf32.BigEndian, utf32.ExpectBOM)},
		{"\xff\xfe\x00\x00", utf32.UTF32(utf32.LittleEndian, utf32.ExpectBOM)},
		{"\x00\x00\x00<", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)},
		{"<\x00\x00\x00", utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)},
		{"\xfe\xff", unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM)},
		{"\xff\xfe", unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM)},
		{"\x00<\x00", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
		{"<\x00?\x00", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"<\x00r\x00", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
		{"<\x00f\x00", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	} {
		if bytes.HasPrefix(b, []byte(w.mark)) {
			return w.enc
		}
	}
	return nil
}

func convert(enc encoding.Encoding, b []byte) string {
	out, _ := enc.NewDecoder().Bytes(b) // what cannot be decoded becomes U+FFFD
	return strings.ToValidUTF8(string(out), "\uFFFD")
}

// claimed returns the name of the encoding that the server or, failing it, the
// document gives; "" when there is none. A server that says ASCII or Latin-1
// often just says nothing, so that the document's own word then goes first.
func claimed(body []byte, contentType string) string {
	var served string
	if _, params, err := mime.ParseMediaType(contentType); err == nil && known(params["charset"]) != nil {
		served = strings.ToLower(params["charset"])
	}
	if served != "" && served != "us-ascii" && served != "iso-8859-1" {
		return served
	}
	return cmp.Or(declared(body), served)
}

// declared returns the encoding that an XML declaration names.
func declared(body []byte) string {
	head := body[:min(len(body), 1024)]
	i := bytes.Index(head, []byte("encoding="))
	if i < 0 || !bytes.Contains(head[:i], []byte("<?xml")) {
		return ""
	}
	rest := head[i+len("encoding="):]
	if len(rest) < 2 || rest[0] != '"' && rest[0] != '\'' {
		return ""
	}
	end := bytes.IndexByte(rest[1:], rest[0])
	if end < 0 {
		return ""
	}
	return strings.ToLower(string(bytes.TrimSpace(rest[1 : 1+end])))
}

// known finds an encoding by name, nil when there is none of it.
func known(label string) encoding.Encoding {
	if label == "" {
		return nil
	}
	if enc, err := htmlindex.Get(label); err == nil {
		return enc
	}
	enc, err := ianaindex.IANA.Encoding(label)
	if err != nil {
		return nil
	}
	return enc // nil for a known name without a decoder
}

// plainlyUTF8 reports whether text can be taken as UTF-8 whatever is claimed.
// Only the encodings that shift between alphabets with ASCII bytes look like it
// and are not.
func plainlyUTF8(text, label string) bool {
	if strings.HasPrefix(label, "iso-2022") || strings.HasPrefix(label, "hz-") {
		return false
	}
	return utf8.ValidString(text)
}

// legacy converts a body that is not valid UTF-8.
func legacy(body []byte, label string, d *Document) string {
	enc := known(label)
	if enc == unicode.UTF8 {
		if stray(body) {
			d.mend("it says UTF-8, but some bytes are of another encoding")
			return patch(body)
		}
		enc = nil
	}
	if enc == nil {
		enc = guess(body)
		d.mend("it is not UTF-8 and names no known encoding: one was guessed")
	}
	return convert(enc, body)
}

// stray reports whether most of what is beyond ASCII is valid UTF-8, or so
// little is that nothing can be guessed from it.
func stray(body []byte) bool {
	good, bad := 0, 0
	for len(body) > 0 {
		if body[0] < utf8.RuneSelf {
			body = body[1:]
			continue
		}
		r, n := utf8.DecodeRune(body)
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		body = body[n:]
	}
	return good >= bad || good+bad < 20
}

// patch reads what is valid as UTF-8 and the rest as Windows-1252.
func patch(body []byte) string {
	var b strings.Builder
	b.Grow(len(body) + len(body)/8)
	for len(body) > 0 {
		r, n := utf8.DecodeRune(body)
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(body[0])
		}
		b.WriteRune(r)
		body = body[n:]
	}
	return b.String()
}

// guess tells the encoding from how often the bytes occur, Windows-1252 when
// that says nothing.
func guess(body []byte) encoding.Encoding {
	results, _ := chardet.NewHtmlDetector().DetectAll(body[:min(len(body), 64<<10)])
	slices.SortFunc(results, func(a, b chardet.Result) int {
		return cmp.Or(b.Confidence-a.Confidence, strings.Compare(a.Charset, b.Charset))
	})
	for _, r := range results {
		enc := known(strings.ReplaceAll(strings.ToLower(r.Charset), "gb-18030", "gb18030"))
		if enc != nil && enc != unicode.UTF8 && r.Confidence > 10 {
			return enc
		}
	}
	return charmap.Windows1252
}

// windows1252 returns the byte of Windows-1252 for a character, also for the
// control characters that stand for bytes it leaves unused.
func windows1252(r rune) (byte, bool) {
	if r < 0x100 {
		return byte(r), true
	}
	return charmap.Windows1252.EncodeRune(r)
}

package extract

import (
	"bytes"
	"mime"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// decode returns the page in UTF-8 without NULs.
//
// A byte order mark decides, then valid UTF-8, whatever the page claims: text
// in another encoding is hardly ever valid by chance. Only then the server's
// charset, the page's own, and Windows-1252 count. Bytes that are wrong in
// what is otherwise UTF-8 are taken for Windows-1252.
func decode(page []byte, contentType string) []byte {
	e, name := declared(page, contentType)
	switch {
	case bytes.HasPrefix(page, []byte("\xef\xbb\xbf")):
		page = page[3:]
	case name == "iso-2022-jp" || strings.HasPrefix(name, "utf-16"): // plain ASCII or NULs to the eye
		page = convert(page, e)
	case utf8.Valid(page):
	case name == "utf-8" || mostlyUTF8(page):
		page = mendUTF8(page)
	default:
		page = convert(page, e)
	}
	if !utf8.Valid(page) {
		page = mendUTF8(page)
	}
	if bytes.IndexByte(page, 0) >= 0 {
		page = bytes.ReplaceAll(page, []byte{0}, nil)
	}
	return page
}

// binary reports whether text begins with what no writer types: more than one
// control character in twenty.
func binary(text []byte) bool {
	control, all := 0, 0
	for _, r := range string(text[:min(len(text), 2048)]) {
		all++
		if unicode.IsControl(r) && !unicode.IsSpace(r) {
			control++
		}
	}
	return control*20 > all
}

// declared returns the encoding that the byte order mark, the server or the
// page names; Windows-1252 where none does.
func declared(page []byte, contentType string) (encoding.Encoding, string) {
	if _, params, err := mime.ParseMediaType(contentType); err != nil || params["charset"] == "" {
		contentType = ""
	}
	e, name, _ := charset.DetermineEncoding(page[:min(len(page), 4096)], contentType)
	if e == nil {
		return charmap.Windows1252, "windows-1252"
	}
	return e, name
}

func convert(page []byte, e encoding.Encoding) []byte {
	out, err := e.NewDecoder().Bytes(page)
	if err != nil {
		return page
	}
	return out
}

// mostlyUTF8 says whether page has more characters of several bytes than
// bytes that fit in none.
func mostlyUTF8(page []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(page); {
		r, n := utf8.DecodeRune(page[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		i += n
	}
	return good > bad
}

// mendUTF8 reads the bytes that are not UTF-8 as Windows-1252.
func mendUTF8(page []byte) []byte {
	out := make([]byte, 0, len(page)+len(page)/8)
	for i := 0; i < len(page); {
		r, n := utf8.DecodeRune(page[i:])
		if r == utf8.RuneError && n == 1 {
			r = charmap.Windows1252.DecodeByte(page[i])
		}
		out = utf8.AppendRune(out, r)
		i += n
	}
	return out
}

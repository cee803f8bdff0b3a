package mail

import (
	"crypto/sha256"
	"encoding/hex"
	"mime"
	stdmail "net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/html/charset"
)

// letter makes sense of a mail.
func (d draft) letter() (Letter, error) {
	h := d.header
	l := Letter{
		MessageID:   bracketed(h.Get("Message-Id")),
		Subject:     plain(h.Get("Subject")),
		Unsubscribe: listAddress(h.Get("List-Unsubscribe")),
		Text:        d.content.text,
	}
	l.Language, _, _ = strings.Cut(plain(h.Get("Content-Language")), ",")
	l.FromName, l.FromAddress = sender(h.Get("From"))
	if sent, err := stdmail.ParseDate(h.Get("Date")); err == nil {
		l.Sent = sent.UTC()
	}
	l.HTML = tidy(d.content.asHTML(), l.Unsubscribe)
	if l.HTML == "" {
		l.HTML = paragraphs(l.Text)
	}
	if l.HTML == "" {
		return Letter{}, ErrMalformed
	}
	if at := listAddress(h.Get("Archived-At")); isWeb(at) {
		l.Link = at
	}
	if l.MessageID == "" {
		sum := sha256.Sum256([]byte(l.FromAddress + "\x00" + l.Subject + "\x00" + l.Sent.Format(time.RFC3339) + "\x00" + l.HTML))
		l.MessageID = hex.EncodeToString(sum[:16])
	}
	return l, nil
}

// without takes the address that a letter came to out of it, and the token
// wherever it stands: whoever reads it could send letters of their own.
func (l Letter) without(token, domain string) Letter {
	secret := token
	if len(token) < 12 {
		secret += "@" + domain // a short one is a word like others
	}
	pattern := regexp.MustCompile(`(?i)` + regexp.QuoteMeta(secret))
	for _, field := range []*string{&l.Subject, &l.FromName, &l.FromAddress, &l.Unsubscribe, &l.Link, &l.HTML, &l.Text} {
		*field = pattern.ReplaceAllLiteralString(*field, "reader")
	}
	return l
}

func words() *mime.WordDecoder { return &mime.WordDecoder{CharsetReader: charset.NewReaderLabel} }

// plain reads a header as one line of text.
func plain(s string) string {
	s = toUTF8([]byte(s), "text/plain")
	if decoded, err := words().DecodeHeader(s); err == nil {
		s = decoded
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	return strings.Join(strings.Fields(s), " ")
}

// sender reads a From header, also one that is not quite correct.
func sender(s string) (name, address string) {
	parser := stdmail.AddressParser{WordDecoder: words()}
	if all, err := parser.ParseList(s); err == nil && len(all) > 0 {
		return plain(all[0].Name), plain(all[0].Address)
	}
	name, address, ok := strings.Cut(s, "<")
	if !ok {
		return "", plain(s)
	}
	address, _, _ = strings.Cut(address, ">")
	return strings.Trim(plain(name), `"' `), plain(address)
}

// bracketed is what stands between < and >, or all of it without them.
func bracketed(s string) string {
	if _, inside, ok := strings.Cut(s, "<"); ok {
		s, _, _ = strings.Cut(inside, ">")
	}
	return plain(s)
}

// listAddress is the first web address in a list of <addresses>, else the
// first to write to, else "".
func listAddress(s string) string {
	first := ""
	for part := range strings.SplitSeq(s, "<") {
		address, _, ok := strings.Cut(part, ">")
		address = strings.Join(strings.Fields(address), "")
		switch scheme, _, _ := strings.Cut(strings.ToLower(address), ":"); {
		case !ok:
		case scheme == "https" || scheme == "http":
			return plain(address)
		case scheme == "mailto" && first == "":
			first = plain(address)
		}
	}
	return first
}

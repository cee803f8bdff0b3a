package feed

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"net/url"
	"strings"
	"unicode"

	"understory/news"
)

// Key returns what tells the entry from the others of its title: the id the
// feed gives, else its link in canonical form, else its digest in hexadecimal.
// It is never empty and at most 300 bytes long.
func (e *Entry) Key() string {
	for _, key := range []string{e.ID, canonical(e.Link)} {
		if len(key) > 300 {
			sum := sha256.Sum256([]byte(key))
			return "sha256:" + hex.EncodeToString(sum[:])
		}
		if key != "" {
			return key
		}
	}
	d := e.Digest()
	return hex.EncodeToString(d[:])
}

// canonical takes off what does not tell one page from another: the fragment,
// the parameters that count visitors, capitals in the host.
func canonical(link string) string {
	u, err := url.Parse(link)
	if err != nil || u.Host == "" {
		return link
	}
	u.Host = strings.ToLower(u.Host)
	u.Fragment = ""
	if u.RawQuery != "" {
		var kept []string
		for _, p := range strings.Split(u.RawQuery, "&") {
			if !strings.HasPrefix(p, "utm_") {
				kept = append(kept, p)
			}
		}
		u.RawQuery = strings.Join(kept, "&")
	}
	return u.String()
}

// Digest returns a digest of what is shown of the entry, equal as long as
// nothing of it changes. It is taken of the raw markup, so that an entry that
// did not change need not be sanitised to know it. Updated does not count: many
// feeds give every entry the time at which they were made.
func (e *Entry) Digest() (d news.Digest) {
	h := sha256.New()
	put(h, e.Title, e.Link, e.Summary.HTML, e.Content.HTML, e.Language)
	if e.Content.HTML != "" || e.Summary.HTML != "" {
		put(h, e.Content.Base, e.Summary.Base)
	}
	if !e.Published.IsZero() {
		put(h, e.Published.UTC().Format("20060102150405"))
	}
	for _, a := range e.Authors {
		put(h, "author", a.Name, a.Email, a.URI)
	}
	put(h, e.Tags...)
	for _, x := range e.Enclosures {
		put(h, "enclosure", x.URL, x.Type, x.Length)
	}
	put(h, e.Images...)
	put(h, e.Caption, e.Credit)
	if e.Withdrawn {
		put(h, "withdrawn")
	}
	copy(d[:], h.Sum(nil))
	return d
}

// put adds strings to a hash so that no two lists give the same bytes.
func put(h hash.Hash, list ...string) {
	var n [4]byte
	for _, s := range list {
		n[0], n[1], n[2], n[3] = byte(len(s)>>24), byte(len(s)>>16), byte(len(s)>>8), byte(len(s))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	h.Write([]byte{0xff, 0xff, 0xff, 0xff})
}

// parsePerson reads an author as RSS writes one: "Name", "mail@host (Name)",
// "Name (mail@host)", "Name <mail@host>" or "mail@host".
func parsePerson(s string) Person {
	s = squeeze(s)
	before, rest, ok := cutAny(s, "(<")
	if !ok {
		if isMail(s) {
			return Person{Email: cut(s, MaxName)}
		}
		return Person{Name: cut(s, MaxName)}
	}
	inside, after, _ := cutAny(rest, ")>")
	before = strings.TrimSpace(before + after)
	inside = strings.TrimSpace(strings.TrimPrefix(inside, "mailto:"))
	switch {
	case isMail(inside):
		return Person{Name: cut(before, MaxName), Email: cut(inside, MaxName)}
	case isMail(before):
		return Person{Name: cut(inside, MaxName), Email: cut(before, MaxName)}
	}
	return Person{Name: cut(s, MaxName)}
}

func cutAny(s, chars string) (before, after string, found bool) {
	if i := strings.IndexAny(s, chars); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// isMail reports whether s looks like an address of mail.
func isMail(s string) bool {
	name, host, ok := strings.Cut(s, "@")
	return ok && name != "" && host != "" && !strings.ContainsFunc(s, unicode.IsSpace) && !strings.ContainsAny(s, "<>()/\"")
}

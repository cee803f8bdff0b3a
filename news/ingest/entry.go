package ingest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"understory/news"
	"understory/news/feed"
	"understory/news/sanitize"
)

// Lengths of plain texts, in characters. What is longer is cut at a word: a
// headline of a megabyte is a fault, not news.
const (
	maxHeadline   = 300
	maxStandfirst = 400
	maxByline     = 200
	maxBody       = 1 << 20 // bytes of raw HTML that are looked at
)

// maxEntries is how many entries of one document are taken, newest first.
const maxEntries = 1000

// identified is an entry with what tells whether it is known.
type identified struct {
	entry        *feed.Entry
	key, content news.Digest
}

// identify returns the entries of a document without repetitions, and without
// those that say nothing, such as the bare addresses of a sitemap.
func identify(doc *feed.Document) []identified {
	seen := make(map[news.Digest]bool, len(doc.Entries))
	all := make([]identified, 0, min(len(doc.Entries), maxEntries))
	for i := range doc.Entries {
		e := &doc.Entries[i]
		key := digest(e.Key())
		silent := e.Title == "" && e.Content.HTML == "" && e.Summary.HTML == "" && !e.Withdrawn
		if seen[key] || silent || len(all) == maxEntries {
			continue
		}
		seen[key] = true
		content := e.Digest()
		all = append(all, identified{e, key, news.Digest(content[:len(news.Digest{})])})
	}
	return all
}

// origin is where an entry came from: what an article inherits.
type origin struct {
	title    *news.Title
	feed     *news.Feed
	language string // of the document
	now      time.Time
}

// change turns an entry that is new or not as it was into an article.
func (o origin) change(e identified) news.EntryChange {
	c := news.EntryChange{Key: e.key, Content: e.content, Withdrawn: e.entry.Withdrawn}
	if !c.Withdrawn {
		c.Article = o.article(e.entry)
		c.Prints = prints(&c.Article)
	}
	return c
}

func prints(a *news.Article) news.Prints {
	return news.Prints{
		Address:  sameAddress(a.Address),
		Headline: news.NormalHeadline(a.Headline),
		Bands:    news.Bands(a.Body),
	}
}

func (o origin) article(e *feed.Entry) news.Article {
	a := news.Article{
		TitleID:   o.title.ID,
		Status:    news.Live,
		Section:   o.section(e),
		Address:   canonical(e.Link),
		Byline:    clip(byline(e.Authors), maxByline),
		Language:  cmp.Or(e.Language, o.title.Language, o.language),
		Published: o.published(e),
		Updated:   past(e.Updated, o.now),
		FirstSeen: o.now,
	}
	a.Body = safe(e.Content)
	if a.Body == "" {
		a.Body = safe(e.Summary)
	} else {
		a.Standfirst = standfirst(safe(e.Summary), a.Body)
	}
	a.Words = news.CountWords(a.Body)
	a.Headline = headline(e.Title, a.Body)
	a.Picture = picture(e, a.Body)
	if !a.Updated.After(a.Published) {
		a.Updated = time.Time{}
	}
	return a
}

// published is the publisher's time. One from the future, or from before the
// web, is a fault: then what counts is when we saw it.
func (o origin) published(e *feed.Entry) time.Time {
	for _, t := range []time.Time{e.Published, e.Updated} {
		if t = past(t, o.now); t.Year() >= 1990 {
			return t
		}
	}
	return o.now
}

func past(t, now time.Time) time.Time {
	if t.After(now) {
		return time.Time{}
	}
	return t.UTC()
}

func safe(m feed.Markup) string {
	base, err := url.Parse(m.Base)
	if err != nil {
		base = nil
	}
	return sanitize.HTML(m.HTML[:min(len(m.HTML), maxBody)], base)
}

// headline is the entry's title, or the first words of one that has none.
func headline(title, body string) string {
	if h := clip(strings.Join(strings.Fields(title), " "), maxHeadline); h != "" {
		return h
	}
	return clip(sanitize.Text(body), 80)
}

// standfirst is the summary's text, unless it only repeats how the body starts.
func standfirst(summary, body string) string {
	text := clip(sanitize.Text(summary), maxStandfirst)
	start := strings.TrimRight(text, "….[] ")
	if text == "" || strings.HasPrefix(sanitize.Text(body[:min(len(body), 4*maxStandfirst)]), start) {
		return ""
	}
	return text
}

func byline(authors []feed.Person) string {
	var names []string
	for _, a := range authors {
		name := strings.Join(strings.Fields(a.Name), " ")
		if name != "" && !slices.Contains(names, name) && len(names) < 6 {
			names = append(names, name)
		}
	}
	switch n := len(names); n {
	case 0:
		return ""
	case 1:
		return names[0]
	default:
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
}

// picture is the entry's own, else the first of its body. What the body says
// of the same picture holds where the entry says nothing.
func picture(e *feed.Entry, body string) news.Picture {
	inside := bodyPicture(body)
	i := slices.IndexFunc(e.Images, func(address string) bool { return pictureAddress(address) != "" })
	if i < 0 || e.Images[i] == inside.URL {
		return inside
	}
	p := news.Picture{URL: e.Images[i]}
	if i == 0 {
		p.Caption, p.Credit = clip(e.Caption, maxStandfirst), clip(e.Credit, maxByline)
	}
	return p
}

// bidi are the characters that turn the direction of whatever follows them,
// also beyond their own text.
const bidi = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

// clip cuts plain text at a word, with an ellipsis, so that it has at most n
// characters, and leaves out what would reach beyond it.
func clip(s string, n int) string {
	s = strings.ToValidUTF8(s, "")
	if strings.ContainsAny(s, bidi) {
		s = strings.Map(func(r rune) rune {
			if strings.ContainsRune(bidi, r) {
				return -1
			}
			return r
		}, s)
	}
	s = strings.TrimSpace(s)
	if utf8.RuneCountInString(s[:min(len(s), n*utf8.UTFMax+1)]) <= n && len(s) <= n*utf8.UTFMax {
		return s
	}
	end := 0
	for range n - 1 {
		_, size := utf8.DecodeRuneInString(s[end:])
		end += size
	}
	cut := s[:end]
	if space := strings.LastIndexByte(cut, ' '); space > len(cut)/2 {
		cut = cut[:space]
	}
	return strings.TrimRight(cut, " ,;:.") + "…"
}

func digest(s string) (d news.Digest) {
	sum := sha256.Sum256([]byte(s))
	return news.Digest(sum[:len(d)])
}

func bodyDigest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

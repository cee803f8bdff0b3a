package press

import (
	"fmt"
	"hash/fnv"
	"html"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"understory/press/drawing"
)

// article is one published article of one title. It is never changed once other
// goroutines can see it: a change makes a new one.
type article struct {
	site      *profile
	id        string // number within the press, as text
	path      string
	headline  string
	stand     string
	section   string
	by        string
	agency    string // name of the agency whose text this is, or empty
	event     string
	tags      []string
	body      []string
	scene     drawing.Scene
	face      uint64 // which of the scene's pictures
	caption   string
	published time.Time
	updated   time.Time
	revision  int      // how often it changed
	notes     []string // corrections
	withdrawn string   // why it was withdrawn, or empty
	changes   []change // still to come
}

// newArticle publishes d in the title s as article number n.
func newArticle(s *profile, d draft, n int, at time.Time) *article {
	a := &article{
		site: s, id: fmt.Sprint(10000 + n), headline: d.headline, stand: d.stand, section: d.section, by: d.by,
		event: d.event, tags: d.tags, body: d.body, caption: d.caption, published: at, updated: at, changes: d.changes,
		scene: drawing.Scene(d.scene),
	}
	if a.by == "" {
		a.by = s.staff[n%len(s.staff)]
	}
	if d.stream {
		a.face = uint64(n % 12) // a bounded number of pictures, however long the press runs
	} else {
		a.face = hash(d.headline)
	}
	a.path = strings.NewReplacer(":section", a.section, ":date", at.UTC().Format("2006/01/02"),
		":slug", slug(a.headline, a.id), ":id", a.id).Replace(s.path)
	return a
}

// changed returns a as it is after c.
func (a *article) changed(c change, at time.Time) *article {
	b := *a
	b.updated = at
	b.revision++
	switch c.kind {
	case Updated:
		if c.headline != "" {
			b.headline = c.headline
		}
		b.body = append(append([]string(nil), c.body...), a.body...)
	case Corrected:
		b.notes = append(append([]string(nil), a.notes...), c.note)
		b.body = putAll(a.body, func(s string) string {
			if c.from == "" {
				return s
			}
			return strings.ReplaceAll(s, c.from, c.to)
		})
	case Retracted:
		b.withdrawn = c.note
	}
	return &b
}

// picture returns the path of the article's picture, or "".
func (a *article) picture() string {
	if a.scene == "" {
		return ""
	}
	return fmt.Sprintf("/picture/%s-%d.jpg", a.scene, a.face)
}

// credit says who drew the picture: always the press itself.
func (a *article) credit() string {
	return tongueOf(a.site.Language).Drawing + ": " + a.site.Name
}

// textHTML is the article's text alone, with its corrections.
func (a *article) textHTML() string {
	t := tongueOf(a.site.Language)
	if a.withdrawn != "" {
		return "<p><strong>" + t.Retract + ".</strong> " + html.EscapeString(a.withdrawn) + "</p>"
	}
	var b strings.Builder
	for _, block := range a.body {
		b.WriteString(blockHTML(block) + "\n")
	}
	for _, n := range a.notes {
		b.WriteString("<p><em>" + t.Correction + ": " + html.EscapeString(n) + "</em></p>\n")
	}
	return b.String()
}

// feedHTML is what a full-text feed carries: picture, text, and the sentence
// that says that the title is invented. Addresses begin with origin.
func (a *article) feedHTML(origin string) string {
	var b strings.Builder
	if a.picture() != "" && a.withdrawn == "" {
		fmt.Fprintf(&b, `<figure><img src="%s%s" alt="%s" width="1200" height="800"><figcaption>%s (%s)</figcaption></figure>`+"\n",
			origin, a.picture(), html.EscapeString(a.caption), html.EscapeString(a.caption), html.EscapeString(a.credit()))
	}
	b.WriteString(strings.ReplaceAll(a.textHTML(), `href="/`, `href="`+origin+`/`))
	fmt.Fprintf(&b, "<p><small>%s</small></p>", html.EscapeString(a.site.invented()))
	return b.String()
}

func (t *profile) invented() string {
	return fmt.Sprintf(tongueOf(t.Language).invented, t.Name)
}

// slug makes a readable path of a headline; a headline without Latin letters gets its number.
func slug(headline, id string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(headline)) {
		switch {
		case r == 'ß':
			b.WriteString("ss")
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r) || r == '’' || r == '\'':
		default:
			if s := b.String(); s != "" && !strings.HasSuffix(s, "-") {
				b.WriteByte('-')
			}
		}
		if b.Len() > 70 {
			break
		}
	}
	s := strings.Trim(b.String(), "-")
	if len(s) < 8 {
		return "n-" + id
	}
	return s
}

func hash(s string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(s)) // a hash never fails to write
	return h.Sum64()
}

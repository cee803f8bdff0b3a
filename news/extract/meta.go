package extract

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// article fills in what the page says about its article, save what needs the
// text: see finish.
func (s *source) article() *Article {
	a := &Article{
		Canonical:   s.canonical(),
		Site:        s.site(),
		Language:    s.language(),
		Summary:     s.summary(),
		Paid:        s.paid(),
		TDMReserved: s.meta("tdm-reservation") == "1",
		Robots:      s.robots(),
	}
	a.Title = s.headline(a.Site)
	a.Published, a.Modified = s.dates()
	a.Picture = s.picture()
	return a
}

// finish adds what depends on the text.
func (s *source) finish(a *Article, bs []*block) {
	before, head, rest := header(bs, a.Title)
	around := slices.Concat(head, before)
	seen, updated := dateSeen(around, a.Published)
	if !seen.IsZero() && !onDay(a.Published, seen) {
		a.Published = seen
	}
	if a.Modified.IsZero() {
		a.Modified = updated
	}
	if a.Modified.Before(a.Published) {
		a.Modified = time.Time{}
	}
	for _, d := range []time.Time{dateInPath(s.addr.Path), a.Modified} {
		if a.Published.IsZero() {
			a.Published = d
		}
	}
	a.Authors = s.authors(around, rest, a.Site)
	a.Byline = strings.Join(a.Authors, ", ")
	a.Language = checkLanguage(a.Language, a.Text)
}

// headerLen is how many blocks before the text the header can have where the
// title is not among them.
const headerLen = 12

// header returns the blocks from the headline to a little after the first
// solid paragraph of the article, where readers see its date and authors, the
// few before the headline, and those after.
func header(bs []*block, title string) (before, head, rest []*block) {
	body := max(slices.IndexFunc(bs, func(b *block) bool { return b.kept && b.solid() }), 0)
	from := max(body-headerLen, 0)
	want := fold(title)
	for i, b := range bs[:body] {
		if b.words < 60 && fold(b.text) == want {
			from = i
		}
	}
	to := min(body+4, len(bs))
	return bs[max(from-4, 0):from], bs[from:to], bs[to:]
}

// canonical returns the address that the page calls its own. One that names
// the site's front page is a mistake of the site.
func (s *source) canonical() string {
	for _, ref := range []string{s.links["canonical"], s.meta("og:url")} {
		u, err := s.base.Parse(ref)
		if ref == "" || err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
			continue
		}
		if strings.Trim(u.Path, "/") == "" && u.RawQuery == "" && strings.Trim(s.addr.Path, "/") != "" {
			continue
		}
		u.Fragment = ""
		return u.String()
	}
	return s.addr.String()
}

func (s *source) site() string {
	publisher := s.linked.object(s.data["publisher"]).str("name")
	return cmp.Or(s.meta("og:site_name"), publisher, s.meta("application-name", "citation_journal_title"),
		strings.TrimPrefix(s.addr.Hostname(), "www."))
}

func (s *source) summary() string {
	return cmp.Or(s.meta("og:description", "description", "twitter:description"), s.data.str("description"))
}

func (s *source) paid() bool {
	switch v := s.data["isAccessibleForFree"].(type) {
	case bool:
		return !v
	case string:
		return strings.EqualFold(strings.TrimSpace(v), "false")
	}
	return false
}

func (s *source) robots() (out []string) {
	for _, name := range []string{"robots", "googlebot"} {
		for _, v := range s.metas[name] {
			for _, d := range strings.Split(strings.ToLower(v), ",") {
				if d = strings.TrimSpace(d); d != "" && !slices.Contains(out, d) {
					out = append(out, d)
				}
			}
		}
	}
	return out
}

// Names of meta elements, best first.
var (
	publishedNames = []string{"article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date", "dc.date.issued",
		"dcterms.created", "dcterms.issued", "dcterms.date", "dc.date", "citation_publication_date", "citation_date", "publication_date", "publish-date", "publish_date", "pubdate",
		"published", "rnews:datepublished", "article.published", "date", "og:pubdate", "cxenseparse:recs:publishtime", "ptime", "created"}
	modifiedNames = []string{"article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified", "lastmod", "rnews:datemodified"}
)

// dates returns when the article was published and last changed.
func (s *source) dates() (published, modified time.Time) {
	published = firstDate(s.data.str("datePublished"), s.data.str("dateCreated"))
	for _, n := range publishedNames {
		if published.IsZero() {
			published = firstDate(s.metas[n]...)
		}
	}
	if published.IsZero() {
		published = firstDate(s.props["datepublished"]...)
	}
	if published.IsZero() {
		published = firstDate(s.times...)
	}
	modified = firstDate(s.data.str("dateModified"))
	for _, n := range modifiedNames {
		if modified.IsZero() {
			modified = firstDate(s.metas[n]...)
		}
	}
	return published, modified
}

func firstDate(texts ...string) time.Time {
	for _, t := range texts {
		if d := parseDate(t); !d.IsZero() {
			return d
		}
	}
	return time.Time{}
}

// language returns the language that the page claims.
func (s *source) language() string {
	for _, v := range []string{s.lang, s.meta("og:locale", "content-language", "dc.language", "language"), s.linked.text(s.data["inLanguage"])} {
		if tag := languageTag(v); tag != "" {
			return tag
		}
	}
	return ""
}

var tagForm = regexp.MustCompile(`^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)

// languageTag returns s as a BCP 47 tag, or "" where it is none.
func languageTag(s string) string {
	s, _, _ = strings.Cut(strings.ReplaceAll(strings.TrimSpace(s), "_", "-"), ",")
	if !tagForm.MatchString(s) {
		return ""
	}
	parts := strings.Split(strings.ToLower(s), "-")
	for i, p := range parts[1:] {
		if len(p) == 2 {
			parts[i+1] = strings.ToUpper(p)
		}
	}
	return strings.Join(parts, "-")
}

// sameAddress compares two addresses without scheme, www, query and fragment.
func sameAddress(a, b string) bool {
	return a != "" && bareAddress(a) == bareAddress(b)
}

func bareAddress(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return s
	}
	return strings.TrimPrefix(strings.ToLower(u.Host), "www.") + strings.TrimRight(u.Path, "/")
}

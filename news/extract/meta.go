package extract

import (
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
	a.Authors = s.authors()
	a.Published, a.Modified = s.dates()
	a.Picture = s.picture()
	return a
}

// finish adds what the text says where the page's data are silent.
func (s *source) finish(a *Article, bs []*block) {
	start := slices.IndexFunc(bs, func(b *block) bool { return b.kept && b.solid() })
	head := bs[:max(start, 0)]
	if a.Published.IsZero() {
		a.Published = dateNear(head, bs, a.Title)
	}
	if a.Published.IsZero() {
		a.Published = dateInPath(s.addr.Path)
	}
	if len(a.Authors) == 0 {
		a.Authors = authorNear(head)
	}
	a.Byline = strings.Join(a.Authors, ", ")
	a.Language = checkLanguage(a.Language, a.Text)
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
	return first(s.meta("og:site_name"), publisher, s.meta("application-name", "citation_journal_title"),
		strings.TrimPrefix(s.addr.Hostname(), "www."))
}

func (s *source) summary() string {
	return first(s.meta("og:description", "description", "twitter:description"), s.data.str("description"))
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

// separators stand between a headline and the site's name.
var separators = regexp.MustCompile(`\s+[|–—·•»«:/~-]\s+|\s*[|»]\s*|\s+::\s+`)

// headline chooses the title: a heading that the page's data confirm, for
// that is what readers see; else what the data say, without the site's name.
func (s *source) headline(site string) string {
	og, data := s.meta("og:title", "twitter:title"), s.data.str("headline")
	told := []string{og, data, s.title}
	for _, h := range s.headings {
		f := fold(h)
		if len(f) < 8 {
			continue
		}
		for _, t := range told {
			if t != "" && strings.Contains(fold(t), f) {
				return h
			}
		}
	}
	host := strings.TrimPrefix(s.addr.Hostname(), "www.")
	for _, t := range []string{og, data, s.title} {
		if t != "" {
			return cutSite(t, site, host)
		}
	}
	return first(s.headings...)
}

// cutSite removes the site's name from either end of a title.
func cutSite(title, site, host string) string {
	at := separators.FindAllStringIndex(title, -1)
	if at == nil {
		return title
	}
	isSite := func(part string) bool {
		f := fold(part)
		return f != "" && (f == fold(site) || strings.Contains(fold(host), f) || len(fold(site)) > 3 && strings.Contains(f, fold(site)))
	}
	if last := at[len(at)-1]; isSite(title[last[1]:]) {
		return cutSite(title[:last[0]], site, host)
	}
	if isSite(title[:at[0][0]]) {
		return title[at[0][1]:]
	}
	return title
}

// Names of meta elements, best first.
var (
	publishedNames = []string{"article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date", "sailthru.date", "dc.date.issued",
		"dcterms.created", "dcterms.issued", "dcterms.date", "dc.date", "citation_publication_date", "citation_date", "publication_date", "publish-date", "publish_date", "pubdate",
		"published", "rnews:datepublished", "article.published", "date", "og:pubdate", "cxenseparse:recs:publishtime", "ptime", "created"}
	modifiedNames = []string{"article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified", "lastmod", "rnews:datemodified"}
	authorNames   = []string{"author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "citation_author", "byl", "article:author_name",
		"twitter:data1"}
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

// dateNear looks for a date in the short lines before the article, then in
// those around its title.
func dateNear(head, all []*block, title string) time.Time {
	for _, b := range slices.Backward(head) {
		if b.words <= 20 {
			if d := findDate(b.text); !d.IsZero() {
				return d
			}
		}
	}
	return time.Time{}
}

// authors returns the names of who wrote the article.
func (s *source) authors() []string {
	if names := cleanNames(s.linked.names(s.data["author"])); len(names) > 0 {
		return names
	}
	for _, n := range authorNames {
		if names := cleanNames(s.metas[n]); len(names) > 0 {
			return names
		}
	}
	for _, linked := range []bool{true, false} {
		for _, b := range s.bylines {
			if b.linked != linked || !linked && !startsByline(b.text) && countWords(b.text) > 5 {
				continue
			}
			if names := cleanNames([]string{b.text}); len(names) > 0 {
				return names
			}
		}
	}
	return nil
}

// byWords begin a byline.
var byWords = regexp.MustCompile(`(?i)^\s*(?:(?:written|posted|published|reviewed|words|text|story)\s+)?(?:by|von|par|por|di|door|av)\b:?\s+`)

func startsByline(s string) bool { return byWords.MatchString(s) }

// authorNear reads a line that begins as a byline among those before the
// article.
func authorNear(head []*block) []string {
	for _, b := range slices.Backward(head) {
		if b.words <= 15 && startsByline(b.text) {
			if names := cleanNames([]string{b.text}); len(names) > 0 {
				return names
			}
		}
	}
	return nil
}

var (
	nameBreaks = regexp.MustCompile(`\s*[,;|•·]\s*|\s+(?:and|und|et|y|e|&)\s+|\s+[–—-]\s+`)
	letters    = regexp.MustCompile(`\p{L}{2}`)
)

// cleanNames splits texts into names, without "by", degrees and addresses,
// each once.
func cleanNames(texts []string) (out []string) {
	for _, t := range texts {
		t = byWords.ReplaceAllString(collapse(t), "")
		for i, n := range nameBreaks.Split(t, -1) {
			n = strings.Trim(n, " .,:()")
			if !letters.MatchString(n) || len(n) > 80 || strings.ContainsAny(n, "/@{<") || i > 0 && isDegree(n) ||
				!findDate(n).IsZero() || countWords(n) > 6 {
				if i == 0 {
					break
				}
				continue
			}
			if !slices.ContainsFunc(out, func(o string) bool { return fold(o) == fold(n) }) {
				out = append(out, n)
			}
		}
	}
	return out
}

// isDegree says whether a part of a byline is letters after a name, such as
// MD or Ph.D.
func isDegree(s string) bool {
	capitals := 0
	for _, r := range s {
		if r >= 'A' && r <= 'Z' {
			capitals++
		}
	}
	return !strings.Contains(s, " ") && capitals*2 >= len(fold(s)) && len(s) <= 8
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

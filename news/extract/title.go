package extract

import (
	"cmp"
	"math"
	"regexp"
	"strings"
)

// separators stand between a headline and the site's name.
var separators = regexp.MustCompile(`\s+[|–—·•»«:/~-]\s+|\s*[|»]\s*|\s+::\s+`)

// leastLikeness is how like the page's data a heading of n words must be to
// be the title: short ones are often a section's or a form's.
func leastLikeness(n int) float64 {
	switch {
	case n <= 3:
		return 1
	case n <= 5:
		return 0.7
	case n <= 30:
		return 0.25
	}
	return math.Inf(1)
}

// headline chooses the title: the heading that is most like what the page
// calls itself, for that is what readers see; else what it calls itself,
// without the site's name.
func (s *source) headline(site string) string {
	host := strings.TrimPrefix(s.addr.Hostname(), "www.")
	told := []string{s.meta("og:title"), s.data.str("headline"), s.title, s.meta("twitter:title")}
	best, most := "", 0.0
	for _, h := range s.headings {
		if isSite(h, site, host) {
			continue
		}
		for _, t := range told {
			if l := likeness(h, t); l > most && l >= leastLikeness(countWords(h)) {
				best, most = h, l
			}
		}
	}
	if best != "" {
		return best
	}
	for _, t := range told {
		if t != "" {
			return cutSite(t, site, host)
		}
	}
	return cmp.Or(s.headings...)
}

// likeness is the share of the shorter title's words that the other has, a
// little less where the lengths differ.
func likeness(a, b string) float64 {
	wa, wb := wordSet(a), wordSet(b)
	common := 0
	for w := range wa {
		if wb[w] {
			common++
		}
	}
	return ratio(common, min(len(wa), len(wb))) + 0.1*ratio(common, max(len(wa), len(wb)))
}

func wordSet(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range lowerWords(s) {
		m[w] = true
	}
	return m
}

// isSite says whether a part of a title is the site's name.
func isSite(part, site, host string) bool {
	f, name := fold(part), fold(site)
	return f == "" || f == name || strings.Contains(fold(host), f) || len(name) > 3 && strings.Contains(f, name) && len(f) < 2*len(name)
}

// cutSite removes the site's name from either end of a title.
func cutSite(title, site, host string) string {
	at := separators.FindAllStringIndex(title, -1)
	if at == nil {
		return title
	}
	if last := at[len(at)-1]; isSite(title[last[1]:], site, host) {
		return cutSite(title[:last[0]], site, host)
	}
	if isSite(title[:at[0][0]], site, host) {
		return title[at[0][1]:]
	}
	return title
}

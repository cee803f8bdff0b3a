package extract

import (
	"regexp"
	"slices"
	"strings"
)

// authorNames are the names of meta elements with authors, best first.
var authorNames = []string{"author", "parsely-author", "sailthru.author", "dc.creator", "dcterms.creator", "citation_author", "byl",
	"article:author", "article:author_name", "twitter:data1"}

// authors returns the names of who wrote the article: those in the page's
// data, unless they are only the site's own and a reader sees a person's, or
// more people with them.
func (s *source) authors(head, rest []*block, site string) []string {
	data := withoutSite(cleanNames(s.linked.names(s.data["author"])), site)
	for _, n := range authorNames {
		if len(data) == 0 {
			data = withoutSite(cleanNames(s.metas[n]), site)
		}
	}
	seen := withoutSite(seenAuthors(head, isByline), site)
	if len(seen) == 0 {
		seen = withoutSite(s.markedAuthors(), site)
	}
	if len(seen) == 0 {
		seen = withoutSite(seenAuthors(rest, isWrittenBy), site)
	}
	switch {
	case len(data) == 0, isOnly(data, site) && len(seen) > 0, len(seen) > len(data) && hasAll(seen, data):
		return seen
	}
	return data
}

// withoutSite leaves the site's name out of a list with others.
func withoutSite(names []string, site string) []string {
	if len(names) < 2 {
		return names
	}
	return slices.DeleteFunc(names, func(n string) bool { return fold(n) == fold(site) })
}

func isOnly(names []string, site string) bool {
	return len(names) == 1 && (strings.Contains(fold(names[0]), fold(site)) || strings.Contains(fold(site), fold(names[0])))
}

// hasAll says whether each of the names is part of one of the list.
func hasAll(list, names []string) bool {
	for _, n := range names {
		if !slices.ContainsFunc(list, func(l string) bool { return strings.Contains(fold(l), fold(n)) }) {
			return false
		}
	}
	return true
}

// markedAuthors reads the elements that are marked as holding authors: by
// rel or itemprop first, then by class. Of one inside another the inner one
// with the same beginning counts.
func (s *source) markedAuthors() []string {
	for _, linked := range []bool{true, false} {
		for i, b := range s.bylines {
			if b.linked != linked {
				continue
			}
			for _, inner := range s.bylines[i+1:] {
				if len(inner.text) < len(b.text) && countWords(inner.text) > 1 && strings.HasPrefix(b.text, inner.text) {
					b = inner
				}
			}
			if !linked && !isByline(b.text) && countWords(b.text) > 5 {
				continue
			}
			if names := cleanNames([]string{b.text}); len(names) > 0 {
				return names
			}
		}
	}
	return nil
}

// seenAuthors reads the first short line that is a byline.
func seenAuthors(bs []*block, is func(string) bool) []string {
	for _, b := range bs {
		if b.words > 20 || endsSentence(b.text) && b.kept || b.area.aside && b.area.hints&hintAuthor == 0 {
			continue
		}
		for _, part := range lineBreaks.Split(b.text, -1) {
			if !is(part) {
				continue
			}
			if names := cleanNames([]string{part}); len(names) > 0 {
				return names
			}
		}
	}
	return nil
}

var (
	// lineBreaks stand between the parts of a line under a headline.
	lineBreaks = regexp.MustCompile(`\s+[|•·–—-]\s+|\s*[|•·]\s*`)
	byWords    = regexp.MustCompile(`(?i)^.{0,40}?\b(?:by|von|par|por|di|door|av)\b:?\s*`)
	byLine     = regexp.MustCompile(`^(?:\W*|.{0,30}\s)(?i:by|von|par|por|door)(?:\s*:|\s)\s*\p{Lu}`)
	writtenBy  = regexp.MustCompile(`(?i)^(?:written|words|story|posted|article) by\b`)
	roleWord   = regexp.MustCompile(`^(?:(?i:author|writer|reporter)s?\s+|\p{L}+:\s+)`)
	nameBreaks = regexp.MustCompile(`\s*[,;|•·]\s*(?:and\s+|&\s*)?|\s+(?:and|und|et|y|e|&)\s+|\s+[–—-]\s+`)
	nameEnd    = regexp.MustCompile(`(?i)\s+(?:(?:last\s+)?(?:published|updated|posted|modified|reviewed)|on|in|at|for)\b.*$`)
	letters    = regexp.MustCompile(`\p{L}{2}`)
)

func isByline(s string) bool    { return byLine.MatchString(s) }
func isWrittenBy(s string) bool { return writtenBy.MatchString(s) }

// cleanNames splits texts into names, each once, without "by", dates, degrees
// and addresses.
func cleanNames(texts []string) (out []string) {
	for _, t := range texts {
		t = collapse(t)
		if isByline(t) {
			t = nameEnd.ReplaceAllString(byWords.ReplaceAllString(t, ""), "")
		}
		t = roleWord.ReplaceAllString(cutDate(t), "")
		for i, n := range nameBreaks.Split(t, -1) {
			n = strings.Trim(n, " .,:()–—-")
			if n == "" || i > 0 && isDegree(n) {
				continue
			}
			if !isName(n) {
				break
			}
			if !slices.ContainsFunc(out, func(o string) bool { return fold(o) == fold(n) }) {
				out = append(out, n)
			}
		}
	}
	return out
}

// isName says whether n can be the name of a person or a desk.
func isName(n string) bool {
	return letters.MatchString(n) && len(n) <= 80 && !strings.ContainsAny(n, "/@{<") && countWords(n) <= 6 &&
		(n[0] < '0' || n[0] > '9') && !strings.HasSuffix(n, " by") && !strings.HasSuffix(n, " on")
}

// cutDate removes a date and what follows it.
func cutDate(s string) string {
	for _, re := range dateForms {
		if at := re.FindStringIndex(s); at != nil {
			return strings.TrimSpace(s[:at[0]])
		}
	}
	return s
}

// isDegree says whether a part of a byline is letters after a name, such as
// MD or Ph.D.
func isDegree(s string) bool {
	capitals := 0
	for i := range len(s) {
		if isCapital(s[i]) {
			capitals++
		}
	}
	return !strings.Contains(s, " ") && capitals >= 2 && capitals*2 >= len(fold(s)) && len(s) <= 8
}

package catalogue

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"understory/news"
)

// maxName is the most characters of a name, an owner or a list.
const maxName = 200

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Check sorts out the entries that can be used. A fault names the line of the
// entry and says in plain words what is wrong with it; an entry that repeats
// the slug or a feed of one before it is at fault.
func Check(entries []Entry) (good []Entry, faults []error) {
	slugs, feeds := map[string]int{}, map[string]int{}
	for _, e := range entries {
		wrong := e.wrong()
		if at, twice := slugs[e.Slug]; twice {
			wrong = append(wrong, fmt.Sprintf("the slug %q is that of line %d", e.Slug, at))
		}
		for _, f := range e.Feeds {
			if at, twice := feeds[f.URL]; twice {
				wrong = append(wrong, fmt.Sprintf("the feed %s is already on line %d", f.URL, at))
			}
		}
		if len(wrong) > 0 {
			faults = append(faults, fmt.Errorf("line %d: %s: %s", e.Line, e.Name, strings.Join(wrong, "; ")))
			continue
		}
		slugs[e.Slug] = e.Line
		for _, f := range e.Feeds {
			feeds[f.URL] = e.Line
		}
		good = append(good, e)
	}
	return good, faults
}

// wrong says what is wrong with an entry by itself.
func (e *Entry) wrong() (wrong []string) {
	say := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	say(e.Name != "", "it has no name")
	for _, text := range []string{e.Name, e.Owner, e.List} {
		say(utf8.RuneCountInString(text) <= maxName, "a name, owner or list is longer than %d characters", maxName)
		say(!strings.ContainsFunc(text, unicode.IsControl), "a name, owner or list has control characters")
	}
	say(slugForm.MatchString(e.Slug) && len(e.Slug) <= MaxSlug,
		"the slug %q is not made of at most %d small letters, digits and single hyphens", e.Slug, MaxSlug)
	say(isWeb(e.Home), "the home page %q is not an absolute web address", e.Home)
	say(e.Country == "" || countryName(e.Country) != "", "the country %q is not a code of ISO 3166 such as KE", e.Country)
	say(e.Language == "" || isLanguage(e.Language), "the language %q is not a tag of BCP 47 such as pt or zh-Hant", e.Language)
	say(slices.Contains(news.Sections, e.Section), "there is no section %q", e.Section)
	say(e.Owner != "", "it has no owner: write %q", news.UnknownOwner)
	say(len(e.Feeds) > 0, "it has no feed")
	for _, f := range e.Feeds {
		say(isWeb(f.URL), "the feed %q is not an absolute web address", f.URL)
		say(f.Section == "" || slices.Contains(news.Sections, f.Section), "there is no section %q", f.Section)
	}
	return wrong
}

func isWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") && !strings.ContainsFunc(address, unicode.IsSpace)
}

// countryName returns the English name of a country by its code; "" where there
// is no country, or none any more, with that code.
func countryName(code string) string {
	switch code {
	case "MK": // renamed since the tables of x/text were made
		return "North Macedonia"
	case "SZ":
		return "Eswatini"
	}
	r, err := language.ParseRegion(code)
	if err != nil || len(code) != 2 || !r.IsCountry() || r.Canonicalize().String() != code {
		return ""
	}
	return display.English.Regions().Name(r)
}

func isLanguage(tag string) bool {
	t, err := language.Parse(tag)
	return err == nil && t.String() == tag
}

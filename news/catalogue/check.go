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

var (
	slugForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	colourForm = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)
)

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
			faults = append(faults, fmt.Errorf("line %d: %.80s: %s", e.Line, e.Name, strings.Join(wrong, "; ")))
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
func (e *Entry) wrong() []string {
	wrong := wrongTitle(&e.Title)
	if len(e.Feeds) == 0 {
		wrong = append(wrong, "it has no feed")
	}
	for _, f := range e.Feeds {
		if !isWeb(f.URL) {
			wrong = append(wrong, fmt.Sprintf("the feed %q is not an absolute web address", f.URL))
		}
		if f.Section != "" && !slices.Contains(news.Sections, f.Section) {
			wrong = append(wrong, fmt.Sprintf("there is no section %q", f.Section))
		}
	}
	return wrong
}

// CheckTitle says in plain words all that is wrong with a title; nil for
// nothing. It is a [news.ErrInvalid].
func CheckTitle(t news.Title) error {
	if wrong := wrongTitle(&t); len(wrong) > 0 {
		return fmt.Errorf("%w: %s", news.ErrInvalid, strings.Join(wrong, "; "))
	}
	return nil
}

func wrongTitle(t *news.Title) (wrong []string) {
	say := func(ok bool, format string, args ...any) {
		if !ok {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	say(t.Name != "", "it has no name")
	for _, text := range []string{t.Name, t.Owner, t.List} {
		say(utf8.RuneCountInString(text) <= maxName, "a name, owner or list is longer than %d characters", maxName)
		say(!strings.ContainsFunc(text, unicode.IsControl), "a name, owner or list has control characters")
	}
	say(slugForm.MatchString(t.Slug) && len(t.Slug) <= MaxSlug,
		"the slug %q is not made of at most %d small letters, digits and single hyphens", t.Slug, MaxSlug)
	say(isWeb(t.Home), "the home page %q is not an absolute web address", t.Home)
	say(t.Country == "" || CountryName(t.Country) != "", "the country %q is not a code of ISO 3166 such as KE", t.Country)
	say(t.Language == "" || Language(t.Language) == t.Language, "the language %q is not a tag of BCP 47 such as pt or zh-Hant", t.Language)
	say(slices.Contains(news.Sections, t.Section), "there is no section %q", t.Section)
	say(t.Colour == "" || colourForm.MatchString(t.Colour), "the colour %q is not written like #1f5b3a", t.Colour)
	say(t.Owner != "", "it has no owner: write %q", news.UnknownOwner)
	return wrong
}

func isWeb(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Host != "" && (u.Scheme == "https" || u.Scheme == "http") && !strings.ContainsFunc(address, unicode.IsSpace)
}

// CountryName returns the English name of a country by its code; "" where there
// is no country, or none any more, with that code.
func CountryName(code string) string {
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

// Language returns a language tag as BCP 47 writes it, such as en-US for en-us;
// "" for what is none.
func Language(tag string) string {
	t, err := language.Parse(tag)
	if err != nil || t == language.Und {
		return ""
	}
	return t.String()
}

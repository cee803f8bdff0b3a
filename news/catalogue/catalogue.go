// Package catalogue holds the titles that ship with Understory and reads and
// writes lists of titles: its own CSV, which keeps every column, and OPML,
// which feed readers understand.
//
// It fetches nothing and stores nothing: whether a listed feed answers is only
// known once news/ingest has fetched it. The title commands of cmd/understory
// call it. How the titles were chosen is told in docs/catalogue.md.
package catalogue

import (
	"bytes"
	"cmp"
	_ "embed" // titles.csv
	"errors"
	"slices"
	"strconv"
	"strings"

	"understory/news"
)

// Entry is one title with its feeds.
type Entry struct {
	news.Title
	Feeds []news.Feed // only Kind, URL and Section are set
	Line  int         // of the file it was read from
}

//go:embed titles.csv
var titles []byte

// Load returns the titles that ship with Understory, by country and slug.
func Load() ([]Entry, error) {
	entries, faults := Parse(titles)
	return entries, errors.Join(faults...)
}

// Parse reads a list of titles in either format. It returns the titles that
// can be used, in the order of the file, and a fault for each of the others,
// with its line and in words for the operator who brought the file.
//
// Titles without a slug are given one that none of known and no other of the
// file has, save a known title of the same home page, which they are.
func Parse(data []byte, known ...news.Title) ([]Entry, []error) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	var entries []Entry
	var faults []error
	if t := bytes.TrimSpace(data); bytes.HasPrefix(t, []byte("<")) || !bytes.Contains(t, []byte(",")) {
		entries, faults = readOPML(data)
	} else {
		entries, faults = readCSV(data)
	}
	nameSlugs(entries, known)
	good, more := Check(entries)
	return good, append(faults, more...)
}

// nameSlugs gives a slug to the entries that have none.
func nameSlugs(entries []Entry, known []news.Title) {
	home := map[string]string{} // by the slugs that are taken
	for _, t := range known {
		home[t.Slug] = place(t.Home)
	}
	for _, e := range entries {
		if e.Slug != "" {
			home[e.Slug] = place(e.Home)
		}
	}
	last := map[string]int{} // number given to a slug that others wanted too
	for i := range entries {
		e := &entries[i]
		if e.Slug != "" {
			continue
		}
		e.Slug = Slug(e.Name, e.Home)
		base := strings.TrimRight(e.Slug[:min(len(e.Slug), MaxSlug-len("-99999"))], "-")
		for h, taken := home[e.Slug]; taken && h != place(e.Home); h, taken = home[e.Slug] {
			last[base] = max(last[base], 1) + 1
			e.Slug = base + "-" + strconv.Itoa(last[base])
		}
		home[e.Slug] = place(e.Home)
	}
}

// place is what of a home page's address tells it from another's.
func place(home string) string {
	_, rest, _ := strings.Cut(strings.ToLower(home), "://")
	return strings.TrimSuffix(strings.TrimPrefix(rest, "www."), "/")
}

// shared returns what of the entries is for others to have, by country and
// slug, the order of titles.csv. Feeds that come by mail stay out: who knows
// their address can write to the title's readers.
func shared(entries []Entry) []Entry {
	var out []Entry
	for _, e := range entries {
		e.Feeds = slices.DeleteFunc(slices.Clone(e.Feeds), func(f news.Feed) bool { return f.Kind == news.FeedMail })
		if len(e.Feeds) > 0 {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Country, b.Country), cmp.Compare(a.Slug, b.Slug))
	})
	return out
}

package catalogue

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"understory/news"
	"understory/news/feed"
)

// FormatOPML writes titles as a list of feeds for feed readers: a folder for
// each section, in it one for each country. What OPML has no place for is
// left out: slug, owner, list and all that [FormatCSV] leaves out too.
func FormatOPML(name string, entries []Entry) []byte {
	list := feed.OPML{Title: name}
	for _, e := range shared(entries) {
		path := []string{e.Section}
		if country := CountryName(e.Country); country != "" {
			path = append(path, country)
		}
		for _, f := range e.Feeds {
			o := feed.Outline{Title: e.Name, FeedURL: f.URL, SiteURL: e.Home, Language: e.Language, Path: path}
			if f.Section != "" {
				o.Category = "/" + f.Section
			}
			list.Outlines = append(list.Outlines, o)
		}
	}
	slices.SortStableFunc(list.Outlines, func(a, b feed.Outline) int { return slices.Compare(a.Path, b.Path) })
	return feed.FormatOPML(list)
}

// readOPML makes a title of the feeds with the same name and home page. A
// folder named after one of our sections or a country gives the title that.
func readOPML(data []byte) ([]Entry, []error) {
	list, err := feed.ParseOPML(data)
	if err != nil {
		return nil, []error{err}
	}
	var entries []Entry
	at := map[[2]string]int{} // index in entries by name and home page
	codes := countryCodes()
	for _, o := range list.Outlines {
		e := fromOutline(o, codes)
		key := [2]string{e.Name, e.Home}
		i, known := at[key]
		if !known {
			at[key] = len(entries)
			entries = append(entries, e)
			continue
		}
		more := e.Feeds[0]
		if section := cmp.Or(more.Section, e.Section); section != entries[i].Section {
			more.Section = section
		}
		entries[i].Feeds = append(entries[i].Feeds, more)
	}
	return entries, list.Faults
}

func fromOutline(o feed.Outline, codes map[string]string) Entry {
	e := Entry{Line: o.Line, Title: news.Title{
		Name: o.Title, Home: cmp.Or(o.SiteURL, origin(o.FeedURL)), Language: Language(o.Language),
		Section: "news", Owner: news.UnknownOwner,
	}}
	for _, folder := range slices.Backward(o.Path) {
		folder = strings.ToLower(folder)
		if slices.Contains(news.Sections, folder) {
			e.Section = folder
		}
		e.Country = cmp.Or(e.Country, codes[folder])
	}
	f := news.Feed{Kind: news.FeedPoll, URL: o.FeedURL}
	if s := strings.TrimPrefix(o.Category, "/"); s != e.Section && slices.Contains(news.Sections, s) {
		f.Section = s
	}
	e.Feeds = []news.Feed{f}
	return e
}

// origin stands in for a home page that a list does not name.
func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/"
}

// countryCodes returns the codes of all countries by their English names in
// lower case.
func countryCodes() map[string]string {
	codes := map[string]string{}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			if name := CountryName(code); name != "" {
				codes[strings.ToLower(name)] = code
			}
		}
	}
	return codes
}

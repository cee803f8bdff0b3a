package catalogue

import (
	"encoding/json"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/publicsuffix"

	"understory/news"
	"understory/news/feed"
)

func load(t *testing.T) []Entry {
	t.Helper()
	entries, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

func TestLoadIsBroad(t *testing.T) {
	entries := load(t)
	countries, languages, sections, owned, feeds := map[string]int{}, map[string]int{}, map[string]int{}, 0, 0
	for _, e := range entries {
		countries[e.Country]++
		languages[e.Language]++
		sections[e.Section]++
		feeds += len(e.Feeds)
		if e.Owner != news.UnknownOwner {
			owned++
		}
		if e.Country == "" || e.Language == "" || e.List == "" {
			t.Errorf("line %d: %s has no country, language or list", e.Line, e.Name)
		}
	}
	t.Logf("%d titles, %d feeds, %d countries, %d languages, %d with a sourced owner; sections %v",
		len(entries), feeds, len(countries), len(languages), owned, sections)
	for _, tt := range []struct {
		what        string
		count, want int
	}{
		{"titles", len(entries), 700},
		{"countries", len(countries), 100},
		{"languages", len(languages), 50},
		{"titles with a sourced owner", owned, 150},
	} {
		if tt.count < tt.want {
			t.Errorf("%d %s, want at least %d", tt.count, tt.what, tt.want)
		}
	}
	for _, s := range news.Sections {
		if sections[s] < 10 {
			t.Errorf("section %s has %d titles, want at least 10", s, sections[s])
		}
	}
	for code, n := range countries {
		if n > len(entries)/10 {
			t.Errorf("country %s has %d of %d titles, more than a tenth", code, n, len(entries))
		}
	}
	if n := languages["en"]; n > len(entries)/2 {
		t.Errorf("%d of %d titles are in English, more than half", n, len(entries))
	}
}

func TestFormatsReadBack(t *testing.T) {
	entries := load(t)
	csv := FormatCSV(entries)
	if diff := cmp.Diff(string(titles), string(csv)); diff != "" {
		t.Errorf("titles.csv is not as FormatCSV writes it: -file +written:\n%s", diff)
	}
	want := slices.Clone(entries)
	for i := range want {
		want[i].Owner, want[i].List = news.UnknownOwner, ""
	}
	list := FormatOPML("Titles", entries)
	got, faults := Parse(list)
	if diff := cmp.Diff(want, shared(got), written); diff != "" || len(faults) > 0 {
		t.Errorf("OPML: faults %v, -want +got:\n%s", faults, diff)
	}
}

// feedHosts are hosts that carry the feeds of titles from elsewhere.
var feedHosts = map[string]string{
	"feeds.feedburner.com":                "any title that set up a feed there",
	"feeds2.feedburner.com":               "any title that set up a feed there",
	"feeds.bbci.co.uk":                    "bbc.com",
	"feeds.skynews.com":                   "sky.com",
	"www.francetvinfo.fr":                 "franceinfo.fr",
	"partner-feeds.publishing.tamedia.ch": "tagesanzeiger.ch",
	"feeds.a.dj.com":                      "wsj.com",
}

func TestFeedsBelongToTheirTitle(t *testing.T) {
	site := func(address string) string {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		domain, err := publicsuffix.EffectiveTLDPlusOne(u.Hostname())
		if err != nil {
			t.Fatal(err)
		}
		return domain
	}
	aggregators := regexp.MustCompile(`(?i)news\.google|reddit\.com|allafrica|nitter|hnrss|rss\.app|feedx|yahoo\.|[?&/]search/|\?s=`)
	for _, e := range load(t) {
		for _, f := range e.Feeds {
			u, _ := url.Parse(f.URL)
			if feedHosts[u.Host] == "" && site(f.URL) != site(e.Home) {
				t.Errorf("line %d: %s: %s is not of %s", e.Line, e.Name, f.URL, e.Home)
			}
			if aggregators.MatchString(f.URL) && !strings.Contains(f.URL, "search/?f=rss") {
				t.Errorf("line %d: %s: %s gathers or searches, it is no title's feed", e.Line, e.Name, f.URL)
			}
		}
	}
}

const lists = "../../../shared/data/catalogue/"

func readList(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(lists, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("no ../shared/data/catalogue beside the project")
	}
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestEachRowIsInItsList(t *testing.T) {
	in := map[string]map[string]bool{"kite_feeds.json": {}} // by list, by feed
	var regions map[string]struct{ Feeds []string }
	if err := json.Unmarshal(readList(t, "kite_feeds.json"), &regions); err != nil {
		t.Fatal(err)
	}
	for _, r := range regions {
		for _, f := range r.Feeds {
			in["kite_feeds.json"][f] = true
		}
	}
	for _, e := range load(t) {
		if in[e.List] == nil {
			list, err := feed.ParseOPML(readList(t, e.List))
			if err != nil {
				t.Fatalf("%s: %v", e.List, err)
			}
			in[e.List] = map[string]bool{}
			for _, o := range list.Outlines {
				in[e.List][o.FeedURL] = true
			}
		}
		for _, f := range e.Feeds {
			if !in[e.List][f.URL] {
				t.Errorf("line %d: %s: %s is not in %s", e.Line, e.Name, f.URL, e.List)
			}
		}
	}
}

func TestParseRealOPML(t *testing.T) {
	files, _ := filepath.Glob(lists + "opml/countries/with_category/*.opml")
	if len(files) == 0 {
		t.Skip("no ../shared/data/catalogue beside the project")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		entries, faults := Parse(data)
		abroad := slices.ContainsFunc(entries, func(e Entry) bool { return e.Country == "" })
		if len(entries) == 0 || len(faults) > 0 || abroad {
			t.Errorf("%s: %d titles, one without country: %v, faults %v", filepath.Base(file), len(entries), abroad, faults)
		}
	}
}

// TestOwnersAreSourced holds every word of an owner against what the list of
// outlets says about the owner of that domain.
func TestOwnersAreSourced(t *testing.T) {
	var outlets []struct {
		Organization, Owner string
		Domains             []string
	}
	if err := json.Unmarshal(readList(t, "media_data.json"), &outlets); err != nil {
		t.Fatal(err)
	}
	owner := map[string]string{} // by domain
	for _, o := range outlets {
		for _, d := range o.Domains {
			owner[strings.TrimPrefix(d, "www.")] += "-" + asciiWords(o.Organization+" "+o.Owner) + "-"
		}
	}
	for _, e := range load(t) {
		if e.Owner == news.UnknownOwner {
			continue
		}
		u, _ := url.Parse(e.Home)
		source := ""
		for host := u.Hostname(); strings.Contains(host, "."); _, host, _ = strings.Cut(host, ".") {
			source += owner[host] + owner["feeds."+host]
		}
		for w := range strings.SplitSeq(asciiWords(e.Owner), "-") {
			if !strings.Contains(source, "-"+w+"-") {
				t.Errorf("line %d: %s: the owner %q is not sourced: %q is not in %q", e.Line, e.Name, e.Owner, w, source)
			}
		}
	}
}

package catalogue

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"understory/news"
)

// written compares entries by what FormatCSV writes.
var written = cmp.Options{cmpopts.IgnoreFields(Entry{}, "Line"), cmpopts.EquateEmpty()}

func TestParseCSV(t *testing.T) {
	const file = "\uFEFFname,feeds,home,country,section\n" +
		"\"Moss, Weekly\",https://moss.example/a business=https://moss.example/b?x=1,https://moss.example,KE,science\n" +
		"Bare,https://bare.example/feed,https://bare.example,,\n"
	want := []Entry{
		{Line: 2, Title: news.Title{Slug: "moss-weekly", Name: "Moss, Weekly", Home: "https://moss.example", Country: "KE", Section: "science", Owner: "unknown"},
			Feeds: []news.Feed{{Kind: news.FeedPoll, URL: "https://moss.example/a"}, {Kind: news.FeedPoll, URL: "https://moss.example/b?x=1", Section: "business"}}},
		{Line: 3, Title: news.Title{Slug: "bare", Name: "Bare", Home: "https://bare.example", Section: "news", Owner: "unknown"},
			Feeds: []news.Feed{{Kind: news.FeedPoll, URL: "https://bare.example/feed"}}},
	}
	got, faults := Parse([]byte(file))
	if diff := cmp.Diff(want, got); diff != "" || len(faults) > 0 {
		t.Errorf("faults %v, -want +got:\n%s", faults, diff)
	}
}

func TestParseFaults(t *testing.T) {
	const head = "slug,name,home,country,language,section,owner,list,feeds\n"
	for _, tt := range []struct{ name, file, want string }{
		{"no name", head + "a,,https://a.example,,,,,,https://a.example/f\n", `line 2: : it has no name`},
		{"home", head + "a,A,a.example,,,,,,https://a.example/f\n", `line 2: A: the home page "a.example" is not an absolute web address`},
		{"country", head + "a,A,https://a.example,UK,,,,,https://a.example/f\n", `the country "UK" is not a code of ISO 3166`},
		{"region that is no country", head + "a,A,https://a.example,EU,,,,,https://a.example/f\n", `the country "EU"`},
		{"country of the past", head + "a,A,https://a.example,YU,,,,,https://a.example/f\n", `the country "YU"`},
		{"language", head + "a,A,https://a.example,,english,,,,https://a.example/f\n", `the language "english" is not a tag of BCP 47`},
		{"section", head + "a,A,https://a.example,,,gossip,,,https://a.example/f\n", `there is no section "gossip"`},
		{"section of a feed", head + "a,A,https://a.example,,,,,,gossip=https://a.example/f\n", `there is no section "gossip"`},
		{"slug", head + "A b,A,https://a.example,,,,,,https://a.example/f\n", `the slug "A b" is not made of`},
		{"no feed", head + "a,A,https://a.example,,,,,,\n", `it has no feed`},
		{"feed", head + "a,A,https://a.example,,,,,,ftp://a.example/f\n", `the feed "ftp://a.example/f" is not an absolute web address`},
		{"slug twice", head + "a,A,https://a.example,,,,,,https://a.example/f\n\na,B,https://b.example,,,,,,https://b.example/f\n", `line 4: B: the slug "a" is that of line 2`},
		{"feed twice", head + "a,A,https://a.example,,,,,,https://a.example/f\nb,B,https://b.example,,,,,,https://a.example/f\n", `line 3: B: the feed https://a.example/f is already on line 2`},
		{"column", "name,home,feed\n", `line 1: there is no column "feed"; the columns are slug, name,`},
		{"missing column", "name,home\n", `line 1: the column "feeds" is missing`},
		{"short row", head + "a,A\n", `line 2: it has 2 columns, the first line 9`},
		{"quote", head + "a,\"A,https://a.example\n", `line 2`},
		{"neither", "hello", `line 1: this is not an OPML file`},
		{"feed of an OPML", "<opml><outline text='A' type='rss' xmlUrl='x'/></opml>", `line 1: "A" is left out: "x" is not the address of a feed`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, faults := Parse([]byte(tt.file))
			if len(faults) != 1 || !strings.Contains(faults[0].Error(), tt.want) {
				t.Errorf("got %v, want %q", faults, tt.want)
			}
		})
	}
}

func TestParseKeepsTheRest(t *testing.T) {
	good, faults := Parse([]byte("name,home,feeds\nA,https://a.example,nothing\nB,https://b.example,https://b.example/f\n"))
	if len(faults) != 1 || len(good) != 1 || good[0].Name != "B" {
		t.Errorf("got %v, %v; want B and one fault", good, faults)
	}
}

func TestParseOPML(t *testing.T) {
	const file = `<opml version="1.0"><body>
<outline text="Science"><outline text="Kenya">
<outline text="Moss" xmlUrl="https://moss.example/a" htmlUrl="https://moss.example/" language="sw"/>
<outline text="Moss" xmlUrl="https://moss.example/b" htmlUrl="https://moss.example/" category="/sport"/>
</outline></outline>
<outline text="My things"><outline text="苔" xmlUrl="https://feeds.example/tai" language="Klingon?"/></outline>
</body></opml>`
	want := []Entry{
		{Line: 3, Title: news.Title{Slug: "moss", Name: "Moss", Home: "https://moss.example/", Country: "KE", Language: "sw", Section: "science", Owner: "unknown"},
			Feeds: []news.Feed{{Kind: news.FeedPoll, URL: "https://moss.example/a"}, {Kind: news.FeedPoll, URL: "https://moss.example/b", Section: "sport"}}},
		{Line: 6, Title: news.Title{Slug: "feeds-example", Name: "苔", Home: "https://feeds.example/", Section: "news", Owner: "unknown"},
			Feeds: []news.Feed{{Kind: news.FeedPoll, URL: "https://feeds.example/tai"}}},
	}
	got, faults := Parse([]byte(file))
	if diff := cmp.Diff(want, got); diff != "" || len(faults) > 0 {
		t.Errorf("faults %v, -want +got:\n%s", faults, diff)
	}
}

func TestParseNamesSlugsAroundThoseTaken(t *testing.T) {
	known := []news.Title{{Slug: "the-national", Home: "https://www.national.example/"}}
	for _, tt := range []struct{ name, home, want string }{
		{"the same title again", "http://national.example", "the-national"},
		{"another of that name", "https://national.test/", "the-national-2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := fmt.Sprintf("name,home,feeds\nThe National,%s,https://a.example/f\n", tt.home)
			got, faults := Parse([]byte(file), known...)
			if len(faults) > 0 || got[0].Slug != tt.want {
				t.Errorf("got %v, %v; want slug %q", got, faults, tt.want)
			}
		})
	}
}

func TestParseManyOfOneName(t *testing.T) {
	name := strings.Repeat("long ", 20)
	var file bytes.Buffer
	file.WriteString("name,home,feeds\n")
	for i := range 20_000 {
		fmt.Fprintf(&file, "%s,https://%d.example,https://%d.example/f\n", name, i, i)
	}
	got, faults := Parse(file.Bytes())
	if len(faults) > 0 || len(got) != 20_000 || !strings.HasSuffix(got[19_999].Slug, "-20000") {
		t.Errorf("%d titles, faults %v, want 20000 titles with slugs of their own", len(got), faults[:min(len(faults), 3)])
	}
}

func TestSlug(t *testing.T) {
	for _, tt := range []struct{ name, home, want string }{
		{"The Moss & Fern", "", "the-moss-fern"},
		{"Süddeutsche Zeitung", "", "suddeutsche-zeitung"},
		{"Tuổi Trẻ", "", "tuoi-tre"},
		{"Oslobođenje", "", "oslobodenje"},
		{"L'Équipe", "", "lequipe"},
		{"20 Minutes", "", "20-minutes"},
		{"প্রথম আলো", "https://www.prothomalo.com/x", "prothomalo-com"},
		{"新聞", "", "title"},
		{strings.Repeat("long ", 20), "", strings.TrimSuffix(strings.Repeat("long-", 13), "-")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := Slug(tt.name, tt.home)
			if got != tt.want || len(got) > MaxSlug || !slugForm.MatchString(got) {
				t.Errorf("Slug() = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestCheckTitle(t *testing.T) {
	good := news.Title{Slug: "a", Name: "A", Home: "https://a.example", Country: "KE", Language: "sw", Section: "news", Owner: "unknown", Colour: "#1f5b3a"}
	if err := CheckTitle(good); err != nil {
		t.Errorf("CheckTitle(%v) = %v", good, err)
	}
	bad := good
	bad.Section, bad.Language, bad.Colour = "gossip", "sw_ke!", "red"
	err := CheckTitle(bad)
	if !errors.Is(err, news.ErrInvalid) || !strings.Contains(err.Error(), `the colour "red"`) || !strings.Contains(err.Error(), `the language "sw_ke!"`) || !strings.Contains(err.Error(), `no section "gossip"`) {
		t.Errorf("CheckTitle(%v) = %v", bad, err)
	}
}

func TestLanguage(t *testing.T) {
	for _, tt := range []struct{ tag, want string }{
		{"en-us", "en-US"}, {"zh-hant", "zh-Hant"}, {"pt_BR", "pt-BR"}, {"english", ""}, {"", ""}, {"und", ""},
	} {
		if got := Language(tt.tag); got != tt.want {
			t.Errorf("Language(%q) = %q, want %q", tt.tag, got, tt.want)
		}
	}
}

func TestMailStaysHome(t *testing.T) {
	letter := news.Feed{Kind: news.FeedMail, URL: "mailto:secret-token"}
	poll := news.Feed{Kind: news.FeedPoll, URL: "https://b.example/f"}
	entries := []Entry{
		{Title: news.Title{Slug: "a", Name: "A", Section: "news"}, Feeds: []news.Feed{letter}},
		{Title: news.Title{Slug: "b", Name: "B", Section: "news"}, Feeds: []news.Feed{letter, poll}},
	}
	for name, out := range map[string][]byte{"CSV": FormatCSV(entries), "OPML": FormatOPML("x", entries)} {
		if s := string(out); strings.Contains(s, "secret-token") || !strings.Contains(s, poll.URL) {
			t.Errorf("%s: %s", name, s)
		}
	}
	if len(entries[1].Feeds) != 2 {
		t.Error("the caller's feeds were changed")
	}
}

// FuzzParse: whatever can be used is written and read back the same.
func FuzzParse(f *testing.F) {
	f.Add([]byte("name,home,feeds\n\"A, \"\"b\"\"\",https://a.example,https://a.example/f sport=https://a.example/s?x=1\n"))
	f.Add([]byte("<opml><outline text='Sport'><outline text='A' xmlUrl='https://a.example/f'/></outline></opml>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, _ := Parse(data)
		again, faults := Parse(FormatCSV(entries))
		if diff := cmp.Diff(shared(entries), again, written); diff != "" || len(faults) > 0 {
			t.Errorf("faults %v, -read +read back:\n%s", faults, diff)
		}
	})
}

func TestCountryName(t *testing.T) {
	for code, want := range map[string]string{
		"KE": "Kenya", "XK": "Kosovo", "MK": "North Macedonia", "SZ": "Eswatini", "DD": "", "XA": "", "KEN": "", "": "",
	} {
		if got := CountryName(code); got != want {
			t.Errorf("CountryName(%q) = %q, want %q", code, got, want)
		}
	}
}

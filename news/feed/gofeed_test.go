package feed

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"understory/news/sanitize"
)

// sharedData returns a folder of the shared test data, which lies beside the
// module, and skips the test when it is not there.
func sharedData(t testing.TB, folder string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
	}
	data := filepath.Join(dir, "..", "shared", "data", folder)
	if _, err := os.Stat(data); err != nil {
		t.Skip("the shared test data is not here")
	}
	return data
}

// wantFeed is what the pairs expect, in the names of all their formats.
type wantFeed struct {
	FeedType, FeedVersion, Version      string
	Title, Link, Description, Subtitle  string
	Language, FeedLink, TTL, Logo, Icon string
	UpdatedParsed, LastBuildDateParsed  *time.Time
	Image                               *struct{ URL string }
	Items, Entries                      []wantEntry
	HomePageURL                         string `json:"home_page_url"`
	FeedURL                             string `json:"feed_url"`
	Links                               json.RawMessage
}

type wantEntry struct {
	Title, Link, Description, Summary, URL        string
	Content, GUID, ID, Author, Categories, Links  json.RawMessage
	ContentHTML                                   string `json:"content_html"`
	Tags                                          []string
	Image                                         json.RawMessage
	Authors                                       []Person
	Enclosures                                    []Enclosure
	PublishedParsed, PubDateParsed, UpdatedParsed *time.Time
	DatePublished                                 string `json:"date_published"`
	DateModified                                  string `json:"date_modified"`
	Attachments                                   []struct {
		URL  string
		Type string `json:"mime_type"`
	}
}

func TestGofeedPairs(t *testing.T) {
	root := sharedData(t, "feeds/gofeed")
	count := 0
	err := filepath.Walk(root, func(path string, _ os.FileInfo, err error) error {
		want := pairOf(path)
		if err != nil || want == "" {
			return err
		}
		count++
		name, _ := filepath.Rel(root, path)
		t.Run(name, func(t *testing.T) {
			comparePair(t, path, want)
		})
		return nil
	})
	if err != nil || count == 0 {
		t.Fatalf("%d pairs, %v", count, err)
	}
}

// pairOf returns the file of what is expected of a feed, "" for other files.
func pairOf(path string) string {
	stem := strings.TrimSuffix(path, filepath.Ext(path))
	for _, want := range []string{stem + ".json", stem + "_expected.json"} {
		if _, err := os.Stat(want); err == nil && want != path {
			return want
		}
	}
	return ""
}

func comparePair(t *testing.T, path, wantPath string) {
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(wantPath)
	if err != nil {
		t.Fatal(err)
	}
	var want wantFeed
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	d, err := Parse(body, Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := comparison{t}
	c.feed(d, &want)
	entries := append(want.Items, want.Entries...)
	if len(entries) != len(d.Entries) {
		t.Fatalf("%d entries, want %d", len(d.Entries), len(entries))
	}
	for i := range entries {
		c.entry(&d.Entries[i], &entries[i])
	}
}

// comparison compares the fields that are given in a pair: texts as plain text
// and markup as it is once sanitised, because that is what we keep.
type comparison struct{ *testing.T }

func (c comparison) text(field, got, want string) {
	c.Helper()
	if want != "" && got != want && got != plainText(want) {
		c.Errorf("%s = %q, want %q", field, got, want)
	}
}

func (c comparison) markup(field string, got Markup, want string) {
	c.Helper()
	if want != "" && got.HTML != want && sanitize.HTML(got.HTML, parseBase(got.Base)) != sanitize.HTML(want, nil) {
		c.Errorf("%s = %q, want %q", field, got.HTML, want)
	}
}

func (c comparison) time(field string, got time.Time, want *time.Time) {
	c.Helper()
	if want != nil && !got.Equal(*want) {
		c.Errorf("%s = %v, want %v", field, got, want)
	}
}

func (c comparison) date(field string, got time.Time, want string) {
	c.Helper()
	if at, err := time.Parse(time.RFC3339, want); err == nil {
		c.time(field, got, &at)
	}
}

func (c comparison) feed(d *Document, want *wantFeed) {
	if want.FeedType != "" {
		c.text("format", d.Format, want.FeedType+want.FeedVersion)
	} else if want.Version != "" && !strings.Contains(want.Version, "://") && !strings.HasSuffix(d.Format, want.Version) {
		c.Errorf("format = %q, want version %q", d.Format, want.Version)
	}
	c.text("title", d.Title, want.Title)
	c.text("link", d.Link, want.Link+want.HomePageURL)
	c.markup("description", d.Description, want.Description+want.Subtitle)
	c.text("language", d.Language, want.Language)
	c.text("self", d.Self, want.FeedLink+want.FeedURL)
	c.time("updated", d.Updated, want.UpdatedParsed)
	c.time("updated", d.Updated, want.LastBuildDateParsed)
	if want.Image != nil {
		c.text("image", d.Image, want.Image.URL)
	}
	c.text("image", d.Image, cmp.Or(want.Logo, want.Icon))
	c.text("link", d.Link, atomLink(want.Links, "alternate"))
	c.text("self", d.Self, atomLink(want.Links, "self"))
	if want.TTL != "" {
		c.text("ttl", strconv.Itoa(int(d.TTL/time.Minute)), want.TTL)
	}
}

func (c comparison) entry(e *Entry, want *wantEntry) {
	c.text("entry title", e.Title, want.Title)
	c.text("entry link", e.Link, want.Link+want.URL)
	c.text("entry id", e.ID, inner(want.GUID, "value")+inner(want.ID, ""))
	c.markup("summary", e.Summary, want.Description+want.Summary)
	c.markup("content", e.Content, want.ContentHTML+inner(want.Content, "value"))
	c.time("published", e.Published, want.PublishedParsed)
	c.time("published", e.Published, want.PubDateParsed)
	c.time("updated", e.Updated, want.UpdatedParsed)
	if u := inner(want.Image, "url"); u != "" {
		if len(e.Images) == 0 || e.Images[0] != u {
			c.Errorf("images = %q, want %q", e.Images, u)
		}
	}
	c.text("entry link", e.Link, atomLink(want.Links, "alternate"))
	if s := inner(want.Author, ""); s != "" && (len(e.Authors) == 0 || e.Authors[0] != parsePerson(plainText(s))) {
		c.Errorf("authors = %v, want %q", e.Authors, s)
	}
	c.date("published", e.Published, want.DatePublished)
	c.date("updated", e.Updated, want.DateModified)
	for i, a := range want.Attachments {
		if i >= len(e.Enclosures) || e.Enclosures[i].URL != a.URL || e.Enclosures[i].Type != a.Type {
			c.Errorf("enclosures = %v, want %v", e.Enclosures, want.Attachments)
			break
		}
	}
	for i, p := range want.Authors {
		if i >= len(e.Authors) {
			c.Errorf("authors = %v, want %v", e.Authors, want.Authors)
			break
		}
		c.text("author name", e.Authors[i].Name, p.Name)
		c.text("author mail", e.Authors[i].Email, p.Email)
		c.text("author address", e.Authors[i].URI, p.URI)
	}
	c.list("tags", e.Tags, append(want.Tags, strs(want.Categories)...))
	for i, x := range want.Enclosures {
		if i >= len(e.Enclosures) || e.Enclosures[i] != x {
			c.Errorf("enclosures = %v, want %v", e.Enclosures, want.Enclosures)
			break
		}
	}
}

func (c comparison) list(field string, got, want []string) {
	c.Helper()
	for i := range want {
		want[i] = plainText(want[i])
	}
	if len(want) > 0 && strings.Join(got, "|") != strings.Join(want, "|") {
		c.Errorf("%s = %q, want %q", field, got, want)
	}
}

// atomLink returns the first of a list of Atom links with that relation, "" for
// a list of other things.
func atomLink(raw json.RawMessage, rel string) string {
	var links []struct{ Href, Rel string }
	if json.Unmarshal(raw, &links) != nil {
		return ""
	}
	for _, l := range links {
		if l.Rel == rel {
			return l.Href
		}
	}
	return ""
}

// inner returns a text, or a field of an object.
func inner(raw json.RawMessage, field string) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	var o map[string]any
	if json.Unmarshal(raw, &o) == nil {
		s, _ = o[field].(string)
	}
	return s
}

// strs returns the texts of a list of texts or of categories.
func strs(raw json.RawMessage) (list []string) {
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		return nil
	}
	for _, item := range items {
		s := inner(item, "value")
		if s == "" {
			s = inner(item, "label")
		}
		if s == "" {
			s = inner(item, "term")
		}
		list = append(list, s)
	}
	return list
}

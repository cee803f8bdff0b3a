package feed

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what is read as what is wanted")

// TestDocuments reads the documents in testdata and compares what was read with
// the file of the same name and the ending ".want".
func TestDocuments(t *testing.T) {
	files, err := filepath.Glob("testdata/document/*")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return strings.HasSuffix(f, ".want") })
	if len(files) == 0 {
		t.Fatal("no documents")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			d, err := Parse(body, Options{Base: "https://press.example/feeds/here.xml"})
			if err != nil {
				t.Fatal(err)
			}
			got := printed(t, d)
			if *update {
				if err := os.WriteFile(file+".want", []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file + ".want")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// printed is a document as JSON without its empty fields.
func printed(t *testing.T, d *Document) string {
	t.Helper()
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var all any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(filled(all)); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// filled returns x without empty fields, nil when all of it is empty.
func filled(x any) any {
	switch x := x.(type) {
	case map[string]any:
		for k, v := range x {
			if x[k] = filled(v); x[k] == nil {
				delete(x, k)
			}
		}
		if len(x) == 0 {
			return nil
		}
	case []any:
		for i := range x {
			x[i] = filled(x[i])
		}
	case string:
		if x == "" || strings.HasPrefix(x, "0001-01-01") {
			return nil
		}
	case bool:
		if !x {
			return nil
		}
	}
	return x
}

func TestNotAFeed(t *testing.T) {
	for _, tt := range []struct{ name, body, want string }{
		{"nothing", "", "empty"},
		{"page", "<!DOCTYPE html><html><body><p>Hello", "HTML page"},
		{"other XML", `<?xml version="1.0"?><note>x</note>`, "XML of another kind"},
		{"text", "404 not found", "neither"},
		{"other JSON", `{"a": 1}`, "JSON of another kind"},
		{"broken JSON", `{"version": "https://jsonfeed.org/version/1", "items": [{`, "broken JSON"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(tt.body), Options{})
			if !errors.Is(err, ErrNotFeed) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want ErrNotFeed with %q", err, tt.want)
			}
		})
	}
}

// TestHostile gives documents that are made to hurt and holds that the limits
// are kept, in time that does not grow faster than the document.
func TestHostile(t *testing.T) {
	const mega, many = 1 << 20, 1 << 18
	rss := func(inside string) string { return `<rss version="2.0"><channel>` + inside + `</channel></rss>` }
	item := func(inside string) string {
		return rss("<item>" + inside + "<link>https://press.example/1</link></item>")
	}
	for _, tt := range []struct {
		name, body string
		entries    int
	}{
		{"title of 10 MB", item("<title>" + strings.Repeat("word ", 2*mega) + "</title>"), 1},
		{"title of 10 MB of tags", item("<title>" + strings.Repeat("&lt;b>x", many) + "</title>"), 1},
		{"link of 10 MB", item("<guid>" + strings.Repeat("x", 10*mega) + "</guid><author>" + strings.Repeat("a@", many) + "</author>"), 1},
		{"content of 10 MB", item("<description>" + strings.Repeat("x y ", 5*mega/2) + "</description>"), 1},
		{"NULs", strings.ReplaceAll(item("<title>a b</title>"), " ", "\x00 "), 1},
		{"deep", rss(strings.Repeat("<a>", many)), 0},
		{"deep, then an entry", rss("<item>" + strings.Repeat("<p>", 1000) + "<item><guid>1</guid></item>"), 2},
		{"wide", rss(strings.Repeat("<a/>", many)), 0},
		{"many entries", rss(strings.Repeat("<item><guid>1</guid></item>", 20_000)), MaxEntries},
		{"many attributes", item("<enclosure " + strings.Repeat(`a="1" `, many) + `url="https://press.example/x"/>`), 1},
		{"many tags", item(strings.Repeat("<category>x</category>", 100_000)), 1},
		{"many namespaces", `<rss ` + strings.Repeat(`xmlns:a="b" `, 100_000) + "><channel><item><link>https://press.example/1</link></item>" + strings.Repeat("<a:b/>", 100_000) + `</channel></rss>`, 1},
		{"nested namespaces", rss(strings.Repeat(`<a xmlns:a="b">`, many)), 0},
		{"open comments", rss(strings.Repeat("<!-- <a>", many)), 0},
		{"open quotes", rss(strings.Repeat(`<a b="`, many)), 0},
		{"open brackets", strings.Repeat("<", 10*many), -1},
		{"ends of nothing", rss(strings.Repeat("</x>", 2*many)), 0},
		{"ampersands", item("<title>" + strings.Repeat("&", 10*many) + "</title>"), 1},
		{"CDATA in pieces", item("<description>" + strings.Repeat("<![CDATA[x]]>", many) + "</description>"), 1},
		{"bases", rss(strings.Repeat(`<a xml:base="x/">`, 100_000)), 0},
		{"entities", `<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>` + item("<title>"+strings.Repeat("&b;", many)+"</title>"), 1},
		{"deep JSON", `{"items":` + strings.Repeat("[", many), -1},
		{"JSON with many items", `{"version":"https://jsonfeed.org/version/1","items":[` + strings.Repeat(`{"id":1},`, 20_000) + `{}]}`, MaxEntries},
		{"bad bytes", item("<title>" + strings.Repeat("\xff\xfe", many) + "</title>"), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			began := time.Now()
			d, err := Parse([]byte(tt.body), Options{Base: "https://press.example/feed"})
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %v", took)
			}
			if tt.entries < 0 {
				if !errors.Is(err, ErrNotFeed) {
					t.Errorf("error %v, want ErrNotFeed", err)
				}
				return
			}
			if err != nil || len(d.Entries) != tt.entries {
				t.Fatalf("%d entries, %v; want %d", len(d.Entries), err, tt.entries)
			}
			if bad := beyondLimits(d); bad != "" {
				t.Error(bad)
			}
		})
	}
}

// beyondLimits names what in a document is larger than the limits allow or not
// valid UTF-8.
func beyondLimits(d *Document) string {
	texts := map[string]int{d.Title: MaxTitle, d.Link: 3 * MaxAddress, d.Image: 3 * MaxAddress, d.Description.HTML: MaxMarkup, d.Format: 20}
	if len(d.Entries) > MaxEntries {
		return "too many entries"
	}
	for i := range d.Entries {
		e := &d.Entries[i]
		for text, limit := range map[string]int{e.Title: MaxTitle, e.ID: 3 * MaxAddress, e.Link: 3 * MaxAddress, e.Summary.HTML: MaxMarkup, e.Content.HTML: MaxMarkup, e.Key(): 300} {
			texts[text] = max(texts[text], limit)
		}
		if len(e.Tags) > MaxList || len(e.Authors) > MaxList || len(e.Images) > MaxList || len(e.Enclosures) > MaxList {
			return "too long a list"
		}
		for _, text := range e.Tags {
			texts[text] = max(texts[text], MaxName)
		}
		for _, a := range e.Authors {
			texts[a.Name] = max(texts[a.Name], MaxName)
		}
		if e.Key() == "" {
			return "an entry without a key"
		}
	}
	for i := range d.Entries {
		for _, text := range []string{d.Title, d.Link, d.Entries[i].Title, d.Entries[i].Link, d.Entries[i].ID} {
			if strings.ContainsFunc(text, unicode.IsControl) {
				return fmt.Sprintf("control characters in %q", text)
			}
		}
	}
	for text, limit := range texts {
		if len(text) > limit {
			return fmt.Sprintf("%d bytes where %d are the limit", len(text), limit)
		}
		if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
			return fmt.Sprintf("not clean: %.100q", text)
		}
	}
	return ""
}

func TestEncoding(t *testing.T) {
	const russian = "<rss><channel><title>\xe4\xe0</title></channel></rss>" // "да" in Windows-1251
	for _, tt := range []struct{ name, contentType, body, want string }{
		{"the server's word", "text/xml; charset=windows-1251", russian, "да"},
		{"the document's word", "", `<?xml version="1.0" encoding="windows-1251"?>` + russian, "да"},
		{"the server's before the document's", "text/xml; charset=windows-1251", `<?xml version="1.0" encoding="koi8-r"?>` + russian, "да"},
		{"but not its default", "text/xml; charset=ISO-8859-1", `<?xml version="1.0" encoding="windows-1251"?>` + russian, "да"},
		{"neither", "text/xml", russian, "äà"},
		{"UTF-8 whatever they say", "text/xml; charset=windows-1251", "<rss><channel><title>да</title></channel></rss>", "да"},
		{"an old code page", "", `<?xml version="1.0" encoding="IBM437"?>` + "<rss><channel><title>\x80</title></channel></rss>", "Ç"},
		{"Latin-1 that is Windows-1252", "", `<?xml version="1.0" encoding="iso-8859-1"?>` + "<rss><channel><title>\x93x\x94</title></channel></rss>", "“x”"},
		{"shifting", "", `<?xml version="1.0" encoding="iso-2022-jp"?>` + "<rss><channel><title>\x1b$B?7J9\x1b(B</title></channel></rss>", "新聞"},
		{"with a mark", "text/xml; charset=koi8-r", "\xef\xbb\xbf<rss><channel><title>é</title></channel></rss>", "é"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Parse([]byte(tt.body), Options{ContentType: tt.contentType})
			if err != nil || d.Title != tt.want {
				t.Errorf("title %q, %v; want %q", d.Title, err, tt.want)
			}
		})
	}
}

func TestKey(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b Entry
		same bool
	}{
		{"the id counts", Entry{ID: "1", Link: "https://a.example/1"}, Entry{ID: "1", Link: "https://a.example/2"}, true},
		{"another id", Entry{ID: "1"}, Entry{ID: "2"}, false},
		{"counting parameters", Entry{Link: "https://A.example/1?utm_source=rss&x=1#top"}, Entry{Link: "https://a.example/1?x=1"}, true},
		{"another page", Entry{Link: "https://a.example/1"}, Entry{Link: "https://a.example/2"}, false},
		{"neither: what is shown", Entry{Title: "a"}, Entry{Title: "b"}, false},
		{"long ids", Entry{ID: strings.Repeat("x", 999)}, Entry{ID: strings.Repeat("x", 999) + "y"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.a.Key() == tt.b.Key(); got != tt.same {
				t.Errorf("same key: %v, want %v (%q, %q)", got, tt.same, tt.a.Key(), tt.b.Key())
			}
		})
	}
}

func TestDigest(t *testing.T) {
	base := func() Entry {
		return Entry{ID: "1", Title: "t", Link: "l", Summary: Markup{"s", "b"}, Content: Markup{"c", "b"}, Language: "en",
			Authors: []Person{{"n", "e", "u"}}, Tags: []string{"x", "y"}, Images: []string{"i"},
			Enclosures: []Enclosure{{"u", "t", "1"}}, Published: time.Unix(1, 0)}
	}
	plain := base()
	for _, tt := range []struct {
		name   string
		change func(*Entry)
		same   bool
	}{
		{"nothing", func(*Entry) {}, true},
		{"the id", func(e *Entry) { e.ID = "2" }, true},
		{"the time of the update", func(e *Entry) { e.Updated = time.Unix(9, 0) }, true},
		{"title", func(e *Entry) { e.Title = "u" }, false},
		{"content", func(e *Entry) { e.Content.HTML = "d" }, false},
		{"base", func(e *Entry) { e.Content.Base = "d" }, false},
		{"text moved from one field to another", func(e *Entry) { e.Title, e.Link = "tl", "" }, false},
		{"author", func(e *Entry) { e.Authors[0].Name = "m" }, false},
		{"tags joined", func(e *Entry) { e.Tags = []string{"xy"} }, false},
		{"picture", func(e *Entry) { e.Images = nil }, false},
		{"published", func(e *Entry) { e.Published = time.Unix(2, 0) }, false},
		{"withdrawn", func(e *Entry) { e.Withdrawn = true }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changed := base()
			tt.change(&changed)
			if got := changed.Digest() == plain.Digest(); got != tt.same {
				t.Errorf("same digest: %v, want %v", got, tt.same)
			}
		})
	}
}

func TestPerson(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want Person
	}{
		{"Ann Other", Person{Name: "Ann Other"}},
		{"ann@press.example (Ann Other)", Person{Name: "Ann Other", Email: "ann@press.example"}},
		{"Ann Other (ann@press.example)", Person{Name: "Ann Other", Email: "ann@press.example"}},
		{"Ann Other <mailto:ann@press.example>", Person{Name: "Ann Other", Email: "ann@press.example"}},
		{"ann@press.example", Person{Email: "ann@press.example"}},
		{"Ann (in Paris)", Person{Name: "Ann (in Paris)"}},
		{"  ", Person{}},
	} {
		if got := parsePerson(tt.in); got != tt.want {
			t.Errorf("parsePerson(%q) = %+v, want %+v", tt.in, got, tt.want)
		}
	}
}

func TestLinks(t *testing.T) {
	page := `<html><head><base href="https://press.example/de/"><title>x</title>
		<link rel="alternate" type="application/rss+xml" title="News &amp; more" href="feed.xml">
		<link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="/atom">
		<link rel="alternate" type="application/rss+xml" href="feed.xml">
		<link rel="alternate" type="application/rss+xml" href="/comments/feed/">
		<link rel="alternate" hreflang="fr" href="/fr/"><link rel="stylesheet" type="text/css" href="/s.css">
		<link rel="alternate" type="application/rss+xml" href="javascript:x()">
		<link rel="feed" href="/feed"></head><body>`
	named, usual := Links([]byte(page), "https://press.example/")
	want := []Link{
		{URL: "https://press.example/de/feed.xml", Title: "News & more", Type: "application/rss+xml"},
		{URL: "https://press.example/atom", Type: "application/atom+xml"},
		{URL: "https://press.example/feed"},
	}
	if diff := cmp.Diff(want, named); diff != "" {
		t.Errorf("named (-want +got)\n%s", diff)
	}
	if len(usual) == 0 || usual[0].URL != "https://press.example/feed" {
		t.Errorf("usual = %v", usual)
	}
}

package extract

import (
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// want is what a page of testdata is to give.
type want struct {
	URL       string   `json:"url"`
	Title     string   `json:"title"`
	Byline    string   `json:"byline"`
	Published string   `json:"published"`
	Modified  string   `json:"modified"`
	Picture   Picture  `json:"picture"`
	Canonical string   `json:"canonical"`
	Language  string   `json:"language"`
	Site      string   `json:"site"`
	Summary   string   `json:"summary"`
	Paid      bool     `json:"paid"`
	Robots    []string `json:"robots"`
	Reserved  bool     `json:"reserved"`
	Text      []string `json:"text"`
	HTML      []string `json:"html"`     // parts of the HTML
	NotHTML   []string `json:"not_html"` // what is not in it
}

func TestPages(t *testing.T) {
	files, err := filepath.Glob("testdata/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			page, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := os.ReadFile(strings.TrimSuffix(file, ".html") + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var w want
			if err := json.Unmarshal(raw, &w); err != nil {
				t.Fatal(err)
			}
			checkPage(t, page, w)
		})
	}
}

func checkPage(t *testing.T, page []byte, w want) {
	a, err := Parse(page, address(t, w.URL), "")
	if err != nil {
		t.Fatal(err)
	}
	got := want{URL: w.URL, Title: a.Title, Byline: a.Byline, Published: stamp(a.Published), Modified: stamp(a.Modified),
		Picture: a.Picture, Canonical: a.Canonical, Language: a.Language, Site: a.Site, Summary: a.Summary, Paid: a.Paid,
		Robots: a.Robots, Reserved: a.TDMReserved, Text: strings.Split(a.Text, "\n"), HTML: w.HTML, NotHTML: w.NotHTML}
	if d := cmp.Diff(w, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	for _, part := range w.HTML {
		if !strings.Contains(a.HTML, part) {
			t.Errorf("HTML lacks %q:\n%s", part, a.HTML)
		}
	}
	for _, part := range w.NotHTML {
		if strings.Contains(a.HTML, part) {
			t.Errorf("HTML has %q", part)
		}
	}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

func address(t testing.TB, s string) *url.URL {
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// story is enough text to be an article.
const story = "<p>The council met on Tuesday, talked for nine hours about the tram, and went home without a vote, as it has done every year since the war.</p>" +
	"<p>The mayor was seen to sleep. Nobody who was there could say on the next day what had been decided, or whether it had been meant seriously.</p>"

// page returns a page with a head and the story.
func page(head, body string) []byte {
	return []byte("<html><head>" + head + "</head><body><article>" + body + story + "</article></body></html>")
}

func TestEncodings(t *testing.T) {
	const german, russian, kana = "Größe und Übel der Straße", "Совет заседал во вторник", "市議会は火曜日に開かれた"
	encode := func(e interface{ String(string) (string, error) }, s string) string {
		out, err := e.String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	utf16 := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder()
	whole := func(s string) string { return string(page("", "<h1>"+s+"</h1>")) }
	for _, tt := range []struct {
		name, page, contentType, want string
	}{
		{"valid UTF-8 that claims Latin-1", string(page(`<meta charset="iso-8859-1">`, "<h1>"+german+"</h1>")), "text/html; charset=iso-8859-1", german},
		{"Latin-1 that claims UTF-8", encode(charmap.Windows1252.NewEncoder(), string(page(`<meta charset="utf-8">`, "<h1>"+german+"</h1>"))), "text/html; charset=utf-8", german},
		{"Windows-1251 by the server", encode(charmap.Windows1251.NewEncoder(), whole(russian)), "text/html; charset=windows-1251", russian},
		{"KOI8-R by the page", encode(charmap.KOI8R.NewEncoder(), string(page(`<meta charset="koi8-r">`, "<h1>"+russian+"</h1>"))), "", russian},
		{"Shift JIS by the page", encode(japanese.ShiftJIS.NewEncoder(), string(page(`<meta http-equiv="Content-Type" content="text/html; charset=shift_jis">`, "<h1>"+kana+"</h1>"))), "", kana},
		{"ISO-2022-JP by the server", encode(japanese.ISO2022JP.NewEncoder(), whole(kana)), "text/html; charset=iso-2022-jp", kana},
		{"UTF-16 with a mark", encode(utf16, whole(russian)), "", russian},
		{"UTF-8 with a mark", "\xef\xbb\xbf" + whole(russian), "text/html; charset=koi8-r", russian},
		{"nothing said, not UTF-8", encode(charmap.Windows1252.NewEncoder(), whole(german)), "", german},
		{"one wrong byte in UTF-8", strings.Replace(whole(russian+" \x97"), "x", "x", 1), "", russian + " —"},
		{"NULs", strings.ReplaceAll(whole(german), "G", "G\x00"), "", german},
		{"an unknown charset", whole(german), "text/html; charset=martian", german},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := Parse([]byte(tt.page), address(t, "https://post.example/x"), tt.contentType)
			if err != nil {
				t.Fatal(err)
			}
			if a.Title != tt.want {
				t.Errorf("Title = %q, want %q", a.Title, tt.want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		name, page string
		want       error // nil for any
	}{
		{"empty", "", ErrNoArticle},
		{"no text", "<html><body><img src=a.jpg></body></html>", ErrNoArticle},
		{"a frameset", "<frameset><frame src=a></frameset>", ErrNoArticle},
		{"a file of another kind", "\x7fELF\x02\x01\x01" + strings.Repeat("\x00\x03>\x01<p>x", 99), ErrNoArticle},
		{"too many bytes", strings.Repeat("x", MaxPage+1), ErrTooLarge},
		{"too many elements", strings.Repeat("<p>x", MaxElements), ErrTooLarge},
		{"too deep", strings.Repeat("<div>", 100_000) + story, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse([]byte(tt.page), address(t, "https://post.example/x"), "")
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("Parse() = %v, want %v", err, tt.want)
			}
		})
	}
}

// TestScriptInEveryField wants addresses that are addresses, whatever the page
// says they are, and the title's text to stay text.
func TestScriptInEveryField(t *testing.T) {
	const bad = `javascript:alert(1)`
	var head strings.Builder
	for _, name := range []string{"og:image", "og:url", "og:title", "og:site_name", "og:locale", "author", "article:published_time", "robots", "twitter:image", "description"} {
		head.WriteString(`<meta property="` + name + `" content="` + bad + `">`)
	}
	head.WriteString(`<link rel="canonical" href="` + bad + `"><link rel="image_src" href="` + bad + `"><base href="` + bad + `">`)
	head.WriteString(`<script type="application/ld+json">{"@type":"NewsArticle","url":"` + bad + `","image":["` + bad + `"],"author":{"name":"` + bad + `"},"datePublished":"` + bad + `","inLanguage":"` + bad + `"}</script>`)
	a, err := Parse(page(head.String(), ""), address(t, "https://post.example/x"), "")
	if err != nil {
		t.Fatal(err)
	}
	if a.Canonical != "https://post.example/x" || a.Picture.URL != "" || a.Language != "en" || !a.Published.IsZero() {
		t.Errorf("canonical %q, picture %q, language %q, published %v", a.Canonical, a.Picture.URL, a.Language, a.Published)
	}
}

// TestHostilePages wants an answer in bounded time from pages that are slow
// to lay out.
func TestHostilePages(t *testing.T) {
	const limit = 60 * time.Second // a hundred times what the slowest takes alone
	for _, tt := range []struct{ name, page string }{
		{"as deep as can be, often", strings.Repeat(strings.Repeat("<div class='a b'>", 400)+story+strings.Repeat("</div>", 400), 30)},
		{"figures in figures", strings.Repeat(strings.Repeat("<figure>", 400)+strings.Repeat("</figure>", 400), 20) + story},
		{"many bylines", strings.Repeat("<div class=author>by Some Body</div>", 8_000) + story},
		{"many headings", strings.Repeat("<h1>the council met on Tuesday</h1>", 8_000) + story},
		{"many links", "<ul>" + strings.Repeat("<li><a href=/x>some link text</a>", 8_000) + story},
		{"one long word", "<p>" + strings.Repeat("x", 1<<20) + story},
		{"NULs", strings.Repeat("\x00", 4<<20) + story},
		{"unclosed formatting", strings.Repeat("<font size=1><p>", 8_000) + story},
		{"text in tables", strings.Repeat("<table>x y", 8_000) + story},
		{"many attributes", "<p " + strings.Repeat("a b=c d ", 100_000) + ">" + story},
		{"brackets for data", "<script type='application/ld+json'>" + strings.Repeat("[", 300_000) + "</script>" + story},
		{"data in data", "<script type='application/ld+json'>" + strings.Repeat(`{"@graph":[`, 4_000) + strings.Repeat("]}", 4_000) + "</script>" + story},
		{"data that refer to themselves", `<script type="application/ld+json">[{"@type":"Article","@id":"a","author":{"@id":"b"},"image":"a"},{"@id":"b","author":"a","creator":"b"}]</script>` + story},
	} {
		t.Run(tt.name, func(t *testing.T) {
			begin := time.Now()
			a, err := Parse([]byte(tt.page), address(t, "https://post.example/x"), "")
			if d := time.Since(begin); d > limit {
				t.Errorf("took %v", d)
			}
			if err == nil && !utf8.ValidString(a.Text) {
				t.Error("Text is not UTF-8")
			}
		})
	}
}

func FuzzArticle(f *testing.F) {
	files, err := filepath.Glob("testdata/*.html")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		page, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(page, "text/html")
	}
	f.Add([]byte(`<script type="application/ld+json">{"@type":"Article","author":[[1],{"name":["x"]}],"image":[]}</script>`+story), "")
	f.Add([]byte("<body hidden>"+story), "text/html; charset=utf-16le")
	f.Fuzz(func(t *testing.T, page []byte, contentType string) {
		a, err := Parse(page, address(t, "https://post.example/2025/01/02/x"), contentType)
		if err != nil {
			return
		}
		if strings.TrimSpace(a.Text) == "" {
			t.Error("an article without text")
		}
		for _, s := range append([]string{a.Title, a.Byline, a.Canonical, a.Language, a.Site, a.Summary, a.Text, a.HTML,
			a.Picture.URL, a.Picture.Caption, a.Picture.Credit}, a.Authors...) {
			if !utf8.ValidString(s) {
				t.Errorf("not UTF-8: %q", s)
			}
		}
		for _, s := range []string{a.Canonical, a.Picture.URL} {
			if u, err := url.Parse(s); err != nil || s != "" && u.Scheme != "http" && u.Scheme != "https" {
				t.Errorf("not an address: %q", s)
			}
		}
	})
}

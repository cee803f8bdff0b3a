package web_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"understory/news"
	"understory/news/web"
)

func handler(t testing.TB, s news.Shelf, log io.Writer) http.Handler {
	t.Helper()
	if log == nil {
		log = t.Output()
	}
	h, err := web.New(web.Config{PublicURL: "https://news.example", Now: clock, Log: slog.New(slog.NewTextHandler(log, nil))}, s, gallery{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// everyPage is an address of every kind of page that [town] has.
var everyPage = []string{"/", "/section/world", "/section/health", "/title/port-courier", "/title/sada", "/titles", "/titles?by=section",
	"/article/1", "/article/2", "/article/5", "/article/6", "/article/10", "/article/15", "/article/20", "/about", "/nowhere"}

func TestPages(t *testing.T) {
	s := town()
	s.articles[8].Status, s.articles[8].Notice = news.TakenDown, "By order of a court."
	h := handler(t, s, nil)
	for _, tt := range []struct {
		name, path string
		status     int
		want       []string
		not        []string
	}{
		{name: "front", path: "/", status: 200,
			want: []string{`<h1 class="hidden">Front page</h1>`, "Ferry crews vote", `href="/title/five-shores"`, ">Latest<", `id="part-culture"`, "2 min",
				`datetime="2026-11-23T09:28:00Z"`, `title="23 November 2026, 09:28 UTC"`, `dir="rtl"`, ">Retracted<"},
			not: []string{"invented", "A concert for one cello", `src="http`, `href="http`}},
		{name: "section", path: "/section/science", status: 200,
			want: []string{"<h1>Science</h1>", "Seagrass returns", `aria-current="page">Science`}, not: []string{"Ferry crews"}},
		{name: "empty section", path: "/section/news", status: 200, want: []string{"Nothing here yet"}},
		{name: "after the last", path: "/section/health?after=20200101T000000-1", status: 200, want: []string{"That was all", "Newest"}},
		{name: "title", path: "/title/port-courier", status: 200,
			want: []string{"Owner: The Courier Trust", "English", "port-courier.example", "Last fetched 12 minutes ago.", "Ferry crews"}},
		{name: "title with trouble", path: "/title/five-shores", status: 200,
			want: []string{"Last asked 3 hours ago: The server answered with an error (503 Service Unavailable). Its last articles stay."}},
		{name: "title not fetched", path: "/title/quay-gazette", status: 200, want: []string{"Not yet fetched.", "Owner not known"}},
		{name: "titles", path: "/titles", status: 200, want: []string{"10 titles", "صدى السنديان"}},
		{name: "titles by section", path: "/titles?by=section", status: 200, want: []string{`id="section-world"`}},
		{name: "article", path: "/article/1", status: 200,
			want: []string{"<h1 lang=\"en\">Ferry crews", "Nora Tisdale and Elias Penrow", "Published <time", "Updated <time", "Photograph: June Abernarth",
				"<h2>What the islands stood to lose</h2>", "Read at the publisher", `href="https://www.port-courier.example/1"`,
				"/picture/800/x?u=https%3A%2F%2Fwww.port-courier.example%2Finside.jpg", "More from", `property="og:url" content="https://news.example/article/1"`},
			not: []string{`src="https://www`}},
		{name: "copied article", path: "/article/2", status: 200, want: []string{"Also printed by", "Quay Gazette"}},
		{name: "copy", path: "/article/20", status: 200, want: []string{"This text was first printed by", "Five Shores Wire"}},
		{name: "preview", path: "/article/5", status: 200, want: []string{"The vote was close", "This is the beginning of the article. The North Ledger shows"}, not: []string{"What the islands stood to lose"}},
		{name: "headline only", path: "/article/10", status: 200, want: []string{"Late barley", "Upland Almanac shows this article on its own page"}, not: []string{"The vote was close"}},
		{name: "retracted", path: "/article/15", status: 200, want: []string{"Market hours", "This article was retracted", "The editors regret"}, not: []string{"The vote was close"}},
		{name: "taken down", path: "/article/9", status: 410, want: []string{"This article was taken down", "By order of a court.", "The Gannet Review"}, not: []string{"A concert"}},
		{name: "no such article", path: "/article/999", status: 404, want: []string{"There is nothing at this address"}},
		{name: "article not a number", path: "/article/1%27", status: 404},
		{name: "article below nought", path: "/article/-1", status: 404},
		{name: "article beyond numbers", path: "/article/99999999999999999999", status: 404},
		{name: "no such section", path: "/section/astrology", status: 404},
		{name: "no such title", path: "/title/none", status: 404},
		{name: "no such page", path: "/wp-login.php", status: 404},
		{name: "bad place", path: "/section/world?after=x", status: 400, want: []string{"does not make sense"}},
		{name: "place without number", path: "/section/world?after=20261123T000000", status: 400},
		{name: "place with script", path: "/title/sada?after=<script>", status: 400, not: []string{"<script"}},
		{name: "bad order", path: "/titles?by=<script>", status: 400},
		{name: "about", path: "/about", status: 200, want: []string{"no cookie"}, not: []string{"demonstration"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := get(h, tt.path)
			body := w.Body.String()
			if w.Code != tt.status {
				t.Errorf("status is %d, want %d", w.Code, tt.status)
			}
			for _, want := range tt.want {
				if !strings.Contains(body, want) {
					t.Errorf("page does not have %q", want)
				}
			}
			for _, not := range append(tt.not, "ZgotmplZ", "<no value>", "%!") {
				if strings.Contains(body, not) {
					t.Errorf("page has %q", not)
				}
			}
		})
	}
}

func TestEmptyStore(t *testing.T) {
	h := handler(t, &shelf{}, nil)
	for path, want := range map[string]string{"/": "The first articles arrive in a moment", "/titles": "No titles yet", "/section/world": "Nothing here yet", "/article/1": "There is nothing"} {
		if body := get(h, path).Body.String(); !strings.Contains(body, want) {
			t.Errorf("%s does not say %q", path, want)
		}
	}
}

func TestStoreFails(t *testing.T) {
	s := town()
	s.err = errors.New("the disk is full")
	var log bytes.Buffer
	h := handler(t, s, &log)
	for _, path := range []string{"/", "/section/world", "/title/port-courier", "/titles", "/article/1"} {
		log.Reset()
		w := get(h, path)
		if w.Code != 500 || !strings.Contains(w.Body.String(), "not your fault") || strings.Contains(w.Body.String(), "disk") {
			t.Errorf("%s: status %d, want 500 and a kind page without the cause", path, w.Code)
		}
		if got := log.String(); !strings.Contains(got, "the disk is full") || strings.Contains(got, "port-courier") || strings.Contains(got, "192.0.2.1") {
			t.Errorf("log is %q, want the cause, neither address nor path", got)
		}
	}
}

// broken is a shelf with a fault of our own in it.
type broken struct{ *shelf }

func (broken) CopiesOf(context.Context, int64) ([]news.Article, error) {
	var none []news.Article
	return none[:1], nil
}

func TestPanicIsAPage(t *testing.T) {
	var log bytes.Buffer
	w := get(handler(t, broken{town()}, &log), "/article/1")
	if w.Code != 500 || !strings.Contains(log.String(), "out of range") {
		t.Errorf("status is %d and log %q, want 500 and the cause", w.Code, log.String())
	}
}

func TestMethods(t *testing.T) {
	h := handler(t, town(), nil)
	for _, path := range []string{"/", "/article/1", "/nowhere"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("POST", path, strings.NewReader("a=1")))
		if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" || !strings.Contains(w.Body.String(), "for reading") {
			t.Errorf("POST %s: status %d, Allow %q", path, w.Code, w.Header().Get("Allow"))
		}
		w = httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("HEAD", path, nil))
		if want := get(h, path); w.Code != want.Code || w.Body.Len() != 0 || w.Header().Get("Content-Length") != want.Header().Get("Content-Length") {
			t.Errorf("HEAD %s: status %d with %d bytes and length %s", path, w.Code, w.Body.Len(), w.Header().Get("Content-Length"))
		}
	}
}

func TestHeaders(t *testing.T) {
	h := handler(t, town(), nil)
	for _, path := range append(everyPage, "/favicon.ico", "/static/x/site.css", "/static/x/none", "/picture/400/x?u=broken") {
		w := get(h, path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; base-uri 'none'; " +
				"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
			"Referrer-Policy":              "no-referrer",
			"X-Content-Type-Options":       "nosniff",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Set-Cookie":                   "",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
	}
}

func TestConditional(t *testing.T) {
	h := handler(t, town(), nil)
	first := get(h, "/")
	tag := first.Header().Get("ETag")
	if first.Header().Get("Cache-Control") != "no-cache" || tag == "" {
		t.Fatalf("headers are %v", first.Header())
	}
	for header, want := range map[string]int{tag: 304, strings.TrimPrefix(tag, "W/"): 304, `"x", ` + tag: 304, "*": 304, `"x"`: 200, "": 200} {
		if w := get(h, "/", "If-None-Match", header); w.Code != want || want == 304 && w.Body.Len() > 0 {
			t.Errorf("If-None-Match %s: status %d, want %d", header, w.Code, want)
		}
	}
	if w := get(h, "/nowhere"); w.Header().Get("ETag") != "" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("an error may be kept: %v", w.Header())
	}
}

func TestCompression(t *testing.T) {
	h := handler(t, town(), nil)
	plain := get(h, "/").Body.String()
	for accept, want := range map[string]string{"gzip": "gzip", "br, GZIP;q=0.5": "gzip", "gzip;q=0": "", "gzip; q=0.0": "", "identity": "", "": "", "gzip;q=x": ""} {
		w := get(h, "/", "Accept-Encoding", accept)
		if got := w.Header().Get("Content-Encoding"); got != want || w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("Accept-Encoding %q: answered in %q, want %q", accept, got, want)
		}
		if want == "gzip" && gunzip(t, w.Body) != plain {
			t.Errorf("Accept-Encoding %q: the page is another one", accept)
		}
	}
}

func gunzip(t *testing.T, r io.Reader) string {
	t.Helper()
	zr, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(zr)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

var loads = regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"|url\((/static/[^)]+)\)`)

func TestStaticFiles(t *testing.T) {
	h := handler(t, town(), nil)
	found := map[string]bool{}
	queue := []string{"/", "/article/6"}
	for len(queue) > 0 {
		w := get(h, queue[0])
		queue = queue[1:]
		for _, m := range loads.FindAllStringSubmatch(w.Body.String(), -1) {
			if path := m[1] + m[2]; !found[path] {
				found[path] = true
				queue = append(queue, path)
			}
		}
	}
	if len(found) < 9 {
		t.Errorf("only %d files found", len(found))
	}
	for path := range found {
		w := get(h, path)
		if w.Code != 200 || w.Header().Get("Cache-Control") != "public, max-age=31536000, immutable" || w.Header().Get("Content-Type") == "" || w.Body.Len() == 0 {
			t.Errorf("%s: status %d, %d bytes, %v", path, w.Code, w.Body.Len(), w.Header())
		}
		old := regexp.MustCompile(`/static/[^/]+/`).ReplaceAllString(path, "/static/old/")
		if w := get(h, old); w.Code != 200 || w.Header().Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: status %d, %q", old, w.Code, w.Header().Get("Cache-Control"))
		}
	}
}

func TestStylesheetFollowsTitles(t *testing.T) {
	s, at := town(), now
	h, err := web.New(web.Config{Now: func() time.Time { return at }}, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	sheet := regexp.MustCompile(`/static/[^"]+/site.css`)
	before := sheet.FindString(get(h, "/about").Body.String())
	s.titles = append(s.titles, news.Title{ID: 77, Slug: "new", Name: "New"})
	at = at.Add(time.Minute)
	after := sheet.FindString(get(h, "/about").Body.String())
	if before == after || !strings.Contains(get(h, after).Body.String(), ".t77{--day:#") {
		t.Errorf("the stylesheet was %s and is %s, want another one with the new title", before, after)
	}
}

// TestEveryPageOfAList walks a long section to its end.
func TestEveryPageOfAList(t *testing.T) {
	s := &shelf{titles: town().titles}
	for i := range 100 { // many at the same moment, one at no known time
		a := news.Article{ID: int64(i + 1), TitleID: 1, Status: news.Live, Section: "world", Headline: fmt.Sprintf("Headline no. %d.", i+1)}
		if i > 0 {
			a.Published = now.Add(-time.Duration(i/40)*time.Hour - 123456789)
		}
		s.articles = append(s.articles, a)
	}
	h := handler(t, s, nil)
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`)
	for _, path := range []string{"/section/world", "/title/port-courier"} {
		seen, pages := map[string]bool{}, 0
		for path != "" && pages < 10 {
			body := html.UnescapeString(get(h, path).Body.String())
			for _, headline := range regexp.MustCompile(`Headline no. \d+\.`).FindAllString(body, -1) {
				if seen[headline] {
					t.Errorf("%s a second time on %s", headline, path)
				}
				seen[headline] = true
			}
			pages++
			m := next.FindStringSubmatch(body)
			if m == nil {
				break
			}
			path = m[1]
		}
		if len(seen) != 100 || pages != 4 {
			t.Errorf("%s: saw %d articles on %d pages, want 100 on 4", path, len(seen), pages)
		}
	}
}

// hostile is what an enemy would write into every field.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>{{.}}` + "\x00\u202e</title></style>"

func TestScriptInEveryField(t *testing.T) {
	s := town()
	for i := range s.titles {
		c := &s.titles[i]
		c.Name, c.Owner, c.Country, c.Language, c.Colour, c.Home, c.List = hostile, hostile, hostile, hostile, hostile+"}", "javascript:alert(1)//"+hostile, hostile
	}
	for i := range s.articles {
		a := &s.articles[i]
		a.Headline, a.Standfirst, a.Byline, a.Language, a.Notice = hostile, hostile, hostile, hostile, hostile
		a.Address = "javascript:alert(1)//" + hostile
		a.Picture = news.Picture{URL: "https://a.example/" + hostile, Alt: hostile, Caption: hostile, Credit: hostile}
	}
	for i := range s.feeds {
		s.feeds[i].State.Error, s.feeds[i].URL, s.feeds[i].State.Reason = hostile, hostile, hostile
	}
	h := handler(t, s, nil)
	for _, path := range everyPage {
		checkInert(t, path, get(h, path).Body.String())
	}
	sheet := get(h, loads.FindStringSubmatch(get(h, "/titles").Body.String())[1]).Body.String()
	if strings.Contains(sheet, "<script") {
		t.Error("the stylesheet has what a title claims to be its colour")
	}
}

// checkInert reads the page as a browser does.
func checkInert(t *testing.T, path, body string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		switch n.Data {
		case "script", "style", "iframe", "object", "embed", "base", "form":
			if n.Type == html.ElementNode {
				t.Errorf("%s has an element %s", path, n.Data)
			}
		}
		for _, a := range n.Attr {
			value := strings.ToLower(strings.TrimSpace(a.Val))
			switch {
			case strings.HasPrefix(a.Key, "on"), a.Key == "style", strings.HasPrefix(value, "javascript:"), strings.HasPrefix(value, "data:"):
				t.Errorf("%s has %s=%q", path, a.Key, a.Val)
			case (a.Key == "src" || a.Key == "srcset") && !strings.HasPrefix(value, "/picture/"):
				t.Errorf("%s loads %q", path, a.Val)
			case a.Key == "href" && n.Data == "link" && !strings.HasPrefix(value, "/static/"):
				t.Errorf("%s loads %q", path, a.Val)
			}
		}
	}
	if strings.ContainsAny(body, "\x00\u202e") {
		t.Errorf("%s has control characters", path)
	}
}

// TestHugeFields: a page stays small whatever a feed claims.
func TestHugeFields(t *testing.T) {
	s := town()
	long := strings.Repeat("عنوان very-long ", 700_000) // 15 MB
	word := strings.Repeat("W", 10<<20)
	for i := range s.articles[:6] {
		a := &s.articles[i]
		a.Headline, a.Standfirst, a.Byline, a.Picture.Caption, a.Picture.Alt = long, word, long, long, word
	}
	h := handler(t, s, nil)
	for _, path := range []string{"/", "/article/1", "/section/world"} {
		w := get(h, path)
		if w.Code != 200 || w.Body.Len() > 200<<10 {
			t.Errorf("%s: status %d with %d bytes, want 200 with at most 200 KiB", path, w.Code, w.Body.Len())
		}
	}
}

func TestWeight(t *testing.T) {
	s := town()
	for i := range 300 {
		s.titles = append(s.titles, news.Title{ID: int64(100 + i), Slug: fmt.Sprint("title-", i), Name: fmt.Sprint("Title ", i), Colour: fmt.Sprintf("#%06x", i*55555)})
	}
	for i := range s.articles {
		s.articles[i].Standfirst = strings.Repeat(fmt.Sprintf("Sentence %d of a standfirst as long as they come. ", i), 6)
		s.articles[i].Picture.URL = fmt.Sprintf("https://media.example/%x/pictures/%d/original.jpg?token=%x", i*7919, i, i*104729)
	}
	h := handler(t, s, nil)
	page := get(h, "/", "Accept-Encoding", "gzip")
	sheet := get(h, regexp.MustCompile(`/static/[^"]+/site.css`).FindString(get(h, "/").Body.String()), "Accept-Encoding", "gzip")
	total := page.Body.Len() + sheet.Body.Len()
	t.Logf("front page %d bytes, stylesheet %d bytes, compressed", page.Body.Len(), sheet.Body.Len())
	if total > 60_000 {
		t.Errorf("HTML and CSS are %d bytes compressed, want at most 60,000", total)
	}
	fonts := 0
	for _, name := range []string{"newsreader", "newsreader-italic", "inter"} {
		fonts += get(h, "/static/x/fonts/"+name+".woff2").Body.Len()
	}
	t.Logf("Latin fonts %d bytes, with Arabic %d", fonts, fonts+get(h, "/static/x/fonts/naskh-arabic.woff2").Body.Len())
	if fonts > 100_000 {
		t.Errorf("Latin fonts are %d bytes, want at most 100,000", fonts)
	}
}

func TestConfig(t *testing.T) {
	for _, tt := range []struct {
		name string
		cfg  web.Config
		ok   bool
	}{
		{"nothing set", web.Config{}, true},
		{"public address", web.Config{PublicURL: "https://news.example"}, true},
		{"with a slash", web.Config{PublicURL: "https://news.example/"}, true},
		{"with a path", web.Config{PublicURL: "https://news.example/reader"}, false},
		{"not an address", web.Config{PublicURL: "news.example"}, false},
		{"another scheme", web.Config{PublicURL: "ftp://news.example"}, false},
		{"long name", web.Config{Name: strings.Repeat("n", 61)}, false},
	} {
		if err := tt.cfg.Validate(); (err == nil) != tt.ok {
			t.Errorf("%s: Validate() = %v", tt.name, err)
		}
	}
}

func BenchmarkFront(b *testing.B) {
	h := handler(b, town(), io.Discard)
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	for b.Loop() {
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
}

func TestTitlesByCountry(t *testing.T) {
	s := &shelf{titles: []news.Title{
		{ID: 1, Slug: "z", Name: "The Zebra", Country: "FR", Section: "world"},
		{ID: 2, Slug: "a", Name: "El Alba", Country: "FR", Section: "sport"},
		{ID: 3, Slug: "b", Name: "Bote", Country: "DE", Section: "world"},
		{ID: 4, Slug: "n", Name: "Nowhere", Section: "world"},
	}}
	h := handler(t, s, nil)
	for path, want := range map[string][]string{
		"/titles":            {"4 titles", "by", "France", "El Alba", "The Zebra", "Germany", "Bote", "No country named", "Nowhere"},
		"/titles?by=section": {"4 titles", `id="section-world"`, "Bote", "Nowhere", "The Zebra", `id="section-sport"`, "El Alba"},
	} {
		body := get(h, path).Body.String()
		for _, w := range want {
			_, rest, ok := strings.Cut(body, w)
			if !ok {
				t.Errorf("%s does not have %q after what comes before it", path, w)
				break
			}
			body = rest
		}
	}
}

package ingest

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"understory/news"
)

const fullPage = `<!doctype html><html lang="en"><head><title>Headline 1</title>%HEAD%<meta property="og:image" content="/lead.jpg"></head><body><nav>Home</nav>
<article><h1>Headline 1</h1><p>The whole text of the article stands here, long enough to be taken for one by anybody who looks at it.</p>
<p>A second paragraph follows the first, as it does in any newspaper, and says a little more about the same matter.</p>
<p>A third one ends it, with a script that must not survive.<script>alert(1)</script></p></article></body></html>`

func TestFullPages(t *testing.T) {
	for _, tt := range []struct {
		name   string
		pages  bool // the operator allows them
		robots string
		head   string
		header [2]string
		link   string // "" for the title's own site
		want   string // part of the body
	}{
		{name: "taken", pages: true, want: "A second paragraph"},
		{name: "not allowed by the operator", want: "summary only"},
		{name: "not allowed by robots.txt", pages: true, robots: "User-agent: *\nDisallow: /a", want: "summary only"},
		{name: "another's robots.txt", pages: true, robots: "User-agent: Othername\nDisallow: /", want: "A second paragraph"},
		{name: "rights reserved in the header", pages: true, header: [2]string{"TDM-Reservation", "1"}, want: "summary only"},
		{name: "rights reserved in the page", pages: true, head: `<meta name="tdm-reservation" content="1">`, want: "summary only"},
		{name: "no machines wanted", pages: true, head: `<meta name="robots" content="noai">`, want: "summary only"},
		{name: "on another's site", pages: true, link: "http://127.0.0.2:1/a", want: "summary only"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.title.Pages = tt.pages
			must(w.db.PutTitle(t.Context(), w.title))(t)
			link := tt.link
			if link == "" {
				link = w.site.URL + "/a"
			}
			w.serve = func(rw http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/feed.xml":
					io.WriteString(rw, rss(`<item><guid>1</guid><title>Headline 1</title><link>`+link+`</link><description>summary only</description></item>`))
				case "/robots.txt":
					io.WriteString(rw, tt.robots)
				case "/a":
					if tt.header[0] != "" {
						rw.Header().Set(tt.header[0], tt.header[1])
					}
					io.WriteString(rw, strings.Replace(fullPage, "%HEAD%", tt.head, 1))
				default:
					http.NotFound(rw, r)
				}
			}
			w.step()
			w.step()
			body := must(w.db.Article(t.Context(), w.articles()[0].ID))(t).Body
			if !strings.Contains(body, tt.want) || strings.Contains(body, "alert") {
				t.Errorf("body is %q, want %q in it", body, tt.want)
			}
			if w.step() != 0 {
				t.Error("the page is asked for again")
			}
		})
	}
}

func TestPageIsTriedAgainAndGivenUp(t *testing.T) {
	w := newWorld(t)
	w.title.Pages = true
	must(w.db.PutTitle(t.Context(), w.title))(t)
	tries := 0
	w.serve = func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/feed.xml":
			io.WriteString(rw, rss(`<item><guid>1</guid><title>Headline 1</title><link>`+w.site.URL+`/a</link><description>summary only</description></item>`))
		case "/a":
			tries++
			rw.WriteHeader(http.StatusServiceUnavailable)
		default:
			http.NotFound(rw, r)
		}
	}
	for range 60 {
		w.step()
		w.wait(30 * time.Minute)
	}
	if tries != pageTries {
		t.Errorf("a page that is not to be had was tried %d times, want %d", tries, pageTries)
	}
	if a := must(w.db.Article(t.Context(), w.articles()[0].ID))(t); a.Status != news.Live || !strings.Contains(a.Body, "summary only") {
		t.Errorf("the article is %+v", a)
	}
}

package press_test

import (
	"encoding/json"
	"encoding/xml"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"
	"golang.org/x/text/encoding/charmap"

	"understory/press"
)

// item is what every format has.
type item struct{ title, link, published string }

// parse reads a feed by the rules of its format and checks what the format demands.
func parse(t *testing.T, f press.Format, body string) []item {
	t.Helper()
	if f == press.Sitemap {
		return parseSitemap(t, body)
	}
	if f == press.JSON && !json.Valid([]byte(body)) {
		t.Fatal("not JSON")
	}
	feed, err := gofeed.NewParser().ParseString(body)
	if err != nil {
		t.Fatal(err)
	}
	want := map[press.Format]string{press.RSS: "rss 2.0", press.Summary: "rss 2.0", press.Atom: "atom 1.0",
		press.RDF: "rss 1.0", press.JSON: "json 1.1"}[f]
	if got := feed.FeedType + " " + strings.TrimPrefix(feed.FeedVersion, "https://jsonfeed.org/version/"); got != want {
		t.Errorf("format %q, want %q", got, want)
	}
	if feed.Title == "" || feed.Language == "" && f != press.Atom {
		t.Errorf("title %q, language %q", feed.Title, feed.Language)
	}
	var all []item
	for _, i := range feed.Items {
		if full := i.Content != ""; full == (f == press.Summary) {
			t.Errorf("%q: full text %v in format %s", i.Title, full, f)
		}
		all = append(all, item{i.Title, i.Link, i.Published})
	}
	return all
}

func parseSitemap(t *testing.T, body string) []item {
	t.Helper()
	var set struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URLs    []struct {
			Loc  string `xml:"loc"`
			News struct {
				Title string `xml:"title"`
				Date  string `xml:"publication_date"`
			} `xml:"http://www.google.com/schemas/sitemap-news/0.9 news"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal([]byte(body), &set); err != nil {
		t.Fatal(err)
	}
	var all []item
	for _, u := range set.URLs {
		all = append(all, item{u.News.Title, u.Loc, u.News.Date})
	}
	return all
}

func TestEveryFeedParses(t *testing.T) {
	p := press.New(press.Config{Seed: 1, Now: noon})
	for range 60 { // the whole library, and some of the patterns
		p.Publish()
	}
	base, client := start(t, p)
	for _, title := range p.Titles(base) {
		for _, f := range title.Feeds {
			t.Run(title.Slug+" "+string(f.Format)+" "+f.Section, func(t *testing.T) {
				res, body := get(t, client, f.URL)
				if res.StatusCode != http.StatusOK {
					t.Fatal(res.Status)
				}
				if title.Slug == "evening-lantern" { // says UTF-8 and is not
					var err error
					if body, err = charmap.Windows1252.NewDecoder().String(body); err != nil {
						t.Fatal(err)
					}
				}
				items := parse(t, f.Format, body)
				if f.Section == "" && len(items) < 3 {
					t.Fatalf("%d items", len(items))
				}
				for _, i := range items {
					if i.title == "" || i.link == "" || i.published == "" {
						t.Errorf("item without title, link or date: %+v", i)
					}
				}
				if f.Format != press.Sitemap && !strings.Contains(html.UnescapeString(strings.ReplaceAll(body, `\u0026`, "&")), title.Name) {
					t.Error("the feed does not name its title")
				}
			})
		}
	}
}

// invented finds the sentence that says so, in any of the languages.
var invented = regexp.MustCompile(`an invented title|eine erfundene Zeitung|un titre inventé|una cabecera inventada|صحيفة متخيَّلة`)

func TestArticlesSayThatTheyAreInvented(t *testing.T) {
	p := press.New(press.Config{Seed: 1, Now: noon})
	base, client := start(t, p)
	jsonLD := regexp.MustCompile(`(?s)<script type="application/ld\+json">(.*?)</script>`)
	picture := regexp.MustCompile(`http://[^"]*/picture/[^"]*\.jpg`)
	path := regexp.MustCompile(`<h[23]><a href="(/[^"]+)"`)
	withLD := 0
	for _, title := range p.Titles(base) {
		t.Run(title.Slug, func(t *testing.T) {
			_, home := get(t, client, title.Home)
			if !invented.MatchString(home) {
				t.Error("the home page does not say that it is invented")
			}
			found := path.FindStringSubmatch(home)
			if found == nil {
				t.Fatal("no article on the home page")
			}
			res, page := get(t, client, strings.TrimSuffix(title.Home, "/")+html.UnescapeString(found[1]))
			if res.StatusCode != http.StatusOK || !invented.MatchString(page) {
				t.Errorf("%s: %s, or it does not say that it is invented", found[1], res.Status)
			}
			for _, m := range jsonLD.FindAllStringSubmatch(page, -1) {
				withLD++
				if !json.Valid([]byte(m[1])) {
					t.Errorf("JSON-LD is not JSON: %s", m[1])
				}
			}
			if src := picture.FindString(page); src != "" && title.Slug == "linnet-courier" { // one is enough: drawing has its own tests
				if res, _ := get(t, client, src); res.Header.Get("Content-Type") != "image/jpeg" || res.StatusCode != http.StatusOK {
					t.Errorf("%s: %s", src, res.Status)
				}
			}
		})
	}
	if withLD < 4 {
		t.Errorf("%d pages with JSON-LD, want several", withLD)
	}
}

func TestHabits(t *testing.T) {
	p := press.New(press.Config{Seed: 1, Now: noon})
	for range 60 {
		p.Publish()
	}
	base, client := start(t, p)
	feed := func(slug, path string) string { return "http://" + slug + "." + base + path }

	t.Run("wrong type", func(t *testing.T) {
		if res, _ := get(t, client, feed("ebbenauer-bote", "/feed.rss")); !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			t.Error(res.Header)
		}
	})
	t.Run("moved", func(t *testing.T) {
		client := *client
		client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		res, _ := get(t, &client, feed("upland-almanac", "/feed.xml"))
		if res.StatusCode != http.StatusMovedPermanently || res.Header.Get("Location") != "/moved/feed.xml" {
			t.Error(res.Status, res.Header.Get("Location"))
		}
	})
	t.Run("server error every ninth time", func(t *testing.T) {
		errors := 0
		for range 18 {
			if res, _ := get(t, client, feed("tidewater-gazette", "/rss")); res.StatusCode == http.StatusInternalServerError {
				errors++
			}
		}
		if errors != 2 {
			t.Errorf("%d errors in 18 requests", errors)
		}
	})
	t.Run("relative links", func(t *testing.T) {
		if _, body := get(t, client, feed("gazette-sainte-aure", "/atom")); !strings.Contains(body, `href="/articles/`) {
			t.Error("links are absolute")
		}
	})
	t.Run("odd entity tag is compared byte for byte", func(t *testing.T) {
		res, _ := get(t, client, feed("fathom-and-field", "/feed.json"))
		req, err := http.NewRequest(http.MethodGet, feed("fathom-and-field", "/feed.json"), nil)
		if err != nil {
			t.Fatal(err)
		}
		for tag, want := range map[string]int{
			res.Header.Get("ETag"):             http.StatusNotModified,
			`"` + res.Header.Get("ETag") + `"`: http.StatusOK,
		} {
			req.Header.Set("If-None-Match", tag)
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != want {
				t.Errorf("%s: %s, want %d", tag, res.Status, want)
			}
		}
	})
	t.Run("an article of two feeds has two guids", func(t *testing.T) {
		_, all := get(t, client, feed("linnet-courier", "/feed.xml"))
		_, world := get(t, client, feed("linnet-courier", "/feed/world.xml"))
		if strings.Contains(all, "utm_source") || !strings.Contains(world, "utm_source") {
			t.Error("the section feed has no links of its own")
		}
	})
}

func TestRetractionReachesFeedAndPage(t *testing.T) {
	now := noon()
	p := press.New(press.Config{Seed: 1, Titles: []string{"gannet-review"}, Now: func() time.Time { return now }})
	base, client := start(t, p)
	for range 300 {
		now = now.Add(time.Minute)
		if e := p.Publish(); e.Kind == press.Retracted {
			_, feed := get(t, client, "http://gannet-review."+base+"/feed.atom")
			if !strings.Contains(feed, "deleted-entry") {
				t.Error("no tombstone in the feed")
			}
			res, page := get(t, client, "http://gannet-review."+base+e.Path)
			if res.StatusCode != http.StatusGone || !strings.Contains(page, "has been withdrawn") {
				t.Errorf("page: %s", res.Status)
			}
			return
		}
	}
	t.Error("nothing was retracted")
}

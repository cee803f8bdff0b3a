package extract

import (
	"os"
	"path/filepath"
	"testing"

	"understory/news/extract/extracttest"
)

// pageSets reads the page sets, and skips the test where they are not.
func pageSets(t *testing.T) (news, web []extracttest.Page) {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data", "article-extraction")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the page sets are not here: " + dir)
	}
	news, err := extracttest.News(os.DirFS(filepath.Join(dir, "scrapinghub-half")))
	if err != nil {
		t.Fatal(err)
	}
	if web, err = extracttest.Web(os.DirFS(filepath.Join(dir, "wcxb-dev"))); err != nil {
		t.Fatal(err)
	}
	return news, web
}

// TestPageSets holds the figures that were reached on a quarter of the pages; the
// whole, beside other extractors, is printed in bench.
func TestPageSets(t *testing.T) {
	news, web := pageSets(t)
	var counts []extracttest.Counts
	for i := 0; i < len(news); i += 4 {
		counts = append(counts, extracttest.Shingles(news[i].Text, parsed(news[i]).Text))
	}
	var scores []extracttest.Score
	var title, day, author, titles, days, authors float64
	for i := 0; i < len(web); i += 4 {
		p, a := web[i], parsed(web[i])
		scores = append(scores, extracttest.WordScore(p.Text, a.Text))
		titles++
		title += truth(extracttest.SameTitle(p.Title, a.Title))
		if p.Date != "" {
			days++
			day += truth(extracttest.SameDay(p.Date, a.Published))
		}
		if p.Author != "" {
			authors++
			author += truth(extracttest.SameAuthors(p.Author, a.Byline))
		}
	}
	for _, c := range []struct {
		name       string
		got, floor float64
	}{
		{"news F1", extracttest.NewsScore(counts).F1, 0.96},
		{"web F1", extracttest.WebScore(scores).F1, 0.955},
		{"title", title / titles, 0.93},
		{"day", day / days, 0.83},
		{"authors", author / authors, 0.80},
	} {
		if t.Logf("%s %.4f", c.name, c.got); c.got < c.floor {
			t.Errorf("%s = %.4f, want %.3f", c.name, c.got, c.floor)
		}
	}
}

// parsed is the article of a page, empty where there is none.
func parsed(p extracttest.Page) *Article {
	a, err := Parse(p.HTML, p.URL, "")
	if err != nil {
		return &Article{}
	}
	return a
}

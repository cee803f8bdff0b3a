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

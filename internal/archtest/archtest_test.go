package archtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const root = "../.."

func TestHouse(t *testing.T) {
	found, err := Check(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		t.Error(f)
	}
}

// TestCheckFinds shows that every kind of violation is seen, and nothing else.
func TestCheckFinds(t *testing.T) {
	got, err := Check("testdata/bad")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"kit/count/count.go imports example/news: not one of the rooms it may use",
		"kit/count/count.go imports github.com/BurntSushi/toml: not one of the libraries it may use",
		"news/feed has no package comment",
		"news/feed/feed.go imports example/news/fetch: not one of the rooms it may use",
		"news/feed/feed.go imports net/http: never here",
		"news/feed/feed.go imports os: never here",
		"news/feed/feed.go uses time.Now: never here",
		"news/feed/feed_test.go imports database/sql: only the SQL rooms may",
		"news/feed/feed_test.go imports example/tipline: not one of the rooms it may use",
		"news/news.go imports example/kit/pgtest: it is for tests",
		"news/news.go imports example/news/extract/extracttest: it is for tests",
		"news/news.go imports example/press: not one of the rooms it may use",
		"news/news.go imports example/seal: not one of the rooms it may use",
		"seal/seal.go imports sync: never here",
		"seal/seal.go uses fmt.Println: never here",
		"util/util.go is in a folder without a line in the import table",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Check() (-want +got):\n%s", diff)
	}
}

// TestTableInDocuments compares docs/architecture.md with the table that is
// enforced.
func TestTableInDocuments(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	table, legend := lines()
	for head, want := range map[string][]string{
		"| Folder | Ours | Libraries | Never |\n|---|---|---|---|\n": table,
		"| Group | Stands for |\n|---|---|\n":                        legend,
	} {
		_, after, _ := strings.Cut(string(text), head)
		got, _, _ := strings.Cut(after, "\n\n")
		if diff := cmp.Diff(want, strings.Split(strings.TrimSpace(got), "\n")); diff != "" {
			t.Errorf("docs/architecture.md (-enforced +written):\n%s", diff)
		}
	}
}

package newsdb

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"understory/kit/sqlkit"
	"understory/news"
)

// TestListsWalkAnIndex asks SQLite how it makes each kind of list: from an
// index that has its order, so that a page costs the same however many
// articles there are.
func TestListsWalkAnIndex(t *testing.T) {
	db, err := Open(t.Context(), sqlkit.DefaultConfig(filepath.Join(t.TempDir(), "news.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	after := news.Mark{Published: time.Unix(1e9, 0), ID: 7}
	for _, tt := range []struct {
		name, index string
		list        news.List
	}{
		{"front", "article_list (listed=?)", news.List{}},
		{"front, next page", "article_list (listed=? AND ", news.List{After: after}},
		{"section", "article_section (section=? AND listed=?)", news.List{Section: "sport"}},
		{"section, next page", "article_section (section=? AND listed=? AND ", news.List{Section: "sport", After: after}},
		{"title", "article_title (title_id=?)", news.List{TitleID: 7}},
		{"title, next page", "article_title (title_id=? AND ", news.List{TitleID: 7, After: after}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			query, args := listQuery(tt.list)
			var steps []string
			err := collect(t.Context(), db.sql, func(r row) error {
				var id, parent, unused int
				var step string
				err := r.Scan(&id, &parent, &unused, &step)
				steps = append(steps, step)
				return err
			}, "EXPLAIN QUERY PLAN "+query, args...)
			if err != nil || len(steps) != 1 || !strings.HasPrefix(steps[0], "SEARCH a USING INDEX "+tt.index) {
				t.Errorf("plan %q, %v; want one search of %s", steps, err, tt.index)
			}
		})
	}
}

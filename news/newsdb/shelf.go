package newsdb

import (
	"context"
	"fmt"
	"slices"

	"understory/news"
)

// Articles returns a page of a list. See [news.Shelf].
func (db *DB) Articles(ctx context.Context, l news.List) ([]news.Article, error) {
	query, args := listQuery(l)
	articles, err := db.shelf(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list articles: %w", err)
	}
	return articles, nil
}

// listQuery walks the index that has the list's order: article_title for a
// title, else article_section or article_list, twice where copies are wanted.
func listQuery(l news.List) (string, []any) {
	where, args := "", []any{}
	if l.TitleID != 0 {
		where, args = where+" AND title_id = ?", append(args, l.TitleID)
	}
	if l.Section != "" {
		where, args = where+" AND section = ?", append(args, l.Section)
	}
	if l.After != (news.Mark{}) {
		where, args = where+" AND (published, id) < (?, ?)", append(args, ms(l.After.Published), l.After.ID)
	}
	const order = " ORDER BY published DESC, id DESC LIMIT ?"
	args = append(args, l.Limit)
	list := func(listed string) string {
		return "SELECT " + articleColumns + " FROM article a WHERE listed " + listed + where + order
	}
	switch {
	case l.TitleID != 0:
		return list("> 0"), args
	case !l.Copies:
		return list("= 2"), args
	}
	return "SELECT * FROM (" + list("= 1") + ") AS one UNION ALL SELECT * FROM (" + list("= 2") + ") AS two" + order,
		append(append(slices.Clone(args), args...), l.Limit)
}

// shelf runs a query for articles without body.
func (db *DB) shelf(ctx context.Context, query string, args ...any) ([]news.Article, error) {
	var articles []news.Article
	err := collect(ctx, db.sql, func(r row) error {
		var a news.Article
		err := r.Scan(articleFields(&a)...)
		articles = append(articles, shown(a))
		return err
	}, query, args...)
	return articles, err
}

// shown leaves out what readers must not see any more of an article.
func shown(a news.Article) news.Article {
	if a.Status != news.Live {
		a.Standfirst, a.Body, a.Words, a.Picture = "", "", 0, news.Picture{}
	}
	return a
}

// Article returns one article. See [news.Shelf].
func (db *DB) Article(ctx context.Context, id int64) (news.Article, error) {
	var a news.Article
	err := db.sql.QueryRow(ctx, "SELECT "+articleColumns+", b.body FROM article a JOIN article_body b ON b.article_id = a.id WHERE a.id = ?", id).
		Scan(append(articleFields(&a), &a.Body)...)
	switch {
	case err != nil:
		return a, lookedUp(err, "article", id)
	case a.Status == news.TakenDown:
		return shown(a), fmt.Errorf("article %d: %w", id, news.ErrGone)
	}
	return shown(a), nil
}

// CopiesOf returns the articles that repeat another, oldest first. See
// [news.Shelf].
func (db *DB) CopiesOf(ctx context.Context, id int64) ([]news.Article, error) {
	articles, err := db.shelf(ctx, "SELECT "+articleColumns+` FROM article a
		WHERE copy_of = ? AND copy_of <> 0 AND listed > 0 ORDER BY id`, id)
	if err != nil {
		return nil, fmt.Errorf("list the copies of article %d: %w", id, err)
	}
	return articles, nil
}

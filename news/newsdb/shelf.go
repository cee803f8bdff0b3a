package newsdb

import (
	"context"
	"fmt"

	"understory/news"
)

// Articles returns a page of a list. See [news.Shelf].
func (db *DB) Articles(ctx context.Context, l news.List) ([]news.Article, error) {
	articles, err := db.articles(ctx, l)
	if err != nil {
		return nil, fmt.Errorf("list articles: %w", err)
	}
	return articles, nil
}

// articles walks the index that has the list's order: article_title for a
// title, else article_section or article_list, twice where copies are wanted.
func (db *DB) articles(ctx context.Context, l news.List) ([]news.Article, error) {
	where, args := "", []any{}
	if l.Section != "" {
		where, args = where+" AND section = ?", append(args, l.Section)
	}
	if l.After != (news.Mark{}) {
		where, args = where+" AND (published, id) < (?, ?)", append(args, ms(l.After.Published), l.After.ID)
	}
	const order = " ORDER BY published DESC, id DESC LIMIT ?"
	args = append(args, l.Limit)
	switch {
	case l.TitleID != 0:
		return db.shelf(ctx, "SELECT "+articleColumns+" FROM article a WHERE listed > 0 AND title_id = ?"+where+order, append([]any{l.TitleID}, args...)...)
	case !l.Copies:
		return db.shelf(ctx, "SELECT "+articleColumns+" FROM article a WHERE listed = 2"+where+order, args...)
	}
	half := func(listed string) string {
		return "SELECT * FROM (SELECT " + articleColumns + " FROM article a WHERE listed = " + listed + where + order + ") AS l" + listed
	}
	return db.shelf(ctx, half("1")+" UNION ALL "+half("2")+order, append(append(append([]any{}, args...), args...), l.Limit)...)
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

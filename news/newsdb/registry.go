package newsdb

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"understory/kit/sqlkit"
	"understory/news"
)

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// change runs fn in a transaction beside which nobody adds or removes anything,
// and settles the hosts whose work it changed. address is that of the host that
// fn may change, "" for none or several.
func (db *DB) change(ctx context.Context, address string, fn func(*sqlkit.Tx, hosts) error) error {
	return db.sql.InTx(ctx, func(tx *sqlkit.Tx) error {
		if err := exclusive(ctx, tx); err != nil {
			return err
		}
		lines := hosts{}
		lines.add(authority(address))
		if _, err := lines.lock(ctx, tx); err != nil {
			return err
		}
		if err := fn(tx, lines); err != nil {
			return err
		}
		return lines.settle(ctx, tx)
	})
}

// PutTitle adds or changes a title. See [news.Registry].
func (db *DB) PutTitle(ctx context.Context, t news.Title) (news.Title, error) {
	t.Show, t.Owner = cmp.Or(t.Show, news.ShowFull), cmp.Or(t.Owner, news.UnknownOwner)
	switch {
	case !slugForm.MatchString(t.Slug):
		return t, fmt.Errorf("title %q: %w: slug %q is not of lower-case letters, digits and single hyphens", t.Name, news.ErrInvalid, t.Slug)
	case t.Name == "":
		return t, fmt.Errorf("title %q: %w: it has no name", t.Slug, news.ErrInvalid)
	case !slices.Contains(news.Sections, t.Section):
		return t, fmt.Errorf("title %q: %w: there is no section %q", t.Slug, news.ErrInvalid, t.Section)
	case !slices.Contains([]news.Show{news.ShowFull, news.ShowPreview, news.ShowHeadline}, t.Show):
		return t, fmt.Errorf("title %q: %w: nothing is shown as %q", t.Slug, news.ErrInvalid, t.Show)
	}
	err := db.change(ctx, "", func(tx *sqlkit.Tx, _ hosts) error {
		return tx.QueryRow(ctx, `INSERT INTO title (slug, name, home, country, language, section, owner, list, colour, show, pages)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (slug) DO UPDATE SET name = excluded.name, home = excluded.home, country = excluded.country,
				language = excluded.language, section = excluded.section, owner = excluded.owner, list = excluded.list,
				colour = excluded.colour, show = excluded.show, pages = excluded.pages
			RETURNING id`,
			t.Slug, t.Name, t.Home, t.Country, t.Language, t.Section, t.Owner, t.List, t.Colour, t.Show, t.Pages).Scan(&t.ID)
	})
	if err != nil {
		return t, fmt.Errorf("store title %q: %w", t.Slug, err)
	}
	return t, nil
}

// PutFeed adds or changes a feed. See [news.Registry].
func (db *DB) PutFeed(ctx context.Context, f news.Feed, due time.Time) (news.Feed, error) {
	f.Kind = cmp.Or(f.Kind, news.FeedPoll)
	if err := checkFeed(f); err != nil {
		return f, err
	}
	err := db.change(ctx, f.URL, func(tx *sqlkit.Tx, lines hosts) error {
		var owner int64
		err := tx.QueryRow(ctx, "SELECT id, title_id FROM feed WHERE url = ?", f.URL).Scan(&f.ID, &owner)
		switch {
		case none(err):
			return addFeed(ctx, tx, lines, &f, due)
		case err != nil:
			return err
		case owner != f.TitleID:
			return fmt.Errorf("another title has that feed: %w", news.ErrConflict)
		}
		if err := setFeed(ctx, tx, &f); err != nil {
			return err
		}
		return tx.QueryRow(ctx, "SELECT "+feedColumns+" FROM "+feedTables+" WHERE f.id = ?", f.ID).Scan(feedFields(&f)...)
	})
	if err != nil {
		return f, fmt.Errorf("store feed %q: %w", f.URL, err)
	}
	return f, nil
}

func checkFeed(f news.Feed) error {
	switch {
	case f.Kind == news.FeedPoll && authority(f.URL) == "":
		return fmt.Errorf("feed %q: %w: it is not an address of the web", f.URL, news.ErrInvalid)
	case f.Kind == news.FeedMail && f.Token() == "":
		return fmt.Errorf("feed %q: %w: it is not \"mailto:\" and a token", f.URL, news.ErrInvalid)
	case f.Kind != news.FeedPoll && f.Kind != news.FeedMail:
		return fmt.Errorf("feed %q: %w: there is no kind %q", f.URL, news.ErrInvalid, f.Kind)
	case f.Section != "" && !slices.Contains(news.Sections, f.Section):
		return fmt.Errorf("feed %q: %w: there is no section %q", f.URL, news.ErrInvalid, f.Section)
	}
	return nil
}

func addFeed(ctx context.Context, tx *sqlkit.Tx, lines hosts, f *news.Feed, due time.Time) error {
	var title int64
	if err := tx.QueryRow(ctx, "SELECT id FROM title WHERE id = ?", f.TitleID).Scan(&title); err != nil {
		return lookedUp(err, "title", f.TitleID)
	}
	f.State = news.FeedState{Status: news.FeedActive, Reason: f.State.Reason}
	err := tx.QueryRow(ctx, `INSERT INTO feed (title_id, kind, url, section, user_agent, cookie, header, status, reason)
		VALUES (?, ?, ?, '', '', '', '', ?, ?) RETURNING id`, f.TitleID, f.Kind, f.URL, f.State.Status, f.State.Reason).Scan(&f.ID)
	if err == nil {
		err = setFeed(ctx, tx, f)
	}
	if err != nil || f.Kind != news.FeedPoll {
		return err
	}
	f.State.Next = at(ms(due))
	return lines.enqueue(ctx, tx, queued{news.WorkFeed, f.ID, f.URL, due, 0})
}

// setFeed stores what the operator says of a feed.
func setFeed(ctx context.Context, tx *sqlkit.Tx, f *news.Feed) error {
	own, err := header{&f.Header}.text()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE feed SET section = ?, user_agent = ?, cookie = ?, header = ? WHERE id = ?",
		f.Section, f.UserAgent, f.Cookie, own, f.ID)
	return err
}

// RemoveFeed removes a feed and what is remembered of its entries. Its
// articles stay with the title. See [news.Registry].
func (db *DB) RemoveFeed(ctx context.Context, url string) error {
	err := db.change(ctx, url, func(tx *sqlkit.Tx, _ hosts) error {
		var id int64
		if err := tx.QueryRow(ctx, "SELECT id FROM feed WHERE url = ?", url).Scan(&id); err != nil {
			return lookedUp(err, "feed", url)
		}
		return removeFeed(ctx, tx, id)
	})
	if err != nil {
		return fmt.Errorf("remove feed: %w", err)
	}
	return nil
}

func removeFeed(ctx context.Context, tx *sqlkit.Tx, id int64) error {
	return all(ctx, tx, id,
		"DELETE FROM work WHERE kind IN ('feed', 'subscribe') AND ref = ?",
		"DELETE FROM subscription WHERE feed_id = ?",
		"DELETE FROM item WHERE feed_id = ?",
		"DELETE FROM feed WHERE id = ?")
}

// all runs statements that take one number.
func all(ctx context.Context, tx *sqlkit.Tx, id int64, statements ...string) error {
	for _, s := range statements {
		if _, err := tx.Exec(ctx, s, id); err != nil {
			return err
		}
	}
	return nil
}

// RemoveTitle removes a title, its feeds and its articles. See
// [news.Registry].
func (db *DB) RemoveTitle(ctx context.Context, slug string) error {
	err := db.change(ctx, "", func(tx *sqlkit.Tx, _ hosts) error {
		var id int64
		if err := tx.QueryRow(ctx, "SELECT id FROM title WHERE slug = ?", slug).Scan(&id); err != nil {
			return lookedUp(err, "title", slug)
		}
		var feeds []int64
		err := collect(ctx, tx, func(r row) error {
			var feed int64
			err := r.Scan(&feed)
			feeds = append(feeds, feed)
			return err
		}, "SELECT id FROM feed WHERE title_id = ?", id)
		if err != nil {
			return err
		}
		for _, feed := range feeds {
			if err := removeFeed(ctx, tx, feed); err != nil {
				return err
			}
		}
		if err := promote(ctx, tx, "IN (SELECT id FROM article WHERE title_id = ?)", id); err != nil {
			return err
		}
		const articles = "IN (SELECT id FROM article WHERE title_id = ?)"
		return all(ctx, tx, id,
			"DELETE FROM work WHERE kind = 'page' AND ref "+articles,
			"DELETE FROM clue WHERE article_id "+articles,
			"DELETE FROM article_body WHERE article_id "+articles,
			"DELETE FROM article WHERE title_id = ?",
			"DELETE FROM title WHERE id = ?")
	})
	if err != nil {
		return fmt.Errorf("remove title: %w", err)
	}
	return nil
}

// promote makes the earliest copy of each of the articles that go away the
// original of the others. which is a condition on a number, with one argument.
func promote(ctx context.Context, tx *sqlkit.Tx, which string, arg int64) error {
	_, err := tx.Exec(ctx, `WITH heir AS (SELECT copy_of AS root, MIN(id) AS id FROM article
			WHERE copy_of `+which+` AND copy_of <> 0 AND listed > 0 GROUP BY copy_of)
		UPDATE article SET copy_of = CASE WHEN article.id = heir.id THEN 0 ELSE heir.id END,
			listed = CASE WHEN article.id = heir.id THEN 2 ELSE article.listed END
		FROM heir WHERE article.copy_of = heir.root AND article.copy_of <> 0`, arg)
	return err
}

// Titles returns every title by name. See [news.Registry] and [news.Shelf].
func (db *DB) Titles(ctx context.Context) ([]news.Title, error) {
	var titles []news.Title
	err := collect(ctx, db.sql, func(r row) error {
		var t news.Title
		err := r.Scan(titleFields(&t)...)
		titles = append(titles, t)
		return err
	}, "SELECT "+titleColumns+" FROM title t")
	if err != nil {
		return nil, fmt.Errorf("list titles: %w", err)
	}
	slices.SortFunc(titles, func(x, y news.Title) int {
		return cmp.Or(strings.Compare(strings.ToLower(x.Name), strings.ToLower(y.Name)), strings.Compare(x.Slug, y.Slug))
	})
	return titles, nil
}

// Title returns one title. See [news.Registry] and [news.Shelf].
func (db *DB) Title(ctx context.Context, slug string) (t news.Title, err error) {
	err = db.sql.QueryRow(ctx, "SELECT "+titleColumns+" FROM title t WHERE t.slug = ?", asked(slug)).Scan(titleFields(&t)...)
	return t, lookedUp(err, "title", slug)
}

// Feeds returns the feeds of a title or of all. See [news.Registry] and
// [news.Shelf].
func (db *DB) Feeds(ctx context.Context, titleID int64) ([]news.Feed, error) {
	query, args := "SELECT "+feedColumns+" FROM "+feedTables, []any{}
	if titleID != 0 {
		query, args = query+" WHERE f.title_id = ?", append(args, titleID)
	}
	var feeds []news.Feed
	err := collect(ctx, db.sql, func(r row) error {
		var f news.Feed
		err := r.Scan(feedFields(&f)...)
		feeds = append(feeds, f)
		return err
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list feeds: %w", err)
	}
	slices.SortFunc(feeds, func(x, y news.Feed) int { return strings.Compare(x.URL, y.URL) })
	return feeds, nil
}

// Feed returns one feed. See [news.Registry].
func (db *DB) Feed(ctx context.Context, url string) (news.Feed, news.Title, *news.Subscription, error) {
	f, t, err := db.feed(ctx, "f.url = ?", url)
	if err != nil {
		return f, t, nil, err
	}
	var s news.Subscription
	err = db.sql.QueryRow(ctx, "SELECT "+subscriptionColumns+" FROM subscription s WHERE s.feed_id = ?", f.ID).Scan(subscriptionFields(&s)...)
	if none(err) {
		return f, t, nil, nil
	}
	return f, t, &s, lookedUp(err, "subscription of feed", url)
}

// feed returns the feed, and its title, for which a condition holds.
func (db *DB) feed(ctx context.Context, condition, arg string) (f news.Feed, t news.Title, err error) {
	err = db.sql.QueryRow(ctx, "SELECT "+feedColumns+", "+titleColumns+" FROM "+feedTables+
		" JOIN title t ON t.id = f.title_id WHERE "+condition, asked(arg)).Scan(append(feedFields(&f), titleFields(&t)...)...)
	return f, t, lookedUp(err, "feed", arg)
}

// CheckNow makes a feed due. See [news.Registry].
func (db *DB) CheckNow(ctx context.Context, feedID int64, now time.Time, reason string) error {
	return db.setStatus(ctx, feedID, news.FeedActive, reason, func(news.Feed) time.Time { return now })
}

// SetStatus switches a feed on or off. One that is switched on is due when it
// would have been had it never been off. See [news.Registry].
func (db *DB) SetStatus(ctx context.Context, feedID int64, s news.FeedStatus) error {
	switch s {
	case news.FeedActive:
		return db.setStatus(ctx, feedID, s, "switched on", func(f news.Feed) time.Time {
			if f.State.Status == news.FeedActive {
				return f.State.Next
			}
			return f.State.Checked.Add(f.State.Interval)
		})
	case news.FeedOff:
		return db.setStatus(ctx, feedID, s, "switched off by the operator", nil)
	}
	return fmt.Errorf("feed %d: %w: it cannot be switched %q", feedID, news.ErrInvalid, s)
}

// setStatus changes the status of a feed and its place in the queue.
func (db *DB) setStatus(ctx context.Context, feedID int64, s news.FeedStatus, reason string, due func(news.Feed) time.Time) error {
	var address string
	err := db.sql.QueryRow(ctx, "SELECT url FROM feed WHERE id = ?", feedID).Scan(&address)
	if err != nil {
		return lookedUp(err, "feed", feedID)
	}
	err = db.change(ctx, address, func(tx *sqlkit.Tx, lines hosts) error {
		var f news.Feed
		err := tx.QueryRow(ctx, "SELECT "+feedColumns+" FROM "+feedTables+" WHERE f.id = ?", feedID).Scan(feedFields(&f)...)
		if err != nil {
			return lookedUp(err, "feed", feedID)
		}
		if _, err := tx.Exec(ctx, "UPDATE feed SET status = ?, reason = ? WHERE id = ?", s, reason, feedID); err != nil {
			return err
		}
		switch {
		case s == news.FeedOff:
			return errors.Join(drop(ctx, tx, news.WorkFeed, feedID), unsubscribe(ctx, tx, feedID))
		case f.Kind != news.FeedPoll:
			return nil
		}
		return lines.enqueue(ctx, tx, queued{news.WorkFeed, feedID, f.URL, due(f), 0})
	})
	if err != nil {
		return fmt.Errorf("set the status of a feed: %w", err)
	}
	return nil
}

// SetArticleStatus retracts, takes down or restores an article. See
// [news.Registry].
func (db *DB) SetArticleStatus(ctx context.Context, id int64, s news.Status, notice string, now time.Time) error {
	err := db.change(ctx, "", func(tx *sqlkit.Tx, _ hosts) error {
		var was news.Status
		var copyOf int64
		err := tx.QueryRow(ctx, "SELECT status, copy_of FROM article WHERE id = ?", id).Scan(&was, &copyOf)
		switch {
		case err != nil:
			return lookedUp(err, "article", id)
		case was == news.TakenDown && s != news.TakenDown:
			return fmt.Errorf("its text is gone: %w", news.ErrGone)
		case s == news.TakenDown:
			if err := takeDown(ctx, tx, id); err != nil {
				return err
			}
			copyOf = 0
		case s == news.Live:
			notice = ""
		case s != news.Retracted:
			return fmt.Errorf("%w: there is no status %q", news.ErrInvalid, s)
		}
		_, err = tx.Exec(ctx, "UPDATE article SET status = ?, listed = ?, copy_of = ?, notice = ?, revised = ? WHERE id = ?",
			s, listed(s, copyOf), copyOf, notice, ms(now), id)
		return err
	})
	if err != nil {
		return fmt.Errorf("set the status of article %d: %w", id, err)
	}
	return nil
}

// takeDown deletes everything of an article but its address, its times and the
// digests by which it is recognised when a feed brings it again. Its pictures
// are withheld.
func takeDown(ctx context.Context, tx *sqlkit.Tx, id int64) error {
	if err := withhold(ctx, tx, id); err != nil {
		return fmt.Errorf("withhold its pictures: %w", err)
	}
	if err := promote(ctx, tx, "= ?", id); err != nil {
		return err
	}
	return all(ctx, tx, id,
		"DELETE FROM work WHERE kind = 'page' AND ref = ?",
		"UPDATE article_body SET body = '' WHERE article_id = ?",
		`UPDATE article SET headline = '', standfirst = '', byline = '', words = 0,
			picture_url = '', picture_alt = '', picture_caption = '', picture_credit = '' WHERE id = ?`)
}

// withhold remembers the pictures of an article.
func withhold(ctx context.Context, tx *sqlkit.Tx, id int64) error {
	var lead, body string
	err := tx.QueryRow(ctx, "SELECT a.picture_url, b.body FROM article a JOIN article_body b ON b.article_id = a.id WHERE a.id = ?", id).Scan(&lead, &body)
	if err != nil {
		return err
	}
	for _, address := range append(news.Pictures(body), lead) {
		if address == "" {
			continue
		}
		if _, err := tx.Exec(ctx, "INSERT INTO withheld (picture) VALUES (?) ON CONFLICT DO NOTHING", pictureDigest(address)); err != nil {
			return err
		}
	}
	return nil
}

func pictureDigest(address string) []byte {
	sum := sha256.Sum256([]byte(address))
	return sum[:len(news.Digest{})]
}

// Withheld reports whether the picture at address belongs to an article that
// was taken down.
func (db *DB) Withheld(ctx context.Context, address string) (bool, error) {
	var n int
	err := db.sql.QueryRow(ctx, "SELECT COUNT(*) FROM withheld WHERE picture = ?", pictureDigest(address)).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("look whether a picture is withheld: %w", err)
	}
	return n > 0, nil
}

// Census counts what the store holds. See [news.Registry].
func (db *DB) Census(ctx context.Context) (news.Census, error) {
	var c news.Census
	err := db.sql.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM title), (SELECT COUNT(*) FROM article),
			COUNT(*), COUNT(CASE WHEN status = 'active' AND failures > 0 THEN 1 END), COUNT(CASE WHEN status = 'gone' THEN 1 END),
			COUNT(CASE WHEN status = 'active' AND kind = 'poll' AND checked = 0 THEN 1 END),
			COALESCE((SELECT first_seen FROM article ORDER BY id DESC LIMIT 1), 0)
		FROM feed`).Scan(&c.Titles, &c.Articles, &c.Feeds, &c.FeedsFailing, &c.FeedsGone, &c.FeedsNotFetched, instant{&c.Newest})
	if err != nil {
		return c, fmt.Errorf("count what the store holds: %w", err)
	}
	return c, nil
}

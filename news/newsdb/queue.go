package newsdb

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"understory/kit/sqlkit"
	"understory/news"
)

// elsewhere is when to ask again if other processes are just now leasing
// everything that is due.
const elsewhere = 50 * time.Millisecond

// Lease takes hosts that have work due. See [news.Queue].
func (db *DB) Lease(ctx context.Context, a news.Ask) ([]news.Lease, time.Time, error) {
	for {
		next, err := db.nextDue(ctx, a.Host)
		if err != nil || next.IsZero() || next.After(a.Now) {
			return nil, next, err
		}
		leases, hosts, err := db.take(ctx, a)
		switch {
		case err != nil:
			return nil, time.Time{}, fmt.Errorf("lease work: %w", err)
		case hosts == 0:
			return nil, a.Now.Add(elsewhere), nil
		case len(leases) > 0:
			err := db.dress(ctx, leases)
			return leases, time.Time{}, err
		}
	}
}

// nextDue returns when the first host, or the named one, is due; zero for never.
func (db *DB) nextDue(ctx context.Context, host string) (time.Time, error) {
	query, args := "SELECT MIN(due) FROM host", []any{}
	if host != "" {
		query, args = query+" WHERE name = ?", []any{host}
	}
	var due sql.NullInt64
	if err := db.sql.QueryRow(ctx, query, args...).Scan(&due); err != nil {
		return time.Time{}, fmt.Errorf("look up what is due next: %w", err)
	}
	if !due.Valid || due.Int64 == never {
		return time.Time{}, nil
	}
	return time.UnixMilli(due.Int64).UTC(), nil
}

// take leases hosts and returns them with the bare work that is due, and how
// many it took: those that had none after all are given back.
func (db *DB) take(ctx context.Context, a news.Ask) (leases []news.Lease, hosts int, err error) {
	token := rand.Int64N(never-1) + 1
	err = db.sql.InTx(ctx, func(tx *sqlkit.Tx) error {
		names, err := db.mark(ctx, tx, a, token)
		if err != nil || len(names) == 0 {
			leases, hosts = nil, 0
			return err
		}
		leases, err = dueWork(ctx, tx, a, names)
		if err != nil {
			return err
		}
		for i := range leases {
			leases[i].Token, leases[i].Until = token, a.Now.Add(a.For)
		}
		hosts = len(names)
		idle := slices.DeleteFunc(names, func(name string) bool {
			return slices.ContainsFunc(leases, func(l news.Lease) bool { return l.Host == name })
		})
		var back []news.Release
		for _, name := range idle {
			back = append(back, news.Release{Host: name, Token: token})
		}
		return release(ctx, tx, back)
	})
	return leases, hosts, err
}

// mark puts the token on hosts that are due and returns their names. A lease
// that lapsed is due like any other host.
func (db *DB) mark(ctx context.Context, tx *sqlkit.Tx, a news.Ask, token int64) ([]string, error) {
	which, args := "", []any{ms(a.Now)}
	if a.Host != "" {
		which, args = " AND name = ?", append(args, a.Host)
	}
	skip := ""
	if tx.Dialect == sqlkit.PostgreSQL {
		skip = "FOR UPDATE SKIP LOCKED"
	}
	args = append(args, a.Hosts, ms(a.Now.Add(a.For)), token)
	var names []string
	err := collect(ctx, tx, func(r row) error {
		var name string
		err := r.Scan(&name)
		names = append(names, name)
		return err
	}, `WITH due AS MATERIALIZED (SELECT name FROM host WHERE due <= ?`+which+` ORDER BY due LIMIT ? `+skip+`)
		UPDATE host SET due = ?, token = ? WHERE name IN (SELECT name FROM due) RETURNING name`, args...)
	return names, err
}

// dueWork returns the work of the hosts that is due, longest overdue first.
func dueWork(ctx context.Context, tx *sqlkit.Tx, a news.Ask, names []string) ([]news.Lease, error) {
	byHost := make(map[string]*news.Lease, len(names))
	scan := func(r row) error {
		var host string
		var ref int64
		var w news.Work
		if err := r.Scan(&host, &w.ID, &w.Kind, &ref, instant{&w.Due}, &w.Tries); err != nil {
			return err
		}
		if w.Kind == news.WorkPage {
			w.Article = &news.Article{ID: ref}
		} else {
			w.Feed = &news.Feed{ID: ref}
		}
		l := byHost[host]
		if l == nil {
			l = &news.Lease{Host: host}
			byHost[host] = l
		}
		l.Work = append(l.Work, w)
		return nil
	}
	for some := range parts(tx.Dialect, names) {
		list, args := in(some)
		err := collect(ctx, tx, scan, `SELECT h.name, w.id, w.kind, w.ref, w.due, w.tries FROM host h `+firstDue(tx.Dialect)+` WHERE h.name IN `+list,
			append([]any{ms(a.Now), a.PerHost}, args...)...)
		if err != nil {
			return nil, err
		}
	}
	leases := make([]news.Lease, 0, len(byHost))
	for _, l := range byHost {
		slices.SortFunc(l.Work, earlier)
		leases = append(leases, *l)
	}
	slices.SortFunc(leases, func(x, y news.Lease) int { return earlier(x.Work[0], y.Work[0]) })
	return leases, nil
}

// firstDue joins host h with the first of its work w that is due: its
// arguments are when, and how many. A host may have thousands, so neither kind
// of database may read them all; each has its own way to say so.
func firstDue(d sqlkit.Dialect) string {
	const from = " FROM work x WHERE x.host = h.name AND x.due <= ? ORDER BY x.due, x.id LIMIT ?)"
	if d == sqlkit.PostgreSQL {
		return "CROSS JOIN LATERAL (SELECT *" + from + " AS w"
	}
	return "JOIN work w ON w.id IN (SELECT x.id" + from
}

func earlier(x, y news.Work) int {
	return cmp.Or(x.Due.Compare(y.Due), cmp.Compare(x.ID, y.ID))
}

// dress fills in what the leased work is about.
func (db *DB) dress(ctx context.Context, leases []news.Lease) error {
	feeds, pages := map[int64][]*news.Work{}, map[int64]*news.Work{}
	for _, l := range leases {
		for i := range l.Work {
			if w := &l.Work[i]; w.Feed != nil {
				feeds[w.Feed.ID] = append(feeds[w.Feed.ID], w)
			} else {
				pages[w.Article.ID] = w
			}
		}
	}
	if err := db.dressFeeds(ctx, feeds); err != nil {
		return fmt.Errorf("read the leased feeds: %w", err)
	}
	if err := db.dressPages(ctx, pages); err != nil {
		return fmt.Errorf("read the leased pages: %w", err)
	}
	// Work whose feed or article was removed meanwhile is no work.
	for i := range leases {
		leases[i].Work = slices.DeleteFunc(leases[i].Work, func(w news.Work) bool { return w.Title == nil })
	}
	return nil
}

func (db *DB) dressFeeds(ctx context.Context, feeds map[int64][]*news.Work) error {
	for ids := range parts(db.sql.Dialect, sorted(feeds)) {
		list, args := in(ids)
		err := collect(ctx, db.sql, func(r row) error {
			var f news.Feed
			var t news.Title
			if err := r.Scan(append(feedFields(&f), titleFields(&t)...)...); err != nil {
				return err
			}
			for _, w := range feeds[f.ID] {
				w.Feed, w.Title = &f, &t
			}
			return nil
		}, `SELECT `+feedColumns+`, `+titleColumns+` FROM `+feedTables+` JOIN title t ON t.id = f.title_id WHERE f.id IN `+list, args...)
		if err != nil {
			return err
		}
		err = collect(ctx, db.sql, func(r row) error {
			var s news.Subscription
			if err := r.Scan(subscriptionFields(&s)...); err != nil {
				return err
			}
			for _, w := range feeds[s.FeedID] {
				w.Subscription = &s
			}
			return nil
		}, `SELECT `+subscriptionColumns+` FROM subscription s WHERE s.feed_id IN `+list, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) dressPages(ctx context.Context, pages map[int64]*news.Work) error {
	for ids := range parts(db.sql.Dialect, sorted(pages)) {
		list, args := in(ids)
		err := collect(ctx, db.sql, func(r row) error {
			var a news.Article
			var t news.Title
			if err := r.Scan(append(articleFields(&a), titleFields(&t)...)...); err != nil {
				return err
			}
			w := pages[a.ID]
			w.Article, w.Title = &a, &t
			return nil
		}, `SELECT `+articleColumns+`, `+titleColumns+` FROM article a JOIN title t ON t.id = a.title_id WHERE a.id IN `+list, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// Known returns the content digests of entries. See [news.Queue].
func (db *DB) Known(ctx context.Context, feedID int64, keys []news.Digest) (map[news.Digest]news.Digest, error) {
	known := make(map[news.Digest]news.Digest, len(keys))
	items, err := knownItems(ctx, db.sql, db.sql.Dialect, feedID, keys)
	if err != nil {
		return nil, fmt.Errorf("look up the entries of feed %d: %w", feedID, err)
	}
	for key, it := range items {
		known[key] = it.content
	}
	return known, nil
}

// item is what is remembered of an entry.
type item struct {
	content   news.Digest
	articleID int64
}

func knownItems(ctx context.Context, r sqlkit.Reader, d sqlkit.Dialect, feedID int64, keys []news.Digest) (map[news.Digest]item, error) {
	items := make(map[news.Digest]item, len(keys))
	for some := range parts(d, keys) {
		args := make([]any, 0, len(some)+1)
		args = append(args, feedID)
		for i := range some {
			args = append(args, some[i][:])
		}
		err := collect(ctx, r, func(r row) error {
			var key news.Digest
			var it item
			err := r.Scan(digest{&key}, digest{&it.content}, &it.articleID)
			items[key] = it
			return err
		}, `SELECT key, content, article_id FROM item WHERE feed_id = ? AND key IN `+sqlkit.Values(1, len(some)), args...)
		if err != nil {
			return nil, err
		}
	}
	return items, nil
}

// tidySpan is how many articles lose their clues in one transaction, so that
// tidying holds nobody up.
const tidySpan = 500

// Tidy forgets what duplicates were recognised by. See [news.Queue].
func (db *DB) Tidy(ctx context.Context, before time.Time) error {
	// Numbers of articles rise with the time they were first seen, but for
	// moments.
	for {
		var first, seen int64
		err := db.sql.QueryRow(ctx, "SELECT article_id, seen FROM clue ORDER BY article_id LIMIT 1").Scan(&first, &seen)
		if none(err) || err == nil && seen >= ms(before) {
			break
		}
		if err == nil {
			err = db.sql.Exec(ctx, "DELETE FROM clue WHERE article_id < ? AND seen < ?", first+tidySpan, ms(before))
		}
		if err != nil {
			return fmt.Errorf("forget old clues: %w", err)
		}
	}
	if err := db.sql.Exec(ctx, "DELETE FROM host WHERE due = ? AND token = 0 AND free < ?", int64(never), ms(before)); err != nil {
		return fmt.Errorf("forget idle hosts: %w", err)
	}
	return nil
}

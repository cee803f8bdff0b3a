package newsdb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"understory/kit/sqlkit"
	"understory/news"
)

// Commit stores a batch. See [news.Queue].
func (db *DB) Commit(ctx context.Context, b news.Batch) (news.Committed, error) {
	var done news.Committed
	err := db.sql.InTx(ctx, func(tx *sqlkit.Tx) error {
		c := &commit{Tx: tx, now: b.Now, lines: hosts{}}
		err := c.run(ctx, b)
		done = c.done
		return err
	})
	if err != nil {
		return news.Committed{}, fmt.Errorf("commit a batch of %d results: %w", len(b.Results), err)
	}
	return done, nil
}

// commit is the work on one batch.
type commit struct {
	*sqlkit.Tx
	now   time.Time
	lines hosts // whose work changed
	done  news.Committed
}

func (c *commit) run(ctx context.Context, b news.Batch) error {
	if slices.ContainsFunc(b.Results, func(r news.Result) bool {
		return len(r.Entries) > 0 || r.Page != nil || r.MovedTo != "" || r.Subscription != nil || r.Unsubscribe
	}) {
		if err := exclusive(ctx, c.Tx); err != nil {
			return err
		}
	}
	results, err := c.held(ctx, b)
	if err != nil {
		return err
	}
	if err := c.storeStates(ctx, results); err != nil {
		return fmt.Errorf("store the states of feeds: %w", err)
	}
	if err := c.moveWork(ctx, results); err != nil {
		return fmt.Errorf("queue the next checks: %w", err)
	}
	for _, r := range results {
		if err := c.apply(ctx, r); err != nil {
			return fmt.Errorf("store what feed %d brought: %w", r.FeedID, err)
		}
	}
	if err := c.lines.settle(ctx, c.Tx); err != nil {
		return fmt.Errorf("settle hosts: %w", err)
	}
	if err := release(ctx, c.Tx, b.Releases); err != nil {
		return fmt.Errorf("release hosts: %w", err)
	}
	return nil
}

// exclusive makes every transaction that adds or removes titles, feeds or
// articles wait its turn: whether an article is new can be told only if nobody
// adds one at the same time. SQLite has one writer anyway.
//
// It is taken before any row is locked, so that it cannot lock up.
func exclusive(ctx context.Context, tx *sqlkit.Tx) error {
	if tx.Dialect != sqlkit.PostgreSQL {
		return nil
	}
	const key = 0x6e657773 // "news"; the locks of goose have other keys
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock(?)", int64(key)); err != nil {
		return fmt.Errorf("wait for other writers: %w", err)
	}
	return nil
}

// held returns the results whose lease nobody else has taken, nor takes before
// the end.
func (c *commit) held(ctx context.Context, b news.Batch) ([]news.Result, error) {
	asked := hosts{}
	for _, r := range b.Results {
		if r.Token != 0 {
			asked.add(r.Host)
		}
	}
	for _, r := range b.Releases {
		asked.add(r.Host)
	}
	tokens, err := asked.lock(ctx, c.Tx)
	if err != nil {
		return nil, fmt.Errorf("look up leases: %w", err)
	}
	results := make([]news.Result, 0, len(b.Results))
	for _, r := range b.Results {
		if r.Token != 0 && tokens[r.Host] != r.Token {
			c.done.Stale++
			continue
		}
		results = append(results, r)
	}
	return results, nil
}

// storeStates writes the states of feeds. A feed that the operator switched
// off meanwhile stays off.
func (c *commit) storeStates(ctx context.Context, results []news.Result) error {
	types := []string{"BIGINT"}
	sets := make([]string, len(stateColumns))
	for i, column := range stateColumns {
		types = append(types, stateTypes[i])
		sets[i] = column + " = v." + column
	}
	sets[0] = "status = CASE WHEN feed.status = 'off' THEN 'off' ELSE v.status END"
	states := map[int64]*news.FeedState{} // the last of a feed counts
	for _, r := range results {
		if r.State == nil {
			continue
		}
		if r.State.Status == "" {
			return fmt.Errorf("%w: the state of feed %d has no status", news.ErrInvalid, r.FeedID)
		}
		states[r.FeedID] = r.State
	}
	for ids := range parts(c.Dialect, sorted(states)) {
		args := make([]any, 0, len(ids)*len(types))
		for _, id := range ids {
			args = append(append(args, id), stateValues(states[id])...)
		}
		_, err := c.Exec(ctx, `WITH v (id, `+strings.Join(stateColumns, ", ")+`) AS (VALUES `+values(c.Tx, len(ids), types...)+`)
			UPDATE feed SET `+strings.Join(sets, ", ")+` FROM v WHERE feed.id = v.id`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// moveWork takes finished work out of the queue and moves the rest to when it
// is due next.
func (c *commit) moveWork(ctx context.Context, results []news.Result) error {
	done, next := map[int64]struct{}{}, map[int64][]any{}
	for _, r := range results {
		if r.State != nil && r.State.Status != news.FeedActive {
			if err := drop(ctx, c.Tx, news.WorkFeed, r.FeedID); err != nil {
				return err
			}
			continue
		}
		if r.WorkID == 0 {
			continue
		}
		if r.Done {
			done[r.WorkID] = struct{}{}
			continue
		}
		if r.Next.IsZero() {
			return fmt.Errorf("%w: work %d is neither done nor due again", news.ErrInvalid, r.WorkID)
		}
		next[r.WorkID] = []any{r.WorkID, ms(r.Next), r.Tries}
	}
	for ids := range parts(c.Dialect, sorted(done)) {
		list, args := in(ids)
		if _, err := c.Exec(ctx, "DELETE FROM work WHERE id IN "+list, args...); err != nil {
			return err
		}
	}
	for ids := range parts(c.Dialect, sorted(next)) {
		args := make([]any, 0, 3*len(ids))
		for _, id := range ids {
			args = append(args, next[id]...)
		}
		_, err := c.Exec(ctx, `WITH v (id, due, tries) AS (VALUES `+values(c.Tx, len(ids), "BIGINT", "BIGINT", "BIGINT")+`)
			UPDATE work SET due = v.due, tries = v.tries FROM v WHERE work.id = v.id`, args...)
		if err != nil {
			return err
		}
	}
	return nil
}

// source is the feed that a result came from.
type source struct {
	feedID, titleID int64
	section         string
	pages           bool // the title's full pages may be fetched
}

// apply stores everything of a result but the feed's state and its next check.
func (c *commit) apply(ctx context.Context, r news.Result) error {
	if r.Page != nil {
		if err := c.applyPage(ctx, *r.Page); err != nil {
			return fmt.Errorf("page of article %d: %w", r.Page.ArticleID, err)
		}
	}
	if r.Unsubscribe {
		if err := unsubscribe(ctx, c.Tx, r.FeedID); err != nil {
			return err
		}
	}
	if len(r.Entries) == 0 && r.MovedTo == "" && r.Subscription == nil {
		return nil
	}
	from := source{feedID: r.FeedID}
	err := c.QueryRow(ctx, `SELECT t.id, CASE WHEN f.section <> '' THEN f.section ELSE t.section END, t.pages
		FROM feed f JOIN title t ON t.id = f.title_id WHERE f.id = ?`, r.FeedID).Scan(&from.titleID, &from.section, &from.pages)
	if none(err) { // removed meanwhile
		c.done.Stale++
		return nil
	}
	if err != nil {
		return err
	}
	if err := c.applyEntries(ctx, from, r.Entries); err != nil {
		return err
	}
	if r.Subscription != nil {
		s := *r.Subscription
		s.FeedID = r.FeedID
		if err := subscribe(ctx, c.Tx, c.lines, s, r.Tries); err != nil {
			return fmt.Errorf("subscription: %w", err)
		}
	}
	if r.MovedTo != "" {
		return c.moveFeed(ctx, from, r.MovedTo)
	}
	return nil
}

// moveFeed gives a feed its new address, if that is one of the web. Where another feed has that address
// already, the moved one is switched off.
func (c *commit) moveFeed(ctx context.Context, from source, address string) error {
	name := authority(address)
	if name == "" {
		return nil
	}
	var other int64
	err := c.QueryRow(ctx, "SELECT id FROM feed WHERE url = ?", address).Scan(&other)
	switch {
	case err == nil && other == from.feedID:
		return nil
	case err == nil:
		if err := drop(ctx, c.Tx, news.WorkFeed, from.feedID); err != nil {
			return err
		}
		_, err := c.Exec(ctx, "UPDATE feed SET status = 'off', reason = ? WHERE id = ?",
			"it moved to "+address+", which is a feed already", from.feedID)
		return err
	case !none(err):
		return err
	}
	if _, err := c.Exec(ctx, "UPDATE feed SET url = ? WHERE id = ?", address, from.feedID); err != nil {
		return err
	}
	c.lines.add(name)
	_, err = c.Exec(ctx, "UPDATE work SET host = ? WHERE kind = 'feed' AND ref = ?", name, from.feedID)
	return err
}

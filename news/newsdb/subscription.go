package newsdb

import (
	"context"
	"fmt"

	"understory/kit/sqlkit"
	"understory/news"
)

// SubscriptionByToken returns a subscription. See [news.Subscriptions].
func (db *DB) SubscriptionByToken(ctx context.Context, token string) (s news.Subscription, f news.Feed, t news.Title, err error) {
	fields := append(append(subscriptionFields(&s), feedFields(&f)...), titleFields(&t)...)
	err = db.sql.QueryRow(ctx, `SELECT `+subscriptionColumns+`, `+feedColumns+`, `+titleColumns+`
		FROM `+feedTables+` JOIN title t ON t.id = f.title_id JOIN subscription s ON s.feed_id = f.id
		WHERE s.token = ?`, asked(token)).Scan(fields...)
	return s, f, t, lookedUp(err, "subscription", "of that token")
}

// FeedByToken returns a mail feed. See [news.Subscriptions].
func (db *DB) FeedByToken(ctx context.Context, token string) (news.Feed, news.Title, error) {
	return db.feed(ctx, "f.kind = 'mail' AND f.url = ?", "mailto:"+token)
}

// SetSubscription stores the answer of a hub. See [news.Subscriptions].
func (db *DB) SetSubscription(ctx context.Context, s news.Subscription) error {
	err := db.change(ctx, s.Hub, func(tx *sqlkit.Tx, lines hosts) error {
		var id int64
		if err := tx.QueryRow(ctx, "SELECT id FROM feed WHERE id = ?", s.FeedID).Scan(&id); err != nil {
			return lookedUp(err, "feed", s.FeedID)
		}
		return subscribe(ctx, tx, lines, s, 0)
	})
	if err != nil {
		return fmt.Errorf("store the subscription of feed %d: %w", s.FeedID, err)
	}
	return nil
}

// subscribe stores a subscription, and queues the request to its hub for when
// it is to be renewed; zero is never.
func subscribe(ctx context.Context, tx *sqlkit.Tx, lines hosts, s news.Subscription, tries int) error {
	_, err := tx.Exec(ctx, `INSERT INTO subscription (feed_id, hub, topic, token, secret, state, expires, renew, error)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (feed_id) DO UPDATE SET hub = excluded.hub, topic = excluded.topic, token = excluded.token, secret = excluded.secret,
			state = excluded.state, expires = excluded.expires, renew = excluded.renew, error = excluded.error`,
		s.FeedID, clean(s.Hub), clean(s.Topic), s.Token, s.Secret, s.State, ms(s.Expires), ms(s.Renew), clean(s.Error))
	if err != nil {
		return err
	}
	if s.Renew.IsZero() {
		return drop(ctx, tx, news.WorkSubscribe, s.FeedID)
	}
	return lines.enqueue(ctx, tx, queued{news.WorkSubscribe, s.FeedID, s.Hub, s.Renew, tries})
}

// unsubscribe forgets a feed's subscription and the work on it.
func unsubscribe(ctx context.Context, tx *sqlkit.Tx, feedID int64) error {
	if err := drop(ctx, tx, news.WorkSubscribe, feedID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "DELETE FROM subscription WHERE feed_id = ?", feedID)
	return err
}

// lookedUp makes [news.ErrNotFound] of a query that found nothing.
func lookedUp(err error, what string, which any) error {
	switch {
	case err == nil:
		return nil
	case none(err):
		return fmt.Errorf("%s %v: %w", what, which, news.ErrNotFound)
	}
	return fmt.Errorf("look up %s %v: %w", what, which, err)
}

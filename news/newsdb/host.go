package newsdb

import (
	"context"
	"strings"
	"time"

	"understory/kit/sqlkit"
	"understory/news"
)

// hosts are those whose line of work changed in a transaction.
type hosts map[string]struct{}

func (h hosts) add(name string) {
	if name != "" {
		h[name] = struct{}{}
	}
}

// lock returns the tokens of the hosts' leases. On PostgreSQL it locks the
// hosts: whoever looks when a host's work is due must see all work that others
// queued before, and two transactions that lock hosts first seldom wait for
// each other in a ring.
func (h hosts) lock(ctx context.Context, tx *sqlkit.Tx) (map[string]int64, error) {
	lock := ""
	if tx.Dialect == sqlkit.PostgreSQL {
		lock = " ORDER BY name FOR UPDATE"
	}
	tokens := make(map[string]int64, len(h))
	for names := range parts(tx.Dialect, sorted(h)) {
		list, args := in(names)
		err := collect(ctx, tx, func(r row) error {
			var name string
			var token int64
			err := r.Scan(&name, &token)
			tokens[name] = token
			return err
		}, "SELECT name, token FROM host WHERE name IN "+list+lock, args...)
		if err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

// settle makes the named hosts due when their first work is. A leased host is
// left alone: its release does it.
func (h hosts) settle(ctx context.Context, tx *sqlkit.Tx) error {
	for names := range parts(tx.Dialect, sorted(h)) {
		rows := make([][]any, len(names))
		for i, name := range names {
			rows[i] = []any{name, int64(never), 0, 0}
		}
		if err := tx.Insert(ctx, "INSERT INTO host (name, due, free, token)", rows, "ON CONFLICT DO NOTHING"); err != nil {
			return err
		}
	}
	// A statement does not see what was committed while it waited for a lock.
	if _, err := h.lock(ctx, tx); err != nil {
		return err
	}
	for names := range parts(tx.Dialect, sorted(h)) {
		list, args := in(names)
		_, err := tx.Exec(ctx, `WITH line AS (
				SELECT h.name, COALESCE((SELECT MIN(w.due) FROM work w WHERE w.host = h.name), ?) AS due
				FROM host h WHERE h.name IN `+list+` AND h.token = 0)
			UPDATE host SET due = CASE WHEN line.due > host.free THEN line.due ELSE host.free END
			FROM line WHERE host.name = line.name AND host.token = 0`, append([]any{int64(never)}, args...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// release gives leases back and makes their hosts due when their first work
// is, but not before they are free. A lease that another process took over
// meanwhile is not ours to give back.
func release(ctx context.Context, tx *sqlkit.Tx, back []news.Release) error {
	for some := range parts(tx.Dialect, back) {
		args := make([]any, 0, 3*len(some)+1)
		for _, r := range some {
			args = append(args, r.Host, r.Token, ms(r.Free))
		}
		_, err := tx.Exec(ctx, `WITH back (name, token, free) AS (VALUES `+values(tx, len(some), "TEXT", "BIGINT", "BIGINT")+`),
			line AS (SELECT back.name, back.token, back.free,
				COALESCE((SELECT MIN(w.due) FROM work w WHERE w.host = back.name), ?) AS due FROM back)
			UPDATE host SET token = 0, free = line.free, due = CASE WHEN line.due > line.free THEN line.due ELSE line.free END
			FROM line WHERE host.name = line.name AND host.token = line.token`, append(args, int64(never))...)
		if err != nil {
			return err
		}
	}
	return nil
}

// queued is work on its way into the queue.
type queued struct {
	kind    news.WorkKind
	ref     int64 // of the feed, or of a page's article
	address string
	due     time.Time
	tries   int
}

// enqueue queues work at the host of address, or moves what is queued already;
// an address that is not of the web it leaves alone. The host where the work
// may have waited before is put right by the next lease.
func (h hosts) enqueue(ctx context.Context, tx *sqlkit.Tx, q queued) error {
	name := authority(q.address)
	if name == "" {
		return nil
	}
	h.add(name)
	_, err := tx.Exec(ctx, `INSERT INTO work (host, kind, ref, due, tries) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (kind, ref) DO UPDATE SET host = excluded.host, due = excluded.due, tries = excluded.tries`,
		name, q.kind, q.ref, ms(q.due), q.tries)
	return err
}

// drop takes work out of the queue.
func drop(ctx context.Context, tx *sqlkit.Tx, kind news.WorkKind, ref int64) error {
	_, err := tx.Exec(ctx, "DELETE FROM work WHERE kind = ? AND ref = ?", kind, ref)
	return err
}

// values returns placeholders for rows of columns of the given types.
// PostgreSQL has to be told them; SQLite would convert.
func values(tx *sqlkit.Tx, rows int, types ...string) string {
	if tx.Dialect != sqlkit.PostgreSQL {
		return sqlkit.Values(rows, len(types))
	}
	first := "(CAST(? AS " + strings.Join(types, "), CAST(? AS ") + "))"
	if rows == 1 {
		return first
	}
	return first + ", " + sqlkit.Values(rows-1, len(types))
}

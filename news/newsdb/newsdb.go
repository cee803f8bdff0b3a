// Package newsdb is the store of the public world, and the only SQL in it: on
// SQLite, which needs nothing else, or on PostgreSQL, which several processes
// and machines can share.
//
// It fills the interfaces of package news: ingest works through
// [news.Queue], the hub's callback and the mail listener through
// [news.Subscriptions], the operator's commands through [news.Registry], and
// the reader's pages through [news.Shelf]. It decides what is a new article
// and what is another version of a known one, because only a transaction can.
// It fetches nothing, parses nothing and has no clock of its own.
//
// SQLite writes ahead of its file and syncs it at checkpoints only
// (synchronous=normal): what was committed survives the death of the process;
// a power cut may cost the last commits, and never the file.
package newsdb

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"math"
	"net/url"
	"slices"
	"time"

	"understory/kit/sqlkit"
	"understory/news"
)

//go:embed migrations/*.sql
var migrations embed.FS

// DB is an open store. It is safe for concurrent use.
type DB struct{ sql *sqlkit.DB }

var _ interface {
	news.Queue
	news.Subscriptions
	news.Registry
	news.Shelf
} = (*DB)(nil)

// Open connects to the store that c names, creates it where it is missing, and
// brings its tables up to date. The caller closes it.
func Open(ctx context.Context, c sqlkit.Config) (*DB, error) {
	db, err := sqlkit.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	files, err := fs.Sub(migrations, "migrations")
	if err == nil {
		err = db.Migrate(ctx, files)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return &DB{db}, nil
}

// Ping reports whether the store answers.
func (db *DB) Ping(ctx context.Context) error { return db.sql.Ping(ctx) }

// Close ends all connections.
func (db *DB) Close() error { return db.sql.Close() }

// never is when a host without work is due.
const never = math.MaxInt64

// ms is how a time is stored.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// at is the time that was stored as ms.
func at(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// instant reads a stored time into the time it points to.
type instant struct{ t *time.Time }

func (i instant) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a time is stored as %T", v)
	}
	*i.t = at(n)
	return nil
}

// digest reads a stored digest into the one it points to.
type digest struct{ d *news.Digest }

func (p digest) Scan(v any) error {
	b, ok := v.([]byte)
	if !ok || len(b) != len(p.d) {
		return fmt.Errorf("a digest is stored as %T of %d bytes", v, len(b))
	}
	copy(p.d[:], b)
	return nil
}

// maxAddress is the longest address that work is queued for, in bytes:
// PostgreSQL cannot look up longer ones.
const maxAddress = 2000

// authority is the host that has to be spared when rawURL is asked; "" for an
// address that is not of the web.
func authority(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || len(rawURL) > maxAddress {
		return ""
	}
	host, err := news.Host(u)
	if err != nil {
		return ""
	}
	return host
}

// asked is a text that is looked up: "" for one that no database holds, over
// which PostgreSQL would stumble.
func asked(text string) string {
	if clean(text) != text {
		return ""
	}
	return text
}

// row scans one row: a *sql.Row or *sql.Rows.
type row interface{ Scan(dest ...any) error }

// collect runs a query and calls scan for each of its rows.
func collect(ctx context.Context, r sqlkit.Reader, scan func(row) error, query string, args ...any) error {
	rows, err := r.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// in returns "(?,?,?)" and the values as arguments, for an IN.
func in[T any](values []T) (string, []any) {
	args := make([]any, len(values))
	for i, v := range values {
		args[i] = v
	}
	return sqlkit.Values(1, len(values)), args
}

// part is how many rows or values one statement gets at most.
const part = 64

// parts yields values by as many as one statement gets. PostgreSQL keeps every
// statement that it has seen; so that it sees few, the last value is repeated
// up to a power of two, which no statement here minds.
func parts[T any](d sqlkit.Dialect, values []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for some := range slices.Chunk(values, part) {
			for d == sqlkit.PostgreSQL && len(some)&(len(some)-1) != 0 {
				some = append(some[:len(some):len(some)], some[len(some)-1])
			}
			if !yield(some) {
				return
			}
		}
	}
}

// sorted returns the keys of m in order, so that all transactions lock rows in
// the same one.
func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// none reports whether a query found no row.
func none(err error) bool { return errors.Is(err, sql.ErrNoRows) }

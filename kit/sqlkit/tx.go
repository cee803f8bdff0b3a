package sqlkit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// maxTries is how often something is tried before its error is returned; the
// waits between grow to about a second.
const maxTries = 10

// Tx is a transaction.
type Tx struct {
	Dialect Dialect
	tx      *sql.Tx
}

// InTx runs fn in a transaction that writes, and commits it unless fn returns
// an error. When another transaction got in the way (SQLite was busy;
// PostgreSQL saw a conflict or a deadlock) it rolls back, waits a little and
// runs fn again: fn must not have effects of its own.
//
// On SQLite writing transactions stand in one line. On PostgreSQL they run
// side by side at the level "read committed".
func (db *DB) InTx(ctx context.Context, fn func(*Tx) error) error {
	return again(ctx, func() error { return db.once(ctx, fn) })
}

// again runs fn until it no longer fails because somebody else was in the way.
func again(ctx context.Context, fn func() error) error {
	for try := 1; ; try++ {
		err := fn()
		if err == nil || try == maxTries || !conflict(err) {
			return err
		}
		pause := time.Duration(1<<try) * time.Millisecond
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}

func (db *DB) once(ctx context.Context, fn func(*Tx) error) (err error) {
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin a transaction: %w", err)
	}
	defer func() {
		if rollback := tx.Rollback(); err == nil && rollback != nil && !errors.Is(rollback, sql.ErrTxDone) {
			err = rollback
		}
	}()
	if err := fn(&Tx{Dialect: db.Dialect, tx: tx}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// conflict reports whether the error means that another transaction was in the
// way and that the same work may succeed when done again.
func conflict(err error) bool {
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		code := e.Code() & 0xff // the rest of the bits say where it happened
		return code == sqlite3.SQLITE_BUSY || code == sqlite3.SQLITE_LOCKED
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		return e.Code == "40001" || e.Code == "40P01" // serialization failure, deadlock
	}
	return false
}

// Query runs a query inside the transaction.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return t.tx.QueryContext(ctx, t.Dialect.rebind(query), args...)
}

// QueryRow runs a query that returns one row inside the transaction.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return t.tx.QueryRowContext(ctx, t.Dialect.rebind(query), args...)
}

// Exec runs a statement and returns how many rows it changed.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	result, err := t.tx.ExecContext(ctx, t.Dialect.rebind(query), args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

// maxArgs is how many arguments one statement may carry: SQLite's limit, which
// is the lower one.
const maxArgs = 32766

// Insert writes many rows with few statements: head ("INSERT INTO t (a, b)"),
// VALUES with the rows, and tail ("ON CONFLICT DO NOTHING", or nothing). All
// rows have the same length.
func (t *Tx) Insert(ctx context.Context, head string, rows [][]any, tail string) error {
	for len(rows) > 0 {
		n := min(len(rows), maxArgs/len(rows[0]), 500)
		args := make([]any, 0, n*len(rows[0]))
		for _, row := range rows[:n] {
			args = append(args, row...)
		}
		if _, err := t.Exec(ctx, head+" VALUES "+Values(n, len(rows[0]))+" "+tail, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// Values returns placeholders for rows of columns: "(?,?),(?,?)". Values(1, n)
// serves the list of an IN.
func Values(rows, columns int) string {
	row := "(" + strings.TrimSuffix(strings.Repeat("?,", columns), ",") + ")"
	return strings.TrimSuffix(strings.Repeat(row+",", rows), ",")
}

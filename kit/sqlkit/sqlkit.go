// Package sqlkit opens a database, SQLite or PostgreSQL, and lets one set of
// SQL text serve both: placeholders are written ?, migrations are written once,
// and a transaction that lost a race is run again.
//
// It knows no table. The SQL rooms build on it; what still differs between the
// two they decide by [DB.Dialect]. Portable SQL keeps times as BIGINT, uses
// BIGINT, TEXT, BOOLEAN, BYTEA and DOUBLE PRECISION for columns, ON CONFLICT
// for upserts, and RETURNING for new ids.
package sqlkit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"understory/kit/config"
)

// Dialect is the kind of database.
type Dialect string

// The dialects, as the configuration names them.
const (
	SQLite     Dialect = "sqlite"
	PostgreSQL Dialect = "postgresql"
)

// Config says which database to open.
type Config struct {
	Driver      Dialect       `toml:"driver" doc:"which kind: sqlite needs nothing else; postgresql lets several processes and machines share the work"`
	Path        string        `toml:"path" doc:"file of the SQLite database, in the data folder unless absolute"`
	Address     string        `toml:"address" doc:"PostgreSQL, such as postgres://understory@db.example:5432/understory?sslmode=verify-full, or host=/run/postgresql dbname=understory"`
	Password    config.Secret `toml:"password_file" doc:"file that holds the PostgreSQL password; none where the server does not ask"`
	Connections int           `toml:"connections" doc:"most connections to PostgreSQL from this process, 2 to 1000"`
}

// DefaultConfig is an SQLite file at path.
func DefaultConfig(path string) Config {
	return Config{Driver: SQLite, Path: path, Connections: 16}
}

// Validate says what is wrong, or nothing.
func (c Config) Validate() error {
	switch {
	case c.Driver == SQLite && c.Path == "":
		return errors.New("path: sqlite needs the path of its file")
	case c.Driver == PostgreSQL && c.Address == "":
		return errors.New("address: postgresql needs the address of the server")
	case c.Driver == PostgreSQL && holdsPassword.MatchString(c.Address):
		return errors.New("address: holds a password, which belongs into the file that password_file names")
	case c.Driver != SQLite && c.Driver != PostgreSQL:
		return fmt.Errorf("driver: %q is neither sqlite nor postgresql", c.Driver)
	case c.Connections < 2 || c.Connections > 1000:
		return fmt.Errorf("connections: %d is not within 2 to 1000", c.Connections)
	}
	if c.Driver == PostgreSQL {
		if _, err := pgx.ParseConfig(c.Address); err != nil {
			return fmt.Errorf("address: %w", err)
		}
	}
	return nil
}

// holdsPassword matches an address that would be printed with a secret in it.
var holdsPassword = regexp.MustCompile(`^\w+://[^/@]*:[^/@]+@|\bpassword\s*=`)

// DB is an open database. It is safe for concurrent use.
//
// SQLite gets one connection that writes and as many as there are processors
// that only read; PostgreSQL has one pool for both.
type DB struct {
	Dialect Dialect
	read    *sql.DB
	write   *sql.DB
}

// Open connects to the database, and creates the file of an SQLite one. The
// caller closes it.
func Open(ctx context.Context, c Config) (*DB, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	open := openSQLite
	if c.Driver == PostgreSQL {
		open = openPostgreSQL
	}
	what := "the database"
	if c.Driver == SQLite {
		what += " " + c.Path
	}
	db, err := open(c)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", what, err)
	}
	// The first connections turn a new SQLite file to writing ahead, and SQLite
	// does not wait for another process that is just doing the same.
	err = again(ctx, func() error { return db.Ping(ctx) })
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", what, err), db.Close())
	}
	return db, nil
}

func openSQLite(c Config) (*DB, error) {
	path, err := filepath.Abs(c.Path)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return nil, err
	}
	connect := func(limit int, query url.Values) (*sql.DB, error) {
		query["_pragma"] = append(query["_pragma"], "busy_timeout(10000)", "foreign_keys(1)", "synchronous(normal)")
		address := url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: query.Encode()}
		pool, err := sql.Open("sqlite", address.String())
		if err != nil {
			return nil, err
		}
		pool.SetMaxOpenConns(limit)
		pool.SetMaxIdleConns(limit)
		return pool, nil
	}
	write, err := connect(1, url.Values{"_txlock": {"immediate"}, "_pragma": {"journal_mode(wal)"}})
	if err != nil {
		return nil, err
	}
	read, err := connect(runtime.GOMAXPROCS(0), url.Values{"_pragma": {"query_only(1)"}})
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	return &DB{Dialect: SQLite, read: read, write: write}, nil
}

func openPostgreSQL(c Config) (*DB, error) {
	settings, err := pgx.ParseConfig(c.Address)
	if err != nil {
		return nil, err
	}
	if c.Password.Set() {
		settings.Password = c.Password.Reveal()
	}
	if settings.RuntimeParams["application_name"] == "" {
		settings.RuntimeParams["application_name"] = "understory"
	}
	pool := stdlib.OpenDB(*settings)
	pool.SetMaxOpenConns(c.Connections)
	pool.SetMaxIdleConns(c.Connections)
	return &DB{Dialect: PostgreSQL, read: pool, write: pool}, nil
}

// Ping reports whether the database answers, on the connection that writes.
func (db *DB) Ping(ctx context.Context) error {
	if err := db.write.PingContext(ctx); err != nil {
		return err
	}
	return db.read.PingContext(ctx)
}

// Close ends all connections.
func (db *DB) Close() error {
	if db.read == db.write {
		return db.write.Close()
	}
	return errors.Join(db.read.Close(), db.write.Close())
}

// A Reader runs queries: a [DB], outside of any transaction, or a [Tx].
type Reader interface {
	Query(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) *sql.Row
}

// Query runs a query that only reads.
func (db *DB) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	return db.read.QueryContext(ctx, db.Dialect.rebind(query), args...)
}

// QueryRow runs a query that only reads and returns one row.
func (db *DB) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	return db.read.QueryRowContext(ctx, db.Dialect.rebind(query), args...)
}

// Exec runs one statement in a transaction of its own, with the same retries
// as [DB.InTx].
func (db *DB) Exec(ctx context.Context, query string, args ...any) error {
	return db.InTx(ctx, func(tx *Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
}

// rebind writes the placeholders ? as the dialect wants them: $1, $2, ... for
// PostgreSQL. What stands in quotes or in comments is left alone.
func (d Dialect) rebind(query string) string {
	if d != PostgreSQL || !strings.Contains(query, "?") {
		return query
	}
	var b strings.Builder
	b.Grow(len(query) + 16)
	for n := 1; query != ""; {
		if skip := quoted(query); skip > 0 {
			b.WriteString(query[:skip])
			query = query[skip:]
			continue
		}
		if query[0] == '?' {
			fmt.Fprintf(&b, "$%d", n)
			n++
		} else {
			b.WriteByte(query[0])
		}
		query = query[1:]
	}
	return b.String()
}

// quoted returns the length of the text, name or comment that query starts
// with, or 0. A doubled quote reads as two texts, which comes to the same.
func quoted(query string) int {
	for _, q := range []struct{ open, close string }{{"'", "'"}, {`"`, `"`}, {"--", "\n"}, {"/*", "*/"}} {
		if !strings.HasPrefix(query, q.open) {
			continue
		}
		if end := strings.Index(query[len(q.open):], q.close); end >= 0 {
			return len(q.open) + end + len(q.close)
		}
		return len(query)
	}
	return 0
}

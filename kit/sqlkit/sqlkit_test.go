package sqlkit

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"understory/kit/pgtest"
)

var tables = fstest.MapFS{"00001_word.sql": {Data: []byte(`-- +goose Up
CREATE TABLE word (id {id}, text TEXT NOT NULL UNIQUE, hash {bytes}, hits BIGINT NOT NULL DEFAULT 0);
CREATE TABLE root (word_id BIGINT NOT NULL REFERENCES word (id));
`)}}

// onBoth runs a test on an empty database of each dialect.
func onBoth(t *testing.T, test func(*testing.T, *DB)) {
	for _, dialect := range []Dialect{SQLite, PostgreSQL} {
		t.Run(string(dialect), func(t *testing.T) { test(t, openConfig(t, testConfig(t, dialect))) })
	}
}

func testConfig(t *testing.T, dialect Dialect) Config {
	c := DefaultConfig(filepath.Join(t.TempDir(), "a folder?", "words #1.db"))
	if c.Driver = dialect; dialect == PostgreSQL {
		c.Address = pgtest.Open(t)
	}
	return c
}

func openConfig(t *testing.T, c Config) *DB {
	t.Helper()
	db, err := Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Migrate(t.Context(), tables); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestInsertAndRead(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx := t.Context()
		var rows [][]any
		for i := range 1234 {
			rows = append(rows, []any{strings.Repeat("x", i), []byte{byte(i)}})
		}
		err := db.InTx(ctx, func(tx *Tx) error {
			if err := tx.Insert(ctx, "INSERT INTO word (text, hash)", rows, ""); err != nil {
				return err
			}
			return tx.Insert(ctx, "INSERT INTO word (text, hash)", rows[:2], "ON CONFLICT (text) DO UPDATE SET hits = word.hits + 1")
		})
		if err != nil {
			t.Fatal(err)
		}
		var count, hits, last int64
		if err := db.QueryRow(ctx, "SELECT COUNT(*), SUM(hits), MAX(id) FROM word WHERE text <> ?", "?").Scan(&count, &hits, &last); err != nil {
			t.Fatal(err)
		}
		if count != 1234 || hits != 2 || last < 1234 {
			t.Errorf("got %d rows, %d hits, last id %d; want 1234, 2, at least 1234", count, hits, last)
		}
	})
}

func TestRollback(t *testing.T) {
	onBoth(t, func(t *testing.T, db *DB) {
		ctx, stop := t.Context(), errors.New("stop")
		err := db.InTx(ctx, func(tx *Tx) error {
			if _, err := tx.Exec(ctx, "INSERT INTO word (text) VALUES (?)", "a"); err != nil {
				return err
			}
			return stop
		})
		if !errors.Is(err, stop) {
			t.Errorf("InTx() = %v, want the error of the function", err)
		}
		if err := db.Exec(ctx, "INSERT INTO root (word_id) VALUES (?)", 7); err == nil {
			t.Error("a row that refers to nothing was accepted")
		}
		var count int
		if err := db.QueryRow(ctx, "SELECT COUNT(*) FROM word").Scan(&count); err != nil || count != 0 {
			t.Errorf("%d rows are left, %v; want none", count, err)
		}
	})
}

// TestTwoProcesses opens the same database twice at once, as two processes do,
// and lets both count.
func TestTwoProcesses(t *testing.T) {
	for _, dialect := range []Dialect{SQLite, PostgreSQL} {
		t.Run(string(dialect), func(t *testing.T) {
			c := testConfig(t, dialect)
			var wg sync.WaitGroup
			for range 2 {
				wg.Go(func() {
					if err := countTo(t.Context(), c, 100); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			var hits int
			if err := openConfig(t, c).QueryRow(t.Context(), "SELECT hits FROM word").Scan(&hits); err != nil || hits != 200 {
				t.Errorf("counted %d, %v; want 200", hits, err)
			}
		})
	}
}

func countTo(ctx context.Context, c Config, n int) error {
	db, err := Open(ctx, c)
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx, tables); err != nil {
		return errors.Join(err, db.Close())
	}
	for range n {
		err = errors.Join(err, db.Exec(ctx, "INSERT INTO word (text, hits) VALUES (?, 1) ON CONFLICT (text) DO UPDATE SET hits = word.hits + 1", "a"))
	}
	return errors.Join(err, db.Close())
}

// TestConflict makes PostgreSQL end one of two transactions that lock the same
// rows in opposite order, and sees both succeed in the end.
func TestConflict(t *testing.T) {
	db := openConfig(t, testConfig(t, PostgreSQL))
	ctx := t.Context()
	if err := db.Exec(ctx, "INSERT INTO word (text) VALUES ('a'), ('b')"); err != nil {
		t.Fatal(err)
	}
	var both, done sync.WaitGroup
	both.Add(2)
	tries := make([]int, 2)
	for i, order := range [][]string{{"a", "b"}, {"b", "a"}} {
		done.Go(func() {
			err := db.InTx(ctx, func(tx *Tx) error {
				tries[i]++
				for n, word := range order {
					if _, err := tx.Exec(ctx, "UPDATE word SET hits = hits + 1 WHERE text = ?", word); err != nil {
						return err
					}
					if n == 0 && tries[i] == 1 {
						both.Done()
						both.Wait()
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	done.Wait()
	slices.Sort(tries)
	if tries[0] != 1 || tries[1] < 2 {
		t.Errorf("the transactions ran %d times, want one once and the other again", tries)
	}
}

func TestReadersDoNotWrite(t *testing.T) {
	db := openConfig(t, testConfig(t, SQLite))
	rows, err := db.Query(t.Context(), "INSERT INTO word (text) VALUES ('a') RETURNING id")
	if err == nil {
		rows.Next()
		err = errors.Join(rows.Err(), rows.Close())
	}
	if err == nil {
		t.Error("a query outside of a transaction wrote")
	}
}

func TestRebind(t *testing.T) {
	for _, tt := range []struct{ name, query, want string }{
		{"none", "SELECT 1", "SELECT 1"},
		{"several", "a = ? AND b IN (?,?)", "a = $1 AND b IN ($2,$3)"},
		{"cast", "?::bigint", "$1::bigint"},
		{"text", "a = 'what?' AND b = ?", "a = 'what?' AND b = $1"},
		{"doubled quote", "a = 'it''s ?' AND b = ?", "a = 'it''s ?' AND b = $1"},
		{"name", `"odd?" = ?`, `"odd?" = $1`},
		{"line comment", "a -- why?\n= ?", "a -- why?\n= $1"},
		{"block comment", "a /* ? */ = ?", "a /* ? */ = $1"},
		{"open quote", "a = 'what?", "a = 'what?"},
		{"ten", Values(2, 5), "($1,$2,$3,$4,$5),($6,$7,$8,$9,$10)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := PostgreSQL.rebind(tt.query); got != tt.want {
				t.Errorf("rebind() = %q, want %q", got, tt.want)
			}
			if got := SQLite.rebind(tt.query); got != tt.query {
				t.Errorf("rebind() for SQLite = %q, want it unchanged", got)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	got := map[string]bool{}
	for name, change := range map[string]func(*Config){
		"as it comes":      func(*Config) {},
		"no path":          func(c *Config) { c.Path = "" },
		"no address":       func(c *Config) { c.Driver = PostgreSQL },
		"other driver":     func(c *Config) { c.Driver = "mysql" },
		"one connection":   func(c *Config) { c.Connections = 1 },
		"with an address":  func(c *Config) { c.Driver, c.Address = PostgreSQL, "host=/run/postgresql" },
		"many connections": func(c *Config) { c.Connections = 1001 },
		"broken address":   func(c *Config) { c.Driver, c.Address = PostgreSQL, "postgres://a b/c" },
		"password":         func(c *Config) { c.Driver, c.Address = PostgreSQL, "postgres://a:hush@b/c" },
		"password as word": func(c *Config) { c.Driver, c.Address = PostgreSQL, "host=b password=hush" },
		"no password":      func(c *Config) { c.Driver, c.Address = PostgreSQL, "postgres://a@b:5432/c?sslmode=disable" },
	} {
		c := DefaultConfig("news.db")
		change(&c)
		got[name] = c.Validate() == nil
	}
	want := map[string]bool{"as it comes": true, "no path": false, "no address": false, "other driver": false,
		"one connection": false, "with an address": true, "many connections": false,
		"broken address": false, "password": false, "password as word": false, "no password": true}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Validate() accepts (-want +got):\n%s", diff)
	}
}

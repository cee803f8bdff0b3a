// Package config reads the one configuration file and prints it back.
//
// A room describes its part as a struct: `toml` tags name the keys, `doc` tags
// explain them with unit and limits, a Validate method says what is wrong. The
// file is read strictly; the environment is not looked at. Only commands call
// this package; rooms use its types.
package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// Load reads the TOML file at path over the defaults that cfg, a pointer to a
// struct, holds already. It refuses unknown keys, reads the secrets, and
// validates every part that can be validated. The error names all that is
// wrong, a line each.
func Load(path string, cfg any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the configuration: %w", err)
	}
	if err := decode(string(text), cfg); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, f := range fields(cfg) {
		if s, ok := f.value.Addr().Interface().(*Secret); ok {
			if err := s.open(filepath.Dir(path)); err != nil {
				return fmt.Errorf("%s: %s: %w", path, f.path, err)
			}
		}
	}
	if err := Validate(cfg); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func decode(text string, cfg any) error {
	meta, err := toml.Decode(text, cfg)
	if parse, ok := errors.AsType[toml.ParseError](err); ok {
		return fmt.Errorf("line %d: %s", parse.Position.Line, parse.Message)
	}
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "toml: "))
	}
	var wrong []error
	for _, key := range meta.Undecoded() {
		wrong = append(wrong, unknown(text, key, cfg))
	}
	for _, f := range fields(cfg) {
		key := strings.Split(f.path, ".")
		if f.value.Type() == reflect.TypeFor[time.Duration]() && meta.Type(key...) == "Integer" {
			wrong = append(wrong, fmt.Errorf(`line %d: %s: write a duration with its unit, such as "90s" or "15m"`, line(text, key), f.path))
		}
	}
	return errors.Join(wrong...)
}

// unknown is the error for a key that cfg does not have.
func unknown(text string, key toml.Key, cfg any) error {
	name := key[len(key)-1]
	nearest, best := "", 1<<30
	for _, known := range names(cfg) {
		table, last := known[:strings.LastIndex(known, ".")+1], known[strings.LastIndex(known, ".")+1:]
		away := 2 * distance(name, last)
		suggestion := last
		if table != strings.TrimSuffix(key.String(), name) {
			away++ // of equals, the one in the same table is nearer
			suggestion = known
		}
		if away < best {
			nearest, best = suggestion, away
		}
	}
	return fmt.Errorf("line %d: unknown key %q; did you mean %q?", line(text, key), name, nearest)
}

// names returns the paths of all keys and tables.
func names(cfg any) []string {
	var all []string
	last := ""
	for _, f := range fields(cfg) {
		if table := f.path[:max(strings.LastIndex(f.path, "."), 0)]; table != last && table != "" {
			all = append(all, table)
			last = table
		}
		all = append(all, f.path)
	}
	return all
}

// line returns the number of the line that sets the key or opens its table,
// counting from 1; 0 where it cannot tell.
func line(text string, key []string) int {
	table := ""
	for n, l := range strings.Split(text, "\n") {
		l = strings.TrimSpace(l)
		name, _, isKey := strings.Cut(l, "=")
		switch {
		case strings.HasPrefix(l, "["):
			table = strings.Trim(strings.SplitN(l, "]", 2)[0], "[ ") + "."
			name = ""
		case !isKey || strings.HasPrefix(l, "#"):
			continue
		}
		if at := strings.Trim(table+strings.TrimSpace(name), ". "); at == strings.Join(key, ".") {
			return n + 1
		}
	}
	return 0
}

// distance is how many letters must be changed, added or removed to make one
// word the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// Validate calls the Validate method of every part of cfg that has one, and
// names the table of what is wrong.
func Validate(cfg any) error {
	return validate(reflect.Indirect(reflect.ValueOf(cfg)), "")
}

func validate(v reflect.Value, path string) error {
	var wrong []error
	for i := range v.NumField() {
		if name, ok := keyOf(v.Type().Field(i)); ok && isTable(v.Field(i).Type()) {
			wrong = append(wrong, validate(v.Field(i), join(path, name)))
		}
	}
	if part, ok := v.Interface().(interface{ Validate() error }); ok {
		err := part.Validate()
		if err != nil && path != "" {
			err = fmt.Errorf("[%s] %w", path, err)
		}
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}

package config

import (
	"encoding"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// Print writes cfg as a configuration file that [Load] reads: every key with
// its explanation and its default. Both arguments have the same type. Of a
// secret it writes the path of its file.
func Print(w io.Writer, cfg, defaults any) error {
	var b strings.Builder
	table := ""
	standard := fields(defaults)
	for i, f := range fields(cfg) {
		at, key := "", f.path
		if dot := strings.LastIndex(f.path, "."); dot >= 0 {
			at, key = f.path[:dot], f.path[dot+1:]
		}
		if at != table {
			fmt.Fprintf(&b, "[%s]\n\n", at)
			table = at
		}
		if f.doc != "" {
			fmt.Fprintf(&b, "# %s%s. ", strings.ToUpper(f.doc[:1]), f.doc[1:])
		} else {
			b.WriteString("# ")
		}
		fmt.Fprintf(&b, "Default: %s\n%s = %s\n\n", literal(standard[i].value), key, literal(f.value))
	}
	_, err := io.WriteString(w, strings.TrimSuffix(b.String(), "\n"))
	return err
}

// literal is a value as TOML.
func literal(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case Secret:
		return quote(x.path)
	case time.Duration:
		return quote(brief(x))
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		if err != nil {
			return quote(err.Error())
		}
		return quote(string(text))
	}
	switch v.Kind() {
	case reflect.String:
		return quote(v.String())
	case reflect.Slice:
		items := make([]string, v.Len())
		for i := range items {
			items[i] = literal(v.Index(i))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return fmt.Sprint(v.Interface())
}

// quote writes a string as TOML wants it.
func quote(s string) string {
	text, err := toml.Marshal(map[string]string{"v": s})
	if err != nil { // not for a string
		panic(err)
	}
	return strings.TrimSpace(strings.TrimPrefix(string(text), "v ="))
}

// brief writes 15m0s as 15m.
func brief(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// field is one key of a configuration.
type field struct {
	path  string // with the tables it is in: "news.database.driver"
	doc   string
	value reflect.Value // can be set when the configuration came as a pointer
}

// fields lists the keys of cfg, which is a struct or a pointer to one. Within
// each table the plain keys come before the tables inside, as TOML needs it.
func fields(cfg any) []field {
	return collect(reflect.Indirect(reflect.ValueOf(cfg)), "")
}

func collect(v reflect.Value, path string) []field {
	var keys, tables []field
	for i := range v.NumField() {
		f := v.Type().Field(i)
		name, ok := keyOf(f)
		switch {
		case !ok:
		case isTable(f.Type):
			tables = append(tables, collect(v.Field(i), join(path, name))...)
		default:
			keys = append(keys, field{join(path, name), f.Tag.Get("doc"), v.Field(i)})
		}
	}
	return append(keys, tables...)
}

// keyOf returns the key that a struct's field stands for; none when it has no
// toml tag.
func keyOf(f reflect.StructField) (string, bool) {
	name := f.Tag.Get("toml")
	return name, name != "" && name != "-"
}

// isTable reports whether values of the type are tables: structs that are not
// written as text.
func isTable(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func join(path, name string) string {
	return strings.TrimPrefix(path+"."+name, ".")
}

package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type house struct {
	Name  string `toml:"name" doc:"what it is called"`
	Fetch fetch  `toml:"fetch"`
	Open  bool   `toml:"open"`
}

type fetch struct {
	Interval time.Duration  `toml:"interval" doc:"between two visits, 1m to 24h"`
	MaxSize  Size           `toml:"max_size"`
	Allow    []netip.Prefix `toml:"allow_private"`
	Mail     mail           `toml:"mail"`
	Hidden   func()
}

type mail struct {
	Password Secret `toml:"password_file"`
	Port     int    `toml:"port"`
}

func (f fetch) Validate() error {
	if f.Interval < time.Minute {
		return errors.New("interval: less than a minute")
	}
	return nil
}

func standard() house {
	return house{Name: "under", Fetch: fetch{Interval: time.Hour, MaxSize: 15e6, Mail: mail{Port: 25}}}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	path := write(t, "house.toml", `
name = "story"
[fetch]
interval = "15m"
max_size = "2 MiB"
allow_private = ["10.0.0.0/8"]
[fetch.mail]
password_file = "secret"
`)
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), "secret"), []byte(" hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := standard()
	if err := Load(path, &got); err != nil {
		t.Fatal(err)
	}
	if p := got.Fetch.Mail.Password.Reveal(); p != "hush" {
		t.Errorf("the password is %q, want %q", p, "hush")
	}
	want := house{Name: "story", Fetch: fetch{
		Interval: 15 * time.Minute,
		MaxSize:  2 << 20,
		Allow:    []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")},
		Mail:     mail{Password: Secret{path: "secret", value: new("hush")}, Port: 25},
	}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Secret{}), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("Load() (-want +got):\n%s", diff)
	}
}

func TestLoadRefuses(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"unknown key", "name = \"a\"\n[fetch]\nintervall = \"5m\"", `line 3: unknown key "intervall"; did you mean "interval"?`},
		{"key in another table", "\n\nprot = 25", `line 3: unknown key "prot"; did you mean "fetch.mail.port"?`},
		{"unknown table", "[fetsch]\ninterval = \"5m\"", `line 1: unknown key "fetsch"; did you mean "fetch"?`},
		{"inner table", "[fetch.mial]\nport = 1", `line 1: unknown key "mial"; did you mean "mail"?`},
		{"dotted key", "fetch.mail.prt = 1", `line 1: unknown key "prt"; did you mean "port"?`},
		{"wrong type", "[fetch.mail]\n\nport = \"x\"", "line 3"},
		{"bad duration", "[fetch]\ninterval = \"soon\"", "line 2"},
		{"bare duration", "[fetch]\n# comment = 1\ninterval = 15", `line 3: fetch.interval: write a duration with its unit, such as "90s" or "15m"`},
		{"bad size", "[fetch]\nmax_size = \"2 apples\"", "line 2"},
		{"bad prefix", "[fetch]\nallow_private = [\"home\"]", "line 2"},
		{"broken file", "name = \"a", "line 1"},
		{"validation", "[fetch]\ninterval = \"1s\"", "[fetch] interval: less than a minute"},
		{"missing secret", "[fetch.mail]\npassword_file = \"nowhere\"", "fetch.mail.password_file: open "},
		{"empty secret", "[fetch.mail]\npassword_file = \"/dev/null\"", "/dev/null is empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := standard()
			path := write(t, "house.toml", tt.text)
			err := Load(path, &cfg)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), path+": ") {
				t.Errorf("Load() = %v, want the path and %s", err, tt.want)
			}
		})
	}
}

func TestPrint(t *testing.T) {
	cfg := standard()
	cfg.Fetch.Interval, cfg.Fetch.Mail.Password = 90*time.Minute, Secret{"secret", new("hush")}
	var b strings.Builder
	if err := Print(&b, cfg, standard()); err != nil {
		t.Fatal(err)
	}
	const want = `# What it is called. Default: "under"
name = "under"

# Default: false
open = false

[fetch]

# Between two visits, 1m to 24h. Default: "1h"
interval = "1h30m"

# Default: "15 MB"
max_size = "15 MB"

# Default: []
allow_private = []

[fetch.mail]

# Default: ""
password_file = "secret"

# Default: 25
port = 25
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("Print() (-want +got):\n%s", diff)
	}
	again := house{}
	if err := decode(b.String(), &again); err != nil || again.Fetch.Interval != cfg.Fetch.Interval {
		t.Errorf("reading it again gives %v, %v", again, err)
	}
}

func TestSecretIsRedacted(t *testing.T) {
	s := struct {
		Inside Secret
		inside Secret
	}{Secret{"", new("hush")}, Secret{"path", new("hush")}}
	var b strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T", "%p", "%08.3f"} {
		fmt.Fprintf(&b, verb+" "+verb+" "+verb+"\n", s.Inside, s, &s.Inside)
	}
	text, err := json.Marshal(map[string]any{"a": s, "b": &s.Inside})
	if err != nil {
		t.Fatal(err)
	}
	b.Write(text)
	for _, handler := range []slog.Handler{slog.NewTextHandler(&b, nil), slog.NewJSONHandler(&b, nil)} {
		slog.New(handler).Info("opened", "secret", s.Inside, "pointer", &s.Inside, "all", s)
	}
	// 68757368 is the word in hexadecimal.
	if got := b.String(); strings.Contains(got, "hush") || strings.Contains(got, "68757368") || !strings.Contains(got, redacted) {
		t.Errorf("a secret was printed:\n%s", got)
	}
	if s.inside.Reveal() != "hush" || !s.inside.Set() || (Secret{}).Set() {
		t.Error("Reveal() and Set() do not tell")
	}
}

func TestSize(t *testing.T) {
	for _, tt := range []struct {
		text string
		want Size
		back string // "" for an error
	}{
		{"0", 0, "0"},
		{"4096", 4096, "4 KiB"},
		{"150 kB", 150_000, "150 kB"},
		{"15MB", 15_000_000, "15 MB"},
		{"1 GiB", 1 << 30, "1 GiB"},
		{"1.5 MB", 0, ""},
		{"-1", 0, ""},
		{"9000000000000 GB", 0, ""},
		{"", 0, ""},
	} {
		t.Run(tt.text, func(t *testing.T) {
			var got Size
			err := got.UnmarshalText([]byte(tt.text))
			if (err != nil) != (tt.back == "") || got != tt.want {
				t.Fatalf("UnmarshalText() = %d, %v; want %d", got, err, tt.want)
			}
			if err == nil && got.String() != tt.back {
				t.Errorf("String() = %q, want %q", got, tt.back)
			}
		})
	}
}

package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// redacted is all that a secret ever prints.
const redacted = "redacted"

// A Secret is kept in a file of its own; the configuration names the file
// (password_file = "..."). [Load] reads it, relative to the folder of the
// configuration. Whatever prints a Secret prints "redacted".
//
// The zero Secret is "not set" and has the empty value.
type Secret struct {
	path  string
	value *string // fmt reads unexported fields, but does not follow a pointer in them
}

// Set reports whether there is a secret.
func (s Secret) Set() bool { return s.value != nil }

// Reveal returns the secret itself, for the one place that needs it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Format makes every verb of package fmt print "redacted".
func (Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// MarshalText makes text encoders, and log/slog's text form, write "redacted".
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON makes JSON encoders, and log/slog's JSON form, write "redacted".
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// UnmarshalText takes the path of the file.
func (s *Secret) UnmarshalText(path []byte) error {
	*s = Secret{path: string(path)}
	return nil
}

// open reads the file, with spaces and line ends around the secret removed.
func (s *Secret) open(folder string) error {
	if s.path == "" {
		return nil
	}
	name := s.path
	if !filepath.IsAbs(name) {
		name = filepath.Join(folder, name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	value := strings.TrimSpace(string(text))
	if value == "" {
		return fmt.Errorf("%s is empty", name)
	}
	s.value = &value
	return nil
}

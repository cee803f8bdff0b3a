package main

import (
	"strings"
	"testing"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"The Ledger\n\tok — ü":       "The Ledger\n\tok — ü",
		"a\x1b[2Jb\x1b]0;owned\x07":  "a�[2Jb�]0;owned�",
		"a\u009b31mb":                "a�31mb",
		"fine\rfeed is broken\b\x00": "fine�feed is broken��",
		"a\u202eb\u2066c":            "a�b�c",
		"half a character \xe2\x80":  "half a character \xe2\x80",
	} {
		var b strings.Builder
		if n, err := (plain{&b}).Write([]byte(in)); err != nil || n != len(in) || b.String() != want {
			t.Errorf("Write(%q) = %d, %v, wrote %q, want %q", in, n, err, b.String(), want)
		}
	}
}

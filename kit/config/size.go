package config

import (
	"fmt"
	"strconv"
	"strings"
)

// Size is a number of bytes, written in the configuration as "15 MB",
// "512 KiB" or "4096".
type Size int64

// units are tried from the largest, so that a size is written short.
var units = []struct {
	name  string
	bytes int64
}{
	{"GiB", 1 << 30}, {"GB", 1e9}, {"MiB", 1 << 20}, {"MB", 1e6}, {"KiB", 1 << 10}, {"kB", 1e3},
}

// UnmarshalText reads a whole number with or without a unit.
func (s *Size) UnmarshalText(text []byte) error {
	number, factor := string(text), int64(1)
	for _, u := range units {
		if rest, ok := strings.CutSuffix(number, u.name); ok {
			number, factor = rest, u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
	if err != nil || n < 0 || n > (1<<62)/factor {
		return fmt.Errorf("%q is not a size such as 4096, \"512 KiB\" or \"15 MB\"", text)
	}
	*s = Size(n * factor)
	return nil
}

// MarshalText writes the size with the largest unit that fits evenly.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String writes the size with the largest unit that fits evenly.
func (s Size) String() string {
	for _, u := range units {
		if s != 0 && int64(s)%u.bytes == 0 {
			return fmt.Sprintf("%d %s", int64(s)/u.bytes, u.name)
		}
	}
	return strconv.FormatInt(int64(s), 10)
}

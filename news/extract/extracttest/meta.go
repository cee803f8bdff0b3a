package extracttest

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// SameTitle says whether two titles have the same letters and digits, or one
// has all of the other and is no more than half as long again: also after the
// part behind the last or before the first separator, where sites put their
// name, is taken from either.
func SameTitle(want, got string) bool {
	for _, w := range cuts(want) {
		for _, g := range cuts(got) {
			short, long := w, g
			if len(short) > len(long) {
				short, long = g, w
			}
			if short != "" && 3*len(short) >= 2*len(long) && strings.Contains(long, short) {
				return true
			}
		}
	}
	return false
}

var separator = regexp.MustCompile(`\s+[|–—·•»:-]\s+|\s*[|]\s*`)

// cuts returns the title, folded, and without its last and its first part.
func cuts(title string) []string {
	out := []string{fold(title)}
	at := separator.FindAllStringIndex(title, -1)
	if at == nil {
		return out
	}
	return append(out, fold(title[:at[len(at)-1][0]]), fold(title[at[0][1]:]))
}

func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

// SameDay says whether got is a time on the day want, in UTC.
func SameDay(want string, got time.Time) bool {
	return !got.IsZero() && got.UTC().Format(time.DateOnly) == want
}

// SameAuthors says whether two bylines name the same people: the same set of
// names, degrees and letter case apart.
func SameAuthors(want, got string) bool {
	w, g := names(want), names(got)
	return len(w) > 0 && slices.Equal(w, g)
}

var nameBreak = regexp.MustCompile(`\s*[,;&|/]\s*(?:and\s+)?|\s+(?:and|with)\s+|^\s*[Bb]y\s+`)

func names(s string) (out []string) {
	for _, n := range nameBreak.Split(s, -1) {
		f := fold(n)
		if f == "" || isDegree(n) || slices.Contains(out, f) {
			continue
		}
		out = append(out, f)
	}
	slices.Sort(out)
	return out
}

// isDegree says whether a name is letters such as MD or Ph.D.
func isDegree(s string) bool {
	capitals := 0
	for _, r := range s {
		if unicode.IsUpper(r) {
			capitals++
		}
	}
	return !strings.Contains(s, " ") && capitals >= 2 && capitals*2 >= len(fold(s)) && len(s) <= 8
}

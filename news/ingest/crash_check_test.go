package ingest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// life is what is known of one process.
type life struct {
	next   map[int][]time.Time // by feed: of each committed check, when the next is due
	lapsed bool                // it was too slow for a lease: then it had to fetch again, and next tells of no request
	left   []remains           // by feed: what the store said after its death; nil while it lives
}

// remains is what a dead process left of a feed.
type remains struct {
	checked time.Time // the last committed check
	due     time.Time // when the feed may be asked again, with the lease of its host
}

// early finds requests for a feed that came before their time: before what the
// last committed check says, and after a death before what the store then
// said. It counts the requests that repeat one whose check was not committed.
func early(feed int, asked []request, lives []*life) (problems []string, repeated int) {
	wrong := func(life int, format string, args ...any) {
		problems = append(problems, fmt.Sprintf("life %d: feed %d: ", life, feed)+fmt.Sprintf(format, args...))
	}
	var floor, before, last time.Time
	lost := false // the last check is not in the store
	for k, l := range lives {
		n := 0
		for _, r := range asked {
			if r.life != k {
				continue
			}
			if r.at.Before(floor) {
				wrong(k, "asked %v before its time", floor.Sub(r.at))
			}
			if n > len(l.next[feed]) && !l.lapsed {
				wrong(k, "asked again, although the fetch before was not committed")
			}
			if n == 0 && lost {
				repeated++
			}
			floor, before, last = time.Time{}, last, r.at
			if n < len(l.next[feed]) && !l.lapsed {
				floor = l.next[feed][n]
			}
			n++
		}
		if l.left == nil {
			continue
		}
		floor = l.left[feed].due
		lost = !last.IsZero() && !l.left[feed].checked.After(before)
		if lost && !floor.After(last) && !l.lapsed {
			wrong(k, "its fetch was not committed, yet nothing keeps it from being fetched again at once")
		}
	}
	return problems, repeated
}

// differences compares headlines.
func differences(got, want []string) (problems []string) {
	seen := map[string]int{}
	for _, h := range got {
		seen[h]++
		if seen[h] > 1 {
			problems = append(problems, fmt.Sprintf("%q is there %d times", h, seen[h]))
		}
		if !slices.Contains(want, h) {
			problems = append(problems, fmt.Sprintf("%q should not be there", h))
		}
	}
	for _, h := range want {
		if seen[h] == 0 {
			problems = append(problems, fmt.Sprintf("%q is lost", h))
		}
	}
	return problems
}

func TestEarly(t *testing.T) {
	at := func(second int) time.Time { return noon.Add(time.Duration(second) * time.Second) }
	const never = -1
	one := func(checked, due int, next ...int) *life {
		l := &life{next: map[int][]time.Time{}, left: []remains{{at(checked), at(due)}}}
		if checked == never {
			l.left[0].checked = time.Time{}
		}
		for _, n := range next {
			l.next[0] = append(l.next[0], at(n))
		}
		return l
	}
	slow := one(21, 31, 31)
	slow.lapsed = true
	for _, tt := range []struct {
		name  string
		asked []request
		lives []*life
		want  string // part of the problem; "" for none
		again int
	}{
		{"in time", []request{{0, at(1)}, {0, at(11)}, {1, at(21)}}, []*life{one(11, 21, 11, 21), one(21, 31, 31)}, "", 0},
		{"before the last check said", []request{{0, at(1)}, {0, at(10)}}, []*life{one(10, 21, 11, 21)}, "1s before its time", 0},
		{"after a death, before it was due", []request{{0, at(1)}, {1, at(9)}}, []*life{one(1, 11, 11), one(9, 19, 19)}, "2s before its time", 0},
		{"not committed, again after the lease", []request{{0, at(1)}, {0, at(11)}, {1, at(31)}}, []*life{one(1, 30, 11), one(31, 41, 41)}, "", 1},
		{"not committed, again during the lease", []request{{0, at(1)}, {0, at(11)}, {1, at(29)}}, []*life{one(1, 30, 11), one(29, 39, 39)}, "1s before its time", 1},
		{"not committed, again without a lease", []request{{0, at(1)}, {0, at(11)}, {1, at(12)}}, []*life{one(1, 11, 11), one(12, 22, 22)}, "at once", 1},
		{"not committed, again twice", []request{{0, at(1)}, {1, at(31)}, {1, at(32)}, {1, at(33)}},
			[]*life{one(never, 30), one(33, 43, 32)}, "asked again", 1},
		{"too slow for its lease", []request{{0, at(1)}, {0, at(21)}, {1, at(31)}}, []*life{slow, one(31, 41, 41)}, "", 0},
		{"too slow for its lease, then too early", []request{{0, at(1)}, {0, at(21)}, {1, at(30)}}, []*life{slow, one(30, 41, 41)}, "1s before its time", 0},
		{"committed, but not told before death", []request{{0, at(1)}, {0, at(11)}, {1, at(21)}}, []*life{one(11, 21, 11), one(21, 31, 31)}, "", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			problems, again := early(0, tt.asked, tt.lives)
			got := strings.Join(problems, "; ")
			if (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) || again != tt.again {
				t.Errorf("early() = %q, %d again; want %q, %d", got, again, tt.want, tt.again)
			}
		})
	}
}

func TestDifferences(t *testing.T) {
	got := strings.Join(differences([]string{"a", "b", "b", "old"}, []string{"a", "b", "c"}), "; ")
	if want := `"b" is there 2 times; "old" should not be there; "c" is lost`; got != want {
		t.Errorf("differences() = %s, want %s", got, want)
	}
}

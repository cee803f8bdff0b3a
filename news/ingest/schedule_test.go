package ingest

import (
	"strings"
	"testing"
	"time"

	"understory/news"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) // a Wednesday

func TestNext(t *testing.T) {
	const week = 7 * 24 * time.Hour
	for _, tt := range []struct {
		name   string
		state  news.FeedState
		report report
		want   time.Duration // from noon, and up to a twentieth more
		reason string        // part of it
	}{
		{"first check, rhythm unknown", news.FeedState{}, report{outcome: unchanged}, time.Hour, "not known yet"},
		{"nothing new slows down", news.FeedState{Interval: time.Hour}, report{outcome: unchanged}, 72 * time.Minute, "nothing new"},
		{"never over a day", news.FeedState{Interval: 23 * time.Hour}, report{outcome: unchanged}, 24 * time.Hour, "24 h"},
		{"something new speeds up", news.FeedState{Interval: time.Hour}, report{outcome: fresh}, 40 * time.Minute, "something new"},
		{"half of the rhythm", news.FeedState{Interval: time.Hour}, report{outcome: fresh, rhythm: 4 * time.Hour}, 2 * time.Hour, "about every 4 h"},
		{"never under a quarter of an hour", news.FeedState{Interval: time.Hour}, report{outcome: fresh, rhythm: time.Minute}, 15 * time.Minute, "15 min"},
		{"a hint stretches", news.FeedState{Interval: time.Hour}, report{outcome: fresh, hint: 3 * time.Hour}, 3 * time.Hour, "asks not to be checked"},
		{"a hint is capped", news.FeedState{Interval: time.Hour}, report{outcome: fresh, hint: week}, 24 * time.Hour, "24 h"},
		{"a hint does not shorten", news.FeedState{Interval: 10 * time.Hour}, report{outcome: unchanged, hint: time.Minute}, 12 * time.Hour, "nothing new"},
		{"a hub makes polling rare", news.FeedState{Interval: time.Hour}, report{outcome: fresh, pushed: true}, 6 * time.Hour, "hub"},
		{"a failure doubles", news.FeedState{Interval: time.Hour, Failures: 3}, report{outcome: failed, problem: "timed out"}, 4 * time.Hour, "timed out, 3 times in a row"},
		{"failures are capped", news.FeedState{Interval: time.Hour, Failures: 90}, report{outcome: failed}, 24 * time.Hour, ""},
		{"a fault with Retry-After", news.FeedState{Interval: time.Hour, Failures: 1}, report{outcome: failed, retryAfter: 2 * time.Hour}, 2 * time.Hour, "asks to wait 2 h"},
		{"a fault with a short Retry-After", news.FeedState{Interval: time.Hour, Failures: 1}, report{outcome: failed, retryAfter: time.Second}, 15 * time.Minute, ""},
		{"429 without Retry-After", news.FeedState{Interval: time.Hour, Failures: 1}, report{outcome: refused}, 4 * time.Hour, "left alone for 4 h"},
		{"429 again", news.FeedState{Interval: time.Hour, Failures: 2}, report{outcome: refused}, 8 * time.Hour, "2 times"},
		{"429 for long", news.FeedState{Interval: time.Hour, Failures: 9}, report{outcome: refused}, 24 * time.Hour, ""},
		{"429 with Retry-After", news.FeedState{Interval: time.Hour, Failures: 1}, report{outcome: refused, retryAfter: 40 * time.Minute}, 40 * time.Minute, "asks to wait 40 min"},
		{"429 with a Retry-After of a second", news.FeedState{Interval: time.Hour, Failures: 1}, report{outcome: refused, retryAfter: time.Second}, 15 * time.Minute, ""},
		{"429 in the middle of a move", news.FeedState{Interval: time.Hour, Failures: 1, MoveSeen: 1}, report{outcome: refused, retryAfter: 12 * time.Hour}, 12 * time.Hour, "asks to wait"},
		{"a ttl stretches", news.FeedState{Interval: time.Hour}, report{outcome: fresh, ttl: 3 * time.Hour}, 3 * time.Hour, "asks not to be checked"},
		{"a move does not go against a hint", news.FeedState{Interval: time.Hour, MoveSeen: 1}, report{outcome: unchanged, hint: 9 * time.Hour}, 9 * time.Hour, "its server asks"},
		{"Retry-After is capped", news.FeedState{Interval: time.Hour, Failures: 1}, report{outcome: refused, retryAfter: week}, 24 * time.Hour, ""},
		{"a move is looked at again", news.FeedState{Interval: 20 * time.Hour, MoveSeen: 1}, report{outcome: unchanged}, 7 * time.Hour, "seen 1 of 3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.state
			Default().next(&s, 7, tt.report, noon)
			got := s.Next.Sub(noon)
			if got < tt.want || got > min(tt.want*21/20+time.Second, longest) {
				t.Errorf("next check after %v, want %v or little more (%s)", got, tt.want, s.Reason)
			}
			if !strings.Contains(s.Reason, tt.reason) {
				t.Errorf("reason %q does not say %q", s.Reason, tt.reason)
			}
			if tt.report.outcome == failed && s.Interval != tt.state.Interval {
				t.Errorf("a failure changed the interval to %v", s.Interval)
			}
		})
	}
}

// TestTTLOutlastsA304 shows that a feed's own wish holds for the answers that
// do not repeat it.
func TestTTLOutlastsA304(t *testing.T) {
	s := news.FeedState{Interval: time.Hour}
	Default().next(&s, 7, report{outcome: fresh, ttl: 6 * time.Hour}, noon)
	for range 3 {
		now := s.Next
		Default().next(&s, 7, report{outcome: unchanged}, now)
		if got := s.Next.Sub(now); got < 6*time.Hour {
			t.Fatalf("checked again after %v, with a ttl of 6 hours", got)
		}
	}
}

func TestNextAfterGone(t *testing.T) {
	s := news.FeedState{Status: news.FeedActive, Interval: time.Hour}
	Default().next(&s, 1, report{outcome: gone}, noon)
	if s.Status != news.FeedGone || !s.Next.IsZero() {
		t.Errorf("after 410: status %q, next %v", s.Status, s.Next)
	}
}

func TestAvoidSkippedTimes(t *testing.T) {
	hours := func(all ...int) (s news.Skip) {
		for _, h := range all {
			s |= 1 << h
		}
		return s
	}
	for _, tt := range []struct {
		name string
		skip news.Skip
		want time.Time
	}{
		{"none", 0, noon.Add(90 * time.Minute)},
		{"another hour", hours(3), noon.Add(90 * time.Minute)},
		{"that hour", hours(13), noon.Add(2 * time.Hour)},
		{"three hours", hours(13, 14, 15), noon.Add(4 * time.Hour)},
		{"the rest of Wednesday", 1 << (24 + 3), noon.Add(12 * time.Hour)},
		{"always", 1<<31 - 1, noon.Add(24 * time.Hour)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, _ := avoid(tt.skip, noon.Add(90*time.Minute), noon, "")
			if !got.Equal(tt.want) {
				t.Errorf("avoid() = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestRhythm(t *testing.T) {
	ago := func(hours ...float64) (all []time.Time) {
		for _, h := range hours {
			all = append(all, noon.Add(-time.Duration(h*float64(time.Hour))))
		}
		return all
	}
	for _, tt := range []struct {
		name string
		in   []time.Time
		want time.Duration
	}{
		{"nothing", nil, 0},
		{"two dates", ago(1, 2), 0},
		{"hourly", ago(1, 2, 3, 4, 5), time.Hour},
		{"hourly, unordered", ago(5, 1, 3, 2, 4), time.Hour},
		{"a burst and a night", ago(0, 0, 0, 8, 9, 10, 11), time.Hour},
		{"dates from the future do not count", append(ago(2, 4, 6), noon.Add(time.Hour)), 2 * time.Hour},
		{"missing dates do not count", append(ago(2, 4, 6), time.Time{}), 2 * time.Hour},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := rhythm(tt.in, noon); got != tt.want {
				t.Errorf("rhythm() = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestSpreadStaysWithinATwentieth(t *testing.T) {
	least, most := time.Duration(1<<62), time.Duration(0)
	for id := range int64(1000) {
		d := spread(time.Hour, id)
		least, most = min(least, d), max(most, d)
	}
	if least < time.Hour || most > 63*time.Minute || most-least < 2*time.Minute {
		t.Errorf("spread from %v to %v, want nearly 60 to 63 minutes", least, most)
	}
}

func TestCanonical(t *testing.T) {
	for in, want := range map[string]string{
		"https://Example.com/a?utm_source=x&id=3&fbclid=9#top": "https://example.com/a?id=3",
		"https://example.com/a?utm_source=x":                   "https://example.com/a",
		" http://example.com/a ":                               "http://example.com/a",
		"https://example.com/a?b=%C3%A4&c":                     "https://example.com/a?b=%C3%A4&c",
		"javascript:alert(1)":                                  "",
		"/relative":                                            "",
		"https://name:word@example.com/":                       "https://example.com/",
	} {
		if got := canonical(in); got != want {
			t.Errorf("canonical(%q) = %q, want %q", in, got, want)
		}
	}
	same := sameAddress("https://www.example.com/a/")
	if same != sameAddress("http://example.com/a") || same == sameAddress("http://example.com/b") {
		t.Error("sameAddress does not see through www, scheme and slash, or sees nothing")
	}
	if sameAddress("https://example.com/") != (news.Digest{}) {
		t.Error("a home page counts as an article's own address")
	}
}

func TestClip(t *testing.T) {
	for _, tt := range []struct {
		in   string
		n    int
		want string
	}{
		{"short", 10, "short"},
		{"one two three", 9, "one two…"},
		{"onetwothree", 5, "onet…"},
		{"ännö föör", 6, "ännö…"},
		{"bad \xff byte", 20, "bad  byte"},
		{strings.Repeat("x", 10<<20), 3, "xx…"},
	} {
		if got := clip(tt.in, tt.n); got != tt.want {
			t.Errorf("clip(%.20q, %d) = %q, want %q", tt.in, tt.n, got, tt.want)
		}
	}
}

package web

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"understory/news"
)

func TestAge(t *testing.T) {
	now := time.Date(2026, time.November, 23, 9, 30, 0, 0, time.UTC)
	for _, tt := range []struct {
		before time.Duration
		want   string
		inText string
	}{
		{-time.Second, "just now", "just now"},
		{59 * time.Second, "just now", "just now"},
		{20*time.Minute + 59*time.Second, "20 min", "20 minutes ago"},
		{time.Minute, "1 min", "1 minute ago"},
		{119 * time.Minute, "1 hour", "1 hour ago"},
		{2 * time.Hour, "2 hours", "2 hours ago"},
		{9 * time.Hour, "9 hours", "9 hours ago"},
		{11 * time.Hour, "11 hours", "11 hours ago"}, // before midnight, but not long ago
		{12 * time.Hour, "yesterday", "yesterday"},
		{33 * time.Hour, "yesterday", "yesterday"},
		{34 * time.Hour, "Saturday", "on Saturday"},
		{6 * 24 * time.Hour, "Tuesday", "on Tuesday"},
		{7 * 24 * time.Hour, "16 November", "on 16 November"},
		{400 * 24 * time.Hour, "19 October 2025", "on 19 October 2025"},
	} {
		got := age(now.Add(-tt.before), now)
		if got != tt.want || ago(got) != tt.inText {
			t.Errorf("%v ago is %q and %q, want %q and %q", tt.before, got, ago(got), tt.want, tt.inText)
		}
	}
	if !when(time.Time{}, now).IsZero() {
		t.Error("an unknown time is shown")
	}
}

func TestClip(t *testing.T) {
	for _, tt := range []struct {
		name, in, want string
		n              int
	}{
		{"short", "One two", "One two", 10},
		{"spaces", "  One\n\t two  ", "One two", 10},
		{"control characters and turns", "a\x00b\u202ec\u2066d", "a b c d", 10},
		{"cut after a word", "One two, three four", "One two…", 12},
		{"cut in a long word", strings.Repeat("w", 50), strings.Repeat("w", 10) + "…", 10},
		{"characters, not bytes", "äöüäöüäöüä", "äöüäöüäöüä", 10},
		{"exactly", "0123456789", "0123456789", 10},
		{"not UTF-8", "a\xffb", "ab", 10},
		{"empty", "", "", 10},
		{"only spaces", " \n ", "", 10},
	} {
		if got := clip(tt.in, tt.n); got != tt.want {
			t.Errorf("%s: clip() = %q, want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzClip(f *testing.F) {
	f.Add("One two, three\u202e four", 12)
	f.Fuzz(func(t *testing.T, s string, n int) {
		n = 1 + n&0xff
		got := clip(s, n)
		if utf8.RuneCountInString(got) > n+1 || !utf8.ValidString(got) || strings.ContainsFunc(strings.ReplaceAll(got, " ", ""), blank) {
			t.Errorf("clip(%q, %d) = %q", s, n, got)
		}
		if again := clip(got, n+1); again != got {
			t.Errorf("clipping twice gives %q, once %q", again, got)
		}
	})
}

func TestDirection(t *testing.T) {
	for lang, want := range map[string]string{
		"": "auto", "en": "ltr", "ar": "rtl", "ar-EG": "rtl", "FA": "rtl", "he": "rtl", "ckb": "rtl", "az-Arab": "rtl", "ar-Latn": "ltr",
		"pa-Arab-PK": "rtl", "ja": "ltr", "dv": "rtl", "arn": "ltr",
	} {
		if got := direction(lang); got != want {
			t.Errorf("direction(%q) = %q, want %q", lang, got, want)
		}
	}
	for _, bad := range []string{`en" onload="`, "e", strings.Repeat("e", 36), "en_GB", "ü-ü"} {
		if got := tongue(bad); got != "" {
			t.Errorf("tongue(%q) = %q, want none", bad, got)
		}
	}
}

func TestFeedWords(t *testing.T) {
	now := time.Date(2026, time.November, 23, 9, 30, 0, 0, time.UTC)
	asked := now.Add(-5 * time.Minute)
	for _, tt := range []struct {
		kind    news.FeedKind
		state   news.FeedState
		want    string
		trouble bool
	}{
		{news.FeedPoll, news.FeedState{}, "Not yet fetched.", false},
		{news.FeedMail, news.FeedState{}, "A newsletter; nothing has come yet.", false},
		{news.FeedMail, news.FeedState{Checked: asked}, "A newsletter; the last one came 5 minutes ago.", false},
		{news.FeedPoll, news.FeedState{Checked: asked}, "Last fetched 5 minutes ago.", false},
		{news.FeedPoll, news.FeedState{Checked: asked, Error: "It did not answer."}, "Last asked 5 minutes ago: It did not answer. Its last articles stay.", true},
		{news.FeedPoll, news.FeedState{Status: news.FeedGone, Checked: asked}, "Its server says that it is gone; its last articles stay.", true},
		{news.FeedPoll, news.FeedState{Status: news.FeedOff}, "Switched off; its last articles stay.", false},
	} {
		got, trouble := feedWords(news.Feed{Kind: tt.kind, State: tt.state}, now)
		if got != tt.want || trouble != tt.trouble {
			t.Errorf("feedWords() = %q, %v; want %q, %v", got, trouble, tt.want, tt.trouble)
		}
	}
}

// TestNamesAreLegible goes through colours that titles might have.
func TestNamesAreLegible(t *testing.T) {
	check := func(what string, c colour) {
		if got := contrast(c, paper); got < legible {
			t.Errorf("%s by day: contrast %.2f", what, got)
		}
	}
	for n := 0; n < 1<<24; n += 0x10001*7 + 0x1300 {
		c := colour{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}
		check(c.String(), c.on(paper))
		if got := contrast(c.on(night), night); got < legible {
			t.Errorf("%v by night: contrast %.2f", c, got)
		}
	}
	for _, slug := range []string{"", "a", "the-times", "le-monde", "el-pais", "übel"} {
		check(slug, inventColour(slug).on(paper))
	}
	for _, c := range []colour{{}, {1, 1, 1}, {1, 1, 0}, {0, 0, 1}} {
		if d, n := contrast(c.on(paper), paper), contrast(c.on(night), night); d < legible || n < legible {
			t.Errorf("%v: contrast %.2f and %.2f", c, d, n)
		}
	}
	if parseColour("#12345") != (colour{}) || parseColour("#12345g") != (colour{}) || parseColour("#123456;}") != (colour{}) {
		t.Error("a colour that is none was read")
	}
}

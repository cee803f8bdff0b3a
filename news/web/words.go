package web

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"understory/news"
)

// moment is a time as a page shows it.
type moment struct {
	Age   string // as people say it: "20 min", "yesterday"
	Exact string // "23 November 2026, 04:43 UTC"
	Day   string // "Monday 23 November 2026"
	ISO   string // for machines
}

// IsZero says whether there is nothing to show.
func (m moment) IsZero() bool { return m.ISO == "" }

func when(t, now time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	t = t.UTC()
	return moment{
		Age:   age(t, now.UTC()),
		Exact: t.Format("2 January 2006, 15:04 UTC"),
		Day:   t.Format("Monday 2 January 2006"),
		ISO:   t.Format(time.RFC3339),
	}
}

// age is exact to what a reader cares about, and no further.
func age(t, now time.Time) string {
	days := int(now.Truncate(24*time.Hour).Sub(t.Truncate(24*time.Hour)) / (24 * time.Hour))
	switch d := now.Sub(t); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 2*time.Hour:
		return "1 hour"
	case days == 0 || d < 12*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	case days == 1:
		return "yesterday"
	case days < 7:
		return t.Weekday().String()
	case t.Year() == now.Year():
		return t.Format("2 January")
	}
	return t.Format("2 January 2006")
}

// sectionName is a section's name for readers.
func sectionName(section string) string {
	if section == "news" {
		return "General"
	}
	if section == "" {
		return ""
	}
	return strings.ToUpper(section[:1]) + section[1:]
}

// Lengths, in characters, beyond which a text is cut: no honest one reaches
// them, and a page must survive the others.
const (
	headlineLen   = 300
	standfirstLen = 600
	blurbLen      = 260 // a standfirst in a list
	bylineLen     = 200
	nameLen       = 120
	captionLen    = 1000
)

// clip cuts s after a word, at most n characters in, and tidies its spaces.
func clip(s string, n int) string {
	if longest := 8 * n; len(s) > longest {
		s = s[:longest]
	}
	if len(s) <= n && tidy(s) {
		return s
	}
	s = strings.ToValidUTF8(s, "")
	s = strings.Join(strings.FieldsFunc(s, blank), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	cut := string([]rune(s)[:n])
	if i := strings.LastIndexByte(cut, ' '); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:–—-") + "…"
}

// tidy says whether s is ASCII in which no two blanks stand together and none
// at an end, as most lines are.
func tidy(s string) bool {
	last := byte(' ')
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c > '~' || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return last != ' ' || s == ""
}

// blank is white space and what only disturbs a line: control characters and
// marks that turn the direction of all that follows.
func blank(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// script is the ISO 15924 script of a BCP 47 language tag, for those scripts
// that matter to a page; "" for the others.
func script(lang string) string {
	parts := strings.Split(strings.ToLower(lang), "-")
	for _, p := range parts[1:] {
		if len(p) == 4 {
			return strings.ToUpper(p[:1]) + p[1:]
		}
	}
	switch parts[0] {
	case "ar", "fa", "ur", "ps", "sd", "ug", "ckb", "arz", "ary", "azb", "ks", "lrc", "mzn", "pnb":
		return "Arab"
	case "he", "iw", "yi", "ji":
		return "Hebr"
	case "dv":
		return "Thaa"
	case "syr":
		return "Syrc"
	case "nqo":
		return "Nkoo"
	}
	return ""
}

// direction is the value of dir for a text: that of its language, or what its
// first letter says.
func direction(lang string) string {
	if lang == "" {
		return "auto"
	}
	switch script(lang) {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg", "Mand", "Samr":
		return "rtl"
	}
	return "ltr"
}

// tongue is lang if it can be the value of an attribute, else "".
func tongue(lang string) string {
	if len(lang) < 2 || len(lang) > 35 || strings.Trim(strings.ToLower(lang), "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return ""
	}
	return lang
}

// feedWords says in a sentence how a feed is doing.
func feedWords(f news.Feed, now time.Time) (state string, trouble bool) {
	checked := when(f.State.Checked, now)
	switch {
	case f.State.Status == news.FeedGone:
		return "Its server says that it is gone; its last articles stay.", true
	case f.State.Status == news.FeedOff:
		return "Switched off; its last articles stay.", false
	case checked.IsZero() && f.Kind == news.FeedMail:
		return "A newsletter; nothing has come yet.", false
	case checked.IsZero():
		return "Not yet fetched.", false
	case f.State.Error != "":
		return "Last asked " + ago(checked.Age) + ": " + strings.TrimRight(clip(f.State.Error, 200), ".") + ". Its last articles stay.", true
	case f.Kind == news.FeedMail:
		return "A newsletter; the last one came " + ago(checked.Age) + ".", false
	}
	return "Last fetched " + ago(checked.Age) + ".", false
}

// ago puts an age into a sentence.
func ago(age string) string {
	switch {
	case age == "1 min":
		return "1 minute ago"
	case strings.HasSuffix(age, " min"), strings.HasSuffix(age, " hours"), age == "1 hour":
		return strings.Replace(age, " min", " minutes", 1) + " ago"
	case age == "just now" || age == "yesterday":
		return age
	}
	return "on " + age
}

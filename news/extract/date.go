package extract

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// layouts are the forms of date that pages put into their data.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 Z0700",
	"2006-01-02 15:04:05 MST", "2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02", "2006/01/02", "20060102",
	"20060102T150405Z0700", "2006-01-02Z07:00", time.RFC1123, time.RFC1123Z, "Mon, 2 Jan 2006 15:04:05 Z0700",
	"Mon, 2 Jan 2006 15:04:05 MST", "Mon Jan 2 15:04:05 MST 2006", "Mon Jan 2 15:04:05 Z0700 2006",
	"January 2, 2006 15:04:05", "January 2, 2006 3:04 PM", "Jan 2, 2006 3:04 PM", "Mon, 01/02/2006 - 15:04", "01/02/2006 - 15:04",
}

// parseDate reads a date as it stands in a page's data: one of the layouts,
// seconds or milliseconds since 1970, or a date in words. One without a zone
// is in UTC. A date that no page can have gives the zero time.
func parseDate(s string) time.Time {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 100 {
		return time.Time{}
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, s); err == nil {
			return plausible(t)
		}
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		switch len(s) {
		case 10:
			return plausible(time.Unix(n, 0))
		case 13:
			return plausible(time.UnixMilli(n))
		}
		return time.Time{}
	}
	return findDate(s)
}

// plausible returns t in UTC, or the zero time where the web is younger or
// the date is a mistake.
func plausible(t time.Time) time.Time {
	if y := t.Year(); y < 1990 || y > 2100 {
		return time.Time{}
	}
	return t.UTC()
}

// months are the beginnings of the months' names: English, then German,
// French, Spanish, Italian, Portuguese and Dutch where they differ.
var months = map[string]time.Month{
	"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12,
	"jän": 1, "mär": 3, "mai": 5, "okt": 10, "dez": 12, "fév": 2, "avr": 4, "juin": 6, "juil": 7, "aoû": 8, "déc": 12,
	"ene": 1, "abr": 4, "ago": 8, "dic": 12, "gen": 1, "mag": 5, "giu": 6, "lug": 7, "set": 9, "ott": 10,
	"fev": 2, "out": 10, "mrt": 3, "maa": 3, "mei": 5, "maj": 5,
}

var (
	monthName = strings.Join(slices.Collect(maps.Keys(months)), "|")
	monthDay  = regexp.MustCompile(`(?i:(` + monthName + `))(?:\p{Ll}{0,9}|\p{Lu}{0,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)`)
	dayMonth  = regexp.MustCompile(`\b(\d{1,2})(?i:st|nd|rd|th|\.|º)?[\s-]+(?i:de\s+)?(?i:(` + monthName + `))(?:\p{Ll}{0,9}|\p{Lu}{0,9})\.?,?[\s-]+(?:de\s+|del\s+)?((?:19|20)\d\d)`)
	numbers   = regexp.MustCompile(`\b((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})\b`)
	cjkDate   = regexp.MustCompile(`((?:19|20)\d\d)\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日`)
	slashes   = regexp.MustCompile(`\b(\d{1,2})[/.](\d{1,2})[/.]((?:19|20)\d\d)\b`)
)

// dateForms are the forms of a date in words and figures.
var dateForms = []*regexp.Regexp{monthDay, dayMonth, numbers, cjkDate, slashes}

// findDate returns the first date in a text; zero for none. Of 03/04/2025 the
// month comes first, unless that cannot be or dots stand between.
func findDate(s string) time.Time {
	if !strings.Contains(s, "20") && !strings.Contains(s, "19") {
		return time.Time{}
	}
	if m := monthDay.FindStringSubmatch(s); m != nil {
		if t := day(m[3], month(m[1]), m[2]); !t.IsZero() {
			return t
		}
	}
	if m := dayMonth.FindStringSubmatch(s); m != nil {
		if t := day(m[3], month(m[2]), m[1]); !t.IsZero() {
			return t
		}
	}
	for _, re := range []*regexp.Regexp{numbers, cjkDate} {
		if m := re.FindStringSubmatch(s); m != nil {
			return day(m[1], number(m[2]), m[3])
		}
	}
	if m := slashes.FindStringSubmatch(s); m != nil {
		if t := day(m[3], number(m[1]), m[2]); !t.IsZero() && !strings.Contains(m[0], ".") {
			return t
		}
		return day(m[3], number(m[2]), m[1])
	}
	return time.Time{}
}

func month(beginning string) int { return int(months[strings.ToLower(beginning)]) }

func number(s string) int {
	n, _ := strconv.Atoi(s) // digits by the expression
	return n
}

func day(year string, month int, dayOfMonth string) time.Time {
	t := time.Date(number(year), time.Month(month), number(dayOfMonth), 0, 0, 0, 0, time.UTC)
	if month < 1 || month > 12 || t.Day() != number(dayOfMonth) {
		return time.Time{}
	}
	return plausible(t)
}

// updateWords mark a date as that of a change.
var updateWords = regexp.MustCompile(`(?i)update|modified|reviewed|revised|edited|aktualisiert|actualizad|atualizad|mis à jour|modifié|aggiornato|bijgewerkt|uppdaterad`)

// dateSeen returns the day that readers see in a short line of the header,
// and the one that is marked as the last change; zero for none. Of several
// days the one that the page's data name is meant, else the first.
func dateSeen(head []*block, data time.Time) (published, updated time.Time) {
	label := ""
	for _, b := range head {
		if b.words > 20 || b.kept && b.words > 8 || b.area.in&(inAside|inNav) != 0 || b.area.hints&(hintRelated|hintComment) != 0 {
			continue
		}
		d := findDate(b.text)
		switch {
		case d.IsZero():
		case updateWords.MatchString(label + b.text):
			if updated.IsZero() {
				updated = d
			}
		case published.IsZero(), onDay(data, d):
			published = d
		}
		if label = ""; b.words <= 3 {
			label = b.text
		}
	}
	return published, updated
}

// onDay says whether t is on the day somewhere on Earth.
func onDay(t, day time.Time) bool {
	d := t.Sub(day)
	return !t.IsZero() && d > -15*time.Hour && d < 39*time.Hour
}

var pathDate = regexp.MustCompile(`/((?:19|20)\d\d)[/-](\d{1,2})[/-](\d{1,2})(?:/|-|$)`)

// dateInPath returns the date in an address like /2025/03/14/name.
func dateInPath(path string) time.Time {
	m := pathDate.FindStringSubmatch(path)
	if m == nil {
		return time.Time{}
	}
	return day(m[1], number(m[2]), m[3])
}

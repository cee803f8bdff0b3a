package feed

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// ParseDate reads a date in any of the forms that feeds use: RFC 3339 and the
// other forms of ISO 8601, RFC 822 and its misspellings, month names in many
// languages, numbers in the order of day, month and year, Unix time. A date
// without a zone is taken as UTC. It reports whether s is a date of the years
// 1900 to 2199; the result is in UTC.
func ParseDate(s string) (time.Time, bool) {
	s = strings.TrimSpace(cut(s, 120))
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return sane(t)
	}
	if len(s) > 20 && s[3] == ',' {
		if t, err := time.Parse(time.RFC1123Z, s); err == nil {
			return sane(t)
		}
	}
	if t, ok := unixTime(s); ok {
		return sane(t)
	}
	p := dateParser{}
	p.split(strings.ToLower(s))
	if !p.iso() && !p.loose() {
		return time.Time{}, false
	}
	return p.time()
}

func sane(t time.Time) (time.Time, bool) {
	t = t.UTC()
	if t.Year() < 1900 || t.Year() > 2199 {
		return time.Time{}, false
	}
	return t, true
}

// unixTime reads seconds or milliseconds since 1970.
func unixTime(s string) (time.Time, bool) {
	if len(s) < 9 || len(s) > 13 || len(s) == 11 || len(s) == 12 {
		return time.Time{}, false
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return time.Time{}, false
	}
	if len(s) == 13 {
		return time.UnixMilli(int64(n)), true
	}
	return time.Unix(int64(n), 0), true
}

// dateParser holds the pieces of a date: runs of digits, runs of letters, and
// single other characters, without white space.
type dateParser struct {
	pieces []string
	spaced []bool // there was white space before the piece
	at     int

	year, month, day     int
	hour, minute, second int
	nano                 int
	offset               int // seconds east of UTC
	afternoon, morning   bool
}

func (p *dateParser) split(s string) {
	kind := func(r rune) int {
		switch {
		case r >= '0' && r <= '9':
			return 1
		case unicode.IsLetter(r) || unicode.IsMark(r):
			return 2
		}
		return 0
	}
	space := false
	for len(s) > 0 && len(p.pieces) < 60 {
		r, n := utf8.DecodeRuneInString(s)
		if unicode.IsSpace(r) {
			space, s = true, s[n:]
			continue
		}
		if k := kind(r); k != 0 {
			for n < len(s) {
				next, size := utf8.DecodeRuneInString(s[n:])
				if kind(next) != k {
					break
				}
				n += size
			}
		}
		p.pieces, p.spaced = append(p.pieces, s[:n]), append(p.spaced, space)
		s, space = s[n:], false
	}
}

// piece returns the piece i places ahead, "" behind the end.
func (p *dateParser) piece(i int) string {
	if p.at+i < len(p.pieces) {
		return p.pieces[p.at+i]
	}
	return ""
}

// number returns the piece i places ahead as a number of min to max digits.
func (p *dateParser) number(i, min, max int) (int, bool) {
	s := p.piece(i)
	if len(s) < min || len(s) > max || s[0] < '0' || s[0] > '9' {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// iso reads dates that begin with the year: 2003-12-31, 2003-12, 2003, 20031231,
// 2003-365, 2003-W52-3, 03-12-31, and the time after it.
func (p *dateParser) iso() bool {
	if len(p.piece(0)) == 8 || len(p.piece(0)) == 14 {
		return p.isoCompact()
	}
	y, ok := p.number(0, 4, 4)
	if !ok {
		return false
	}
	p.year, p.month, p.day = y, 1, 1
	sep := p.piece(1)
	switch {
	case sep == "":
		return y >= 1900
	case sep != "-" && sep != "/" && sep != "." && sep != ":":
		return false
	case p.piece(2) == "w":
		return p.isoWeek()
	}
	p.at = 2
	if n, ok := p.number(0, 3, 3); ok && sep == "-" { // the day of the year
		p.day = n
		p.at++
		return n >= 1 && n <= 366 && p.clock()
	}
	if p.month, ok = p.number(0, 1, 2); !ok {
		return false
	}
	p.at++
	if p.piece(0) == sep {
		if p.day, ok = p.number(1, 1, 2); !ok {
			return false
		}
		p.at += 2
	}
	return p.month >= 1 && p.month <= 12 && p.clock()
}

// isoCompact reads 20031231 and 20031231101455.
func (p *dateParser) isoCompact() bool {
	n, ok := p.number(0, 8, 14)
	if !ok {
		return false
	}
	if len(p.piece(0)) == 14 {
		p.second, p.minute, p.hour = n%100, n/100%100, n/10000%100
		n /= 1e6
	}
	p.year, p.month, p.day = n/10000, n/100%100, n%100
	p.at = 1
	return p.clock()
}

func (p *dateParser) isoWeek() bool {
	week, ok := p.number(3, 2, 2)
	if !ok || week < 1 || week > 53 {
		return false
	}
	day := 1
	p.at += 4
	if n, ok := p.number(1, 1, 1); ok && p.piece(0) == "-" {
		day = n
		p.at += 2
	}
	// The fourth of January is always in week 1.
	fourth := time.Date(p.year, 1, 4, 0, 0, 0, 0, time.UTC)
	p.day = 4 - (int(fourth.Weekday())+6)%7 + (week-1)*7 + day - 1
	return p.clock()
}

// clock reads the rest of a date that began with the year.
func (p *dateParser) clock() bool {
	for p.at < len(p.pieces) {
		switch {
		case p.timeOfDay() || p.zone():
		default:
			p.halfOfDay(p.piece(0))
			p.at++
		}
	}
	return true
}

// timeOfDay reads 10:14, 10:14:55.123, 10.14, 10h14, 101455 and 1014.
func (p *dateParser) timeOfDay() bool {
	h, ok := p.number(0, 1, 2)
	if !ok {
		return p.compactTime()
	}
	sep := p.piece(1)
	if sep != ":" && sep != "h" && sep != "." {
		return false
	}
	m, ok := p.number(2, 1, 2)
	if !ok {
		return false
	}
	p.hour, p.minute = h, m
	p.at += 3
	if sec, ok := p.number(1, 1, 2); ok && (p.piece(0) == ":" || p.piece(0) == sep) {
		p.second = sec
		p.at += 2
		if _, ok := p.number(1, 1, 20); ok && (p.piece(0) == "." || p.piece(0) == "," || p.piece(0) == ":") {
			frac := (p.piece(1) + "000000000")[:9]
			p.nano, _ = strconv.Atoi(frac)
			p.at += 2
		}
	}
	return true
}

func (p *dateParser) compactTime() bool {
	n, ok := p.number(0, 4, 6)
	if !ok || len(p.piece(0)) == 5 || p.at == 0 || p.pieces[p.at-1] != "t" {
		return false
	}
	if len(p.piece(0)) == 6 {
		p.second = n % 100
		n /= 100
	}
	p.hour, p.minute = n/100, n%100
	p.at++
	return true
}

// zone reads +01:00, -0500, +1, a name of the table, and both as in GMT+2.
func (p *dateParser) zone() bool {
	s := p.piece(0)
	if off, ok := zones[s]; ok && s != "" {
		p.offset = off * 60
		p.at++
		return true
	}
	sign := 1
	switch s {
	case "-", "−":
		sign = -1
	case "+":
	default:
		return false
	}
	if p.hour+p.minute+p.second+p.nano == 0 && p.at < 3 {
		return false
	}
	h, ok := p.number(1, 1, 4)
	if !ok {
		return false
	}
	p.at += 2
	m := 0
	if len(p.pieces[p.at-1]) > 2 {
		h, m = h/100, h%100
	} else if n, ok := p.number(1, 2, 2); ok && p.piece(0) == ":" {
		m = n
		p.at += 2
	}
	if h > 15 || m > 59 {
		return true // nonsense: better the time without it
	}
	p.offset = sign * (h*3600 + m*60)
	return true
}

func (p *dateParser) halfOfDay(s string) {
	switch s {
	case "pm", "p", "오후", "下午", "μμ":
		p.afternoon = true
	case "am", "a", "오전", "上午", "πμ":
		p.morning = true
	}
}

// loose reads everything else: numbers find their place by their size, by the
// name of a month or the character beside them, and by their order.
func (p *dateParser) loose() bool {
	p.at, p.year, p.month, p.day = 0, 0, 0, 0
	var numbers []int
	for p.at < len(p.pieces) {
		// A "-" before digits is a zone only behind a time.
		timed := p.hour+p.minute+p.second > 0 || len(numbers) >= 3 || p.month > 0 && len(numbers) >= 2
		if len(numbers) < 3 && p.numericDate(&numbers) || p.timeOfDay() || timed && p.zone() {
			continue
		}
		s := p.piece(0)
		if n, ok := p.number(0, 1, 4); ok {
			switch p.piece(1) {
			case "년", "年":
				p.year = n
			case "월", "月":
				p.month = n
			case "일", "日":
				p.day = n
			default:
				numbers = append(numbers, n)
			}
		} else if m := monthOf(s); m > 0 && p.month == 0 {
			p.month = m
		} else {
			p.halfOfDay(s)
			if off, ok := zones[s]; ok && timed {
				p.offset = off * 60
			}
		}
		p.at++
	}
	return p.assign(numbers)
}

// numericDate reads 31.12.2003, 12/31/2003, 31-12-03 and puts the numbers in
// the order of day, month, year. Between slashes the month comes first, unless
// it cannot be one.
func (p *dateParser) numericDate(numbers *[]int) bool {
	sep := p.piece(1)
	if sep != "." && sep != "/" && sep != "-" || p.piece(3) != sep {
		return false
	}
	a, ok1 := p.number(0, 1, 4)
	b, ok2 := p.number(2, 1, 2)
	c, ok3 := p.number(4, 2, 4)
	if !ok1 || !ok2 || !ok3 {
		return false
	}
	switch {
	case a > 31:
		a, c = c, a
	case b > 12 || sep == "/" && a <= 12:
		a, b = b, a
	}
	p.month = b
	*numbers = append(*numbers, a, c)
	p.at += 5
	return true
}

// assign gives the numbers that are left to the day and the year.
func (p *dateParser) assign(numbers []int) bool {
	for _, n := range numbers {
		switch {
		case p.year == 0 && (n > 31 || p.day != 0):
			p.year = n
		case p.day == 0 && n <= 31:
			p.day = n
		}
	}
	if p.day == 0 && p.year > 0 && p.month > 0 {
		p.day = 1
	}
	if p.year < 70 {
		p.year += 2000
	} else if p.year < 100 {
		p.year += 1900
	}
	return len(numbers)+p.day > 0 && p.month >= 1 && p.day >= 1
}

func (p *dateParser) time() (time.Time, bool) {
	switch {
	case p.afternoon && p.hour < 12:
		p.hour += 12
	case p.morning && p.hour == 12:
		p.hour = 0
	}
	if p.hour > 24 || p.minute > 59 || p.second > 61 || p.month > 12 || p.day > 366 || p.month > 1 && p.day > 31 {
		return time.Time{}, false
	}
	t := time.Date(p.year, time.Month(p.month), p.day, p.hour, p.minute, min(p.second, 59), p.nano, time.UTC)
	return sane(t.Add(-time.Duration(p.offset) * time.Second))
}

// zones are the names of time zones, in minutes east of UTC. Where a name means
// several, it is the one that news feeds mean.
var zones = map[string]int{
	"z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "bst": 60, "ist": 330, "cet": 60, "mez": 60, "cest": 120,
	"mesz": 120, "eet": 120, "eest": 180, "sast": 120, "cat": 120, "eat": 180, "wat": 60, "msk": 180, "trt": 180,
	"gst": 240, "pkt": 300, "wib": 420, "ict": 420, "hkt": 480, "sgt": 480, "awst": 480, "pht": 480, "jst": 540,
	"kst": 540, "acst": 570, "acdt": 630, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
	"nst": -210, "ndt": -150, "ast": -240, "adt": -180, "est": -300, "edt": -240, "cst": -360, "cdt": -300,
	"mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "akdt": -480, "hst": -600, "brt": -180,
	"art": -180, "clt": -240, "et": -300, "ct": -360, "mt": -420, "pt": -480,
}

// monthOf returns the month that a word names, 0 for none.
func monthOf(word string) int {
	if m, ok := months[word]; ok {
		return m
	}
	return 0
}

// months maps the names of the months in the languages of the catalogue, whole
// and as they are abbreviated.
var months = func() map[string]int {
	m := map[string]int{}
	for i, names := range []string{
		"january jan januar jänner januari janvier janv enero ene gennaio gen janeiro ιανουαρίου ιαν ιάν styczeń stycznia sty leden ledna led january január ocak oca января янв січня січ ianuarie ian tammikuuta tammi janúar يناير ינואר जनवरी",
		"february feb februar februari février févr fév fevrier febrero febbraio fevereiro fev φεβρουαρίου φεβ luty lutego lut únor února úno február şubat şub февраля фев лютого лют februarie helmikuuta helmi febrúar فبراير פברואר फरवरी",
		"march mar märz mrz maart mrt mars marzo março marco μαρτίου μαρ μάρ marzec marca březen března bře március márc mart марта мар березня бер martie maaliskuuta maalis مارس מרץ मार्च",
		"april apr avril avr abril abr aprile απριλίου απρ kwiecień kwietnia kwi duben dubna dub április ápr nisan nis апреля апр квітня кві aprilie huhtikuuta huhti apríl أبريل אפריל अप्रैल",
		"may mai mei mayo maggio mag maio μαΐου μάϊ μαι maj maja květen května kvě május máj mayıs мая май травня тра toukokuuta touko maí مايو מאי मई",
		"june jun juni juin junio giugno giu junho ιουνίου ιουν ιούν czerwiec czerwca cze červen června čvn június jún haziran haz июня июн червня чер iunie iun kesäkuuta kesä júní يونيو יוני जून",
		"july jul juli juillet juil julio luglio lug julho ιουλίου ιουλ ιούλ lipiec lipca lip červenec července čvc július júl temmuz tem июля июл липня лип iulie iul heinäkuuta heinä júlí يوليو יולי जुलाई",
		"august aug augustus août aout agosto ago αυγούστου αυγ sierpień sierpnia sie srpen srpna srp augusztus ağustos ağu августа авг серпня сер elokuuta elo augusti ágúst أغسطس אוגוסט अगस्त",
		"september sep sept septembre septiembre setiembre settembre set setembro σεπτεμβρίου σεπ wrzesień września wrz září zář szeptember szept eylül eyl сентября сен сент вересня вер septembrie syyskuuta syys سبتمبر ספטמבר सितंबर",
		"october oct oktober okt octobre octubre ottobre ott outubro out οκτωβρίου οκτ październik października paź říjen října říj október ekim eki октября окт жовтня жов octombrie lokakuuta loka أكتوبر אוקטובר अक्टूबर",
		"november nov novembre noviembre novembro νοεμβρίου νοέ νοε listopad listopada lis listopadu kasım kas ноября ноя листопада noiembrie noi marraskuuta marras nóvember نوفمبر נובמבר नवंबर",
		"december dec dezember dez décembre déc decembre diciembre dic dicembre dezembro δεκεμβρίου δεκ grudzień grudnia gru prosinec prosince pro aralık ara декабря дек грудня гру decembrie joulukuuta joulu desember des ديسمبر דצמבר दिसंबर",
	} {
		for _, name := range strings.Fields(names) {
			m[name] = i + 1
		}
	}
	return m
}()

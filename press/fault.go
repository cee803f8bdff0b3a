package press

import (
	"bytes"
	"cmp"
	"fmt"
	"hash/fnv"
	"net/http"
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

// Fault is something that is wrong with a feed.
type Fault string

// Faults of everyday feeds.
const (
	None          Fault = ""
	WrongType     Fault = "wrong-type"     // Content-Type: text/html
	Latin1        Fault = "latin1"         // Windows-1252 bytes that claim to be UTF-8
	Truncated     Fault = "truncated"      // the document ends in the middle
	NoGUID        Fault = "no-guid"        // no guid; Atom and JSON Feed keep theirs empty
	NewGUIDs      Fault = "new-guids"      // guids change with every change of the feed
	RelativeLinks Fault = "relative-links" // links without host
	OddDates      Fault = "odd-dates"      // RSS dates in forms that no standard has
	FutureDates   Fault = "future-dates"   // dates three hours ahead
	HTMLTitles    Fault = "html-titles"    // markup in titles
	Duplicates    Fault = "duplicates"     // section feeds give an article another guid and a tracking link
	Tombstones    Fault = "tombstones"     // withdrawn articles leave the feed; Atom says so
	OddETag       Fault = "odd-etag"       // an entity tag without quotes, compared byte for byte
	NoValidator   Fault = "no-validator"   // neither ETag nor Last-Modified
	Moved         Fault = "moved"          // 301 to /moved/ and the same path
	NotFound      Fault = "not-found"      // 404
	Gone          Fault = "gone"           // 410
	Forbidden     Fault = "forbidden"      // 403
	ServerError   Fault = "server-error"   // 500
	TooMany       Fault = "too-many"       // 429 with a Retry-After of two minutes
	Hang          Fault = "hang"           // no answer until the client leaves
)

// Faults of hostile feeds, for tests only.
const (
	EntityBomb      Fault = "entity-bomb"      // nested entities that would grow to 1 GB
	GzipBomb        Fault = "gzip-bomb"        // 1 MB that inflates to 1 GB
	BigBody         Fault = "big-body"         // 1 GB of well-formed items
	SlowLoris       Fault = "slow-loris"       // a byte every half second
	RedirectLoop    Fault = "redirect-loop"    // 302 for ever
	RedirectPrivate Fault = "redirect-private" // 302 to 10.0.0.7
	Script          Fault = "script"           // script in every field
	LongTitle       Fault = "long-title"       // an entry with a title of 10 MB
	NULs            Fault = "nuls"             // NUL bytes all over
	LongLength      Fault = "long-length"      // Content-Length says ten times too much
	ShortLength     Fault = "short-length"     // Content-Length says half; the rest follows
)

// retryAfter is what TooMany asks for.
const retryAfter = 2 * time.Minute

// Faults lists every fault, the hostile ones last.
func Faults() []Fault {
	return []Fault{
		WrongType, Latin1, Truncated, NoGUID, NewGUIDs, RelativeLinks, OddDates, FutureDates, HTMLTitles, Duplicates,
		Tombstones, OddETag, NoValidator, Moved, NotFound, Gone, Forbidden, ServerError, TooMany, Hang,
		EntityBomb, GzipBomb, BigBody, SlowLoris, RedirectLoop, RedirectPrivate, Script, LongTitle, NULs, LongLength, ShortLength,
	}
}

// reply is an answer before it is sent.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// newReply is a plain answer with validators.
func newReply(body []byte, mediaType string, changed time.Time) *reply {
	h := fnv.New64a()
	h.Write(body)
	return &reply{status: http.StatusOK, body: body, header: http.Header{
		"Content-Type":  {mediaType},
		"Etag":          {fmt.Sprintf(`"%x"`, h.Sum64())},
		"Last-Modified": {changed.UTC().Format(http.TimeFormat)},
	}}
}

// spoilDocument puts a fault of the document into d. Faults of another kind leave it alone.
func (f Fault) spoilDocument(d *document) {
	switch f {
	case OddDates:
		d.stamp = oddDate
	case Script:
		spoilWithScript(d)
	}
	for i := range d.entries {
		f.spoilEntry(&d.entries[i], i, d)
	}
}

func (f Fault) spoilEntry(e *entry, i int, d *document) {
	switch f {
	case NoGUID:
		e.id = ""
	case NewGUIDs:
		e.id = fmt.Sprintf("%s#%d", e.id, d.built.Unix())
		e.permalink = false
	case RelativeLinks:
		e.link = "/" + strings.TrimPrefix(e.link, d.home)
		e.content = strings.ReplaceAll(e.content, `="`+d.home, `="/`)
	case FutureDates:
		if i%3 == 0 {
			e.published = e.published.Add(3 * time.Hour)
			e.updated = e.published
		}
	case HTMLTitles:
		e.titleHTML = true
		if first, rest, ok := strings.Cut(e.title, " "); ok {
			e.title = "<b>" + first + "</b> " + strings.ReplaceAll(rest, " and ", " &amp; ")
		}
	case LongTitle:
		if i == 0 {
			e.title = strings.Repeat("All quiet on the quay. ", 10<<20/23)
		}
	}
}

// oddDate writes times as careless programs do, in one of several ways.
func oddDate(t time.Time) string {
	layouts := []string{
		"2006-01-02 15:04:05", "Mon, 2 January 2006 15:04 GMT", "02 Jan 2006 15:04:05 UT",
		"Monday, January 2, 2006 3:04 PM", "2006-01-02T15:04:05", "Mon, 02 Jan 06 15:04:05 +0000",
	}
	return t.Format(layouts[int(t.Unix()/60)%len(layouts)])
}

// spoil puts a fault of the bytes or of the status into rep. Faults of another kind leave it alone.
func (f Fault) spoil(rep *reply) {
	switch f {
	case WrongType:
		rep.header.Set("Content-Type", "text/html; charset=utf-8")
	case Latin1:
		// An encoder that replaces what it cannot write does not fail.
		rep.body, _ = encoding.ReplaceUnsupported(charmap.Windows1252.NewEncoder()).Bytes(rep.body)
	case Truncated:
		rep.body = rep.body[:len(rep.body)*2/3]
		rep.header.Del("Etag")
		rep.header.Del("Last-Modified")
	case OddETag:
		rep.header.Set("Etag", strings.Trim(rep.header.Get("Etag"), `"`)+` rev="1";gzip`)
		rep.header.Del("Last-Modified")
	case NoValidator:
		rep.header.Del("Etag")
		rep.header.Del("Last-Modified")
	case NULs:
		rep.body = bytes.ReplaceAll(rep.body, []byte(" "), []byte(" \x00"))
	case EntityBomb:
		rep.body = entityBomb()
	case NotFound, Gone, Forbidden, ServerError, TooMany:
		f.spoilStatus(rep)
	}
}

func (f Fault) spoilStatus(rep *reply) {
	rep.status = map[Fault]int{
		NotFound: http.StatusNotFound, Gone: http.StatusGone, Forbidden: http.StatusForbidden,
		ServerError: http.StatusInternalServerError, TooMany: http.StatusTooManyRequests,
	}[f]
	rep.header = http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
	rep.body = []byte(http.StatusText(rep.status) + "\n")
	if f == TooMany {
		rep.header.Set("Retry-After", fmt.Sprint(int(retryAfter.Seconds())))
	}
}

// send answers r with rep as a well-behaved server would: 304 where a validator
// matches byte for byte, gzip where it is accepted, no body for HEAD.
func (rep *reply) send(w http.ResponseWriter, r *http.Request) {
	for k, v := range rep.header {
		w.Header()[k] = v
	}
	if rep.status == http.StatusOK && rep.notModified(r) {
		w.Header().Del("Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := rep.body
	if len(body) > 1000 && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if t := rep.header.Get("Content-Type"); !strings.HasPrefix(t, "image/jpeg") {
			body = gzipped(body)
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Add("Vary", "Accept-Encoding")
		}
	}
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(cmp.Or(rep.status, http.StatusOK))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the client may have left
	}
}

func (rep *reply) notModified(r *http.Request) bool {
	if tag := r.Header.Get("If-None-Match"); tag != "" {
		return tag == rep.header.Get("Etag")
	}
	since := r.Header.Get("If-Modified-Since")
	return since != "" && since == rep.header.Get("Last-Modified")
}

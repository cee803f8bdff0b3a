// Package news is the public world: titles publish feeds, feeds carry
// entries, entries become articles that readers open.
//
// It holds the plain types that the rooms below it share, the narrow store
// interfaces that news/newsdb implements, and the kinds of error. It does no
// I/O and knows nothing of the private world.
package news

import (
	"html"
	"strings"
	"time"
)

// Title is a publication, such as a newspaper.
type Title struct {
	ID       int64
	Slug     string // its part of an address: ASCII, lower case, unique
	Name     string
	Home     string // absolute address of its home page
	Country  string // ISO 3166-1 alpha-2; "" where unknown
	Language string // BCP 47; "" where unknown
	Section  string // one of [Sections]
	Owner    string // "unknown" where no source names one
	List     string // the list its row came from; "" when the operator added it
	Colour   string // "#rrggbb" of its name; "" lets the page choose one
	Show     Show
	Pages    bool // the operator allows its full pages to be fetched
}

// Show says how much of a title's articles a reader is shown.
type Show string

// The values of Show. ShowFull is what the feed carries, whole.
const (
	ShowFull     Show = "full"
	ShowPreview  Show = "preview"  // the first [PreviewWords] words
	ShowHeadline Show = "headline" // headline and link only
)

// PreviewWords is how many words a preview shows.
const PreviewWords = 60

// Sections is every section, in the order a front page shows them.
var Sections = []string{"world", "politics", "business", "technology", "science", "climate",
	"health", "culture", "sport", "local", "opinion", "news"}

// UnknownOwner is the owner of a title that no source names one for.
const UnknownOwner = "unknown"

// FeedKind says how a feed's entries reach us.
type FeedKind string

// The kinds of feed.
const (
	FeedPoll FeedKind = "poll" // fetched from its address: RSS, Atom, JSON Feed, news sitemap
	FeedMail FeedKind = "mail" // a newsletter, delivered to the feed's own mail address
)

// Feed is one source of a title's entries.
type Feed struct {
	ID      int64
	TitleID int64
	Kind    FeedKind
	URL     string // absolute address; for mail "mailto:" and the token
	Section string // "" for the title's own section

	// What the operator adds to requests for a feed behind an own subscription.
	UserAgent string            // "" for the configured one
	Cookie    string            // the Cookie header; secret
	Header    map[string]string // further headers; secret

	State FeedState
}

// Token is the local part of a mail feed's address; "" for other kinds.
func (f *Feed) Token() string {
	token, ok := strings.CutPrefix(f.URL, "mailto:")
	if !ok {
		return ""
	}
	return token
}

// FeedStatus says whether a feed is checked.
type FeedStatus string

// The statuses of a feed.
const (
	FeedActive FeedStatus = "active"
	FeedGone   FeedStatus = "gone" // its server answered 410: it is not asked again
	FeedOff    FeedStatus = "off"  // the operator switched it off
)

// FeedState is what is remembered between two checks of a feed.
type FeedState struct {
	Status       FeedStatus
	Checked      time.Time // last check that got an answer or an error; zero: not fetched yet
	Changed      time.Time // last check that brought something new
	ETag         string    // validators, byte for byte as received
	LastModified string
	Body         string        // digest of the last body, "" before the first
	Interval     time.Duration // present interval of its schedule
	Skip         Skip          // hours and days in which it asks not to be checked
	Next         time.Time     // when it is due
	Reason       string        // why then, in plain words
	Failures     int           // checks that failed in a row
	Error        string        // the last failure in plain words; "" after a success
	HTTPStatus   int           // status of the last answer, 0 for none
	Format       string        // "rss2.0", "atom1.0", ...; "" before the first success
	Mended       string        // what had to be repaired in the last document, "" for nothing

	// A permanent redirect is followed at once and taken over for good after it
	// was seen often enough; news/ingest decides how often.
	MoveTo    string
	MoveSeen  int
	MoveFirst time.Time
}

// Skip is a set of hours and days in UTC: bit h for the hour h, bit 24+d for
// the weekday d (Sunday is 0).
type Skip uint32

// Has says whether t falls in the set.
func (s Skip) Has(t time.Time) bool {
	t = t.UTC()
	return s&(1<<t.Hour()|1<<(24+int(t.Weekday()))) != 0
}

// Status of an article.
type Status string

// The statuses of an article.
const (
	Live      Status = "live"
	Retracted Status = "retracted"  // withdrawn by its publisher or the operator: headline and notice stay
	TakenDown Status = "taken down" // removed by the operator: nothing but the address stays
)

// Article is one piece of journalism of one title.
type Article struct {
	ID         int64
	TitleID    int64
	Status     Status
	Section    string // one of [Sections]
	Address    string // canonical address at the publisher; "" where it has none
	Headline   string // plain text
	Standfirst string // plain text
	Byline     string // plain text, "" where unknown
	Language   string // BCP 47, "" where unknown
	Picture    Picture
	Published  time.Time // the publisher's time, never later than FirstSeen
	Updated    time.Time // the publisher's time of the last change; zero for none
	FirstSeen  time.Time // when we saw it: what counts for who was first
	Revised    time.Time // when we last changed it; zero for never
	Notice     string    // why it was retracted or taken down, plain text
	Words      int       // words of Body
	CopyOf     int64     // the article of another title that it repeats, or 0
	Body       string    // safe HTML; empty in lists
}

// Picture is an article's lead picture, as an address at the publisher.
type Picture struct {
	URL     string
	Alt     string
	Caption string // plain text
	Credit  string // plain text
}

// Pictures returns the addresses of the pictures in safe HTML, in their order.
func Pictures(body string) (addresses []string) {
	for {
		_, rest, found := strings.Cut(body, "<img ")
		if !found {
			return addresses
		}
		var tag string
		tag, body, _ = strings.Cut(rest, ">")
		if _, src, found := strings.Cut(tag, `src="`); found {
			src, _, _ = strings.Cut(src, `"`)
			addresses = append(addresses, html.UnescapeString(src))
		}
	}
}

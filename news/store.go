package news

import (
	"context"
	"time"
)

// Digest identifies an entry, a text or a set of words: 16 bytes of a hash.
type Digest [16]byte

// WorkKind is what a piece of queued work asks for.
type WorkKind string

// The kinds of work. All of one host's work waits in one line, because the
// host is what must be spared.
const (
	WorkFeed      WorkKind = "feed"      // check a feed
	WorkPage      WorkKind = "page"      // fetch an article's full page
	WorkSubscribe WorkKind = "subscribe" // subscribe at a feed's WebSub hub, or renew
)

// Work is one request that is due at a host.
type Work struct {
	ID           int64
	Kind         WorkKind
	Due          time.Time
	Tries        int           // earlier tries of a page or subscription
	Feed         *Feed         // for WorkFeed and WorkSubscribe
	Title        *Title        // of the feed or the article
	Article      *Article      // for WorkPage, without Body
	Subscription *Subscription // for WorkSubscribe, and for WorkFeed where the feed has one
}

// Lease is the right to send requests to one host until Until. Only one
// process holds it, so that a host sees one line of requests however many
// processes share the store.
type Lease struct {
	Host  string // the authority of the address: "example.com", "example.com:8080"
	Token int64  // proves the lease when committing
	Until time.Time
	Work  []Work // in the order they were due
}

// Ask says what to lease.
type Ask struct {
	Now     time.Time
	Host    string        // only this host; "" for any
	Hosts   int           // at most so many hosts
	PerHost int           // and so many pieces of work of each
	For     time.Duration // how long the lease is to last
}

// Release gives a lease back.
type Release struct {
	Host  string
	Token int64
	Free  time.Time // the host is spared until then
}

// Result is what one piece of work, one push or one mail brought.
type Result struct {
	WorkID int64 // 0 for a push or a mail, which nobody queued
	Host   string
	Token  int64 // the lease the work was done under; a lapsed one drops the result

	Done  bool      // the work is finished and leaves the queue
	Next  time.Time // else when it is due again
	Tries int

	FeedID  int64      // 0 for a page
	State   *FeedState // the feed's new state; nil to leave it
	MovedTo string     // the feed's new address; "" for none
	Entries []EntryChange

	Page         *PageChange   // for a page
	Subscription *Subscription // to store, with its work due at Renew; nil to leave it
	Unsubscribe  bool          // forget the feed's subscription
}

// EntryChange is an entry that is new or not as it was.
type EntryChange struct {
	Key       Digest // of the entry's identity: guid, else address, else content
	Content   Digest // of everything shown; equal means unchanged
	Withdrawn bool   // the publisher took it back: Article is empty
	Article   Article
	Prints    Prints
}

// Prints are what duplicates are recognised by.
type Prints struct {
	Address  Digest  // of the canonical address; zero for none
	Headline Digest  // of the normalised headline; zero for none
	Bands    []int64 // keys of the body's MinHash bands; nil for a body too short to tell
}

// PageChange is what an article's full page brought.
type PageChange struct {
	ArticleID int64
	Body      string // safe HTML; "" to keep what the feed carried
	Words     int
	Byline    string // each "" to keep
	Picture   Picture
	Bands     []int64
}

// Subscription is a WebSub subscription of a feed.
type Subscription struct {
	FeedID  int64
	Hub     string
	Topic   string
	Token   string    // unguessable part of the callback address
	Secret  string    // HMAC key given to the hub
	State   string    // "asked", "active", "refused"
	Expires time.Time // when the hub forgets us
	Renew   time.Time // when to ask the hub (again): its [WorkSubscribe] is due then
	Error   string    // the last failure in plain words
}

// Batch is committed whole or not at all.
type Batch struct {
	Now      time.Time
	Results  []Result
	Releases []Release
}

// Committed says what a batch did.
type Committed struct {
	New, Revised, Merged, Copies, Withdrawn int
	Stale                                   int // results whose lease had lapsed: dropped
}

// Queue is what the ingest pipeline needs of the store. Every method is safe
// for use by several processes at once.
type Queue interface {
	// Lease takes hosts that have work due, longest overdue first. Without any
	// it returns none, and the time at which the next is due (zero for never).
	Lease(ctx context.Context, a Ask) ([]Lease, time.Time, error)

	// Known returns the content digest of those entries of the feed that the
	// store has, by key.
	Known(ctx context.Context, feedID int64, keys []Digest) (map[Digest]Digest, error)

	// Commit stores a batch in one transaction. It finds duplicates there, so
	// that two processes cannot both make the same article.
	Commit(ctx context.Context, b Batch) (Committed, error)

	// Tidy forgets what duplicates older than before were recognised by.
	Tidy(ctx context.Context, before time.Time) error
}

// Subscriptions is what the WebSub callback and the mail listener need.
type Subscriptions interface {
	// SubscriptionByToken returns the subscription and its feed and title,
	// or [ErrNotFound].
	SubscriptionByToken(ctx context.Context, token string) (Subscription, Feed, Title, error)
	// SetSubscription stores the answer of a hub.
	SetSubscription(ctx context.Context, s Subscription) error
	// FeedByToken returns the mail feed with that token, or [ErrNotFound].
	FeedByToken(ctx context.Context, token string) (Feed, Title, error)
}

// Registry is what the operator's commands need: titles and feeds.
type Registry interface {
	// PutTitle adds a title, or changes the one with the same slug, and
	// returns it with its ID.
	PutTitle(ctx context.Context, t Title) (Title, error)
	// PutFeed adds a feed, or changes the one with the same address (of the
	// same title, else [ErrConflict]), and returns it with its ID. A new feed
	// is due at due; a known one keeps its state.
	PutFeed(ctx context.Context, f Feed, due time.Time) (Feed, error)
	RemoveTitle(ctx context.Context, slug string) error
	RemoveFeed(ctx context.Context, url string) error
	// Titles returns every title by name.
	Titles(ctx context.Context) ([]Title, error)
	// Title returns the title with that slug, or [ErrNotFound].
	Title(ctx context.Context, slug string) (Title, error)
	// Feeds returns the feeds of a title, or of all titles for 0, by address.
	Feeds(ctx context.Context, titleID int64) ([]Feed, error)
	// Feed returns the feed with that address, its title and its subscription
	// (nil for none), or [ErrNotFound].
	Feed(ctx context.Context, url string) (Feed, Title, *Subscription, error)
	// CheckNow makes a feed due at now, and active if it was gone or off.
	CheckNow(ctx context.Context, feedID int64, now time.Time, reason string) error
	// SetStatus switches a feed on or off.
	SetStatus(ctx context.Context, feedID int64, s FeedStatus) error
	// SetArticleStatus retracts, takes down or restores an article. A taken
	// down article loses its text for good; no feed brings it back.
	SetArticleStatus(ctx context.Context, id int64, s Status, notice string, now time.Time) error
	// Census counts what the store holds.
	Census(ctx context.Context) (Census, error)
}

// Census is what a store holds.
type Census struct {
	Titles, Feeds, Articles                  int
	FeedsFailing, FeedsGone, FeedsNotFetched int
	Newest                                   time.Time // FirstSeen of the newest article
}

// List asks for a page of articles, newest first. Lists go by keyset: a page
// starts after the last article of the one before.
type List struct {
	Section string // "" for all
	TitleID int64  // 0 for all
	After   Mark   // zero for the first page
	Limit   int
	Copies  bool // also articles that repeat another title's
}

// Mark is an article's place in a list.
type Mark struct {
	Published time.Time
	ID        int64
}

// Shelf is what the reader's pages need. Articles that were taken down appear
// in no list; retracted ones keep their headline and notice.
type Shelf interface {
	Articles(ctx context.Context, l List) ([]Article, error)
	// Article returns one article with its body, or [ErrNotFound], or, when
	// it was taken down, the article without text and [ErrGone].
	Article(ctx context.Context, id int64) (Article, error)
	// CopiesOf returns the articles that repeat the one with that ID.
	CopiesOf(ctx context.Context, id int64) ([]Article, error)
	Titles(ctx context.Context) ([]Title, error)
	Title(ctx context.Context, slug string) (Title, error)
	Feeds(ctx context.Context, titleID int64) ([]Feed, error)
}

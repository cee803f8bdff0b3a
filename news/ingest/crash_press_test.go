package ingest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// restless is a press whose feeds keep changing, and which remembers every
// version of them and every request.
type restless struct {
	mu    sync.Mutex
	feeds []restlessFeed
}

type restlessFeed struct {
	changed []int // the item that each version brought or changed
	asked   []request
}

// request is one for a feed, by a process that is told by its user agent.
type request struct {
	life int
	at   time.Time
}

const mostItems = 25 // of a feed: then it only changes them

func newRestless(feeds int) *restless { return &restless{feeds: make([]restlessFeed, feeds)} }

// publish changes a feed every few milliseconds until it is stopped.
func (p *restless) publish() (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-quit:
				return
			case <-time.After(15 * time.Millisecond):
				p.change()
			}
		}
	}()
	return func() { close(quit); <-done }
}

func (p *restless) change() {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := &p.feeds[rand.IntN(len(p.feeds))]
	items := len(revisions(f.changed))
	item := items
	if items > 0 && (items == mostItems || rand.IntN(2) == 0) {
		item = rand.IntN(items)
	}
	f.changed = append(f.changed, item)
}

// revisions is how often each item was written.
func revisions(changed []int) (all []int) {
	for _, item := range changed {
		if item == len(all) {
			all = append(all, 0)
		}
		all[item]++
	}
	return all
}

// headlines are those of a feed at a version; -1 is the newest.
func (p *restless) headlines(feed, version int) (all []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	changed := p.feeds[feed].changed
	if version < 0 {
		version = len(changed)
	}
	for item, revision := range revisions(changed[:version]) {
		all = append(all, fmt.Sprintf("Feed %d item %d revision %d", feed, item, revision))
	}
	return all
}

func (p *restless) tag(feed int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strconv.Quote(strconv.Itoa(len(p.feeds[feed].changed)))
}

func (p *restless) versions() (n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.feeds {
		n += len(f.changed)
	}
	return n
}

func (p *restless) askedFor(feed int) []request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.feeds[feed].asked)
}

// wordsOf are words that only the article of that headline has.
func wordsOf(headline string) string {
	sum := sha256.Sum256([]byte(headline))
	return hex.EncodeToString(sum[:6])
}

// ServeHTTP serves a feed: at first one without items.
func (p *restless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	feed, err := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/"))
	life, lifeErr := strconv.Atoi(r.UserAgent())
	if err != nil || lifeErr != nil || feed >= len(p.feeds) {
		http.NotFound(w, r)
		return
	}
	p.mu.Lock()
	f := &p.feeds[feed]
	f.asked = append(f.asked, request{life, time.Now()})
	version := len(f.changed)
	p.mu.Unlock()
	tag := strconv.Quote(strconv.Itoa(version))
	w.Header().Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	io.WriteString(w, `<rss version="2.0"><channel><title>Restless</title>`)
	for item, headline := range p.headlines(feed, version) {
		fmt.Fprintf(w, `<item><guid>%d-%d</guid><link>http://%s/%d/%d</link><title>%s</title><description>`, feed, item, r.Host, feed, item, headline)
		for i := range 50 { // enough words to be compared with other texts
			fmt.Fprintf(w, "%s ", wordsOf(fmt.Sprint(headline, i)))
		}
		fmt.Fprintf(w, `%s</description></item>`, wordsOf(headline))
	}
	io.WriteString(w, `</channel></rss>`)
}

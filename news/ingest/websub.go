package ingest

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"understory/news"
	"understory/news/feed"
	"understory/news/fetch"
)

// The states of a WebSub subscription.
const (
	SubscriptionAsked   = "asked"   // the hub has not confirmed yet
	SubscriptionActive  = "active"  // the hub tells us of changes
	SubscriptionRefused = "refused" // the hub said no: the feed is polled
)

const (
	wantedLease = 10 * 24 * time.Hour // asked of a hub; it may give less
	minLease    = 5 * time.Minute     // a shorter one is taken as this long
	askAgain    = time.Hour           // after a hub that failed, doubling
	refusedFor  = 7 * 24 * time.Hour  // until a hub that refused is asked again
	askTimeout  = 30 * time.Minute    // for a hub to confirm, doubling
)

// subscribe looks after the feed's subscription once a document was read: it
// asks a hub that the feed has begun to name, and forgets one it names no more.
func (c *checking) subscribe(doc *feed.Document, res *fetch.Response) {
	hub := cmp.Or(append(doc.Hubs, res.Hub...)...)
	sub := c.work.Subscription
	if c.p.cfg.Callback == "" || canonical(hub) == "" {
		c.out.Unsubscribe = sub != nil
		return
	}
	topic := cmp.Or(append([]string{doc.Self}, append(res.Self, c.work.Feed.URL)...)...)
	if len(topic) > maxAddress {
		topic = c.work.Feed.URL
	}
	if sub != nil && sub.Hub == hub && sub.Topic == topic {
		return
	}
	c.out.Subscription = &news.Subscription{FeedID: c.work.Feed.ID, Hub: hub, Topic: topic,
		Token: rand.Text(), Secret: rand.Text() + rand.Text(), State: SubscriptionAsked, Renew: c.now}
}

// subscribe asks a hub to subscribe us, or to renew. The hub then asks the
// callback whether we meant it, perhaps before it answers: so only a failure is
// stored here. The subscription of a feed that is not checked any more ends.
func (p *Pipeline) subscribe(ctx context.Context, w news.Work) (news.Result, error) {
	r := news.Result{WorkID: w.ID}
	if w.Subscription == nil {
		r.Done = true
		return r, nil
	}
	sub, now := *w.Subscription, p.now()
	r.FeedID = sub.FeedID
	switch {
	case w.Feed.State.Status != news.FeedActive:
		r.Done, r.Unsubscribe = true, true
		return r, nil
	case sub.State == SubscriptionActive && sub.Renew.After(now):
		r.Next = sub.Renew
		return r, nil
	}
	r.Tries = w.Tries + 1
	res, err := p.fetcher.Post(ctx, sub.Hub, url.Values{
		"hub.mode":          {"subscribe"},
		"hub.topic":         {sub.Topic},
		"hub.callback":      {strings.TrimSuffix(p.cfg.Callback, "/") + "/" + sub.Token},
		"hub.lease_seconds": {strconv.Itoa(int(wantedLease.Seconds()))},
		"hub.secret":        {sub.Secret},
	})
	switch {
	case err == nil && res.Status/100 == 2:
		r.Next = now.Add(grow(askTimeout, failureGrowth, w.Tries))
		return r, nil
	case err != nil:
		sub.Error = plainly(err)
	default:
		sub.Error = statusWords(res.Status)
	}
	r.Subscription = &sub
	sub.Renew = now.Add(grow(askAgain, failureGrowth, w.Tries))
	if err == nil && res.Status/100 == 4 && res.Status != http.StatusTooManyRequests {
		sub.State = SubscriptionRefused
		sub.Renew = now.Add(refusedFor)
	}
	r.Next = sub.Renew
	return r, nil
}

// maxPush is the largest notification that is read, in bytes.
const maxPush = 15 << 20

// Callback answers WebSub hubs under the path "…/{token}" of
// [Config.Callback].
func (p *Pipeline) Callback() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{token}", p.confirm)
	mux.HandleFunc("POST /{token}", p.push)
	return mux
}

// confirm answers a hub's question whether we meant to subscribe: only what
// was asked for is confirmed.
func (p *Pipeline) confirm(w http.ResponseWriter, r *http.Request) {
	// What is said back to whoever asks must be nothing but text to a browser.
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	q := r.URL.Query()
	sub, _, _, err := p.queue.SubscriptionByToken(r.Context(), r.PathValue("token"))
	known := err == nil && subtle.ConstantTimeCompare([]byte(q.Get("hub.topic")), []byte(sub.Topic)) == 1
	switch mode := q.Get("hub.mode"); {
	case err != nil && !errors.Is(err, news.ErrNotFound):
		http.Error(w, "try again later", http.StatusServiceUnavailable)
		return
	case mode == "denied" && known:
		sub.State, sub.Error = SubscriptionRefused, "the hub refused: "+clip(q.Get("hub.reason"), 200)
		sub.Renew = p.now().Add(refusedFor)
	case mode == "subscribe" && known && sub.State != SubscriptionRefused:
		sub.State, sub.Error = SubscriptionActive, ""
		lease := leaseOf(q.Get("hub.lease_seconds"))
		sub.Expires, sub.Renew = p.now().Add(lease), p.now().Add(lease*4/5)
	case mode == "unsubscribe" && errors.Is(err, news.ErrNotFound): // we forgot it: so may the hub
		io.WriteString(w, q.Get("hub.challenge"))
		return
	default:
		http.NotFound(w, r)
		return
	}
	err = p.queue.SetSubscription(r.Context(), sub)
	if err != nil {
		p.log.Error("a hub's answer is not stored", "hub", sub.Hub, "err", err)
		http.Error(w, "try again later", http.StatusServiceUnavailable)
		return
	}
	io.WriteString(w, q.Get("hub.challenge"))
}

func leaseOf(seconds string) time.Duration {
	n, err := strconv.Atoi(seconds)
	if err != nil || n <= 0 {
		return wantedLease
	}
	return min(max(time.Duration(min(n, 1<<31))*time.Second, minLease), 90*24*time.Hour)
}

// push takes a hub's notification. A wrong signature is answered like a right
// one, as the protocol has it, and thrown away.
func (p *Pipeline) push(w http.ResponseWriter, r *http.Request) {
	sub, f, t, err := p.queue.SubscriptionByToken(r.Context(), r.PathValue("token"))
	if errors.Is(err, news.ErrNotFound) || err == nil && f.State.Status != news.FeedActive {
		http.Error(w, "no such subscription", http.StatusGone)
		return
	}
	if err != nil {
		http.Error(w, "try again later", http.StatusServiceUnavailable)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPush))
	if err != nil {
		http.Error(w, "the notification is too large or broke off", http.StatusBadRequest)
		return
	}
	if !signed(r.Header.Get("X-Hub-Signature"), sub.Secret, body) {
		p.counts.pushed("unsigned")
		w.WriteHeader(http.StatusAccepted)
		return
	}
	err = p.pushed(r.Context(), &f, &t, body, r.Header.Get("Content-Type"))
	if err != nil {
		p.log.Error("a notification is not stored", "hub", sub.Hub, "err", err)
		http.Error(w, "try again later", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// pushed ingests the document of a notification. One that cannot be read is
// left to the next poll. The feed's validators stay: they are those of its
// own server.
func (p *Pipeline) pushed(ctx context.Context, f *news.Feed, t *news.Title, body []byte, contentType string) error {
	doc, err := feed.Parse(body, feed.Options{ContentType: contentType, Base: f.URL})
	if err != nil {
		p.counts.pushed("unreadable")
		return nil
	}
	changes, err := p.changes(ctx, origin{title: t, feed: f, language: doc.Language, now: p.now()}, doc)
	if err != nil {
		return err
	}
	p.counts.pushed("taken")
	return p.commits.commitNow(ctx, news.Result{FeedID: f.ID, Entries: changes})
}

// signed checks "method=hex" over the body.
func signed(header, secret string, body []byte) bool {
	method, sum, _ := strings.Cut(header, "=")
	newHash := map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New}[method]
	got, err := hex.DecodeString(sum)
	if newHash == nil || err != nil {
		return false
	}
	mac := hmac.New(newHash, []byte(secret))
	mac.Write(body)
	return hmac.Equal(got, mac.Sum(nil))
}

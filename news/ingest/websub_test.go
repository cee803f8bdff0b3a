package ingest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"understory/news"
)

// subscribed is a world whose feed has a subscription in the given state.
func subscribed(t *testing.T, state string) (*world, news.Subscription) {
	w := newWorld(t)
	sub := news.Subscription{FeedID: w.feed.ID, Hub: w.site.URL + "/hub", Topic: w.feed.URL, Token: "token-of-the-feed",
		Secret: "secret", State: state, Expires: w.now().Add(time.Hour), Renew: w.now()}
	if err := w.db.SetSubscription(t.Context(), sub); err != nil {
		t.Fatal(err)
	}
	return w, sub
}

func (w *world) call(method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.Callback().ServeHTTP(rec, r)
	return rec
}

// TestCallbackShowsABrowserNothing asks the callback to say script back: it
// stands on the same origin as the reader's pages.
func TestCallbackShowsABrowserNothing(t *testing.T) {
	w, sub := subscribed(t, SubscriptionAsked)
	const script = "%3Chtml%3E%3Cscript%3Ealert(1)%3C/script%3E"
	for _, target := range []string{
		"/unknown?hub.mode=unsubscribe&hub.challenge=" + script,
		"/" + sub.Token + "?hub.mode=subscribe&hub.topic=" + sub.Topic + "&hub.challenge=" + script,
		"/" + sub.Token + "?hub.mode=denied&hub.topic=" + sub.Topic + "&hub.challenge=" + script,
		"/" + sub.Token + "?hub.mode=" + script,
	} {
		h := w.call("GET", target, "").Result().Header
		if !strings.HasPrefix(h.Get("Content-Type"), "text/plain") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s is answered as %q, sniffing %q", target, h.Get("Content-Type"), h.Get("X-Content-Type-Options"))
		}
	}
}

func TestCallbackRefuses(t *testing.T) {
	w, sub := subscribed(t, SubscriptionAsked)
	for _, tt := range []struct {
		name, method, target string
		want                 int
	}{
		{"an unknown token", "POST", "/guess", http.StatusGone},
		{"a token with a NUL", "POST", "/a%00b", http.StatusGone},
		{"a token that is no UTF-8", "POST", "/a%ffb", http.StatusGone},
		{"a question with such a token", "GET", "/a%00%ff?hub.mode=subscribe", http.StatusNotFound},
		{"no token", "POST", "/", http.StatusNotFound},
		{"another method", "PUT", "/" + sub.Token, http.StatusMethodNotAllowed},
		{"another topic", "GET", "/" + sub.Token + "?hub.mode=subscribe&hub.topic=http://other.example/", http.StatusNotFound},
		{"a denial of another topic", "GET", "/" + sub.Token + "?hub.mode=denied&hub.topic=x", http.StatusNotFound},
		{"no mode", "GET", "/" + sub.Token, http.StatusNotFound},
	} {
		if got := w.call(tt.method, tt.target, "x").Code; got != tt.want {
			t.Errorf("%s: status %d, want %d", tt.name, got, tt.want)
		}
	}
	if got := w.call("POST", "/"+sub.Token, strings.Repeat("x", maxPush+1)).Code; got != http.StatusBadRequest {
		t.Errorf("a notification over the limit: status %d", got)
	}
	if _, _, now, err := w.db.Feed(t.Context(), w.feed.URL); err != nil || now.State != SubscriptionAsked {
		t.Errorf("the subscription is %+v, %v", now, err)
	}
}

// TestFeedThatIsOffTakesNoPush and has no subscription any more; one that is
// switched on again asks for a new one.
func TestFeedThatIsOffTakesNoPush(t *testing.T) {
	w, sub := subscribed(t, SubscriptionActive)
	if err := w.db.SetStatus(t.Context(), w.feed.ID, news.FeedOff); err != nil {
		t.Fatal(err)
	}
	if got := w.call("POST", "/"+sub.Token, rss(item(1, "pushed")), "X-Hub-Signature", "sha256=00").Code; got != http.StatusGone {
		t.Errorf("a push for a feed that is off: status %d, want 410", got)
	}
	w.answer(http.StatusAccepted, "")
	w.wait(time.Minute)
	w.step()
	if len(w.asked) > 0 {
		t.Errorf("the hub was asked to renew the subscription of a feed that is off")
	}
	if _, _, now, err := w.db.Feed(t.Context(), w.feed.URL); err != nil || now != nil {
		t.Errorf("the subscription of a feed that is off is still there: %+v, %v", now, err)
	}
}

// TestHubThatNeverConfirms is asked less and less.
func TestHubThatNeverConfirms(t *testing.T) {
	w, _ := subscribed(t, SubscriptionAsked)
	if err := w.db.SetStatus(t.Context(), w.feed.ID, news.FeedActive); err != nil {
		t.Fatal(err)
	}
	hub := 0
	w.serve = func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hub" {
			hub++
		}
		rw.WriteHeader(http.StatusAccepted)
	}
	for range 2 * 24 * 4 {
		w.step()
		w.wait(15 * time.Minute)
	}
	if hub < 3 || hub > 9 {
		t.Errorf("a hub that never confirms was asked %d times in two days", hub)
	}
}

// hubbed is a world whose feed names a hub, which was asked to subscribe us.
type hubbed struct {
	*world
	form     url.Values // of the last request to the hub
	callback string     // path of the callback, as [world.call] wants it
}

func newHubbed(t *testing.T) *hubbed {
	w := &hubbed{world: newWorld(t)}
	w.serve = func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/hub" {
			io.WriteString(rw, w.doc(item(1, "first")))
			return
		}
		r.ParseForm()
		w.form = r.PostForm
		rw.WriteHeader(http.StatusAccepted)
	}
	w.step() // reads the feed
	w.step() // asks its hub
	if w.form.Get("hub.mode") != "subscribe" || w.form.Get("hub.topic") != w.feed.URL || w.form.Get("hub.secret") == "" {
		t.Fatalf("the hub was asked %v", w.form)
	}
	callback := must(url.Parse(w.form.Get("hub.callback")))(t)
	w.callback = strings.TrimPrefix(callback.Path, "/websub")
	return w
}

// doc is a feed that names the hub.
func (w *hubbed) doc(items ...string) string {
	return `<?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>The Ledger</title>` +
		`<atom:link rel="hub" href="` + w.site.URL + `/hub"/><atom:link rel="self" href="` + w.feed.URL + `"/>` + strings.Join(items, "") + `</channel></rss>`
}

// asks is the hub's question whether we meant it, and for how long.
func (w *hubbed) asks(mode, topic string, lease time.Duration) *httptest.ResponseRecorder {
	q := url.Values{"hub.mode": {mode}, "hub.challenge": {"c1"}, "hub.lease_seconds": {fmt.Sprint(lease.Seconds())}, "hub.topic": {topic}}
	return w.call("GET", w.callback+"?"+q.Encode(), "")
}

func (w *hubbed) subscription(t *testing.T) *news.Subscription {
	t.Helper()
	_, _, sub, err := w.db.Feed(t.Context(), w.feed.URL)
	if err != nil || sub == nil {
		t.Fatal("no subscription", err)
	}
	return sub
}

func TestOnlyWhatWasAskedForIsConfirmed(t *testing.T) {
	w := newHubbed(t)
	if rec := w.asks("subscribe", "http://other.example/", time.Hour); rec.Code != 404 {
		t.Errorf("another topic was confirmed: %d", rec.Code)
	}
	if rec := w.asks("unsubscribe", w.feed.URL, time.Hour); rec.Code != 404 {
		t.Errorf("an unsubscription that nobody asked for was confirmed: %d", rec.Code)
	}
	if rec := w.asks("subscribe", w.feed.URL, time.Hour); rec.Code != 200 || rec.Body.String() != "c1" {
		t.Fatalf("confirmation: %d %q", rec.Code, rec.Body)
	}
	if sub := w.subscription(t); sub.State != SubscriptionActive || !sub.Expires.Equal(w.now().Add(time.Hour)) {
		t.Errorf("subscription is %+v", sub)
	}
}

func TestPushCountsOnlyWithTheRightSignature(t *testing.T) {
	w := newHubbed(t)
	w.asks("subscribe", w.feed.URL, time.Hour)
	sign := func(body, secret string) string {
		mac := hmac.New(sha256.New, []byte(secret))
		io.WriteString(mac, body)
		return "sha256=" + hex.EncodeToString(mac.Sum(nil))
	}
	body, secret := w.doc(item(2, "pushed"), item(1, "first")), w.form.Get("hub.secret")
	for _, bad := range []string{"", "sha256=00", "md5=00", sign(body, "guess"), sign(body+" ", secret)} {
		if rec := w.call("POST", w.callback, body, "X-Hub-Signature", bad); rec.Code != 202 || len(w.articles()) != 1 {
			t.Fatalf("signature %q: status %d, %d articles", bad, rec.Code, len(w.articles()))
		}
	}
	if rec := w.call("POST", w.callback, body, "X-Hub-Signature", sign(body, secret)); rec.Code != 202 || len(w.articles()) != 2 {
		t.Fatalf("push: status %d, %d articles", rec.Code, len(w.articles()))
	}
}

func TestPushedFeedIsPolledSeldom(t *testing.T) {
	w := newHubbed(t)
	w.asks("subscribe", w.feed.URL, 240*time.Hour)
	w.wait(w.state().Next.Sub(w.now()))
	w.step()
	if s := w.state(); s.Next.Sub(w.now()) < 3*time.Hour {
		t.Errorf("polled again after %v in spite of the hub (%s)", s.Next.Sub(w.now()), s.Reason)
	}
}

func TestLeaseIsRenewedInTime(t *testing.T) {
	w := newHubbed(t)
	w.asks("subscribe", w.feed.URL, 10*time.Hour)
	w.form = nil
	for w.form == nil && w.subscription(t).Expires.After(w.now()) {
		w.wait(time.Hour)
		w.step()
	}
	if w.form.Get("hub.mode") != "subscribe" || !w.subscription(t).Expires.After(w.now()) {
		t.Errorf("the hub was asked %v at %v, with a lease until %v", w.form, w.now(), w.subscription(t).Expires)
	}
}

func TestFeedIsPolledAsBeforeWhenItsHubFallsSilent(t *testing.T) {
	w := newHubbed(t)
	w.asks("subscribe", w.feed.URL, time.Hour)
	w.serve = func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hub" {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		io.WriteString(rw, w.doc(item(3, fmt.Sprint(w.now())), item(1, "first")))
	}
	for range 8 {
		w.wait(6 * time.Hour)
		w.step()
	}
	if s := w.state(); s.Next.Sub(w.now()) > 2*time.Hour {
		t.Errorf("polled after %v although the hub is silent (%s)", s.Next.Sub(w.now()), s.Reason)
	}
	if sub := w.subscription(t); !strings.Contains(sub.Error, "503") {
		t.Errorf("the hub's trouble is not told: %+v", sub)
	}
}

package ingest

import (
	"net/http"
	"net/http/httptest"
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

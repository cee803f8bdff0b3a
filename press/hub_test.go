package press_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mmcdole/gofeed"

	"understory/press"
)

// subscriber is a WebSub subscriber that confirms or refuses, and keeps what it is sent.
type subscriber struct {
	confirm bool
	asked   chan url.Values
	pushed  chan push
}

type push struct {
	body, signature, mediaType, links string
}

func (s *subscriber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		if s.confirm {
			_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
		}
		s.asked <- r.URL.Query()
		return
	}
	body, _ := io.ReadAll(r.Body)
	s.pushed <- push{string(body), r.Header.Get("X-Hub-Signature"), r.Header.Get("Content-Type"), strings.Join(r.Header["Link"], ", ")}
}

// hubPress runs a press of one title with a hub, and a subscriber.
func hubPress(t *testing.T, confirm bool) (p *press.Press, s *subscriber, topic string, ask func(mode, callback string) int, callback string) {
	t.Helper()
	p = press.New(press.Config{Seed: 1, Every: -1, Titles: []string{"merrow-wire"}})
	base, client := start(t, p)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	go func() { _ = p.Run(ctx) }()
	s = &subscriber{confirm: confirm, asked: make(chan url.Values, 10), pushed: make(chan push, 100)}
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	topic = p.Titles(base)[0].Feeds[0].URL
	ask = func(mode, callback string) int {
		res, err := client.PostForm("http://hub."+base+"/", url.Values{"hub.mode": {mode}, "hub.topic": {topic},
			"hub.callback": {callback}, "hub.secret": {"between us"}, "hub.lease_seconds": {"600"}})
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.StatusCode
	}
	return p, s, topic, ask, srv.URL + "/callback?feed=7"
}

// receive waits for a value for at most five seconds.
func receive[T any](t *testing.T, c chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(5 * time.Second):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}

func TestHubVerifiesThenDelivers(t *testing.T) {
	p, s, topic, ask, callback := hubPress(t, true)
	if status := ask("subscribe", callback); status != http.StatusAccepted {
		t.Fatalf("subscribe: %d", status)
	}
	q := receive(t, s.asked)
	if q.Get("hub.mode") != "subscribe" || q.Get("hub.topic") != topic || q.Get("hub.lease_seconds") != "600" || q.Get("feed") != "7" {
		t.Errorf("verification asked %v", q)
	}
	got := publishUntilPushed(t, p, s)
	mac := hmac.New(sha256.New, []byte("between us"))
	mac.Write([]byte(got.body))
	if want := "sha256=" + hex.EncodeToString(mac.Sum(nil)); got.signature != want {
		t.Errorf("signature %q, want %q", got.signature, want)
	}
	if _, err := gofeed.NewParser().ParseString(got.body); err != nil {
		t.Errorf("pushed feed: %v", err)
	}
	if !strings.Contains(got.links, `<`+topic+`>; rel="self"`) || !strings.HasPrefix(got.mediaType, "application/atom+xml") {
		t.Errorf("pushed with Link %q, Content-Type %q", got.links, got.mediaType)
	}
	ask("unsubscribe", callback)
	if q := receive(t, s.asked); q.Get("hub.mode") != "unsubscribe" {
		t.Errorf("verification asked %v", q)
	}
}

// publishUntilPushed publishes until the hub has noted the subscription, which it
// does after the subscriber's answer.
func publishUntilPushed(t *testing.T, p *press.Press, s *subscriber) push {
	t.Helper()
	for range 500 {
		p.Publish()
		select {
		case got := <-s.pushed:
			return got
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatal("nothing was pushed")
	return push{}
}

func TestHubDropsWhoDoesNotConfirm(t *testing.T) {
	p, s, _, ask, callback := hubPress(t, false)
	ask("subscribe", callback)
	receive(t, s.asked)
	p.Publish()
	// A second subscription is verified by the same workers, after what Publish has queued.
	ask("subscribe", callback)
	receive(t, s.asked)
	if len(s.pushed) != 0 {
		t.Error("a feed was pushed to a subscriber that had not confirmed")
	}
}

func TestHubRefuses(t *testing.T) {
	_, _, _, ask, callback := hubPress(t, true)
	for _, tt := range []struct {
		name, mode, callback string
		want                 int
	}{
		{name: "unknown mode", mode: "publish", callback: callback, want: http.StatusBadRequest},
		{name: "callback without host", mode: "subscribe", callback: "/here", want: http.StatusBadRequest},
		{name: "callback of another scheme", mode: "subscribe", callback: "file:///etc/hosts", want: http.StatusBadRequest},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := ask(tt.mode, tt.callback); got != tt.want {
				t.Errorf("status %d, want %d", got, tt.want)
			}
		})
	}
}

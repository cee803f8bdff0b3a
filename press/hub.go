package press

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limits of the hub.
const (
	leaseDefault = time.Hour
	leaseMin     = time.Minute
	leaseMax     = 24 * time.Hour
	secretMax    = 200 // bytes, as WebSub says
	hubQueueLen  = 1000
	hubTries     = 3
)

// hub is a WebSub hub for the titles that declare it. It calls back to loopback
// addresses only. Verification and delivery happen in run.
type hub struct {
	press  *Press
	client *http.Client
	jobs   chan func(context.Context)

	mu   sync.Mutex
	subs map[subKey]subscription
}

type subKey struct{ topic, callback string }

type subscription struct {
	secret  string
	expires time.Time
}

func newHub(p *Press) *hub {
	return &hub{
		press: p, subs: map[subKey]subscription{}, jobs: make(chan func(context.Context), hubQueueLen),
		client: &http.Client{
			Timeout:       10 * time.Second,
			Transport:     &http.Transport{DialContext: dialLoopback},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// hubURL returns the hub's address, from the host of any site of the press.
func hubURL(host string) string { return "http://hub." + baseOf(host) + "/" }

// run verifies and delivers, a few at a time, until ctx ends.
func (h *hub) run(ctx context.Context) {
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case job := <-h.jobs:
					job(ctx)
				}
			}
		})
	}
	workers.Wait()
}

// ServeHTTP takes requests to subscribe and to unsubscribe.
func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		http.Error(w, "The hub of the press. POST hub.mode, hub.topic and hub.callback here to subscribe.", http.StatusMethodNotAllowed)
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 10<<10)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "the form is not readable", http.StatusBadRequest)
		return
	}
	mode, secret := r.PostForm.Get("hub.mode"), r.PostForm.Get("hub.secret")
	key := subKey{r.PostForm.Get("hub.topic"), r.PostForm.Get("hub.callback")}
	if problem := h.check(mode, key, secret); problem != "" {
		http.Error(w, problem, http.StatusBadRequest)
		return
	}
	lease := leaseFor(r.PostForm.Get("hub.lease_seconds"))
	select {
	case h.jobs <- func(ctx context.Context) { h.verify(ctx, mode, key, secret, lease) }:
		w.WriteHeader(http.StatusAccepted)
	default:
		http.Error(w, "the hub is busy", http.StatusServiceUnavailable)
	}
}

func (h *hub) check(mode string, key subKey, secret string) string {
	callback, err := url.Parse(key.callback)
	switch {
	case mode != "subscribe" && mode != "unsubscribe":
		return "hub.mode must be subscribe or unsubscribe"
	case err != nil || (callback.Scheme != "http" && callback.Scheme != "https") || callback.Host == "":
		return "hub.callback must be an http address"
	case len(secret) > secretMax:
		return "hub.secret is too long"
	}
	if _, _, ok := h.topic(key.topic); !ok {
		return "hub.topic is not a feed of a title with this hub"
	}
	return ""
}

// topic finds the site and the feed of a topic.
func (h *hub) topic(topic string) (*site, Feed, bool) {
	u, err := url.Parse(topic)
	if err != nil {
		return nil, Feed{}, false
	}
	s := h.press.sites[hostLabel(u.Host)]
	if s == nil || !s.Hub {
		return nil, Feed{}, false
	}
	f, ok := s.feedAt(u.Path)
	return s, f, ok
}

// leaseFor reads the lease asked for, in seconds, within the hub's limits.
func leaseFor(seconds string) time.Duration {
	n, err := strconv.Atoi(seconds)
	if err != nil || n <= 0 {
		return leaseDefault
	}
	return min(max(time.Duration(n)*time.Second, leaseMin), leaseMax)
}

// verify asks the callback whether it meant it, and keeps or drops the subscription.
func (h *hub) verify(ctx context.Context, mode string, key subKey, secret string, lease time.Duration) {
	challenge := rand.Text()
	q := url.Values{"hub.mode": {mode}, "hub.topic": {key.topic}, "hub.challenge": {challenge}}
	if mode == "subscribe" {
		q.Set("hub.lease_seconds", strconv.Itoa(int(lease.Seconds())))
	}
	sep := "?"
	if strings.Contains(key.callback, "?") {
		sep = "&"
	}
	status, body, err := h.call(ctx, http.MethodGet, key.callback+sep+q.Encode(), nil, nil)
	if err != nil || status/100 != 2 || string(body) != challenge {
		return // the subscriber did not confirm: nothing changes, as WebSub says
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if mode == "unsubscribe" {
		delete(h.subs, key)
		return
	}
	h.subs[key] = subscription{secret: secret, expires: h.press.cfg.Now().Add(lease)}
}

// changed queues a delivery to everyone subscribed to a feed of the title.
func (h *hub) changed(slug string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.press.cfg.Now()
	for key, sub := range h.subs {
		if now.After(sub.expires) {
			delete(h.subs, key)
			continue
		}
		s, f, ok := h.topic(key.topic)
		if !ok || s.Slug != slug {
			continue
		}
		select {
		case h.jobs <- func(ctx context.Context) { h.deliver(ctx, key, sub, s, f) }:
		default: // subscribers poll as well, so that a full queue loses nothing
		}
	}
}

// deliver posts the feed as it is now. A callback that answers 410 is forgotten.
func (h *hub) deliver(ctx context.Context, key subKey, sub subscription, s *site, f Feed) {
	origin := strings.TrimSuffix(key.topic, f.URL)
	rep := h.press.feedReply(s, f, origin)
	header := http.Header{
		"Content-Type": rep.header["Content-Type"],
		"Link": {fmt.Sprintf(`<%s>; rel="hub"`, hubURL(strings.TrimPrefix(origin, "http://"))),
			fmt.Sprintf(`<%s>; rel="self"`, key.topic)},
	}
	if sub.secret != "" {
		mac := hmac.New(sha256.New, []byte(sub.secret))
		mac.Write(rep.body)
		header.Set("X-Hub-Signature", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	}
	for try := range hubTries {
		status, _, err := h.call(ctx, http.MethodPost, key.callback, header, rep.body)
		if err == nil && status == http.StatusGone {
			h.mu.Lock()
			delete(h.subs, key)
			h.mu.Unlock()
			return
		}
		if err == nil && status/100 == 2 {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second << try):
		}
	}
}

func (h *hub) call(ctx context.Context, method, address string, header http.Header, body []byte) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	res, err := h.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 1000))
	return res.StatusCode, answer, err
}

// dialLoopback connects to loopback addresses and to names under localhost, and to nothing else.
func dialLoopback(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		host = "127.0.0.1"
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("the press calls loopback addresses only, not %q", host)
	}
	var d net.Dialer
	return d.DialContext(ctx, network, net.JoinHostPort(host, port))
}

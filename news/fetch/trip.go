package fetch

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/http/httpguts"

	"understory/news"
)

// Authority returns the host that an address is fetched from, in the form in
// which hosts are told apart: lower case, Punycode, with a port unless it is
// the scheme's own.
func Authority(address string) (string, error) {
	u, err := parse(address)
	if err != nil {
		return "", err
	}
	return u.Host, nil
}

// parse reads an address and brings its host into one form.
func parse(address string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return nil, ErrAddress // the parser's words repeat the address, and with it a password
	}
	return settle(u)
}

// settle brings an address into the form in which it is sent.
func settle(u *url.URL) (*url.URL, error) {
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%w: scheme %q", ErrAddress, u.Scheme)
	}
	host, err := news.Host(u)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAddress, err)
	}
	out := *u
	out.Host, out.RawQuery, out.Fragment, out.RawFragment = host, escaped(u.RawQuery), "", ""
	return &out, nil
}

// escaped is a query with what may not stand in a request escaped, as browsers
// do for addresses that people wrote.
func escaped(query string) string {
	var b strings.Builder
	for i := range len(query) {
		if c := query[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(`"<>`, c) >= 0 {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// trip is one fetch on its way through the redirects.
type trip struct {
	method, form string
	open         http.Header // sent to every host
	secret       http.Header // sent to the first host alone
	user         *url.Userinfo
	maxBytes     int64
	maxHops      int

	first, at *url.URL // at never has a user
	home      bool     // every address so far was the first host's
	permanent bool     // every redirect so far was for good
	hops      int
	seen      map[string]bool
}

func newTrip(cfg Config, method string, req Request, form string) (*trip, error) {
	first, err := parse(req.URL)
	if err != nil {
		return nil, err
	}
	t := &trip{method: method, form: form, user: first.User, maxHops: cfg.MaxRedirects,
		home: true, permanent: true, maxBytes: int64(cfg.MaxBytes)}
	first.User = nil
	t.first, t.at = first, first
	if req.MaxBytes > 0 {
		t.maxBytes = min(t.maxBytes, req.MaxBytes)
	}
	return t, t.headers(cfg, req)
}

// headers sorts what is sent into what any host may see and what only the
// first host may.
func (t *trip) headers(cfg Config, req Request) error {
	t.open = http.Header{
		"User-Agent":      {orElse(req.UserAgent, cfg.UserAgent)},
		"Accept":          {orElse(req.Accept, feedsFirst)},
		"Accept-Encoding": {acceptEncoding},
	}
	put(t.open, "If-None-Match", req.ETag)
	put(t.open, "If-Modified-Since", req.LastModified)
	if t.method == http.MethodPost {
		t.open.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	t.secret = http.Header{}
	if t.user != nil {
		password, _ := t.user.Password()
		r := http.Request{Header: t.secret}
		r.SetBasicAuth(t.user.Username(), password)
	}
	put(t.secret, "Cookie", req.Cookie)
	for name, value := range req.Header {
		if ours(name) {
			return fmt.Errorf("%w: %q", ErrHeader, name)
		}
		t.secret.Set(name, value)
	}
	for _, h := range []http.Header{t.open, t.secret} {
		for name, values := range h {
			if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(values[0]) {
				return fmt.Errorf("%w: %q", ErrHeader, name)
			}
		}
	}
	return nil
}

// ours reports whether a header is the client's own to set: what frames the
// message, names the host or steers the connection.
func ours(name string) bool {
	switch http.CanonicalHeaderKey(name) {
	case "Host", "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authorization", "Te", "Trailer",
		"Transfer-Encoding", "Content-Length", "Content-Encoding", "Accept-Encoding", "Upgrade", "Expect", "Range":
		return true
	}
	return false
}

func put(h http.Header, name, value string) {
	if value != "" {
		h[name] = []string{value}
	}
}

func (t *trip) request(ctx context.Context) *http.Request {
	r := &http.Request{Method: t.method, URL: t.at, Host: t.at.Host, Header: t.open.Clone(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	if t.home {
		for name, values := range t.secret {
			r.Header[name] = values
		}
	}
	if t.method == http.MethodPost {
		r.Body = io.NopCloser(strings.NewReader(t.form))
		r.ContentLength = int64(len(t.form))
	}
	return r.WithContext(ctx)
}

// redirect returns where an answer sends the trip on to.
func (t *trip) redirect(res *http.Response) (location string, ok bool) {
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
		return res.Header.Get("Location"), t.method == http.MethodGet
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return res.Header.Get("Location"), true
	}
	return "", false
}

func (t *trip) follow(status int, location string) error {
	if t.hops++; t.hops > t.maxHops {
		return fmt.Errorf("%w (%d)", ErrRedirects, t.maxHops)
	}
	to, err := t.at.Parse(location)
	if err != nil || location == "" {
		return fmt.Errorf("%w: %q", ErrRedirect, location)
	}
	to, err = settle(to)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrRedirect, err)
	}
	to.User = nil
	if t.seen == nil {
		t.seen = map[string]bool{t.at.String(): true}
	}
	if t.seen[to.String()] {
		return fmt.Errorf("%w: %q", ErrRedirectLoop, to)
	}
	t.seen[to.String()] = true
	t.home = t.home && sameHost(t.first, to)
	t.permanent = t.permanent && (status == http.StatusMovedPermanently || status == http.StatusPermanentRedirect)
	t.at = to
	return nil
}

// SameHost reports whether what is sent along for the host of one address may
// go to another: the same host and port, or that host's move to https.
func SameHost(from, to string) bool {
	a, errA := parse(from)
	b, errB := parse(to)
	return errA == nil && errB == nil && sameHost(a, b)
}

// sameHost reports whether what the first host may know may go to the next
// address: the same host and port, or that host's move to https.
func sameHost(first, to *url.URL) bool {
	if first.Scheme == to.Scheme {
		return first.Host == to.Host
	}
	return to.Scheme == "https" && to.Host == first.Hostname() && first.Host == to.Host
}

// moved is the present address with the user and password of the first, as
// far as they may go there.
func (t *trip) moved() *url.URL {
	to := *t.at
	if t.home {
		to.User = t.user
	}
	return &to
}

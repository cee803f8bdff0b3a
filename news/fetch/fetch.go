// Package fetch is the polite HTTP client: it asks one address once, with the
// validators of last time, and gives the answer back whole or a plain reason
// why there is none.
//
// It refuses private addresses when it connects, bounds every answer in size
// and time, and spares each host. It keeps no cookie, never retries a failed
// answer, knows nothing of feeds and decides no schedule: news/ingest does,
// and calls it, as do news/picture and the operator's commands.
package fetch

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Client fetches. It is safe for use by many goroutines.
type Client struct {
	cfg       Config
	transport *http.Transport
	gate      *gate
	coders    *coders
	shelf     *shelf
}

// New returns a client. It does no I/O; run [Config.Validate] first.
func New(cfg Config) *Client {
	cfg = cfg.filled()
	return &Client{
		cfg:       cfg,
		transport: newTransport(cfg),
		gate:      newGate(cfg.PerHost, cfg.Pause),
		coders:    newCoders(),
		shelf:     newShelf(),
	}
}

// Close ends the connections that are kept for later.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

func newTransport(cfg Config) *http.Transport {
	var http1 http.Protocols
	http1.SetHTTP1(true)
	return &http.Transport{
		DialContext:            newDialer(cfg).dial,
		Proxy:                  nil, // the environment must not decide who sees the requests
		DisableCompression:     true,
		MaxConnsPerHost:        cfg.PerHost,
		MaxIdleConnsPerHost:    cfg.PerHost,
		MaxIdleConns:           cfg.MaxIdle,
		IdleConnTimeout:        10 * time.Second,
		TLSHandshakeTimeout:    cfg.ConnectTimeout,
		ResponseHeaderTimeout:  cfg.HeaderTimeout,
		MaxResponseHeaderBytes: int64(cfg.MaxHeaderBytes),
		ReadBufferSize:         4 << 10,
		WriteBufferSize:        2 << 10,
		// One request at a time and host needs no HTTP/2, whose connections
		// are dearer and outlive the bound on idle ones.
		Protocols: &http1,
	}
}

// Request is what to ask for.
type Request struct {
	URL string // absolute http or https; a user and password in it go to that host alone

	// Validators of the last answer, byte for byte as received; "" for none.
	ETag, LastModified string

	UserAgent string            // "" for the configured one
	Accept    string            // "" for feeds first, then anything
	Cookie    string            // the Cookie header, sent to the host of URL alone
	Header    map[string]string // further headers, sent to the host of URL alone
	MaxBytes  int64             // 0 for the configured limit, which it cannot exceed
}

// Response is a host's answer, of whatever status.
type Response struct {
	Status    int
	URL       string // the address that answered, after redirects; never with a password
	Permanent string // that address if every redirect on the way was a 301 or 308; "" otherwise

	// Validators to send next time, byte for byte; "" for none, and for one
	// that could not be sent or stored again unaltered.
	ETag, LastModified string

	ContentType string
	Body        []byte // decompressed; of an answer other than 2xx at most its first 2 KiB
	Hints       Hints
	Hub, Self   []string      // absolute addresses from Link headers, at most 8 each
	Reserved    string        // the header that asks machines to stay away from the content; "" for none
	Duration    time.Duration // from the first request to the last byte, with the waits between redirects
}

// Get fetches an address and follows its redirects. Every status is a
// response: 304, 403, 410, 429 and 5xx too. What is not a response is an
// [*Error].
func (c *Client) Get(ctx context.Context, req Request) (*Response, error) {
	return c.do(ctx, http.MethodGet, req, "")
}

// Post sends a form and follows a redirect only where it must be sent again
// unaltered (307, 308); any other is the response.
func (c *Client) Post(ctx context.Context, address string, form url.Values) (*Response, error) {
	return c.do(ctx, http.MethodPost, Request{URL: address, Accept: "*/*"}, form.Encode())
}

func (c *Client) do(ctx context.Context, method string, req Request, form string) (*Response, error) {
	t, err := newTrip(c.cfg, method, req, form)
	if err != nil {
		return nil, &Error{URL: req.URL, Err: err}
	}
	res, err := c.travel(ctx, t)
	if err != nil {
		return nil, &Error{URL: req.URL, Err: err}
	}
	return res, nil
}

// travel goes from redirect to redirect. Its time begins with the first turn,
// so that redirects into a crowded host cannot hold it up for longer.
func (c *Client) travel(ctx context.Context, t *trip) (*Response, error) {
	leave, err := c.gate.enter(ctx, t.at.Host)
	if err != nil {
		return nil, explain(ctx, err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, c.cfg.Timeout, ErrTimeout)
	defer cancel()
	for start := time.Now(); ; {
		res, err := c.step(ctx, t)
		leave()
		if err != nil {
			return nil, explain(ctx, err)
		}
		if res != nil {
			res.Duration = time.Since(start)
			return res, nil
		}
		if leave, err = c.gate.enter(ctx, t.at.Host); err != nil {
			return nil, explain(ctx, err)
		}
	}
}

// step makes one request of a trip. It returns neither a response nor an
// error after a redirect: then the trip goes on.
func (c *Client) step(ctx context.Context, t *trip) (*Response, error) {
	res, err := c.transport.RoundTrip(t.request(ctx))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if location, ok := t.redirect(res); ok {
		discard(res)
		return nil, t.follow(res.StatusCode, location)
	}
	out := t.response(res)
	out.Body, err = c.read(res, t.maxBytes)
	return out, err
}

// response is everything of the answer but its body.
func (t *trip) response(res *http.Response) *Response {
	out := &Response{
		Status:       res.StatusCode,
		URL:          t.at.String(),
		ETag:         validator(res.Header.Get("ETag")),
		LastModified: validator(res.Header.Get("Last-Modified")),
		ContentType:  res.Header.Get("Content-Type"),
		Hints:        hints(res.Header, time.Now()),
		Reserved:     reserved(res.Header),
	}
	out.Hub, out.Self = links(res.Header["Link"], t.at)
	if t.hops > 0 && t.permanent && (success(res.StatusCode) || res.StatusCode == http.StatusNotModified) {
		out.Permanent = t.moved().String()
	}
	return out
}

func success(status int) bool { return status >= 200 && status < 300 }

const feedsFirst = "application/atom+xml, application/rss+xml, application/feed+json, " +
	"application/xml;q=0.9, text/xml;q=0.9, text/html;q=0.8, */*;q=0.5"

// orElse is s, or other where s is empty.
func orElse(s, other string) string {
	if strings.TrimSpace(s) == "" {
		return other
	}
	return s
}

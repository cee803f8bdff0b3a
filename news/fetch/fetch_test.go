package fetch

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// local returns a client that may reach this machine and waits for nobody.
func local(t *testing.T, change func(*Config)) *Client {
	t.Helper()
	cfg := Default()
	cfg.Pause = 0
	cfg.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	if change != nil {
		change(&cfg)
	}
	c := New(cfg)
	t.Cleanup(c.Close)
	return c
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func get(t *testing.T, c *Client, req Request) *Response {
	t.Helper()
	res, err := c.Get(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func wantKind(t *testing.T, err error, want Kind) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Kind() != want {
		t.Fatalf("error = %v; want kind %q", err, want)
	}
}

func TestValidatorsByteForByte(t *testing.T) {
	for _, tt := range []struct{ name, etag, modified string }{
		{"strong", `"abc"`, "Sun, 06 Nov 1994 08:49:37 GMT"},
		{"weak", `W/"abc"`, "Sunday, 06-Nov-94 08:49:37 GMT"},
		{"unquoted", `abc`, "1994-11-06 08:49:37"},
		{"odd", `W/"a b\"é`, "yesterday"},
		{"none", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var sent http.Header
			address := serve(t, func(w http.ResponseWriter, r *http.Request) {
				sent = r.Header
				w.Header().Set("ETag", tt.etag)
				w.Header().Set("Last-Modified", tt.modified)
				if r.Header.Get("If-None-Match") != "" {
					w.WriteHeader(http.StatusNotModified)
				}
			})
			c := local(t, nil)
			first := get(t, c, Request{URL: address})
			got := []string{first.ETag, first.LastModified}
			if diff := cmp.Diff([]string{tt.etag, tt.modified}, got); diff != "" {
				t.Error("received:", diff)
			}
			again := get(t, c, Request{URL: address, ETag: first.ETag, LastModified: first.LastModified})
			got = []string{sent.Get("If-None-Match"), sent.Get("If-Modified-Since")}
			if diff := cmp.Diff([]string{tt.etag, tt.modified}, got); diff != "" {
				t.Error("sent:", diff)
			}
			if want := map[bool]int{true: 304, false: 200}[tt.etag != ""]; again.Status != want {
				t.Errorf("status = %d; want %d", again.Status, want)
			}
			if _, ok := sent["If-None-Match"]; ok != (tt.etag != "") {
				t.Errorf("If-None-Match sent: %v", ok)
			}
		})
	}
}

func TestStatusIsAResponse(t *testing.T) {
	for _, status := range []int{204, 403, 404, 410, 429, 500, 503} {
		address := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Retry-After", "120")
			w.WriteHeader(status)
			if status != 204 {
				io.WriteString(w, strings.Repeat("no ", 5000))
			}
		})
		res := get(t, local(t, nil), Request{URL: address})
		if res.Status != status || res.Hints.RetryAfter != 2*time.Minute || len(res.Body) > maxTold {
			t.Errorf("status %d: got %d, retry %v, %d bytes", status, res.Status, res.Hints.RetryAfter, len(res.Body))
		}
	}
}

func TestPost(t *testing.T) {
	var got string
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/hub", http.StatusTemporaryRedirect)
			return
		}
		r.ParseForm()
		got = r.Method + " " + r.PostForm.Encode()
		w.WriteHeader(http.StatusAccepted)
	})
	res, err := local(t, nil).Post(t.Context(), address, url.Values{"hub.mode": {"subscribe"}})
	if err != nil || res.Status != 202 || got != "POST hub.mode=subscribe" {
		t.Errorf("got %v, %v, %q", res, err, got)
	}
}

func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	address := serve(t, func(w http.ResponseWriter, r *http.Request) { cancel(); <-r.Context().Done() })
	_, err := local(t, nil).Get(ctx, Request{URL: address})
	wantKind(t, err, ErrStopped)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("%v is not context.Canceled", err)
	}
}

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Config)
		ok     bool
	}{
		{"default", func(*Config) {}, true},
		{"nothing", func(c *Config) { *c = Config{} }, true},
		{"control characters", func(c *Config) { c.UserAgent = "a\nb" }, false},
		{"hasty", func(c *Config) { c.Timeout = time.Millisecond }, false},
		{"huge bodies", func(c *Config) { c.MaxBytes = 1 << 40 }, false},
		{"huge headers", func(c *Config) { c.MaxHeaderBytes = 1 << 30 }, false},
		{"rude", func(c *Config) { c.PerHost = 100 }, false},
		{"back in time", func(c *Config) { c.Pause = -1 }, false},
		{"round and round", func(c *Config) { c.MaxRedirects = 1000 }, false},
		{"no network", func(c *Config) { c.AllowPrivate = []netip.Prefix{{}} }, false},
	} {
		cfg := Default()
		tt.change(&cfg)
		if err := cfg.Validate(); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

package press_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mmcdole/gofeed"

	"understory/press"
)

// raw asks for a feed without following redirects or inflating anything.
func raw(t *testing.T, ctx context.Context, client *http.Client, url string) (*http.Response, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "identity")
	direct := *client
	direct.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return direct.Do(req)
}

func TestFaultsBehaveAsNamed(t *testing.T) {
	s := press.NewScale(press.ScaleConfig{Feeds: 1, Items: 6, ItemBytes: 400, Now: noon})
	base, client := start(t, s)
	has := func(part string) func(*http.Response, string) bool {
		return func(_ *http.Response, body string) bool { return strings.Contains(body, part) }
	}
	lacks := func(part string) func(*http.Response, string) bool {
		return func(_ *http.Response, body string) bool { return body != "" && !strings.Contains(body, part) }
	}
	status := func(code int) func(*http.Response, string) bool {
		return func(res *http.Response, _ string) bool { return res.StatusCode == code }
	}
	tests := map[press.Fault]func(res *http.Response, body string) bool{
		press.WrongType: func(res *http.Response, _ string) bool {
			return strings.HasPrefix(res.Header.Get("Content-Type"), "text/html")
		},
		press.Latin1:        func(_ *http.Response, body string) bool { return !utf8.ValidString(body) },
		press.Truncated:     lacks("</rss>"),
		press.NoGUID:        lacks("<guid"),
		press.NewGUIDs:      has("/a/0/5#"),
		press.RelativeLinks: has("<link>/a/0/5</link>"),
		press.OddDates: func(_ *http.Response, body string) bool {
			return !regexp.MustCompile(`\d{4} \d\d:\d\d:\d\d \+0000`).MatchString(body)
		},
		press.FutureDates: func(_ *http.Response, body string) bool {
			feed, err := gofeed.NewParser().ParseString(body)
			return err == nil && feed.Items[0].PublishedParsed.After(noon())
		},
		press.HTMLTitles: has("&lt;b&gt;"),
		press.Duplicates: has("<item>"), // a habit of titles with section feeds
		press.Tombstones: has("<item>"), // a habit of titles that withdraw articles
		press.OddETag: func(res *http.Response, _ string) bool {
			return strings.HasSuffix(res.Header.Get("ETag"), ` rev="1";gzip`)
		},
		press.NoValidator: func(res *http.Response, _ string) bool {
			return res.Header.Get("ETag")+res.Header.Get("Last-Modified") == ""
		},
		press.Moved: func(res *http.Response, _ string) bool {
			return res.StatusCode == 301 && strings.HasPrefix(res.Header.Get("Location"), "/moved/")
		},
		press.NotFound:    status(404),
		press.Gone:        status(410),
		press.Forbidden:   status(403),
		press.ServerError: status(500),
		press.TooMany: func(res *http.Response, _ string) bool {
			return res.StatusCode == 429 && res.Header.Get("Retry-After") == "120"
		},
		press.EntityBomb: has("&a9;"),
		press.RedirectLoop: func(res *http.Response, _ string) bool {
			return res.StatusCode == 302 && strings.HasPrefix(res.Header.Get("Location"), "/fault/redirect-loop/0.xml")
		},
		press.RedirectPrivate: func(res *http.Response, _ string) bool {
			return res.Header.Get("Location") == "http://10.0.0.7/feed.xml"
		},
		press.Script:      has("alert(13)"),
		press.LongTitle:   func(_ *http.Response, body string) bool { return len(body) > 10_000_000 },
		press.NULs:        has("\x00"),
		press.ShortLength: lacks("</rss>"),
	}
	tried := map[press.Fault]bool{press.Hang: true, press.SlowLoris: true, press.BigBody: true, press.GzipBomb: true, press.LongLength: true}
	for f, ok := range tests {
		tried[f] = true
		t.Run(string(f), func(t *testing.T) {
			res, err := raw(t, t.Context(), client, s.FaultURL(base, 0, f))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if err != nil || !ok(res, string(body)) {
				t.Errorf("%s, %v\n%.300s", res.Status, err, body)
			}
		})
	}
	for _, f := range press.Faults() {
		if !tried[f] {
			t.Errorf("fault %q has no test", f)
		}
	}
}

func TestEndlessFaults(t *testing.T) {
	s := press.NewScale(press.ScaleConfig{Feeds: 1, Items: 6, ItemBytes: 400, Now: noon})
	base, client := start(t, s)
	t.Run("hang", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if _, err := raw(t, ctx, client, s.FaultURL(base, 0, press.Hang)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("answered: %v", err)
		}
	})
	t.Run("slow loris", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 700*time.Millisecond)
		defer cancel()
		res, err := raw(t, ctx, client, s.FaultURL(base, 0, press.SlowLoris))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if body, err := io.ReadAll(res.Body); err == nil || len(body) == 0 || len(body) > 3 {
			t.Errorf("%d bytes in 0.7 s, %v", len(body), err)
		}
	})
	t.Run("big body", func(t *testing.T) {
		if n := readUpTo(t, client, s.FaultURL(base, 0, press.BigBody), 20<<20); n != 20<<20 {
			t.Errorf("ended after %d bytes", n)
		}
	})
	t.Run("gzip bomb", func(t *testing.T) {
		res, err := raw(t, t.Context(), client, s.FaultURL(base, 0, press.GzipBomb))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		small, err := io.ReadAll(res.Body)
		if err != nil || len(small) > 3<<20 || res.Header.Get("Content-Encoding") != "gzip" {
			t.Fatalf("%d bytes, %v", len(small), err)
		}
		z, err := gzip.NewReader(bytes.NewReader(small))
		if err != nil {
			t.Fatal(err)
		}
		if n, err := io.CopyN(io.Discard, z, 20<<20); err != nil {
			t.Errorf("inflates to %d bytes only: %v", n, err)
		}
	})
	t.Run("long length", func(t *testing.T) {
		res, err := raw(t, t.Context(), client, s.FaultURL(base, 0, press.LongLength))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if _, err := io.ReadAll(res.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got %v, want an unexpected end", err)
		}
	})
}

// readUpTo returns how many bytes of at most limit a body has.
func readUpTo(t *testing.T, client *http.Client, url string, limit int64) int64 {
	t.Helper()
	res, err := raw(t, t.Context(), client, url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	n, err := io.CopyN(io.Discard, res.Body, limit)
	if err != nil && err != io.EOF {
		t.Fatal(err)
	}
	return n
}

func TestFaultsHaveTheirShare(t *testing.T) {
	s := press.NewScale(press.ScaleConfig{Feeds: 2000, Items: 1, Faults: map[press.Fault]float64{press.Gone: 0.1, press.Hang: 0.05}})
	count := map[press.Fault]int{}
	for i := range 2000 {
		count[s.Fault(i)]++
	}
	for f, want := range map[press.Fault]int{press.Gone: 200, press.Hang: 100, press.None: 1700} {
		if got := count[f]; got < want*7/10 || got > want*13/10 {
			t.Errorf("%d feeds with fault %q, want about %d", got, f, want)
		}
	}
}

package fetch

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zlib"
)

func packed(t testing.TB, coding string, r io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	switch coding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "br":
		w = brotli.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	case "deflate":
		w, _ = flate.NewWriter(&b, 9)
	}
	io.Copy(w, r)
	w.Close()
	return b.Bytes()
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestDecompress(t *testing.T) {
	const text = "<rss>news</rss>"
	pack := func(coding string, b []byte) []byte { return packed(t, coding, bytes.NewReader(b)) }
	plain := []byte(text)
	for _, tt := range []struct {
		name, header string
		body         []byte
		want         Kind // "" for text
	}{
		{"plain", "", plain, ""},
		{"gzip", "gzip", pack("gzip", plain), ""},
		{"x-gzip", "X-GZip", pack("gzip", plain), ""},
		{"brotli", "br", pack("br", plain), ""},
		{"deflate with a header", "deflate", pack("zlib", plain), ""},
		{"deflate without", "deflate", pack("deflate", plain), ""},
		{"nested", "gzip, br", pack("br", pack("gzip", plain)), ""},
		{"gzip twice, said once", "gzip", pack("gzip", pack("gzip", plain)), ""},
		{"gzip unannounced", "", pack("gzip", plain), ""},
		{"gzip announced, not done", "gzip", plain, ""},
		{"meaningless", "utf-8", plain, ""},
		{"rubbish after gzip", "gzip", append(pack("gzip", plain), "\n\n<!-- cached -->"...), ""},
		{"unknown", "compress", plain, ErrEncoding},
		{"nested too deep", "gzip, gzip, gzip", plain, ErrEncoding},
		{"nested without end", strings.Repeat("gzip, ", 1000), plain, ErrEncoding},
		{"broken gzip", "gzip", []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x00not deflated at all"), ErrEncoding},
		{"broken brotli", "br", plain, ErrEncoding},
		{"not asked for", "zstd", plain, ErrEncoding},
		{"half of a gzip", "gzip", pack("gzip", plain)[:20], ErrTruncated},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Encoding", tt.header)
				w.Write(tt.body)
			})
			res, err := local(t, nil).Get(t.Context(), Request{URL: address})
			if tt.want != "" {
				wantKind(t, err, tt.want)
			} else if err != nil || string(res.Body) != text {
				t.Errorf("got %v, %v; want %q", res, err, text)
			}
		})
	}
}

func TestBombs(t *testing.T) {
	const limit = 256 << 10
	bomb := func(coding string) []byte { return packed(t, coding, io.LimitReader(zeros{}, 64*limit)) }
	nothings := bytes.Repeat(packed(t, "gzip", strings.NewReader("")), 2*limit/20)
	for _, tt := range []struct {
		name, header string
		body         []byte
	}{
		{"gzip", "gzip", bomb("gzip")},
		{"brotli", "br", bomb("br")},
		{"deflate", "deflate", bomb("zlib")},
		{"nested gzip", "gzip, gzip", packed(t, "gzip", bytes.NewReader(bomb("gzip")))},
		{"unannounced gzip", "", bomb("gzip")},
		{"gzip that says nothing", "gzip", nothings},
		{"gzip that says nothing, packed", "gzip, gzip", packed(t, "gzip", bytes.NewReader(nothings))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Encoding", tt.header)
				w.Write(tt.body)
			})
			c := local(t, func(c *Config) { c.MaxBytes = limit })
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := c.Get(t.Context(), Request{URL: address})
			runtime.ReadMemStats(&after)
			wantKind(t, err, ErrTooLarge)
			if used := after.TotalAlloc - before.TotalAlloc; used > 24<<20 {
				t.Errorf("%d bytes allocated for a limit of %d", used, limit)
			}
		})
	}
}

func TestEndlessBody(t *testing.T) {
	const limit = 1 << 20
	for _, announced := range []string{"", "1073741824"} {
		t.Run("announced "+announced, func(t *testing.T) {
			sent := make(chan int64, 1)
			address := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if announced != "" {
					w.Header().Set("Content-Length", announced)
				}
				n, _ := io.Copy(w, io.LimitReader(zeros{}, 1<<30))
				sent <- n
			})
			_, err := local(t, func(c *Config) { c.MaxBytes = limit }).Get(t.Context(), Request{URL: address})
			wantKind(t, err, ErrTooLarge)
			if n := <-sent; n > 64*limit {
				t.Errorf("the server could send %d bytes", n)
			}
		})
	}
}

// raw serves each connection with bytes that need not be HTTP.
func raw(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				http.ReadRequest(bufio.NewReader(conn))
				talk(conn)
			}()
		}
	}()
	return "http://" + l.Addr().String()
}

func TestBrokenServers(t *testing.T) {
	say := func(format string, args ...any) func(net.Conn) {
		return func(c net.Conn) { fmt.Fprintf(c, format, args...) }
	}
	stall := func(format string) func(net.Conn) {
		return func(c net.Conn) { io.WriteString(c, format); io.Copy(io.Discard, c) }
	}
	for _, tt := range []struct {
		name string
		talk func(net.Conn)
		want Kind
	}{
		{"longer than said", say("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort"), ErrTruncated},
		{"chunks cut", say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n9\r\nab"), ErrTruncated},
		{"chunks broken", say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabcde"), ErrNotHTTP},
		{"two lengths", say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"), ErrNotHTTP},
		{"negative length", say("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabcdef"), ErrNotHTTP},
		{"another protocol", say("SSH-2.0-OpenSSH_9.2\r\n"), ErrNotHTTP},
		{"nothing", say(""), ErrCut},
		{"huge header", say("HTTP/1.1 200 OK\r\nX: %s\r\n\r\n", strings.Repeat("x", 1<<20)), ErrTooLarge},
		{"endless header", say("HTTP/1.1 200 OK\r\n%s\r\n", strings.Repeat("X: y\r\n", 1<<18)), ErrTooLarge},
		{"silent", stall(""), ErrTimeout},
		{"half a header", stall("HTTP/1.1 200 OK\r\nX: "), ErrTimeout},
		{"half a body", stall("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"), ErrTimeout},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := local(t, func(c *Config) { c.Timeout = 300 * time.Millisecond })
			_, err := c.Get(t.Context(), Request{URL: raw(t, tt.talk)})
			wantKind(t, err, tt.want)
		})
	}
}

func TestShorterThanSaid(t *testing.T) {
	address := raw(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef") })
	if res := get(t, local(t, nil), Request{URL: address}); string(res.Body) != "abc" {
		t.Errorf("body = %q", res.Body)
	}
}

type drip time.Duration

func (d drip) Read(p []byte) (int, error) { time.Sleep(time.Duration(d)); p[0] = 'x'; return 1, nil }

func TestTooSlow(t *testing.T) {
	for _, tt := range []struct {
		name  string
		every time.Duration
		want  error
	}{
		{"a byte a second", time.Second, ErrSlow},
		{"fast enough", 100 * time.Microsecond, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &paced{r: drip(tt.every), rate: 1024, start: time.Now()}
			_, err := io.CopyN(io.Discard, p, 100_000)
			if err != tt.want {
				t.Errorf("%s: error = %v; want %v", tt.name, err, tt.want)
			}
			if took := time.Since(p.start); tt.want != nil && took > 2*grace {
				t.Errorf("%s: noticed after %v", tt.name, took)
			}
		})
	}
}

func TestHeadersToSend(t *testing.T) {
	c := local(t, nil)
	for _, req := range []Request{
		{Header: map[string]string{"X-Key": "a\r\nHost: b"}},
		{Header: map[string]string{"X-Key\r\nA": "b"}},
		{Header: map[string]string{"": "b"}},
		{Header: map[string]string{"host": "b"}},
		{Header: map[string]string{"Transfer-Encoding": "chunked"}},
		{Header: map[string]string{"content-length": "5"}},
		{Cookie: "a=b\nX: y"},
		{UserAgent: "a\x00b"},
		{ETag: "\"a\"\r\nX: y"},
		{LastModified: "\n"},
		{Accept: "\x7f"},
	} {
		req.URL = "http://127.0.0.1:1/"
		_, err := c.Get(t.Context(), req)
		wantKind(t, err, ErrHeader)
	}
}

func TestQueryIsEscaped(t *testing.T) {
	var got string
	address := serve(t, func(w http.ResponseWriter, r *http.Request) { got = r.RequestURI })
	get(t, local(t, nil), Request{URL: address + "/a b?q=a b&c=é<%20>#x"})
	if want := "/a%20b?q=a%20b&c=%C3%A9%3C%20%3E"; got != want {
		t.Errorf("asked for %q; want %q", got, want)
	}
}

func FuzzBody(f *testing.F) {
	for _, coding := range []string{"gzip", "br", "deflate"} {
		f.Add(coding, packed(f, coding, strings.NewReader("<rss>news news news</rss>")))
	}
	f.Add("deflate", packed(f, "zlib", strings.NewReader("<rss>")))
	f.Add("gzip, br", []byte("plain"))
	c := newCoders()
	f.Fuzz(func(t *testing.T, coding string, sent []byte) {
		const limit = 1 << 10
		body, err := c.decode(bytes.NewReader(sent), http.Header{"Content-Encoding": {coding}}, limit)
		if len(body) > limit {
			t.Errorf("%d bytes of a limit of %d, %v", len(body), limit, err)
		}
	})
}

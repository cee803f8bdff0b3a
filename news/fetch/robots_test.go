package fetch

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestAllows(t *testing.T) {
	for _, tt := range []struct {
		name, text string
		yes, no    string // targets
	}{
		{"empty", "", "/ /a", ""},
		{"all", "User-agent: *\nDisallow: /", "", "/ /a"},
		{"nothing disallowed", "User-agent: *\nDisallow:", "/ /a", ""},
		{"own group instead of all", "User-agent: *\nDisallow: /\n\nUser-agent: understory/1.0\nDisallow: /b", "/ /a", "/b /bc"},
		{"group of several", "user-agent: x\nUser-Agent: Understory\nDisallow: /a", "/b", "/a"},
		{"groups of one name are one", "User-agent: understory\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: Understory\nDisallow: /b", "/c", "/a /b"},
		{"longest wins", "User-agent: *\nDisallow: /a\nAllow: /a/b\nDisallow: /a/b/c", "/x /a/b /a/b/d", "/a /a/x /a/b/c"},
		{"allow wins a tie", "User-agent: *\nDisallow: /a\nAllow: /a", "/a", ""},
		{"wildcards", "User-agent: *\nDisallow: /*.pdf$\nDisallow: /*/print\nDisallow: *secret", "/a.pdfx /print", "/a.pdf /a/b.pdf /x/print/y /mysecret"},
		{"end", "User-agent: *\nDisallow: /$", "/a", "/"},
		{"query", "User-agent: *\nDisallow: /*?s=", "/a /a?x=1", "/a?s=1"},
		{"spelling", "User-agent: *\nDisallow: /%7ejoe/%c3%a9\nDisallow: /ü", "/joe", "/~joe/é /%7Ejoe/%C3%A9 /%C3%BC"},
		{"comments, spaces, returns, mark", "\xef\xbb\xbfUser-agent : * # all\r\n  disallow :/a # no\r\n", "/b", "/a"},
		{"rules of nobody", "Disallow: /\nCrawl-delay: x\nfoo\n:\nUser-agent: *\nDisallow: /a", "/b", "/a"},
		{"prefix of a name is another", "User-agent: under\nDisallow: /", "/", ""},
		{"a page instead", "<!doctype html><title>Not found</title>", "/", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for want, list := range map[bool]string{true: tt.yes, false: tt.no} {
				for path := range strings.FieldsSeq(list) {
					if got := allows([]byte(tt.text), "Understory", normal(path)); got != want {
						t.Errorf("%s: %v; want %v", path, got, want)
					}
				}
			}
		})
	}
}

func TestRobots(t *testing.T) {
	for _, tt := range []struct {
		status int
		want   bool
	}{{200, false}, {404, true}, {403, true}, {429, false}, {500, false}} {
		var asked atomic.Int32
		address := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked.Add(1)
			w.WriteHeader(tt.status)
			io.WriteString(w, "User-agent: *\nDisallow: /")
		})
		c := local(t, nil)
		for range 3 {
			got, err := c.Robots(t.Context(), address+"/a", "Understory")
			if err != nil || got != tt.want {
				t.Errorf("status %d: %v, %v; want %v", tt.status, got, err, tt.want)
			}
		}
		if asked.Load() != 1 {
			t.Errorf("status %d: asked %d times", tt.status, asked.Load())
		}
	}
	if _, err := local(t, nil).Robots(t.Context(), "http://127.0.0.1:1/a", "Understory"); err == nil {
		t.Error("no error from a host that is not there")
	}
}

func TestReserves(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, `[{"location": "/*", "tdm-reservation": 1}, {"location": "/free/", "tdm-reservation": 0}]`)
	})
	c := local(t, nil)
	for path, want := range map[string]bool{"/a": true, "/free/a": false} {
		if got, err := c.Reserves(t.Context(), address+path); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", path, got, err, want)
		}
	}
	page := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "<html>") })
	if got, err := c.Reserves(t.Context(), page); err != nil || got {
		t.Errorf("a page instead: %v, %v", got, err)
	}
}

func TestReservedBy(t *testing.T) {
	for _, tt := range []struct{ name, page, want string }{
		{"none", `<html><head><meta charset=utf-8><meta name=robots content="max-image-preview:large">`, ""},
		{"noai", `<meta content="index, NOAI" name="ROBOTS">`, "meta robots: noai"},
		{"tdm", `<meta name="tdm-reservation" content="1" />`, "meta tdm-reservation: 1"},
		{"in the body", `<body><meta name=robots content=noai>`, ""},
		{"in a script", `<script>'<meta name=robots content=noai>'</script>`, ""},
		{"far away", strings.Repeat(" ", maxHead) + `<meta name=robots content=noai>`, ""},
	} {
		if got := ReservedBy([]byte(tt.page)); got != tt.want {
			t.Errorf("%s: %q; want %q", tt.name, got, tt.want)
		}
	}
}

func TestShelfIsBounded(t *testing.T) {
	s := newShelf()
	now := time.Now()
	for i := range 1000 {
		address := fmt.Sprint(i)
		s.put(address, rules{text: make([]byte, 100_000), until: now.Add(time.Hour)}, now)
		if _, ok := s.get(address, now); !ok || s.size > maxShelf {
			t.Fatalf("kept %v, %d bytes", ok, s.size)
		}
	}
	s.put("999", rules{}, now)
	s.put("999", rules{until: now}, now)
	total := 0
	for address, r := range s.rules {
		total += cost(address, r)
	}
	if total != s.size {
		t.Errorf("size %d; want %d", s.size, total)
	}
	if _, ok := s.get("999", now); ok {
		t.Error("an expired entry was returned")
	}
}

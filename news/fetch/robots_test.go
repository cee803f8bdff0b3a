package fetch

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
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
	const robots, free = "User-agent: *\nDisallow: /private", "[]"
	const reserved = `[{"location": "/*", "tdm-reservation": 1}, {"location": "/free/", "tdm-reservation": 0}]`
	for _, tt := range []struct {
		name    string
		status  int
		tdm     string
		yes, no string // paths
	}{
		{"rules", 200, free, "/ /a", "/private /private/a"},
		{"none", 404, free, "/a /private", ""},
		{"hidden", 403, free, "/a", ""},
		{"too many requests", 429, free, "", "/a"},
		{"a fault", 500, free, "", "/a"},
		{"reserved", 404, reserved, "/free/a", "/a /free"},
		{"both", 200, reserved, "/free/a", "/a /private"},
		{"a page instead", 404, "<html>", "/a", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var asked sync.Map
			address := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if _, twice := asked.LoadOrStore(r.URL.Path, true); twice {
					t.Errorf("%s was asked for twice", r.URL.Path)
				}
				if r.URL.Path != "/robots.txt" {
					io.WriteString(w, tt.tdm)
					return
				}
				w.WriteHeader(tt.status)
				io.WriteString(w, robots)
			})
			c := local(t, nil)
			for want, list := range map[bool]string{true: tt.yes, false: tt.no} {
				for path := range strings.FieldsSeq(list) {
					if got, err := c.Robots(t.Context(), address+path, "Understory"); err != nil || got != want {
						t.Errorf("%s: %v, %v; want %v", path, got, err, want)
					}
				}
			}
		})
	}
	if got, err := local(t, nil).Robots(t.Context(), "http://127.0.0.1:1/a", "Understory"); err == nil || got {
		t.Errorf("a host that is not there: %v, %v", got, err)
	}
}

func TestShelfIsBounded(t *testing.T) {
	s := newShelf()
	now := time.Now()
	for i := range 200 {
		address := fmt.Sprint(i)
		s.put(address, rules{text: make([]byte, 100_000), until: now.Add(time.Hour)}, now)
		if _, ok := s.get(address, now); !ok || s.size > maxShelf {
			t.Fatalf("kept %v, %d bytes", ok, s.size)
		}
	}
	s.put("199", rules{}, now)
	s.put("199", rules{until: now}, now)
	total := 0
	for address, r := range s.rules {
		total += cost(address, r)
	}
	if total != s.size {
		t.Errorf("size %d; want %d", s.size, total)
	}
	if _, ok := s.get("199", now); ok {
		t.Error("an expired entry was returned")
	}
}

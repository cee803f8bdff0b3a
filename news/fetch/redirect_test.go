package fetch

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRedirects(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		step := func(to string, status int) { w.Header().Set("Location", to); w.WriteHeader(status) }
		switch r.URL.Path {
		case "/moved":
			step("/feed", 301)
		case "/moved2":
			step("moved#top", 308)
		case "/away":
			step("/feed", 302)
		case "/mixed":
			step("/away", 301)
		case "/gone":
			step("/410", 301)
		case "/410":
			w.WriteHeader(410)
		case "/loop":
			step("/loop2", 302)
		case "/loop2":
			step("/loop", 302)
		case "/self":
			step("/self", 301)
		case "/endless":
			step("/endless?"+r.URL.RawQuery+"x", 302)
		case "/file":
			step("file:///etc/passwd", 302)
		case "/nowhere":
			step("", 302)
		case "/broken":
			step("http://[::1", 302)
		case "/private":
			step("http://127.9.9.9/", 302)
		case "/metadata":
			step("http://169.254.169.254/latest/meta-data/", 302)
		case "/port":
			step("http://127.0.0.1:0/", 302)
		case "/choice":
			step("/feed", 300)
		}
	})
	c := local(t, func(c *Config) { c.AllowPrivate = prefixes("127.0.0.1/32") })
	for _, tt := range []struct {
		path, at, permanent string
		want                Kind
	}{
		{"/feed", "/feed", "", ""},
		{"/moved", "/feed", "/feed", ""},
		{"/moved2", "/feed", "/feed", ""},
		{"/away", "/feed", "", ""},
		{"/mixed", "/feed", "", ""},
		{"/gone", "/410", "", ""},
		{"/choice", "/choice", "", ""},
		{"/loop", "", "", ErrRedirectLoop},
		{"/self", "", "", ErrRedirectLoop},
		{"/endless", "", "", ErrRedirects},
		{"/file", "", "", ErrRedirect},
		{"/nowhere", "", "", ErrRedirect},
		{"/broken", "", "", ErrRedirect},
		{"/port", "", "", ErrRedirect},
		{"/private", "", "", ErrPrivate},
		{"/metadata", "", "", ErrPrivate},
	} {
		t.Run(tt.path, func(t *testing.T) {
			res, err := c.Get(t.Context(), Request{URL: address + tt.path})
			if tt.want != "" {
				wantKind(t, err, tt.want)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := []string{strings.TrimPrefix(res.URL, address), strings.TrimPrefix(res.Permanent, address)}
			if diff := cmp.Diff([]string{tt.at, tt.permanent}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSecretsStayHome(t *testing.T) {
	seen := map[string]http.Header{}
	var away string
	home := serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen["home"+r.URL.Path] = r.Header
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, away+"/", 301)
		case "/near":
			http.Redirect(w, r, "/feed", 301)
		}
		w.Header().Set("Set-Cookie", "track=1")
	})
	away = serve(t, func(w http.ResponseWriter, r *http.Request) {
		seen["away"] = r.Header
		http.Redirect(w, r, home+"/back", 301)
	})
	c := local(t, nil)
	ask := func(path string) *Response {
		return get(t, c, Request{URL: strings.Replace(home, "//", "//anna:secret@", 1) + path, Cookie: "a=b", ETag: `"x"`,
			Header: map[string]string{"X-Key": "k"}})
	}
	secrets := func(h http.Header) []string {
		return []string{h.Get("Authorization"), h.Get("Cookie"), h.Get("X-Key"), h.Get("Referer")}
	}
	ask("/away")
	near := ask("/near")

	all := []string{"Basic YW5uYTpzZWNyZXQ=", "a=b", "k", ""}
	none := make([]string, 4)
	want := map[string][]string{"home/away": all, "home/near": all, "home/feed": all, "away": none, "home/back": none}
	got := map[string][]string{}
	for where, h := range seen {
		got[where] = secrets(h)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(near.URL, "secret") || !strings.Contains(near.Permanent, "anna:secret@") {
		t.Errorf("URL = %q, Permanent = %q", near.URL, near.Permanent)
	}
}

func TestSameHost(t *testing.T) {
	for _, tt := range []struct {
		first, to string
		want      bool
	}{
		{"http://a.org/x", "http://a.org/y", true},
		{"http://a.org", "https://a.org", true},
		{"http://a.org:80", "https://a.org:443", true},
		{"https://a.org", "http://a.org", false},
		{"http://a.org", "http://www.a.org", false},
		{"http://a.org", "http://a.org:8080", false},
		{"http://a.org:8080", "https://a.org:8080", false},
		{"http://a.org", "https://a.org:8443", false},
	} {
		first, _ := parse(tt.first)
		to, _ := parse(tt.to)
		if got := sameHost(first, to); got != tt.want {
			t.Errorf("sameHost(%s, %s) = %v", tt.first, tt.to, got)
		}
	}
}

func TestErrorHidesThePassword(t *testing.T) {
	for address, want := range map[string]Kind{
		"http://anna:secret@127.0.0.1:1/":       ErrRefused,
		"http://anna:secret@127.0.0.1:port/":    ErrAddress,
		"http://anna:secret@[::1/":              ErrAddress,
		"http://anna:%zzsecret@127.0.0.1/":      ErrAddress,
		"http://anna:sec\x00ret@127.0.0.1/":     ErrAddress,
		"ftp://anna:secret@127.0.0.1/":          ErrAddress,
		"http://anna:secret/secret@127.0.0.1:1": ErrAddress,
	} {
		_, err := local(t, nil).Get(t.Context(), Request{URL: address})
		wantKind(t, err, want)
		if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "ret@") {
			t.Error(err)
		}
	}
	if got := redact("http://a.example/@anna"); got != "http://a.example/@anna" {
		t.Errorf("redact = %q", got)
	}
}

func TestCrowdedHostHoldsNobodyUp(t *testing.T) {
	var away string
	crowded := serve(t, func(http.ResponseWriter, *http.Request) {})
	away = serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, crowded, 302) })
	c := local(t, func(c *Config) { c.Timeout, c.Pause = 200*time.Millisecond, time.Hour })
	get(t, c, Request{URL: crowded})
	_, err := c.Get(t.Context(), Request{URL: away})
	wantKind(t, err, ErrTimeout)
}

func TestPostIsNotTurnedIntoGet(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusFound) })
	res, err := local(t, nil).Post(t.Context(), address, url.Values{"a": {"b"}})
	if err != nil || res.Status != http.StatusFound {
		t.Errorf("got %v, %v; want the redirect itself", res, err)
	}
}

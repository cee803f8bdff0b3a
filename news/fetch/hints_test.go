package fetch

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestHints(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, tt := range []struct {
		name string
		h    http.Header
		want Hints
	}{
		{"nothing", http.Header{}, Hints{}},
		{"max-age", http.Header{"Cache-Control": {"public, Max-Age=600"}}, Hints{MaxAge: 10 * time.Minute}},
		{"quoted", http.Header{"Cache-Control": {`max-age="600"`}}, Hints{MaxAge: 10 * time.Minute}},
		{"age", http.Header{"Cache-Control": {"max-age=600"}, "Age": {"100"}}, Hints{MaxAge: 500 * time.Second}},
		{"older than its age", http.Header{"Cache-Control": {"max-age=600"}, "Age": {"900"}}, Hints{}},
		{"two lines", http.Header{"Cache-Control": {"public", "max-age=60"}}, Hints{MaxAge: time.Minute}},
		{"expires", http.Header{"Expires": {at(time.Hour)}}, Hints{MaxAge: time.Hour}},
		{"expires by the server's clock", http.Header{"Expires": {at(time.Hour)}, "Date": {at(30 * time.Minute)}}, Hints{MaxAge: 30 * time.Minute}},
		{"max-age before expires", http.Header{"Cache-Control": {"max-age=0"}, "Expires": {at(time.Hour)}}, Hints{}},
		{"expired", http.Header{"Expires": {"0"}}, Hints{}},
		{"retry in seconds", http.Header{"Retry-After": {" 90 "}}, Hints{RetryAfter: 90 * time.Second}},
		{"retry at", http.Header{"Retry-After": {at(time.Hour)}}, Hints{RetryAfter: time.Hour}},
		{"retry in the past", http.Header{"Retry-After": {at(-time.Hour)}}, Hints{}},
		{"fraction", http.Header{"Retry-After": {"1.5"}}, Hints{RetryAfter: time.Second}},
		{"too large", http.Header{"Retry-After": {"99999999999999999999999"}}, Hints{RetryAfter: maxHint}},
		{"negative", http.Header{"Retry-After": {"-5"}, "Cache-Control": {"max-age=-1"}}, Hints{}},
		{"rubbish", http.Header{"Retry-After": {"soon"}, "Cache-Control": {"max-age=x,,;=,max-age"}}, Hints{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, hints(tt.h, now)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	base, _ := url.Parse("https://a.example/feeds/news.xml")
	for _, tt := range []struct {
		name      string
		lines     []string
		hub, self []string
	}{
		{"none", nil, nil, nil},
		{"two lines", []string{`<https://hub.example/>; rel="hub"`, `<https://a.example/f>; rel=self`},
			[]string{"https://hub.example/"}, []string{"https://a.example/f"}},
		{"one line", []string{`<https://hub.example/?a=1,2>; rel="hub", </f>; REL=Self; type="a,b;c"`},
			[]string{"https://hub.example/?a=1,2"}, []string{"https://a.example/f"}},
		{"many relations", []string{`<f> ; title="x, <y>" ; rel="self hub self"`},
			[]string{"https://a.example/feeds/f"}, []string{"https://a.example/feeds/f"}},
		{"only the first rel counts", []string{`<f>; rel=next; rel=hub`}, nil, nil},
		{"no http", []string{`<javascript:x>; rel=hub`, `<mailto:a@b>; rel=self`}, nil, nil},
		{"broken", []string{`<`, `<>`, `<f`, `; rel=hub`, `<f>; rel="hub`, `,,<g>,rel=hub`}, []string{"https://a.example/feeds/f"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			hub, self := links(tt.lines, base)
			if diff := cmp.Diff([][]string{tt.hub, tt.self}, [][]string{hub, self}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReserved(t *testing.T) {
	for _, tt := range []struct {
		name, header, value, want string
	}{
		{"tdm", "tdm-reservation", "1", "TDM-Reservation: 1"},
		{"tdm free", "tdm-reservation", "0", ""},
		{"noai", "X-Robots-Tag", "noarchive, NoAI", "X-Robots-Tag: noai"},
		{"noindex", "X-Robots-Tag", "noindex", "X-Robots-Tag: noindex"},
		{"another's", "X-Robots-Tag", "otherbot: noindex, noai", ""},
		{"with a date", "X-Robots-Tag", "unavailable_after: 25 Jun 2030 15:00:00 PST, noai", "X-Robots-Tag: noai"},
		{"harmless", "X-Robots-Tag", "max-image-preview:large, nofollow", ""},
	} {
		h := http.Header{}
		h.Set(tt.header, tt.value)
		if got := reserved(h); got != tt.want {
			t.Errorf("%s: %q; want %q", tt.name, got, tt.want)
		}
	}
}

func FuzzHints(f *testing.F) {
	f.Add("max-age=600, no-store", "120", `<https://hub.example/>; rel="hub", <f>; rel=self; title="a,b"`, `W/"x"`)
	f.Add(`max-age="`, "Sun, 06 Nov 1994 08:49:37 GMT", "<<>;;=,\"", "\x00")
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	base, _ := url.Parse("https://a.example/feed")
	f.Fuzz(func(t *testing.T, cache, retry, link, etag string) {
		h := hints(http.Header{"Cache-Control": {cache}, "Retry-After": {retry}, "Age": {retry}, "Expires": {retry}}, now)
		if h.MaxAge < 0 || h.MaxAge > maxHint || h.RetryAfter < 0 || h.RetryAfter > maxHint {
			t.Errorf("out of bounds: %+v", h)
		}
		hub, self := links([]string{link}, base)
		if len(hub) > maxLinks || len(self) > maxLinks {
			t.Errorf("%d hubs, %d selves", len(hub), len(self))
		}
		for _, s := range append(hub, self...) {
			if u, err := url.Parse(s); err != nil || !u.IsAbs() {
				t.Errorf("link %q: %v", s, err)
			}
		}
		if v := validator(etag); v != "" && v != etag {
			t.Errorf("validator %q became %q", etag, v)
		}
		reserved(http.Header{"X-Robots-Tag": {link}})
	})
}

package ingest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"understory/kit/sqlkit"
	"understory/news"
)

// manners are answers with something hostile in one place, in bytes as they
// are sent: header lines, and a document whose every field is the text.
func manners() map[string]struct{ header, text string } {
	long := strings.Builder{}
	for i := range 2500 { // of differing letters: indexes squeeze what repeats itself
		fmt.Fprintf(&long, "%x", digest(fmt.Sprint(i)))
	}
	return map[string]struct{ header, text string }{
		"validators that are not UTF-8":  {header: "ETag: W/\"\xff\xfe\x80\"\r\nLast-Modified: \xc3\x28\r\n"},
		"validators with a NUL":          {header: "ETag: \"a\x00b\"\r\n"},
		"a long validator":               {header: "ETag: \"" + long.String()[:60000] + "\"\r\n"},
		"a long hub and self":            {header: "Link: <http://hub.example/" + long.String()[:20000] + ">; rel=hub, <http://self.example/" + long.String()[:20000] + ">; rel=self\r\n"},
		"a hub that is not UTF-8":        {header: "Link: <http://h\xffb.example/\xff%00>; rel=hub, <http://s.example/%00\xff>; rel=self\r\n"},
		"a media type that is not UTF-8": {header: "Content-Type: application/rss+xml; charset=\xff\xfe\r\n"},
		"a Retry-After of ages":          {header: "Retry-After: 99999999999999999999\r\nCache-Control: max-age=-9223372036854775808, max-age=9223372036854775807\r\nExpires: Fri, 31 Dec 9999 23:59:59 GMT\r\nAge: -1\r\n"},
		"NULs":                           {text: "a\x00b"},
		"escaped NULs":                   {text: "a&#0;b&#x0;c&amp;#0;"},
		"bytes that are not UTF-8":       {text: "a\xff\xfe\xc0\x80b"},
		"lone surrogates":                {text: "a\xed\xa0\x80b&#xD800;c&#55296;"},
		"noncharacters":                  {text: "a\xef\xbf\xbf&#xFFFE;&#x10FFFF;&#x110000;"},
		"control characters":             {text: "a\x1b[2J\u009b31m\u202e\u2066b&#27;[2J&#155;"},
		"escapes that are none":          {text: "%zz%00%ff%"},
		"great length":                   {text: long.String()},
		"more than an index holds":       {text: long.String()[3000:5900]},
	}
}

// TestHostileFields commits feeds with something hostile in every field in one
// batch with a good one. What one database cannot hold (PostgreSQL knows no
// NUL, nothing that is not UTF-8, and indexes nothing long) must not fail it.
func TestHostileFields(t *testing.T) {
	onEach(t, func(t *testing.T, store sqlkit.Config) {
		w := newWorldOn(t, store)
		w.title.Pages = true // so that work is queued at the hosts of hostile links
		must(w.db.PutTitle(t.Context(), w.title))(t)
		cases := manners()
		l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
		t.Cleanup(func() { l.Close() })
		go answerRaw(l, cases)
		for name := range cases {
			must(w.db.PutFeed(t.Context(), news.Feed{TitleID: w.title.ID, URL: "http://" + l.Addr().String() + "/" + url.PathEscape(name)}, w.now()))(t)
		}
		w.answer(200, rss(item(1, "good")))
		w.commits.queue = wholeOnly{w.db, t}
		for _, token := range []string{"a%00b", "a%ff", "%ed%a0%80"} { // nobody's, and no fault of the store
			if got := w.call("POST", "/"+token, "").Code; got != http.StatusGone {
				t.Errorf("a push to %s: status %d", token, got)
			}
			raw, _ := url.PathUnescape(token)
			if _, err := w.Accepts(t.Context(), raw); err != nil {
				t.Errorf("a letter to %q: %v", raw, err)
			}
			if _, err := w.db.Title(t.Context(), raw); !errors.Is(err, news.ErrNotFound) {
				t.Errorf("the title %q: %v", raw, err)
			}
		}
		for range 2 { // what was stored must be sendable and storable again
			for w.step() > 0 {
			}
			w.wait(25 * time.Hour)
		}
		for _, f := range must(w.db.Feeds(t.Context(), w.title.ID))(t) {
			if name, _ := url.PathUnescape(f.URL); f.State.Checked.IsZero() || f.State.Error != "" && cases[name[strings.LastIndexByte(name, '/')+1:]].header == "" {
				t.Errorf("%s: checked %v, trouble %q", name, f.State.Checked, f.State.Error)
			}
		}
		articles := w.articles()
		if len(articles) < len(cases)/2 {
			t.Errorf("only %d articles", len(articles))
		}
		for _, a := range articles {
			if problem := unsafe(must(w.db.Article(t.Context(), a.ID))(t)); problem != "" {
				t.Errorf("article %q: %s", a.Headline, problem)
			}
		}
	})
}

// wholeOnly is a store that says when a batch could not be stored at once.
type wholeOnly struct {
	Store
	t *testing.T
}

func (s wholeOnly) Commit(ctx context.Context, b news.Batch) (news.Committed, error) {
	done, err := s.Store.Commit(ctx, b)
	if err != nil {
		s.t.Errorf("a batch of %d results is not stored: %.300s", len(b.Results), err)
	}
	return done, err
}

// answerRaw answers as no HTTP library would.
func answerRaw(l net.Listener, cases map[string]struct{ header, text string }) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer conn.Close()
			r, err := http.ReadRequest(bufio.NewReader(conn))
			if err != nil {
				return
			}
			c := cases[strings.TrimPrefix(r.URL.Path, "/")]
			x := c.text
			body := `<rss version="` + x + `" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>T` + x + `</title>` +
				`<link>http://` + x + `.example/` + x + `</link><language>` + x + `</language><ttl>` + x + `</ttl><atom:link rel="hub" href="http://` + x + `.example/` + x + `"/><atom:link rel="self" href="http://self.example/` + x + `"/>`
			for i, link := range []string{"http://" + x + ".example/p", "http://" + x + ".example/" + x, "http://a.example/" + x + "?" + x + "#" + x, x} {
				body += fmt.Sprintf(`<item><guid>%s%d%s</guid><title>Title %d %s</title><link>%s</link><dc:language>%s</dc:language><dc:creator>By %s</dc:creator><category>%s</category>`+
					`<description>&lt;p&gt;Summary %s&lt;/p&gt;</description><media:content url="http://%s.example/%s.jpg" medium="image" type="image/jpeg"><media:description>%s</media:description><media:credit>%s</media:credit></media:content>`+
					`<enclosure url="http://p.example/%s" type="%s" length="%s"/><pubDate>%s</pubDate></item>`, r.URL.Path, i, x, i, x, link, x, x, x, x, x, x, x, x, x, x, x, x)
			}
			body += `</channel></rss>`
			fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n%s", len(body), c.header, body)
		}()
	}
}

package ingest

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/smtp"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/sync/errgroup"

	"understory/kit/count"
	"understory/kit/pgtest"
	"understory/kit/sqlkit"
	"understory/news"
	"understory/news/fetch"
	"understory/news/mail"
	"understory/news/newsdb"
	"understory/press"
)

// onEach runs a test with each kind of database.
func onEach(t *testing.T, test func(t *testing.T, store sqlkit.Config)) {
	t.Run("sqlite", func(t *testing.T) {
		test(t, sqlkit.DefaultConfig(filepath.Join(t.TempDir(), "news.db")))
	})
	t.Run("postgresql", func(t *testing.T) {
		c := sqlkit.DefaultConfig("")
		c.Driver, c.Address = sqlkit.PostgreSQL, pgtest.Open(t)
		test(t, c)
	})
}

const deepLen = 300_000 // elements in elements

// attacks is what the hostile feeds of the siege become, and words of the
// trouble that each ends with; "" where it is to be read safely.
var attacks = []struct {
	fault press.Fault
	body  string // instead of a fault
	want  string
}{
	{fault: press.EntityBomb},
	{fault: press.GzipBomb, want: "too large"},
	{fault: press.BigBody, want: "too large"},
	{fault: press.SlowLoris, want: "too slowly"},
	{fault: press.Hang, want: "took too long"},
	{fault: press.RedirectLoop, want: "circle"},
	{fault: press.RedirectPrivate, want: "private network"},
	{fault: press.LongLength, want: "ended before its announced length"},
	{fault: press.ShortLength},
	{fault: press.Script},
	{fault: press.LongTitle},
	{fault: press.NULs},
	{body: `<rss version="2.0"><channel><title>x</title><item><guid>d</guid><title>Deep</title><description>` + strings.Repeat("&lt;div>", deepLen) + `</description></item></channel></rss>`},
	{body: `<rss version="2.0"><channel>` + strings.Repeat("<a>", deepLen)},
	{body: `<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>d</id><title>Deep</title><content type="xhtml">` + strings.Repeat("<div>", deepLen) + `</content></entry></feed>`},
	{body: `{"version":"https://jsonfeed.org/version/1.1","items":` + strings.Repeat("[", deepLen), want: "cannot be read"},
	{body: `{"version":"https://jsonfeed.org/version/1.1","title":"\u0000","items":[{"id":"\u0000\ud800","title":"A\u0000B\ud800","content_html":"<p>\u0000\udfff</p>","authors":[{"name":"\u0000"}]}]}`},
}

// siege is a press of which some feeds turn hostile.
type siege struct {
	*press.Scale
	good    int
	hostile atomic.Bool
}

func (s *siege) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var i int
	_, err := fmt.Sscanf(r.URL.Path, "/feed/%d.xml", &i)
	if err != nil || !s.hostile.Load() || i < s.good {
		s.Scale.ServeHTTP(w, r)
		return
	}
	if a := attacks[i-s.good]; a.body != "" {
		io.WriteString(w, a.body)
	} else {
		r.URL.Path = fmt.Sprintf("/fault/%s/%d.xml", a.fault, i)
		s.Scale.ServeHTTP(w, r)
	}
}

// inside is a name server by which every name leads into a private network.
func inside() *net.Resolver {
	answer := func(query []byte) []byte {
		var m dnsmessage.Message
		if m.Unpack(query) != nil || len(m.Questions) != 1 {
			return nil
		}
		m.Response, m.Additionals = true, nil
		if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
			m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class}, Body: &dnsmessage.AResource{A: [4]byte{10, 0, 0, 7}}}}
		}
		out, _ := m.Pack()
		return out
	}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			for size := make([]byte, 2); ; {
				if _, err := io.ReadFull(there, size); err != nil {
					return
				}
				query := make([]byte, binary.BigEndian.Uint16(size))
				if _, err := io.ReadFull(there, query); err != nil {
					return
				}
				out := answer(query)
				there.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...))
			}
		}()
		return here, nil
	}}
}

// TestSiege has forty good feeds and one of every hostile kind checked at the
// same time, while mails of 100 MB come in. Each hostile feed ends with a plain
// error of its own or is read safely, and keeps its last good articles; the
// good ones are all read before the slow ones are given up; memory is bounded.
func TestSiege(t *testing.T) {
	onEach(t, func(t *testing.T, store sqlkit.Config) {
		const good = 40
		s := &siege{Scale: press.NewScale(press.ScaleConfig{Feeds: good + len(attacks), Items: 5, ItemBytes: 2000}), good: good}
		site := httptest.NewServer(s)
		t.Cleanup(site.Close)
		t.Cleanup(site.CloseClientConnections) // of the feeds that never end
		db := must(newsdb.Open(t.Context(), store))(t)
		t.Cleanup(func() { db.Close() })
		client := fetch.New(fetch.Config{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, Resolver: inside(), HeaderTimeout: 12 * time.Second})
		t.Cleanup(client.Close)
		cfg := Default()
		cfg.HostPause, cfg.Poll = 0, 20*time.Millisecond
		b := &besieged{T: t, db: db, pipe: New(cfg, db, client, slog.New(slog.NewTextHandler(t.Output(), nil)), count.New("test"))}
		b.add(s, strings.Replace(site.URL, "http://127.0.0.1", "localhost", 1))
		ctx, stop := context.WithCancel(t.Context())
		var running errgroup.Group
		running.Go(func() error { return b.pipe.Run(ctx) })
		t.Cleanup(func() {
			stop()
			if err := running.Wait(); err != nil {
				t.Error(err)
			}
		})

		b.await("the first round", b.feeds, time.Minute)
		before := b.articles()
		s.Bring(press.Mix{NewItem: 1})
		s.hostile.Store(true)
		peak := heapPeak(t)
		b.again()
		letters := b.mail(ctx)
		b.await("the good feeds", b.feeds[:good], time.Minute)
		if b.done(b.feed(good + 4)) {
			t.Error("the good feeds had to wait for one that never answers")
		}
		b.await("all feeds", b.feeds, time.Minute)
		if err := letters.Wait(); err != nil {
			t.Error(err)
		}
		if top := peak(); top > 400<<20 {
			t.Errorf("the heap grew to %d MiB", top>>20)
		} else {
			t.Logf("the heap grew to %d MiB", top>>20)
		}
		b.inspect(s, before)
	})
}

// besieged is a pipeline with the feeds of a siege.
type besieged struct {
	*testing.T
	pipe   *Pipeline
	db     *newsdb.DB
	feeds  []news.Feed
	letter news.Feed
	since  []time.Time // when each feed was last checked before the round
}

// add adds every feed under a title of its own, and two that lead inside.
func (b *besieged) add(s *siege, base string) {
	addresses := []string{"http://10.0.0.7/feed.xml", "http://intranet.example/feed.xml"}
	for i := range s.good + len(attacks) {
		addresses = append(addresses, s.FeedURL(base, i))
	}
	for i, address := range append(addresses[2:], addresses[:2]...) {
		t := must(b.db.PutTitle(b.Context(), news.Title{Slug: fmt.Sprintf("t-%d", i), Name: fmt.Sprint("Title ", i), Section: "world"}))(b.T)
		b.feeds = append(b.feeds, must(b.db.PutFeed(b.Context(), news.Feed{TitleID: t.ID, URL: address}, time.Now()))(b.T))
		b.since = append(b.since, time.Time{})
		b.letter = news.Feed{TitleID: t.ID}
	}
	b.letter = must(b.db.PutFeed(b.Context(), NewLetterFeed(b.letter.TitleID, ""), time.Now()))(b.T)
}

// feed is the present state of a feed.
func (b *besieged) feed(i int) (f news.Feed, i2 int) {
	f, _, _, err := b.db.Feed(b.Context(), b.feeds[i].URL)
	if err != nil {
		b.Fatal(err)
	}
	return f, i
}

func (b *besieged) done(f news.Feed, i int) bool { return !f.State.Checked.Equal(b.since[i]) }

// again makes all feeds due.
func (b *besieged) again() {
	for i := range b.feeds {
		f, _ := b.feed(i)
		b.since[i] = f.State.Checked
		if err := b.db.CheckNow(b.Context(), f.ID, time.Now(), "again"); err != nil {
			b.Fatal(err)
		}
	}
}

func (b *besieged) await(what string, feeds []news.Feed, most time.Duration) {
	b.Helper()
	start := time.Now()
	for i := 0; i < len(feeds); {
		if b.done(b.feed(i)) {
			i++
			continue
		}
		if time.Since(start) > most {
			b.Fatalf("%s: %s is not checked after %v", what, feeds[i].URL, most)
		}
		<-time.After(10 * time.Millisecond)
	}
	b.Logf("%s: %v", what, time.Since(start).Round(time.Millisecond))
}

// articles counts the articles of each feed.
func (b *besieged) articles() (n []int) {
	for i := range b.feeds {
		n = append(n, len(b.list(i)))
	}
	return n
}

func (b *besieged) list(i int) []news.Article {
	return must(b.db.Articles(b.Context(), news.List{TitleID: b.feeds[i].TitleID, Limit: 1000, Copies: true}))(b.T)
}

// mail sends mails of 100 MB, of parts within parts and of one endless part.
func (b *besieged) mail(ctx context.Context) *errgroup.Group {
	l := must(net.Listen("tcp", "127.0.0.1:0"))(b.T)
	server := mail.New(mail.Config{Domain: "news.example", Log: slog.New(slog.DiscardHandler)}, b.pipe)
	go server.Serve(ctx, l)
	var all errgroup.Group
	nested, large := "From: a@b.example\r\n", "From: a@b.example\r\nContent-Type: text/html\r\n\r\n"
	for i := range 100 {
		nested += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	for _, head := range []string{nested, large} {
		all.Go(func() error {
			c, err := smtp.Dial(l.Addr().String())
			if err != nil {
				return err
			}
			defer c.Close()
			if err := c.Mail("a@b.example"); err != nil {
				return err
			}
			if err := c.Rcpt(b.letter.Token() + "@news.example"); err != nil {
				return err
			}
			w, err := c.Data()
			if err != nil {
				return err
			}
			io.WriteString(w, head)
			line := strings.Repeat("x", 998) + "\r\n"
			for sent := 0; err == nil && sent < 100<<20; sent += len(line) {
				_, err = io.WriteString(w, line)
			}
			if w.Close() == nil {
				return fmt.Errorf("a mail of 100 MB was taken")
			}
			return nil
		})
	}
	return &all
}

// heapPeak watches the heap until the peak is asked for.
func heapPeak(t *testing.T) (peak func() uint64) {
	runtime.GC()
	quit, top := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc)
			select {
			case <-tick.C:
			case <-quit:
				top <- most
				return
			}
		}
	}()
	return func() uint64 { close(quit); return <-top }
}

// inspect looks at what became of every feed.
func (b *besieged) inspect(s *siege, before []int) {
	for i := range b.feeds {
		f, _ := b.feed(i)
		name, want := f.URL, ""
		switch {
		case i >= s.good+len(attacks):
			want = "private network"
		case i >= s.good:
			a := attacks[i-s.good]
			name, want = string(a.fault), a.want
			if name == "" {
				name = a.body[:60]
			}
		}
		if f.State.Error == "" != (want == "") || !strings.Contains(f.State.Error, want) {
			b.Errorf("%s: its trouble is %q, want %q", name, f.State.Error, want)
		}
		articles := b.list(i)
		if n := len(articles); n < before[i] || i < s.good && n != before[i]+1 {
			b.Errorf("%s: %d articles, %d before", name, n, before[i])
		}
		for _, a := range articles {
			full := must(b.db.Article(b.Context(), a.ID))(b.T)
			if problem := unsafe(full); problem != "" {
				b.Errorf("%s: %s", name, problem)
			}
		}
	}
	if n := len(must(b.db.Articles(b.Context(), news.List{TitleID: b.letter.TitleID, Limit: 9}))(b.T)); n != 0 {
		b.Errorf("%d articles were made of mails of 100 MB", n)
	}
}

// unsafe says what is wrong with a stored article, "" for nothing.
func unsafe(a news.Article) string {
	for what, field := range map[string]struct {
		text string
		most int // characters
	}{
		"headline": {a.Headline, maxHeadline}, "standfirst": {a.Standfirst, maxStandfirst}, "byline": {a.Byline, maxByline},
		"language": {a.Language, 35}, "address": {a.Address, maxAddress}, "body": {a.Body, 4 * maxBody},
		"picture": {a.Picture.URL, maxAddress}, "alt": {a.Picture.Alt, maxHeadline}, "caption": {a.Picture.Caption, maxStandfirst}, "credit": {a.Picture.Credit, maxByline},
	} {
		text := strings.ReplaceAll(field.text, "\n", " ")
		switch {
		case !utf8.ValidString(text):
			return what + " is not UTF-8"
		case strings.ContainsFunc(text, unicode.IsControl) || what != "body" && what != "address" && what != "picture" && strings.ContainsAny(text, bidi):
			return fmt.Sprintf("%s holds control characters: %.80q", what, text)
		case utf8.RuneCountInString(text) > field.most:
			return fmt.Sprintf("%s has %d characters", what, utf8.RuneCountInString(text))
		case what != "body" && what != "headline" && what != "byline" && what != "standfirst" && strings.ContainsAny(text, "<>\""):
			return fmt.Sprintf("%s holds markup: %.80q", what, text)
		}
	}
	body := strings.ToLower(a.Body)
	for _, bad := range []string{"<script", "<iframe", "<svg", "<style", "<form", " onerror", " onclick", "javascript:", " style="} {
		if strings.Contains(body, bad) {
			return "body holds " + bad
		}
	}
	if a.Address != "" && !strings.HasPrefix(a.Address, "http") || a.Picture.URL != "" && !strings.HasPrefix(a.Picture.URL, "http") {
		return fmt.Sprintf("addresses are %q and %q", a.Address, a.Picture.URL)
	}
	return ""
}

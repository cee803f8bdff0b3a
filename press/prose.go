package press

import (
	"bytes"
	"fmt"
	"html"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// edition is a feed of a [Scale] as it is at one moment.
type edition struct {
	feed, added, builds, version int
}

func (e edition) tag() string {
	return `"` + strconv.Itoa(e.feed) + "-" + strconv.Itoa(e.added) + "-" + strconv.Itoa(e.version) + `"`
}

// prose is a stock of sentences that every text of a [Scale] is composed of:
// different texts share few of them, so that no two look like copies.
type prose struct {
	seed      uint64
	sentences []string
}

const sentenceCount = 2048

func newProse(seed uint64) *prose {
	who := strings.Split("The harbour office|A clerk of the council|The night ferry|Nobody on the quay|The new pilot|A farmer from the hills|"+
		"The choir of the chapel|Half of the committee|The printer’s daughter|An engineer at the sluice|The last tram|A visitor from the coast|"+
		"The keeper of the archive|The bakery on the corner|A team of surveyors|The oldest member|The school orchestra|One of the referees|"+
		"The company that owns the mill|A boat without a name", "|")
	did := strings.Split("had expected|did not mention|paid twice for|was the first to notice|made a careful drawing of|asked the town about|"+
		"waited all morning for|gave away|took a long look at|wrote a letter concerning|could not agree on|measured|carried|remembered|"+
		"quietly replaced|was late because of|put a fence around|sold the greater part of|spoke with affection of|has never forgiven", "|")
	what := strings.Split("the bridge at the lower gate|eleven crates of oranges|the report on the flood|a change in the timetable|the bell tower|"+
		"a cellar full of paper|the price of rope|the only map of the marsh|a very small piano|the lamps along the river|the vote of last week|"+
		"the garden behind the station|a rumour about the weather|the second half of the season|the lease of the market hall|"+
		"a photograph of the old ferry|the results of the count|the silence after the speech|a parcel for the lighthouse|the road over the pass", "|")
	when := strings.Split("before the rain came|for the third time this year|although the tide was wrong|and said so in public|without a word|"+
		"while the band was playing|as if it were a holiday|in a room above the bank|to general relief|on the advice of a friend|"+
		"at a cost that was not disclosed|with both hands|until the money ran out|and then went home|during the longest meeting of the winter", "|")
	p := &prose{seed: seed}
	r := random(seed, 1<<40)
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	for range sentenceCount {
		p.sentences = append(p.sentences, fmt.Sprintf("%s %s %s %s, and %d people were there to see it.",
			pick(who), pick(did), pick(what), pick(when), 2+r.IntN(9000)))
	}
	return p
}

// text is the generator of item n of a feed.
func (p *prose) text(feed, n int) *rand.Rand {
	return rand.New(rand.NewPCG(p.seed^uint64(feed)*0x9e3779b97f4a7c15, uint64(n)))
}

func (p *prose) pick(r *rand.Rand) string { return p.sentences[r.Uint64()%sentenceCount] }

// headline is a sentence without its count of people.
func (p *prose) headline(r *rand.Rand) string {
	s, _, _ := strings.Cut(p.pick(r), ",")
	return s
}

// appendBody writes paragraphs of HTML until they have size bytes.
func (p *prose) appendBody(b []byte, r *rand.Rand, size int) []byte {
	end := len(b) + size
	for n := 0; len(b) < end; n++ {
		b = append(b, `<p class="text">`...)
		for range 4 {
			b = append(b, p.pick(r)...)
			b = append(b, ' ')
		}
		if n%3 == 1 {
			b = append(b, `<a href="/about" style="color:red">More of this</a> in the <em>weekly</em> letter.`...)
		}
		b = append(b, "</p>\n"...)
	}
	return b
}

// published is when item n of any feed is dated: the old ones 37 minutes apart
// before the start, those of rounds a second apart after it.
func (s *Scale) published(n int) time.Time {
	if n < s.cfg.Items {
		return s.start.Add(-time.Duration(s.cfg.Items-n) * 37 * time.Minute)
	}
	return s.start.Add(time.Duration(n-s.cfg.Items+1) * time.Second)
}

// appendRSS writes a feed, newest item first. It costs little more than copying
// the bytes, since the press shares its machine with what is measured.
func (s *Scale) appendRSS(b []byte, e edition, host string) []byte {
	origin := "http://" + host
	b = append(b, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+
		`<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>`+"\n"...)
	b = fmt.Appendf(b, "<title>Invented title %d</title><link>%s/</link><description>An invented title for measuring.</description><language>en</language>\n<lastBuildDate>",
		e.feed, origin)
	b = s.start.Add(time.Duration(e.builds)*time.Second).AppendFormat(b, time.RFC1123Z)
	b = append(b, "</lastBuildDate>\n"...)
	for n := e.added + s.cfg.Items - 1; n >= e.added; n-- {
		r := s.prose.text(e.feed, n)
		b = append(b, "<item><title>"...)
		b = append(b, s.prose.headline(r)...)
		b = append(b, "</title><link>"...)
		b = s.appendLink(b, origin, e.feed, n)
		b = append(b, "</link><guid>"...)
		b = s.appendLink(b, origin, e.feed, n)
		b = append(b, "</guid><pubDate>"...)
		b = s.published(n).AppendFormat(b, time.RFC1123Z)
		b = append(b, "</pubDate><dc:creator>A. Writer</dc:creator><description>"...)
		b = append(b, s.prose.pick(r)...)
		b = append(b, "</description><content:encoded><![CDATA["...)
		b = s.prose.appendBody(b, r, s.cfg.ItemBytes)
		b = append(b, "]]></content:encoded></item>\n"...)
	}
	return append(b, "</channel></rss>\n"...)
}

func (s *Scale) appendLink(b []byte, origin string, feed, n int) []byte {
	b = append(b, origin...)
	b = append(b, "/a/"...)
	b = strconv.AppendInt(b, int64(feed), 10)
	b = append(b, '/')
	return strconv.AppendInt(b, int64(n), 10)
}

// document is the same feed in a form that faults can spoil.
func (s *Scale) document(e edition, host string) *document {
	origin := "http://" + host
	d := &document{
		title: fmt.Sprintf("Invented title %d", e.feed), home: origin + "/", self: origin + fmt.Sprintf("/feed/%d.xml", e.feed),
		description: "An invented title for measuring.", language: "en", stamp: rfc822,
		built: s.start.Add(time.Duration(e.builds) * time.Second),
	}
	for n := e.added + s.cfg.Items - 1; n >= e.added; n-- {
		r := s.prose.text(e.feed, n)
		link := string(s.appendLink(nil, origin, e.feed, n))
		item := entry{
			id: link, link: link, permalink: true, author: "A. Writer", section: "news", published: s.published(n), updated: s.published(n),
			title: s.prose.headline(r), summary: s.prose.pick(r),
		}
		item.content = string(s.prose.appendBody(nil, r, s.cfg.ItemBytes))
		d.entries = append(d.entries, item)
	}
	return d
}

// servePage shows an item as a web page.
func (s *Scale) servePage(w http.ResponseWriter, r *http.Request, feed int, item string) {
	n, err := strconv.Atoi(item)
	if err != nil || n < 0 {
		http.NotFound(w, r)
		return
	}
	text := s.prose.text(feed, n)
	title := html.EscapeString(s.prose.headline(text))
	var b bytes.Buffer
	fmt.Fprintf(&b, `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>%s</title>`+
		`<meta property="og:title" content="%s"><meta property="article:published_time" content="%s"></head>`+
		`<body><nav><a href="/">Home</a></nav><article><h1>%s</h1><p class="byline">By A. Writer</p><p>%s</p>`,
		title, title, s.published(n).Format(time.RFC3339), title, s.prose.pick(text))
	b.Write(s.prose.appendBody(nil, text, s.cfg.ItemBytes))
	b.WriteString("</article><footer>An invented title, made for measuring.</footer></body></html>\n")
	serveText(w, r, "text/html; charset=utf-8", b.String())
}

package feed

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"understory/news/sanitize"
)

// largeFeed makes a feed of 30 entries with about 150 kB of text: RSS with the
// text in CDATA or escaped, or Atom.
func largeFeed(kind string) string {
	var text strings.Builder
	for i := range 24 {
		fmt.Fprintf(&text, `<p>Paragraph %d of an article that goes on for a while, with a <a href="/about/%d">link</a> and <em>emphasis</em>, so that its length is like that of others.</p>`, i, i)
	}
	var b strings.Builder
	if kind == "atom" {
		b.WriteString(`<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Gazette</title><link href="https://press.example/"/>`)
	} else {
		b.WriteString(`<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"><channel><title>Gazette</title><link>https://press.example/</link>`)
	}
	for i := range 30 {
		switch kind {
		case "cdata":
			fmt.Fprintf(&b, `<item><title>Headline number %d &amp; more</title><link>https://press.example/a/%d</link><guid isPermaLink="false">tag:%d</guid><pubDate>Mon, 02 Jan 2006 15:04:%02d +0000</pubDate><dc:creator>A. Writer</dc:creator><category>World</category><description>A short summary.</description><content:encoded><![CDATA[%s]]></content:encoded></item>`, i, i, i, i, text.String())
		case "escaped":
			fmt.Fprintf(&b, `<item><title>Headline number %d</title><link>https://press.example/a/%d</link><guid>https://press.example/a/%d</guid><pubDate>Mon, 02 Jan 2006 15:04:%02d GMT</pubDate><description>%s</description></item>`, i, i, i, i, html.EscapeString(text.String()))
		case "atom":
			fmt.Fprintf(&b, `<entry><title>Headline number %d</title><link href="https://press.example/a/%d"/><id>tag:%d</id><updated>2006-01-02T15:04:%02dZ</updated><author><name>A. Writer</name></author><content type="html">%s</content></entry>`, i, i, i, i, html.EscapeString(text.String()))
		}
	}
	if kind == "atom" {
		return b.String() + "</feed>"
	}
	return b.String() + "</channel></rss>"
}

func BenchmarkParse(b *testing.B) {
	for _, kind := range []string{"cdata", "escaped", "atom"} {
		b.Run(kind, func(b *testing.B) {
			body := []byte(largeFeed(kind))
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				d, err := Parse(body, Options{Base: "https://press.example/feed"})
				if err != nil || len(d.Entries) != 30 {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkSanitise(b *testing.B) {
	d, err := Parse([]byte(largeFeed("cdata")), Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for i := range d.Entries {
			sanitize.HTML(d.Entries[i].Content.HTML, parseBase("https://press.example/"))
		}
	}
}

func BenchmarkDigest(b *testing.B) {
	d, err := Parse([]byte(largeFeed("cdata")), Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for i := range d.Entries {
			d.Entries[i].Digest()
		}
	}
}

package main

import (
	"bytes"
	"fmt"
	"html"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/microcosm-cc/bluemonday"
	"github.com/mmcdole/gofeed"

	"understory/news/feed"
	"understory/news/sanitize"
)

// speed prints megabytes a second on feeds of 30 entries, the median of many
// runs that take turns.
func speed() error {
	fmt.Println("\nfeed of 30 entries          kB   understory MB/s   gofeed MB/s   ms a feed   with digests   and sanitised")
	for _, kind := range []string{"RSS, CDATA", "RSS, escaped", "Atom, escaped"} {
		if err := parseSpeed(kind); err != nil {
			return err
		}
	}
	text := article()
	base := &url.URL{Scheme: "https", Host: "press.example", Path: "/"}
	policy := bluemonday.UGCPolicy()
	times := medians(200, func() { sanitize.HTML(text, base) }, func() { policy.Sanitize(text) })
	fmt.Printf("\nsanitising an article of %d kB: understory %.0f MB/s, bluemonday %.0f MB/s\n", len(text)/1000,
		rate(len(text), times[0]), rate(len(text), times[1]))
	return nil
}

func parseSpeed(kind string) error {
	body := sample(kind)
	o := feed.Options{Base: "https://press.example/feed"}
	var failed error
	parse := func() *feed.Document {
		d, err := feed.Parse(body, o)
		if err != nil {
			failed = err
			return &feed.Document{}
		}
		return d
	}
	times := medians(100,
		func() { parse() },
		func() {
			if _, err := gofeed.NewParser().Parse(bytes.NewReader(body)); err != nil {
				failed = err
			}
		},
		func() {
			for _, e := range parse().Entries {
				e.Digest()
			}
		},
		func() {
			base := &url.URL{Scheme: "https", Host: "press.example", Path: "/"}
			for _, e := range parse().Entries {
				sanitize.HTML(e.Summary.HTML, base)
				sanitize.HTML(e.Content.HTML, base)
			}
		})
	if failed != nil {
		return fmt.Errorf("read the feed of the kind %q: %w", kind, failed)
	}
	fmt.Printf("%-25s %4d   %15.0f   %11.0f   %9.2f   %9.2f ms   %10.2f ms\n", kind, len(body)/1000, rate(len(body), times[0]),
		rate(len(body), times[1]), ms(times[0]), ms(times[2]), ms(times[3]))
	return nil
}

func rate(size int, took time.Duration) float64 { return float64(size) / 1e6 / took.Seconds() }

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// medians runs the functions in turn, n times, and returns the median time of
// each.
func medians(n int, functions ...func()) []time.Duration {
	times := make([][]time.Duration, len(functions))
	for range n {
		for i, f := range functions {
			began := time.Now()
			f()
			times[i] = append(times[i], time.Since(began))
		}
	}
	out := make([]time.Duration, len(functions))
	for i := range times {
		slices.Sort(times[i])
		out[i] = times[i][n/2]
	}
	return out
}

// article is the text of one entry.
func article() string {
	var b strings.Builder
	for i := range 26 {
		fmt.Fprintf(&b, `<p>Paragraph %d of an article that goes on for a while, with a <a href="/about/%d">link</a> and <em>emphasis</em>, so that its length is like that of others.</p>`, i, i)
	}
	return b.String()
}

// sample makes a feed of 30 entries.
func sample(kind string) []byte {
	var b strings.Builder
	if kind == "Atom, escaped" {
		b.WriteString(`<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Gazette</title><link href="https://press.example/"/>`)
	} else {
		b.WriteString(`<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Gazette</title><link>https://press.example/</link>`)
	}
	for i := range 30 {
		switch kind {
		case "RSS, CDATA":
			fmt.Fprintf(&b, `<item><title>Headline number %d &amp; more</title><link>https://press.example/a/%d</link><guid isPermaLink="false">tag:%d</guid><pubDate>Mon, 02 Jan 2006 15:04:%02d +0000</pubDate><dc:creator>A. Writer</dc:creator><category>World</category><description>A short summary.</description><content:encoded><![CDATA[%s]]></content:encoded></item>`, i, i, i, i, article())
		case "RSS, escaped":
			fmt.Fprintf(&b, `<item><title>Headline number %d</title><link>https://press.example/a/%d</link><guid>https://press.example/a/%d</guid><pubDate>Mon, 02 Jan 2006 15:04:%02d GMT</pubDate><description>%s</description></item>`, i, i, i, i, html.EscapeString(article()))
		default:
			fmt.Fprintf(&b, `<entry><title>Headline number %d</title><link href="https://press.example/a/%d"/><id>tag:%d</id><updated>2006-01-02T15:04:%02dZ</updated><author><name>A. Writer</name></author><content type="html">%s</content></entry>`, i, i, i, i, html.EscapeString(article()))
		}
	}
	if kind == "Atom, escaped" {
		b.WriteString("</feed>")
	} else {
		b.WriteString("</channel></rss>")
	}
	return []byte(b.String())
}

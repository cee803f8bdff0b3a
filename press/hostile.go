package press

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const gigabyte = 1 << 30

// serve answers with a fault of the wire and says whether it did; rep is what
// the answer would have been.
func (f Fault) serve(w http.ResponseWriter, r *http.Request, rep *reply) bool {
	switch f {
	case Moved:
		if strings.HasPrefix(r.URL.Path, movedPrefix+"/") {
			return false
		}
		http.Redirect(w, r, movedPrefix+r.URL.Path, http.StatusMovedPermanently)
	case Hang:
		<-r.Context().Done()
	case SlowLoris:
		dribble(w, r, rep)
	case BigBody:
		flood(w, rep)
	case GzipBomb:
		w.Header().Set("Content-Type", "application/rss+xml")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = io.Copy(w, gzipBomb())
	case RedirectLoop:
		http.Redirect(w, r, r.URL.Path+"?again="+fmt.Sprint(len(r.URL.RawQuery)%7), http.StatusFound)
	case RedirectPrivate:
		http.Redirect(w, r, "http://10.0.0.7/feed.xml", http.StatusFound)
	case LongLength:
		// The server closes the connection when a handler writes less than it announced.
		w.Header().Set("Content-Length", fmt.Sprint(10*len(rep.body)))
		_, _ = w.Write(rep.body)
	case ShortLength:
		shortLength(w, rep)
	default:
		return false
	}
	return true
}

// movedPrefix begins the addresses that moved feeds have moved to.
const movedPrefix = "/moved"

// dribble sends a byte every half second until the client leaves.
func dribble(w http.ResponseWriter, r *http.Request, rep *reply) {
	w.Header().Set("Content-Type", "application/rss+xml")
	tick := time.NewTicker(time.Second / 2)
	defer tick.Stop()
	for i := range rep.body {
		if _, err := w.Write(rep.body[i : i+1]); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
	}
}

// flood sends a feed of 1 GB, or as much of it as the client takes.
func flood(w http.ResponseWriter, rep *reply) {
	w.Header().Set("Content-Type", "application/rss+xml")
	head, items, _ := bytes.Cut(rep.body, []byte("<item>"))
	items = append([]byte("<item>"), items[:bytes.LastIndex(items, []byte("</channel>"))]...)
	_, err := w.Write(head)
	for sent := 0; err == nil && sent < gigabyte; sent += len(items) {
		_, err = w.Write(items)
	}
	_, _ = io.WriteString(w, "</channel></rss>")
}

// gzipBomb is 1 GB of an endless title in about 1 MB. A gzip stream may be made of
// many members, so that one is compressed and said a thousand times.
func gzipBomb() io.Reader {
	head := gzipped([]byte(`<?xml version="1.0"?><rss version="2.0"><channel><title>`))
	member := gzipped(bytes.Repeat([]byte("a"), 1<<20))
	return io.MultiReader(bytes.NewReader(head), bytes.NewReader(bytes.Repeat(member, gigabyte>>20)))
}

func gzipped(body []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestSpeed) // the level is a valid one
	_, _ = z.Write(body)                            // a buffer takes every byte
	_ = z.Close()
	return b.Bytes()
}

// entityBomb is a feed whose title is an entity of entities, ten deep.
func entityBomb() []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\"?>\n<!DOCTYPE rss [\n<!ENTITY a0 \"gull\">\n")
	for i := 1; i <= 9; i++ {
		fmt.Fprintf(&b, "<!ENTITY a%d \"%s\">\n", i, strings.Repeat(fmt.Sprintf("&a%d;", i-1), 10))
	}
	b.WriteString("]>\n<rss version=\"2.0\"><channel><title>&a9;</title><item><title>&a9;</title><guid>1</guid>" +
		"<description>&a9;</description></item></channel></rss>\n")
	return b.Bytes()
}

// shortLength says half the length and sends all of it, which net/http only
// allows on the bare connection.
func shortLength(w http.ResponseWriter, rep *reply) {
	conn, rw, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // HTTP/2 cannot lie like this
	}
	defer conn.Close()
	fmt.Fprintf(rw, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\n\r\n", len(rep.body)/2)
	_, _ = rw.Write(rep.body)
	_ = rw.Flush()
}

// spoilWithScript puts script into every field of a feed that holds text or an address.
func spoilWithScript(d *document) {
	const tag = `<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>`
	d.title += tag
	d.description += tag
	d.language += `"onload="alert(4)`
	d.rights += tag
	d.oddText = tag
	for i := range d.entries {
		e := &d.entries[i]
		e.title += tag
		e.summary += tag + `<a href="java&#9;script:alert(5)">more</a>`
		e.content = `<p style="background:url(javascript:alert(6))" onclick="alert(7)">` + tag + `</p>` +
			`<iframe srcdoc="&lt;script>alert(8)&lt;/script>"></iframe><form action="javascript:alert(9)"><button>go</button></form>` +
			`<svg><style><img src=x onerror=alert(10)></style></svg><math><mtext><table><mglyph><style><img src=x onerror=alert(11)>` + e.content
		e.author += tag
		e.section += tag
		e.tags = append(e.tags, tag)
		e.image = "javascript:alert(12)"
		if i%2 == 0 {
			e.link = "javascript:alert(13)"
			e.permalink = false
		}
	}
}

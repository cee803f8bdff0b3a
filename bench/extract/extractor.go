package main

import (
	"bytes"
	"strings"
	"time"

	readability "codeberg.org/readeck/go-readability/v2"
	"github.com/markusmobius/go-trafilatura"
	"golang.org/x/net/html"

	"understory/news/extract"
	"understory/news/extract/extracttest"
)

// An answer is what an extractor finds in a page; empty where it fails.
type answer struct {
	text, title, byline string
	published           time.Time
}

// extractors are ours and, after it, those it is compared with.
var extractors = []struct {
	name string
	read func(extracttest.Page) answer
}{
	{"understory", readOurs},
	{"go-trafilatura, no fallback", func(p extracttest.Page) answer { return readTrafilatura(p, false) }},
	{"go-trafilatura, fallback", func(p extracttest.Page) answer { return readTrafilatura(p, true) }},
	{"readeck go-readability", readReadability},
}

func readOurs(p extracttest.Page) answer {
	a, err := extract.Parse(p.HTML, p.URL, "")
	if err != nil {
		return answer{}
	}
	return answer{a.Text, a.Title, a.Byline, a.Published}
}

func readTrafilatura(p extracttest.Page, fallback bool) answer {
	doc, err := html.Parse(bytes.NewReader(p.HTML))
	if err != nil {
		return answer{}
	}
	r, err := trafilatura.ExtractDocument(doc, trafilatura.Options{OriginalURL: p.URL, EnableFallback: fallback})
	if err != nil {
		return answer{}
	}
	return answer{r.ContentText, r.Metadata.Title, r.Metadata.Author, r.Metadata.Date}
}

func readReadability(p extracttest.Page) answer {
	doc, err := html.Parse(bytes.NewReader(p.HTML))
	if err != nil {
		return answer{}
	}
	r, err := readability.FromDocument(doc, p.URL)
	if err != nil {
		return answer{}
	}
	a := answer{title: r.Title(), byline: r.Byline()}
	// A page without a time is an error there, and the zero time here.
	a.published, _ = r.PublishedTime()
	if r.Node != nil {
		var text strings.Builder
		if err := r.RenderText(&text); err == nil {
			a.text = text.String()
		}
	}
	return a
}

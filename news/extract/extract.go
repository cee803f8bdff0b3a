// Package extract finds the article in a web page: its text, headline,
// byline, times, lead picture, canonical address and language.
//
// It is pure: bytes in, values out. It fetches nothing, asks no clock and
// stores nothing, and its HTML is still the publisher's: news/sanitize must
// make it safe before anybody is shown it. news/ingest calls it for titles
// whose full pages may be fetched, and `understory debug extract` for
// operators.
//
// The text is found in three steps: the readability library chooses, rescue
// widens a choice that took one part of several, and each paragraph is then
// judged by what can be measured of it (choose.go, feature.go).
package extract

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// Limits of what is read. A page beyond them is an error.
const (
	MaxPage     = 8 << 20 // bytes
	MaxElements = 100_000
)

// The errors of Parse, wrapped with what was found.
var (
	ErrTooLarge  = errors.New("page is too large")
	ErrNoArticle = errors.New("page has no article")
)

// An Article is what a page says.
type Article struct {
	Title     string // plain text, without the site's name
	Byline    string // the authors' names with commas between, "" where none is named
	Authors   []string
	Published time.Time // UTC; zero where unknown; midnight where only the day is known
	Modified  time.Time // the same
	Picture   Picture
	Canonical string // absolute address; the page's own where it names no better one
	Language  string // BCP 47, "" where unknown
	Site      string // the publication's name, else its host
	Summary   string // the page's description of itself, plain text
	Text      string // plain text, a line a paragraph
	HTML      string // the same with links, lists, figures: NOT safe
	Paid      bool   // the page says that reading it is not free

	// What the publisher asks of machines.
	Robots      []string // directives of the robots meta elements, in lower case
	TDMReserved bool     // text and data mining is reserved (tdm-reservation)
}

// A Picture is an article's lead picture.
type Picture struct {
	URL     string // absolute, "" for none
	Caption string // plain text
	Credit  string // plain text
}

// Parse reads the article of a page.
//
// addr is the page's absolute address; links are resolved against it or the
// page's base element. contentType is the server's, or "". It fails with
// [ErrTooLarge] for a page beyond the limits, with [ErrNoArticle] for one
// without text, and for one that nests deeper than the parser allows. Page is
// not changed.
func Parse(page []byte, addr *url.URL, contentType string) (*Article, error) {
	if len(page) > MaxPage {
		return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(page))
	}
	text := decode(page, contentType)
	if binary(text) {
		return nil, fmt.Errorf("%w: it is no text", ErrNoArticle)
	}
	root, err := html.Parse(bytes.NewReader(text))
	if err != nil {
		return nil, fmt.Errorf("parse page: %w", err)
	}
	if n := countElements(root); n > MaxElements {
		return nil, fmt.Errorf("%w: %d elements", ErrTooLarge, n)
	}
	s := readSource(root, addr)
	if s.body == nil { // a frameset
		return nil, ErrNoArticle
	}
	a := s.article()
	blocks := choose(s.body, a.Title, s.data.str("articleBody"), addr)
	if !anyKept(blocks) {
		return nil, ErrNoArticle
	}
	a.Text = textOfBlocks(blocks)
	a.HTML = render(blocks, s.base)
	s.finish(a, blocks)
	return a, nil
}

func countElements(n *html.Node) (count int) {
	each(n, func(*html.Node) { count++ })
	return count
}

func anyKept(bs []*block) bool {
	for _, b := range bs {
		if b.kept {
			return true
		}
	}
	return false
}

func textOfBlocks(bs []*block) string {
	var lines []string
	for _, b := range bs {
		if b.kept {
			lines = append(lines, b.text)
		}
	}
	return strings.Join(lines, "\n")
}

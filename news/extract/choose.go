package extract

import (
	"math"
	"net/url"

	"golang.org/x/net/html"
)

// choose leaves kept set for the blocks below body that are the article.
//
// The readability library makes the first choice. Where it took one part of
// several, rescue widens it. Then each block is judged by what is measured of
// it, the first choice being one thing of many; the weights are in weight.go.
func choose(body *html.Node, title, data string, addr *url.URL) []*block {
	bs, hidden := split(body)
	if len(bs) == 0 {
		return nil
	}
	askLibrary(body, bs, hidden, title, addr)
	rescue(bs)
	c := newContext(bs, title, data)
	verdicts := make([]bool, len(bs))
	for i := range bs {
		verdicts[i] = !c.isFurniture(i) && c.measure(i).probability() > threshold
	}
	for i, b := range bs {
		b.kept = verdicts[i]
	}
	return bs
}

// isFurniture says whether block i is not the article's however much its
// surroundings speak for it: an aside that names another purpose, or a byline.
func (c *context) isFurniture(i int) bool {
	b := c.blocks[i]
	return b.area.aside && b.area.in&inAside != 0 ||
		i <= c.first && b.words <= 10 && !endsSentence(b.text) && isByline(b.text)
}

// threshold is the least probability of a block that is kept.
const threshold = 0.5

// probability that a block belongs to the article.
func (v vector) probability() float64 {
	z := bias
	for f, x := range v {
		z += weights[f] * x
	}
	return 1 / (1 + math.Exp(-z))
}

// What rescue takes for too much left out, in words.
const (
	missedShare = 0.7 // of what was kept
	missedWords = 50
)

// rescue widens a choice that misses most of the page's running text: all
// text is then kept that stands in the deepest element with nearly all solid
// paragraphs.
//
// Paragraphs in asides, lists of links and elements whose names say that they
// are not the article do not count.
func rescue(bs []*block) {
	kept, solid, missed := 0, 0, 0
	for _, b := range bs {
		if b.kept {
			kept += b.words
		}
		if !b.isRunning() {
			continue
		}
		solid += b.words
		if !b.kept {
			missed += b.words
		}
		for a := b.area; a != nil; a = a.parent {
			a.core += b.words
		}
	}
	if missed < missedWords || float64(missed) < missedShare*float64(kept) {
		return
	}
	main := deepest(bs, func(a *area) bool { return a.core*10 >= solid*9 })
	for _, b := range bs {
		if _, ok := b.area.within(main); ok && !b.area.aside && b.area.in&(inAside|inNav|inFooter|inCaption) == 0 && b.links() < 0.5 {
			b.kept = true
		}
	}
}

// isRunning says whether b is beyond doubt a paragraph of some article.
func (b *block) isRunning() bool {
	return b.words >= 15 && b.links() < 0.2 && !b.area.aside && b.area.in&(inAside|inNav|inFooter|inFigure|inCaption) == 0
}

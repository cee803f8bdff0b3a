package extract

import (
	"math"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A vector holds what is measured of a block, by feature.
type vector [featureCount]float64

// The features. Those without a comment are 1 when true, else 0.
const (
	// What the library and the page's own data say.
	kept         = iota // by the library, after rescue
	keptPrevious        // the block before
	keptNext
	keptPrevious2
	keptNext2
	keptParent      // share of the kept words in the element around the block's own
	keptGrandparent // and one further out
	keptGreat       // and one more
	inData          // its words are in the article body of the page's JSON-LD
	notInData       // they are not

	// Where it stands.
	inMain    // in the deepest element with most of the kept words
	mainDepth // levels below it, 8 and outside = 1
	likeMain  // share of the solid kept words in elements of the same name and class
	besides   // share of them in the element around the block's own
	likePrevious
	likeNext
	beforeBody // before the first solid kept block
	afterBody
	bodyDistance // blocks after the last one, 20 = 1
	bodyNext     // a solid kept block follows
	linksPrevious
	linksNext
	headingPrevious
	placeTable
	placeHeading
	placeArticle
	placeNested
	placeAside
	placeHeader
	placeFooter
	placeNav
	placeQuote
	tagH1
	tagH2

	// What it is like.
	size // log(1 + words)
	shortText
	longText
	links // share of words in links
	mostlyLinks
	allLinks
	noLinks
	linkLine // a line that is a link, no heading and no list
	linkItem // the same in a list
	linkHead // a heading before a link
	sentence // ends as one
	paragraph
	colonEnd
	hasAt // in a short text, as the next two
	hasBar
	hasCopyright
	capitals // share of capitals among the letters
	repeated // its text is on the page twice
	isTitle
	strongEnd // bold or italic to its end, at the end of the body

	// What the classes near it, and around it up to the main element, say.
	nearCaption
	nearHead
	nearMeta
	hintedHead
	hintedLetter
	hintedComment
	hintedAd
	hintedNav
	hintedSide
	hintedAuthor

	featureCount
)

// placeFeatures are the features that a place decides.
var placeFeatures = []struct {
	feature int
	place   place
}{
	{placeTable, inTable}, {placeHeading, inHeading}, {placeArticle, inArticle}, {placeNested, inNested},
	{placeAside, inAside}, {placeHeader, inHeader}, {placeFooter, inFooter}, {placeNav, inNav}, {placeQuote, inQuote},
}

// hintFeatures are the features that a hint around the block decides.
var hintFeatures = []struct {
	feature int
	hint    hint
}{
	{hintedHead, hintHead}, {hintedLetter, hintLetter}, {hintedComment, hintComment}, {hintedAd, hintAd},
	{hintedNav, hintNav}, {hintedSide, hintSide}, {hintedAuthor, hintAuthor},
}

// context is what the features of one page's blocks share.
type context struct {
	blocks      []*block
	title       string              // folded
	data        map[uint64]struct{} // word triples of the JSON-LD article body, nil for none
	main        *area
	keptWords   int
	solidWords  int // of kept blocks
	solidBlocks int
	first, last int               // the first and last solid kept block
	like        map[string]int    // solid kept words by name and class
	below       map[*area]int     // solid kept words by the element around their own
	texts       map[string]int    // how often each text occurs
	looks       map[*block]string // name and class of a block's element and the one around it
}

// newContext sums up what is kept. There must be a block.
func newContext(bs []*block, title, data string) *context {
	c := &context{blocks: bs, title: fold(title), like: map[string]int{},
		below: map[*area]int{}, texts: map[string]int{}, looks: map[*block]string{}, first: -1}
	c.data = triples(data)
	for i, b := range bs {
		c.texts[b.text]++
		c.looks[b] = look(b.area)
		for a := b.area; a != nil; a = a.parent {
			a.words += b.words
			if b.kept {
				a.kept += b.words
			}
		}
		if b.kept {
			c.keptWords += b.words
		}
		if !b.kept || !b.solid() {
			continue
		}
		if c.first < 0 {
			c.first = i
		}
		c.last = i
		c.solidBlocks++
		c.solidWords += b.words
		c.like[c.looks[b]] += b.words
		c.below[b.area.around(1)] += b.words
	}
	if c.first < 0 {
		c.first, c.last = 0, len(bs)-1
	}
	c.main = deepest(bs, func(a *area) bool { return a.kept*5 >= c.keptWords*4 })
	return c
}

// deepest returns the area furthest down that is good. Every area around a
// good one must be good, and so must be the outermost.
func deepest(bs []*block, good func(*area) bool) (best *area) {
	for _, b := range bs {
		a := b.area
		for a.parent != nil && !good(a) {
			a = a.parent
		}
		if best == nil || a.depth > best.depth {
			best = a
		}
	}
	return best
}

// solid says whether b is a paragraph of running text.
func (b *block) solid() bool { return b.words >= 15 && b.links() < 0.35 }

func (b *block) links() float64 { return float64(b.linkWords) / float64(b.words) }

// around returns the area n levels out, or the outermost.
func (a *area) around(n int) *area {
	for ; n > 0 && a.parent != nil; n-- {
		a = a.parent
	}
	return a
}

// within says whether a is m or inside it, and how many levels down.
func (a *area) within(m *area) (levels int, ok bool) {
	for ; a != nil; a = a.parent {
		if a == m {
			return levels, true
		}
		levels++
	}
	return 0, false
}

// look is the name and class of an area and of the one around it.
func look(a *area) string {
	s := a.node.Data + "." + attr(a.node, "class")
	if a.parent != nil {
		s += " " + a.parent.node.Data + "." + attr(a.parent.node, "class")
	}
	return s
}

// measure returns the features of block i.
func (c *context) measure(i int) vector {
	var v vector
	c.measureEvidence(i, &v)
	c.measurePlace(i, &v)
	c.measureText(i, &v)
	c.measureHints(c.blocks[i], &v)
	return v
}

func (c *context) measureEvidence(i int, v *vector) {
	b := c.blocks[i]
	set := func(f, j int) { v[f] = truth(j >= 0 && j < len(c.blocks) && c.blocks[j].kept) }
	set(kept, i)
	set(keptPrevious, i-1)
	set(keptNext, i+1)
	set(keptPrevious2, i-2)
	set(keptNext2, i+2)
	for k, f := range []int{keptParent, keptGrandparent, keptGreat} {
		a := b.area.around(k + 1)
		v[f] = ratio(a.kept, a.words)
	}
	if c.data != nil {
		share := c.dataShare(b.text)
		v[inData], v[notInData] = truth(share > 0.7), truth(share < 0.3)
	}
}

func (c *context) measurePlace(i int, v *vector) {
	b := c.blocks[i]
	v[mainDepth] = 1
	if d, ok := b.area.within(c.main); ok {
		v[inMain], v[mainDepth] = 1, min(float64(d)/8, 1)
	}
	v[likeMain] = ratio(c.like[c.looks[b]], c.solidWords)
	v[besides] = ratio(c.below[b.area.around(1)], c.solidWords)
	v[linksPrevious], v[linksNext] = 0.5, 0.5
	if i > 0 {
		p := c.blocks[i-1]
		v[likePrevious], v[linksPrevious] = truth(c.looks[p] == c.looks[b]), p.links()
		v[headingPrevious] = truth(p.area.in&inHeading != 0)
	}
	if i+1 < len(c.blocks) {
		n := c.blocks[i+1]
		v[likeNext], v[linksNext] = truth(c.looks[n] == c.looks[b]), n.links()
		v[bodyNext] = truth(n.kept && n.solid())
		v[linkHead] = truth(b.area.in&inHeading != 0 && n.links() > 0.7)
	}
	v[beforeBody], v[afterBody] = truth(i < c.first), truth(i > c.last)
	v[bodyDistance] = float64(min(max(i-c.last, 0), 20)) / 20
	for _, p := range placeFeatures {
		v[p.feature] = truth(b.area.in&p.place != 0)
	}
	v[tagH1], v[tagH2] = truth(b.area.node.DataAtom == atom.H1), truth(b.area.node.DataAtom == atom.H2)
}

func (c *context) measureText(i int, v *vector) {
	b := c.blocks[i]
	heading, item := b.area.in&inHeading != 0, b.area.in&inList != 0
	end := endsSentence(b.text)
	l := b.links()
	v[size] = math.Log1p(float64(b.words))
	v[shortText], v[longText] = truth(b.words <= 8), truth(b.words >= 20)
	v[links], v[mostlyLinks], v[allLinks], v[noLinks] = l, truth(l > 0.5), truth(l > 0.95), truth(l == 0)
	v[linkLine] = truth(l > 0.8 && !heading && !item && b.words >= 4)
	v[linkItem] = truth(l > 0.8 && item)
	v[sentence], v[paragraph] = truth(end), truth(end && l < 0.3 && b.words >= 8)
	v[colonEnd] = truth(strings.HasSuffix(b.text, ":"))
	if b.words < 40 {
		v[hasAt], v[hasBar] = truth(strings.Contains(b.text, "@")), truth(strings.Contains(b.text, "|"))
		v[hasCopyright] = truth(strings.Contains(b.text, "©"))
	}
	v[capitals] = capitalShare(b.text)
	v[repeated] = truth(c.texts[b.text] > 1)
	v[isTitle] = truth(b.words < 40 && c.title != "" && fold(b.text) == c.title)
	v[strongEnd] = truth(b.words > 5 && ratio(b.strongWords, b.words) > 0.9 && i >= c.last)
}

func (c *context) measureHints(b *block, v *vector) {
	var near, far hint
	_, inside := b.area.within(c.main)
	level := 0
	for a := b.area; a != nil; a = a.parent {
		if level < 3 {
			near |= a.hints
		} else if a == c.main || !inside && a.kept*2 > c.keptWords {
			break
		}
		far |= a.hints
		level++
	}
	v[nearCaption] = truth(near&hintCaption != 0 || b.area.in&inCaption != 0)
	v[nearHead], v[nearMeta] = truth(near&hintHead != 0), truth(near&hintMeta != 0)
	for _, h := range hintFeatures {
		v[h.feature] = truth(far&h.hint != 0)
	}
}

// leastData is how many words an article body must have to be a witness.
const leastData = 60

// triples hashes every three words in a row; nil for too short a text.
func triples(text string) map[uint64]struct{} {
	words := lowerWords(text)
	if len(words) < leastData {
		return nil
	}
	m := make(map[uint64]struct{}, len(words))
	for i := range len(words) - 2 {
		m[triple(words[i:])] = struct{}{}
	}
	return m
}

// triple hashes the first three words with FNV-1a.
func triple(words []string) uint64 {
	h := uint64(14695981039346656037)
	for _, w := range words[:3] {
		for i := range len(w) {
			h = (h ^ uint64(w[i])) * 1099511628211
		}
		h *= 1099511628211 // between words
	}
	return h
}

// dataShare is the share of the text's word triples that the article body
// has; a text of fewer words is undecided.
func (c *context) dataShare(text string) float64 {
	words := lowerWords(text)
	if len(words) < 3 {
		return 0.5
	}
	n := 0
	for i := range len(words) - 2 {
		if _, ok := c.data[triple(words[i:])]; ok {
			n++
		}
	}
	return ratio(n, len(words)-2)
}

func lowerWords(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !isWord(r) })
}

func endsSentence(s string) bool {
	s = strings.TrimRight(s, "\"'”’»)] ")
	for _, end := range []string{".", "!", "?", "…", "。", "！", "？"} {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return false
}

// capitalShare is the share of ASCII capitals among the ASCII letters.
func capitalShare(s string) float64 {
	all, big := 0, 0
	for i := range len(s) {
		if isLetter(s[i]) {
			all++
			if isCapital(s[i]) {
				big++
			}
		}
	}
	return ratio(big, all)
}

// fold leaves the letters and digits of s, in lower case, so that texts can
// be compared.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if isWord(r) {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// ratio is a/b, and 0 where b is.
func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

package extract

import (
	"strings"

	"golang.org/x/net/html"
)

// A hint is what the names in an element's class and id say it is for.
type hint uint16

const (
	hintBody    hint = 1 << iota // the text of an article
	hintRelated                  // other articles
	hintShare
	hintLetter // newsletters, subscriptions
	hintComment
	hintAd
	hintNav
	hintSide
	hintFoot // footers and what floats over the page
	hintAuthor
	hintMeta // dates, sections, labels
	hintCaption
	hintHead // headline and standfirst

	// hintsAside are the purposes that are not the article's own.
	hintsAside = hintRelated | hintShare | hintLetter | hintComment | hintAd | hintNav | hintSide | hintFoot | hintAuthor
)

// hints is the vocabulary of class names and ids, in lower case.
var hints = vocabulary(map[hint]string{
	hintBody:    "article articlebody articletext body bodytext content copy entry main maincontent paragraph post prose richtext story text",
	hintRelated: "related recommended recommend recommendation recommendations trending popular teaser teasers suggested similar readmore seealso recirculation more",
	hintShare:   "share shares sharing social follow like button buttons btn",
	hintLetter:  "newsletter newsletters subscribe subscription subscriptions signup register paywall cta form email mailing optin donate",
	hintComment: "comment comments discussion reply replies respond",
	hintAd:      "ad ads advert advertisement adslot adunit affiliate banner promo promotion sponsor sponsored",
	hintNav:     "nav navbar navigation menu breadcrumb breadcrumbs pager pagination tabs toc toolbar",
	hintSide:    "sidebar aside rail complementary secondary",
	hintFoot:    "footer foot footnote bottom copyright legal disclaimer cookie consent gdpr modal popup overlay hidden hide",
	hintAuthor:  "author authors avatar bio byline contributor profile writer",
	hintMeta:    "meta date time timestamp tag tags category categories label kicker posted published topic topics info keywords terms",
	hintCaption: "caption captions figcaption credit credits legend",
	hintHead:    "title headline subtitle subhead dek deck standfirst lead lede intro summary excerpt description header",
})

func vocabulary(m map[hint]string) map[string]hint {
	v := map[string]hint{}
	for h, words := range m {
		for _, w := range strings.Fields(words) {
			v[w] |= h
		}
	}
	return v
}

// hintsOf reads the names that n goes by.
func hintsOf(n *html.Node) (h hint) {
	for _, a := range n.Attr {
		switch a.Key {
		case "class", "id", "role", "itemprop", "data-component", "data-testid":
			h |= hintsIn(a.Val)
		}
	}
	return h
}

// hintsIn looks up the words of s. A word ends at anything but a letter, and
// before a capital that follows a small letter.
func hintsIn(s string) (h hint) {
	start := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && isLetter(s[i]) && (i == start || !isCapital(s[i]) || isCapital(s[i-1])) {
			continue
		}
		h |= hintOf(s[start:i])
		start = i
		if i < len(s) && !isLetter(s[i]) {
			start = i + 1
		}
	}
	return h
}

// hintOf looks up one word in any case.
func hintOf(word string) hint {
	var low [24]byte
	if len(word) < 2 || len(word) > len(low) {
		return 0
	}
	for i := range len(word) {
		low[i] = word[i] | 0x20
	}
	return hints[string(low[:len(word)])]
}

func isLetter(c byte) bool  { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isCapital(c byte) bool { return c >= 'A' && c <= 'Z' }

package news

import (
	"encoding/binary"
	"hash/fnv"
	"slices"
	"unicode"
	"unicode/utf8"
)

// SameText is the resemblance from which two bodies are the same text.
const SameText = 0.7

// A MinHash of bandCount bands of bandRows values finds a pair of bodies of
// resemblance 0.7 with probability 1-(1-0.7^4)^12 = 96%, and one of 0.4 with
// 27%; [Resemblance] then tells exactly.
const (
	bandCount    = 12
	bandRows     = 4
	shingleWords = 3  // words in a shingle
	minWords     = 40 // shorter bodies say too little to be called the same
)

// Bands returns the keys under which a body is looked up among others for
// being the same text: bodies that share a key may be, bodies that share none
// hardly are. body is safe HTML or plain text. It returns nil for a body of
// fewer than 40 words.
func Bands(body string) []int64 {
	set := shingles(body)
	if len(set) < minWords-shingleWords+1 {
		return nil
	}
	var least [bandCount * bandRows]uint64
	for i := range least {
		least[i] = ^uint64(0)
	}
	for _, s := range set {
		for i := range least {
			least[i] = min(least[i], mix(s+uint64(i)*0x9e3779b97f4a7c15))
		}
	}
	keys := make([]int64, bandCount)
	for b := range keys {
		h := uint64(b + 1)
		for _, v := range least[b*bandRows : (b+1)*bandRows] {
			h = mix(h ^ v)
		}
		keys[b] = int64(h)
	}
	return keys
}

// Resemblance is the Jaccard index of two bodies' sets of three-word shingles:
// 1 for the same words in the same order, 0 for nothing in common. Bodies are
// safe HTML or plain text; tags do not count.
func Resemblance(a, b string) float64 { return NewText(a).Resemblance(b) }

// Text is a body made ready to be compared with many others.
type Text struct{ shingles []uint64 }

// NewText makes a body ready. It is safe HTML or plain text.
func NewText(body string) Text { return Text{shingles(body)} }

// Resemblance is [Resemblance] of the text and a body.
func (t Text) Resemblance(body string) float64 {
	sa, sb := t.shingles, shingles(body)
	common := 0
	for i, j := 0, 0; i < len(sa) && j < len(sb); {
		switch {
		case sa[i] < sb[j]:
			i++
		case sa[i] > sb[j]:
			j++
		default:
			common, i, j = common+1, i+1, j+1
		}
	}
	all := len(sa) + len(sb) - common
	if all == 0 {
		return 0
	}
	return float64(common) / float64(all)
}

// CountWords counts the words of safe HTML or plain text.
func CountWords(body string) int {
	n := 0
	eachWord(body, func(uint64) { n++ })
	return n
}

// NormalHeadline is the digest of a headline without case, punctuation and
// spacing; zero for one without words.
func NormalHeadline(headline string) (d Digest) {
	h := fnv.New128a()
	n := 0
	eachWord(headline, func(w uint64) {
		h.Write(binary.BigEndian.AppendUint64(nil, w))
		n++
	})
	if n > 0 {
		h.Sum(d[:0])
	}
	return d
}

// shingles returns a hash of each different shingle, in rising order.
func shingles(body string) []uint64 {
	set := make([]uint64, 0, len(body)/5)
	var last [shingleWords]uint64
	n := 0
	eachWord(body, func(w uint64) {
		copy(last[:], last[1:])
		last[shingleWords-1] = w
		if n++; n < shingleWords {
			return
		}
		h := uint64(0)
		for _, v := range last {
			h = mix(h ^ v)
		}
		set = append(set, h)
	})
	slices.Sort(set)
	return slices.Compact(set)
}

// eachWord calls f with a hash of every word of body, tags left out. A letter
// of a script that is written without spaces is a word of its own.
func eachWord(body string, f func(uint64)) {
	const offset, prime = 14695981039346656037, 1099511628211
	word, inWord, inTag := uint64(offset), false, false
	end := func() {
		if inWord {
			f(word)
		}
		word, inWord = offset, false
	}
	for i, r := range body {
		switch {
		case inTag:
			inTag = r != '>'
		case r == '<' && opensTag(body[i+1:]):
			end()
			inTag = true
		case alone(r):
			end()
			f(mix(uint64(r)))
		case inside(r):
			word, inWord = (word^uint64(unicode.ToLower(r)))*prime, true
		case r == '\'' || r == '’':
		default:
			end()
		}
	}
	end()
}

// alone says whether a letter is a word of its own.
func alone(r rune) bool {
	const firstThai = 0x0e00 // the first of them: looking up others is dear
	return r >= firstThai && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
}

// inside says whether words are made of r.
func inside(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

func opensTag(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return r == '/' || r == '!' || unicode.IsLetter(r)
}

// mix spreads the bits of x (the finaliser of splitmix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

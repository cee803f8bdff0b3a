package extracttest

import (
	"strings"
	"unicode"
)

// A Score is how well one text matches, or the mean over a set: each from 0
// to 1.
type Score struct{ F1, Precision, Recall float64 }

// Counts is what one page of the news set gives: shares of the page's
// shingles that sum to 1, or all zero.
type Counts struct{ Right, Extra, Missing float64 }

// Shingles compares two texts by their runs of four words.
func Shingles(want, got string) Counts {
	w, g := shingles(want), shingles(got)
	var right, nw, ng int
	for s, n := range w {
		nw += n
		right += min(n, g[s])
	}
	for _, n := range g {
		ng += n
	}
	sum := float64(nw + ng - right)
	if sum == 0 {
		return Counts{}
	}
	return Counts{float64(right) / sum, float64(ng-right) / sum, float64(nw-right) / sum}
}

func shingles(text string) map[string]int {
	const n = 4
	m := map[string]int{}
	words := Words(text)
	for i := 0; i < max(1, len(words)-n+1) && len(words) > 0; i++ {
		m[strings.Join(words[i:min(i+n, len(words))], " ")]++
	}
	return m
}

// NewsScore is the score of the news set: the harmonic mean of the mean
// precision and the mean recall.
func NewsScore(pages []Counts) Score {
	var p, r float64
	var np, nr int
	for _, c := range pages {
		if d := c.Right + c.Extra; d > 0 {
			p, np = p+c.Right/d, np+1
		}
		if d := c.Right + c.Missing; d > 0 {
			r, nr = r+c.Right/d, nr+1
		}
	}
	return harmonic(p/float64(max(np, 1)), r/float64(max(nr, 1)))
}

// WordScore compares two texts as bags of words in lower case, as the web set
// does.
func WordScore(want, got string) Score {
	w, g := map[string]int{}, map[string]int{}
	wantWords, gotWords := Words(strings.ToLower(want)), Words(strings.ToLower(got))
	if len(wantWords) == 0 || len(gotWords) == 0 {
		v := 0.0
		if len(wantWords) == len(gotWords) {
			v = 1
		}
		return Score{v, v, v}
	}
	for _, s := range wantWords {
		w[s]++
	}
	right := 0
	for _, s := range gotWords {
		if g[s]++; g[s] <= w[s] {
			right++
		}
	}
	return harmonic(float64(right)/float64(len(gotWords)), float64(right)/float64(len(wantWords)))
}

// WebScore is the score of the web set: the means over its pages.
func WebScore(pages []Score) (m Score) {
	n := float64(max(len(pages), 1))
	for _, s := range pages {
		m.F1 += s.F1 / n
		m.Precision += s.Precision / n
		m.Recall += s.Recall / n
	}
	return m
}

func harmonic(p, r float64) Score {
	if p+r == 0 {
		return Score{}
	}
	return Score{2 * p * r / (p + r), p, r}
}

// Words splits text at everything but letters, digits and the underscore.
func Words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool {
		return r != '_' && !unicode.IsLetter(r) && !unicode.IsNumber(r)
	})
}

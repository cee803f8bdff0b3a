package news_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"understory/news"
)

// words returns n different words, the first of them number from.
func words(from, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<p>word%d</p> ", from+i)
	}
	return b.String()
}

func TestResemblance(t *testing.T) {
	for _, tt := range []struct {
		name string
		a, b string
		want float64
	}{
		{"same", words(0, 100), words(0, 100), 1},
		{"tags and case aside", "<p>One two three four</p>", "one TWO three, <b>four</b>", 1},
		{"nothing shared", words(0, 100), words(1000, 100), 0},
		{"one tenth more", words(0, 102), words(0, 112), 100.0 / 110},
		{"both empty", "", "<p></p>", 0},
		{"no spaces in the script", "今日は良い天気です", "今日は良い天気です。", 1},
		{"less-than sign is text", "a < b and b < c", "a b and b c", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := news.Resemblance(tt.a, tt.b); math.Abs(got-tt.want) > 1e-9 {
				t.Errorf("Resemblance() = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestBandsFindSameText checks the promise of the doc comment on many pairs.
func TestBandsFindSameText(t *testing.T) {
	found := func(shared, own int) int {
		hits := 0
		for i := range 300 {
			base := 10_000 * i
			a := words(base, shared+own)
			b := words(base, shared) + words(base+5000, own)
			if overlap(news.Bands(a), news.Bands(b)) {
				hits++
			}
		}
		return hits
	}
	if got := found(200, 20); got < 290 { // J = 198/240 = 0.83
		t.Errorf("found %d of 300 pairs of resemblance 0.83, want at least 290", got)
	}
	if got := found(200, 400); got > 15 { // J = 0.2
		t.Errorf("found %d of 300 pairs of resemblance 0.2, want at most 15", got)
	}
	if news.Bands(words(0, 39)) != nil {
		t.Error("Bands of 39 words is not nil")
	}
}

func overlap(a, b []int64) bool {
	for i := range a {
		if a[i] == b[i] {
			return true
		}
	}
	return false
}

func TestNormalHeadline(t *testing.T) {
	a := news.NormalHeadline("Harbour to stay open, council says")
	for _, same := range []string{"HARBOUR TO STAY OPEN — COUNCIL SAYS", "  Harbour to stay open council says. "} {
		if news.NormalHeadline(same) != a {
			t.Errorf("%q is not the same headline", same)
		}
	}
	if news.NormalHeadline("Harbour to stay closed, council says") == a {
		t.Error("another headline has the same digest")
	}
	if news.NormalHeadline("—") != (news.Digest{}) {
		t.Error("a headline without words has a digest")
	}
}

func TestHTTPStatus(t *testing.T) {
	for err, want := range map[error]int{
		news.ErrNotFound: 404,
		fmt.Errorf("article 7: %w", news.ErrGone):  410,
		fmt.Errorf("title: %w", news.ErrConflict):  409,
		fmt.Errorf("section: %w", news.ErrInvalid): 400,
		fmt.Errorf("the disk is full"):             500,
	} {
		if got := news.HTTPStatus(err); got != want {
			t.Errorf("HTTPStatus(%v) = %d, want %d", err, got, want)
		}
	}
}

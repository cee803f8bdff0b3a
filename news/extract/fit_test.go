package extract

import (
	"bytes"
	"flag"
	"fmt"
	"go/format"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"understory/news/extract/extracttest"
)

var fitFlag = flag.Bool("fit", false, "fit weight.go anew to the page sets")

// How the weights are fitted.
const (
	ridge    = 2000 // pull towards zero, in units of a mean block's weight
	newsGain = 1.3  // a page of the news set weighs so much more
	blockCap = 0.1  // no block weighs more than this share of its page
	folds    = 5
)

// A sample is the measured blocks of one page.
type sample struct {
	page      extracttest.Page
	news      bool
	blocks    []*block
	vectors   []vector
	furniture []bool
	right     []bool // whether the block is in the article
	weight    []float64
}

// TestFit fits the weights by logistic regression over the blocks of both
// page sets, prints what they give on pages that they were not fitted to, and
// writes weight.go. Run it with: go test ./news/extract -run TestFit -fit -v
func TestFit(t *testing.T) {
	if !*fitFlag {
		t.Skip("runs with -fit only")
	}
	news, web := pageSets(t)
	var samples []*sample
	for _, p := range news {
		samples = append(samples, newSample(t, p, true))
	}
	for _, p := range web {
		samples = append(samples, newSample(t, p, false))
	}
	for seed := range uint64(3) {
		t.Log(crossValidate(samples, seed))
	}
	if err := os.WriteFile("weight.go", weightFile(fit(samples)), 0o644); err != nil {
		t.Fatal(err)
	}
}

func newSample(t *testing.T, p extracttest.Page, news bool) *sample {
	s := &sample{page: p, news: news}
	doc, err := html.Parse(bytes.NewReader(decode(p.HTML, "")))
	if err != nil {
		t.Fatalf("%s: %v", p.ID, err)
	}
	src := readSource(doc, p.URL)
	title := src.article().Title
	bs, hidden := split(src.body)
	askLibrary(src.body, bs, hidden, title, p.URL)
	rescue(bs)
	c := newContext(bs, title, src.data.str("articleBody"))
	s.blocks = bs
	s.right = align(bs, p.Text)
	total := 50
	for i, b := range bs {
		s.vectors = append(s.vectors, c.measure(i))
		s.furniture = append(s.furniture, c.isFurniture(i))
		if s.right[i] {
			total += b.words
		}
	}
	for _, b := range bs {
		w := min(float64(b.words+2)/float64(total), blockCap)
		if news {
			w *= newsGain
		}
		s.weight = append(s.weight, w)
	}
	return s
}

// align says which blocks are mostly in the text, by matching the longest
// runs of words that both have, and so on to the left and right of them.
func align(bs []*block, text string) []bool {
	var words []string
	var owner []int
	for i, b := range bs {
		for _, w := range extracttest.Words(strings.ToLower(b.text)) {
			words, owner = append(words, w), append(owner, i)
		}
	}
	want := extracttest.Words(strings.ToLower(text))
	where := map[string][]int{}
	for j, w := range want {
		where[w] = append(where[w], j)
	}
	hits, all := make([]int, len(bs)), make([]int, len(bs))
	for _, o := range owner {
		all[o]++
	}
	matchRuns(words, where, 0, len(words), 0, len(want), func(i int) { hits[owner[i]]++ })
	right := make([]bool, len(bs))
	for i := range bs {
		right[i] = hits[i]*2 > all[i]
	}
	return right
}

func matchRuns(words []string, where map[string][]int, alo, ahi, blo, bhi int, hit func(int)) {
	besti, bestj, bestn := alo, blo, 0
	length := map[int]int{}
	for i := alo; i < ahi; i++ {
		next := map[int]int{}
		for _, j := range where[words[i]] {
			if j < blo {
				continue
			}
			if j >= bhi {
				break
			}
			n := length[j-1] + 1
			next[j] = n
			if n > bestn {
				besti, bestj, bestn = i-n+1, j-n+1, n
			}
		}
		length = next
	}
	if bestn == 0 {
		return
	}
	for k := range bestn {
		hit(besti + k)
	}
	matchRuns(words, where, alo, besti, blo, bestj, hit)
	matchRuns(words, where, besti+bestn, ahi, bestj+bestn, bhi, hit)
}

// crossValidate scores each page with weights fitted to the others.
func crossValidate(samples []*sample, seed uint64) string {
	rng := rand.New(rand.NewPCG(seed, 1))
	fold := make([]int, len(samples))
	for i := range fold {
		fold[i] = rng.IntN(folds)
	}
	var news []extracttest.Counts
	var web []extracttest.Score
	for f := range folds {
		var train []*sample
		for i, s := range samples {
			if fold[i] != f {
				train = append(train, s)
			}
		}
		w, b := fit(train)
		for i, s := range samples {
			if fold[i] != f {
				continue
			}
			var text []string
			for k, v := range s.vectors {
				if z := b + dot(w, v); 1/(1+math.Exp(-z)) > threshold && !s.furniture[k] {
					text = append(text, s.blocks[k].text)
				}
			}
			got := strings.Join(text, "\n")
			if s.news {
				news = append(news, extracttest.Shingles(s.page.Text, got))
			} else {
				web = append(web, extracttest.WordScore(s.page.Text, got))
			}
		}
	}
	return fmt.Sprintf("on pages not fitted to: news F1 %.4f, web F1 %.4f", extracttest.NewsScore(news).F1, extracttest.WebScore(web).F1)
}

func dot(w, v vector) (s float64) {
	for i := range w {
		s += w[i] * v[i]
	}
	return s
}

// width is the number of weights with the bias, which is the last.
const width = featureCount + 1

// fit returns weights and bias by Newton's method on standardised features.
func fit(samples []*sample) (vector, float64) {
	mean, deviation, total := moments(samples)
	unit := float64(count(samples)) / total
	var w [width]float64
	for range 12 {
		var n newton
		for _, s := range samples {
			for i, v := range s.vectors {
				n.add(&w, standardise(v, mean, deviation), s.weight[i]*unit, truth(s.right[i]))
			}
		}
		for a := range featureCount {
			n.gradient[a] -= ridge * w[a]
			n.hessian[a][a] += ridge
		}
		for a, step := range solve(&n.hessian, n.gradient) {
			w[a] += step
		}
	}
	var out vector
	b := w[featureCount]
	for f := range out {
		out[f] = w[f] / deviation[f]
		b -= out[f] * mean[f]
	}
	return out, b
}

func standardise(v, mean, deviation vector) (x [width]float64) {
	for f := range v {
		x[f] = (v[f] - mean[f]) / deviation[f]
	}
	x[featureCount] = 1
	return x
}

// newton is what one step needs: of the hessian the lower half.
type newton struct {
	gradient [width]float64
	hessian  [width][width]float64
}

func (n *newton) add(w *[width]float64, x [width]float64, weight, right float64) {
	z := 0.0
	for f := range w {
		z += w[f] * x[f]
	}
	p := 1 / (1 + math.Exp(-z))
	for a := range width {
		n.gradient[a] += weight * (right - p) * x[a]
		h := weight * p * (1 - p) * x[a]
		for b := range a + 1 {
			n.hessian[a][b] += h * x[b]
		}
	}
}

func count(samples []*sample) (n int) {
	for _, s := range samples {
		n += len(s.vectors)
	}
	return n
}

func moments(samples []*sample) (mean, deviation vector, totalWeight float64) {
	n := float64(count(samples))
	for _, s := range samples {
		for i, v := range s.vectors {
			totalWeight += s.weight[i]
			for f := range v {
				mean[f] += v[f] / n
				deviation[f] += v[f] * v[f] / n
			}
		}
	}
	for f := range mean {
		deviation[f] = math.Sqrt(max(deviation[f]-mean[f]*mean[f], 1e-9))
	}
	return mean, deviation, totalWeight
}

// solve solves h x = g for a symmetric positive definite h of which the lower
// half is given, by Cholesky's method. It overwrites h.
func solve(h *[width][width]float64, g [width]float64) [width]float64 {
	n := len(g)
	for j := range n {
		for k := range j {
			h[j][j] -= h[j][k] * h[j][k]
		}
		h[j][j] = math.Sqrt(h[j][j])
		for i := j + 1; i < n; i++ {
			for k := range j {
				h[i][j] -= h[i][k] * h[j][k]
			}
			h[i][j] /= h[j][j]
		}
	}
	for i := range n {
		for k := range i {
			g[i] -= h[i][k] * g[k]
		}
		g[i] /= h[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			g[i] -= h[k][i] * g[k]
		}
		g[i] /= h[i][i]
	}
	return g
}

// weightFile prints the weights by the names in feature.go.
func weightFile(w vector, b float64) []byte {
	names := featureNames()
	var out bytes.Buffer
	fmt.Fprintf(&out, "package extract\n\n// bias and weights are fitted by TestFit: a logistic regression with ridge.\nconst bias = %.3f\n\nvar weights = vector{\n", b)
	for f, x := range w {
		fmt.Fprintf(&out, "%s: %.3f,\n", names[f], x)
	}
	out.WriteString("}\n")
	src, err := format.Source(out.Bytes())
	if err != nil {
		panic(err)
	}
	return src
}

// featureNames reads the names of the features from feature.go.
func featureNames() []string {
	src, err := os.ReadFile("feature.go")
	if err != nil {
		panic(err)
	}
	_, list, _ := strings.Cut(string(src), "const (\n")
	list, _, _ = strings.Cut(list, "featureCount")
	var names []string
	for line := range strings.Lines(list) {
		if word, _, _ := strings.Cut(strings.TrimSpace(line), " "); word != "" && word != "//" {
			names = append(names, word)
		}
	}
	return names
}

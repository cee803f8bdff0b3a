package main

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"understory/news/extract/extracttest"
)

// resamples is how many times the pages are drawn anew.
const resamples = 5000

// printDifferences prints how far ours is above each peer, with the interval
// that 95 of 100 draws of pages give.
func printDifferences(news, web []extracttest.Page, newsAnswers, webAnswers [][]answer) {
	fmt.Printf("\n%-28s %38s   %38s\n%-28s %9s %19s %8s   %9s %19s %8s\n", "F1 of ours minus", "news", "web", "",
		"mean", "95%", "above 0", "mean", "95%", "above 0")
	for i := 1; i < len(extractors); i++ {
		n := difference(counts(news, newsAnswers[0]), counts(news, newsAnswers[i]), extracttest.NewsScore)
		w := difference(scores(web, webAnswers[0]), scores(web, webAnswers[i]), extracttest.WebScore)
		fmt.Printf("%-28s %s   %s\n", extractors[i].name, n, w)
	}
}

// difference draws the same pages for both and sums up the F1 of one minus
// that of the other.
func difference[T any](ours, peer []T, score func([]T) extracttest.Score) string {
	rng := rand.New(rand.NewPCG(1, 2))
	a, b := make([]T, len(ours)), make([]T, len(ours))
	var d []float64
	above := 0
	mean := 0.0
	for range resamples {
		for k := range a {
			j := rng.IntN(len(ours))
			a[k], b[k] = ours[j], peer[j]
		}
		x := score(a).F1 - score(b).F1
		d = append(d, x)
		mean += x / resamples
		if x > 0 {
			above++
		}
	}
	slices.Sort(d)
	return fmt.Sprintf("%+9.4f  %+.4f to %+.4f %7.1f%%", mean, d[len(d)*25/1000], d[len(d)*975/1000], 100*float64(above)/resamples)
}

func counts(pages []extracttest.Page, as []answer) (out []extracttest.Counts) {
	for i, p := range pages {
		out = append(out, extracttest.Shingles(p.Text, as[i].text))
	}
	return out
}

func scores(pages []extracttest.Page, as []answer) (out []extracttest.Score) {
	for i, p := range pages {
		out = append(out, extracttest.WordScore(p.Text, as[i].text))
	}
	return out
}

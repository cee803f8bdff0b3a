// Command extract prints how well and how fast articles are found in pages,
// beside go-trafilatura and readability on the same pages in the same run:
// text, paired bootstrap of the differences, title, day and authors, and
// milliseconds a page.
//
// Every extractor gets the page as a parsed document: the parser is the same
// for all and its time is counted.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"understory/news/extract/extracttest"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "extract:", err)
		os.Exit(1)
	}
}

func run() error {
	runtime.GOMAXPROCS(1)
	data := filepath.Join("..", "..", "shared", "data", "article-extraction")
	if _, err := os.Stat(data); err != nil {
		fmt.Println("the page sets are not here: no table of extraction")
		return nil
	}
	news, err := extracttest.News(os.DirFS(filepath.Join(data, "scrapinghub-half")))
	if err != nil {
		return err
	}
	web, err := extracttest.Web(os.DirFS(filepath.Join(data, "wcxb-dev")))
	if err != nil {
		return err
	}
	fmt.Printf("pages: news %d (4-word shingles, F1 of means), web %d (words, mean F1)\n", len(news), len(web))
	newsAnswers, webAnswers := answers(news), answers(web)
	fmt.Println("the weights of ours were fitted to these pages; what they give on pages left out is printed by\n" +
		"go test ./news/extract -run TestFit -fit -v")
	printText(news, web, newsAnswers, webAnswers)
	printDifferences(news, web, newsAnswers, webAnswers)
	printMeta(web, webAnswers)
	printSpeed(slices.Concat(news, web))
	return nil
}

// answers runs every extractor over the pages: answers[extractor][page].
func answers(pages []extracttest.Page) [][]answer {
	out := make([][]answer, len(extractors))
	for i, x := range extractors {
		for _, p := range pages {
			out[i] = append(out[i], x.read(p))
		}
	}
	return out
}

func printText(news, web []extracttest.Page, newsAnswers, webAnswers [][]answer) {
	fmt.Printf("\n%-28s %27s   %27s\n%-28s %6s %9s %6s %5s   %6s %9s %6s %5s\n", "text", "news", "web", "",
		"F1", "precision", "recall", "empty", "F1", "precision", "recall", "empty")
	for i, x := range extractors {
		n, w := extracttest.NewsScore(counts(news, newsAnswers[i])), extracttest.WebScore(scores(web, webAnswers[i]))
		fmt.Printf("%-28s %6.4f %9.4f %6.4f %5d   %6.4f %9.4f %6.4f %5d\n", x.name,
			n.F1, n.Precision, n.Recall, empty(newsAnswers[i]), w.F1, w.Precision, w.Recall, empty(webAnswers[i]))
	}
}

func empty(as []answer) (n int) {
	for _, a := range as {
		if a.text == "" {
			n++
		}
	}
	return n
}

// printMeta prints the share of the pages on which title, day and authors are
// right, of those where people wrote them down.
func printMeta(web []extracttest.Page, all [][]answer) {
	fmt.Printf("\n%-28s %7s %7s %7s\n", "web: right share of", "title", "day", "authors")
	for _, i := range []int{1, 2, 3, 0} { // baselines first
		var right, asked [3]float64
		for k, p := range web {
			a := all[i][k]
			for j, c := range []struct {
				asked bool
				right bool
			}{
				{p.Title != "", extracttest.SameTitle(p.Title, a.title)},
				{p.Date != "", extracttest.SameDay(p.Date, a.published)},
				{p.Author != "", extracttest.SameAuthors(p.Author, a.byline)},
			} {
				if c.asked {
					asked[j]++
					if c.right {
						right[j]++
					}
				}
			}
		}
		fmt.Printf("%-28s %7.3f %7.3f %7.3f\n", extractors[i].name, right[0]/asked[0], right[1]/asked[1], right[2]/asked[2])
	}
	fmt.Println("title: equal letters and digits, or one has the other and is at most half as long again, site name apart;\n" +
		"day: the same in UTC; authors: the same set of names, degrees apart")
}

// speedRuns is how often the pages are timed; the table has the medians.
const speedRuns = 3

// printSpeed times the extractors in turn on each page, in processor time, so
// that what else the machine does counts little.
func printSpeed(pages []extracttest.Page) {
	mean, p50, p95 := make([][]float64, len(extractors)), make([][]float64, len(extractors)), make([][]float64, len(extractors))
	for range speedRuns {
		times := make([][]float64, len(extractors))
		for _, p := range pages {
			for i, x := range extractors {
				start := cpuTime()
				x.read(p)
				times[i] = append(times[i], float64((cpuTime()-start).Microseconds())/1000)
			}
		}
		for i, t := range times {
			slices.Sort(t)
			sum := 0.0
			for _, ms := range t {
				sum += ms
			}
			mean[i] = append(mean[i], sum/float64(len(t)))
			p50[i] = append(p50[i], t[len(t)/2])
			p95[i] = append(p95[i], t[len(t)*95/100])
		}
	}
	fmt.Printf("\n%-28s %7s %7s %7s\n", "ms of one core a page", "mean", "p50", "p95")
	for i, x := range extractors {
		fmt.Printf("%-28s %7.2f %7.2f %7.2f\n", x.name, median(mean[i]), median(p50[i]), median(p95[i]))
	}
}

// cpuTime is what this process has used, its garbage collector with it.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // there is no such failure for one's own process
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

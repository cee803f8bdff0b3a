package ingest

import (
	"understory/kit/count"
	"understory/news"
)

// counts are the pipeline's metrics.
type counts struct {
	checks, pages, pushes, articles count.Counter
}

func newCounts(b *count.Board) *counts {
	return &counts{
		checks:   b.Counter("feed_checks_total", "Checks of feeds by what they brought.", "outcome"),
		pages:    b.Counter("pages_total", "Full pages of articles by what became of them.", "outcome"),
		pushes:   b.Counter("pushes_total", "WebSub notifications and newsletters by what became of them.", "outcome"),
		articles: b.Counter("articles_total", "Articles by what was done with them.", "change"),
	}
}

var outcomeNames = [...]string{unchanged: "unchanged", fresh: "new", failed: "failed", refused: "refused", gone: "gone"}

func (c *counts) checked(o outcome)     { c.checks.Add(1, outcomeNames[o]) }
func (c *counts) page(outcome string)   { c.pages.Add(1, outcome) }
func (c *counts) pushed(outcome string) { c.pushes.Add(1, outcome) }

func (c *counts) committed(n news.Committed) {
	for _, row := range []struct {
		change string
		n      int
	}{{"new", n.New}, {"revised", n.Revised}, {"merged", n.Merged}, {"copy", n.Copies}, {"withdrawn", n.Withdrawn}, {"stale", n.Stale}} {
		if row.n > 0 {
			c.articles.Add(row.n, row.change)
		}
	}
}

package web

import (
	"context"
	"net/http"
	"slices"

	"understory/news"
)

// frontPage is the newest of everything, then the newest of every section.
type frontPage struct {
	Lead    *teaser
	Seconds []*teaser      // with room for a picture and a standfirst
	Latest  []*teaser      // a line each
	Parts   []frontSection // as wide as the page
	Columns []frontSection // sections with little in them, side by side
}

// frontSection shows what the top of the page has not shown already.
type frontSection struct {
	Name    string // one of [news.Sections]
	Feature *teaser
	Pair    []*teaser
	Brief   []*teaser
}

// How many articles each part of the front page shows, and how many are read
// to choose from, so that one busy title does not fill it.
const (
	secondsLen = 2
	pairLen    = 3
	latestLen  = 8
	sectionLen = 8
	poolLen    = 40
	perTitle   = 2
)

func (s *site) front(r *http.Request) (view, error) {
	ctx := r.Context()
	pool, _, err := s.list(ctx, news.List{Limit: poolLen}, "/")
	if err != nil {
		return view{}, err
	}
	var f frontPage
	used := map[int64]bool{}
	top := choose(pool, 1+secondsLen+latestLen, used)
	f.Lead, top = takeLead(top)
	for range min(secondsLen, len(top)) {
		var second *teaser
		second, top = takeLead(top)
		f.Seconds = append(f.Seconds, second)
	}
	f.Latest = top
	for _, name := range news.Sections {
		part, err := s.frontSection(ctx, name, used)
		switch {
		case err != nil:
			return view{}, err
		case part.Feature == nil:
		case len(part.Brief) > 0:
			f.Parts = append(f.Parts, part)
		default:
			f.Columns = append(f.Columns, part)
		}
	}
	return view{Page: "front", Description: "The newest articles of many titles, in one place.", Data: f}, nil
}

// frontSection reads a section's part of the page: without a Feature if all
// there is has been used.
func (s *site) frontSection(ctx context.Context, name string, used map[int64]bool) (frontSection, error) {
	pool, _, err := s.list(ctx, news.List{Section: name, Limit: 2 * sectionLen}, "/section/"+name)
	if err != nil {
		return frontSection{}, err
	}
	feature, rest := takeLead(choose(pool, sectionLen, used))
	cut := min(pairLen, len(rest))
	return frontSection{Name: name, Feature: feature, Pair: rest[:cut], Brief: rest[cut:]}, nil
}

// choose takes up to n articles that were not used, in their order: at most
// perTitle of one title while others have any.
func choose(pool []*teaser, n int, used map[int64]bool) []*teaser {
	taken := map[*masthead]int{}
	chosen := map[*teaser]bool{}
	for _, limit := range []int{perTitle, n} {
		for _, t := range pool {
			if len(chosen) < n && !used[t.ID] && taken[t.Title] < limit {
				used[t.ID] = true
				chosen[t] = true
				taken[t.Title]++
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(pool), func(t *teaser) bool { return !chosen[t] })
}

// leadOf returns the place of the newest article that can lead: best one with
// a picture and a standfirst, in the language of the page; -1 of none.
func leadOf(list []*teaser) int {
	best, bestScore := -1, -1
	for i, t := range list {
		score := 0
		if t.Picture != nil {
			score += 4
		}
		if script(t.Lang) == "" {
			score += 2
		}
		if t.Standfirst != "" {
			score++
		}
		if t.Retracted {
			score = 0
		}
		if score > bestScore {
			best, bestScore = i, score
		}
	}
	return best
}

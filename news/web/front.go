package web

import (
	"context"
	"net/http"
	"strings"

	"understory/news"
)

// frontPage is the newest of everything, then the newest of every section.
type frontPage struct {
	Lead    *teaser
	Under   []*teaser      // below the lead
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
	underLen   = 2
	latestLen  = 9
	pairLen    = 3
	sectionLen = 8
	poolLen    = 40
	perTitle   = 2
)

func (s *site) front(r *http.Request) (view, error) {
	ctx := r.Context()
	var f frontPage
	used := map[int64]bool{}
	top, err := s.choose(ctx, news.List{Limit: poolLen}, 1+secondsLen+underLen+latestLen, used)
	if err != nil {
		return view{}, err
	}
	f.Lead, top = takeLead(top)
	for range min(secondsLen, len(top)) {
		var second *teaser
		second, top = takeLead(top)
		f.Seconds = append(f.Seconds, second)
	}
	cut := min(underLen, len(top))
	f.Under, f.Latest = top[:cut], top[cut:]
	for _, name := range news.Sections {
		part, err := s.frontSection(ctx, name, used)
		switch {
		case err != nil:
			return view{}, err
		case part.Feature == nil:
		case len(part.Brief) > 1:
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
	shown, err := s.choose(ctx, news.List{Section: name, Limit: 2 * sectionLen}, sectionLen, used)
	if err != nil {
		return frontSection{}, err
	}
	feature, rest := takeLead(shown)
	cut := min(pairLen, len(rest))
	return frontSection{Name: name, Feature: feature, Pair: rest[:cut], Brief: rest[cut:]}, nil
}

// choose takes up to n articles of a list that were not used, in their order:
// at most perTitle of one title while others have any.
func (s *site) choose(ctx context.Context, l news.List, n int, used map[int64]bool) ([]*teaser, error) {
	pool, err := s.shelf.Articles(ctx, l)
	if err != nil {
		return nil, err
	}
	ofTitle, chosen := map[int64]int{}, map[int64]bool{}
	for _, limit := range []int{perTitle, n} {
		for i := range pool {
			a := &pool[i]
			if len(chosen) < n && !used[a.ID] && ofTitle[a.TitleID] < limit {
				used[a.ID], chosen[a.ID] = true, true
				ofTitle[a.TitleID]++
			}
		}
	}
	marks, now := s.titles.now(ctx, s), s.Now()
	var shown []*teaser
	for i := range pool {
		if chosen[pool[i].ID] {
			shown = append(shown, s.teaser(&pool[i], marks, now))
		}
	}
	return shown, marks.err
}

// leadOf returns the place of the newest article that can lead: best one with
// a picture, in the language of the pages, with a standfirst; -1 of none.
func leadOf(list []*teaser) int {
	best, bestScore := -1, -1
	for i, t := range list {
		score := 0
		if t.Picture != nil {
			score += 8
		}
		if t.Lang == "" || t.Lang == "en" || strings.HasPrefix(t.Lang, "en-") {
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

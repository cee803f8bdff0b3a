package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"understory/news"
	"understory/news/catalogue"
)

type titlesPage struct {
	BySection bool
	Countries bool // some title names its country, so that there is a choice
	Count     int
	Groups    []titleGroup
}

// titleGroup is the titles of one country or section.
type titleGroup struct {
	Anchor string
	Name   string
	Titles []*masthead
}

func (s *site) titleList(r *http.Request) (view, error) {
	by := r.URL.Query().Get("by")
	if by != "" && by != "section" {
		return view{}, fmt.Errorf("order of the titles: %w", news.ErrInvalid)
	}
	marks := s.titles.now(r.Context(), s)
	if marks.err != nil {
		return view{}, marks.err
	}
	p := titlesPage{Count: len(marks.sorted), Groups: byCountry(marks.sorted)}
	p.Countries = len(p.Groups) > 1 || len(p.Groups) == 1 && p.Groups[0].Anchor != "country-none"
	if p.BySection = by == "section" || !p.Countries; p.BySection {
		p.Groups = bySection(marks.sorted)
	}
	return view{Page: "titles", Heading: "Titles", Description: "Every title that is read here.", Data: p}, nil
}

func bySection(titles []*masthead) (groups []titleGroup) {
	of := map[string][]*masthead{}
	for _, t := range titles {
		of[t.Section] = append(of[t.Section], t)
	}
	for _, section := range news.Sections {
		if len(of[section]) > 0 {
			groups = append(groups, titleGroup{"section-" + section, sectionName(section), of[section]})
		}
	}
	return groups
}

func byCountry(titles []*masthead) (groups []titleGroup) {
	of := map[string][]*masthead{}
	for _, t := range titles {
		name := catalogue.CountryName(t.Country)
		of[name] = append(of[name], t)
	}
	for name, titles := range of {
		anchor := "country-" + strings.ToLower(titles[0].Country)
		if name == "" {
			anchor, name = "country-none", "No country named"
		}
		groups = append(groups, titleGroup{anchor, name, titles})
	}
	slices.SortFunc(groups, func(a, b titleGroup) int {
		return cmp.Or(strings.Compare(lastIfNone(a), lastIfNone(b)), strings.Compare(a.Name, b.Name))
	})
	return groups
}

// lastIfNone puts the titles without a country after the others.
func lastIfNone(g titleGroup) string {
	if g.Anchor == "country-none" {
		return "z"
	}
	return ""
}

// languageName is the English name of a language; "" where it has none.
func languageName(tag string) string {
	t, err := language.Parse(tag)
	if err != nil || tag == "" {
		return ""
	}
	return display.English.Languages().Name(t)
}

package web

import (
	"fmt"
	"net/http"
	"slices"

	"understory/news"
)

type sectionPage struct {
	Name     string
	Lead     *teaser // nil but on the first page
	Articles []*teaser
	Next     string
	Older    bool // not the first page
}

func (s *site) section(r *http.Request) (view, error) {
	name := r.PathValue("name")
	if !slices.Contains(news.Sections, name) {
		return view{}, fmt.Errorf("section: %w", news.ErrNotFound)
	}
	after, err := parseMark(r)
	if err != nil {
		return view{}, err
	}
	p := sectionPage{Name: name, Older: after != news.Mark{}}
	p.Articles, p.Next, err = s.list(r.Context(), news.List{Section: name, After: after, Limit: pageLen}, "/section/"+name)
	if err != nil {
		return view{}, err
	}
	if !p.Older {
		p.Lead, p.Articles = takeLead(p.Articles)
	}
	heading := sectionName(name)
	return view{Page: "section", Heading: heading, Section: name, Description: "The newest articles: " + heading + ".", Data: p}, nil
}

// takeLead takes the article that is to stand large out of the newest few.
func takeLead(list []*teaser) (*teaser, []*teaser) {
	i := leadOf(list[:min(4, len(list))])
	if i < 0 {
		return nil, list
	}
	return list[i], slices.Delete(slices.Clone(list), i, i+1)
}

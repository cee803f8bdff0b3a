package web

import (
	"net/http"
	"net/url"

	"understory/news"
	"understory/news/catalogue"
)

type titlePage struct {
	Title    *masthead
	Country  string
	Language string
	Owner    string // "" where unknown
	Home     string // host name
	Feeds    []feedLine
	Lead     *teaser
	Articles []*teaser
	Next     string
	Older    bool
}

// feedLine says how one of the title's feeds is doing.
type feedLine struct {
	Name    string
	State   string
	Trouble bool
}

func (s *site) title(r *http.Request) (view, error) {
	ctx, slug := r.Context(), r.PathValue("slug")
	title, err := s.shelf.Title(ctx, slug)
	if err != nil {
		return view{}, err
	}
	after, err := parseMark(r)
	if err != nil {
		return view{}, err
	}
	feeds, err := s.shelf.Feeds(ctx, title.ID)
	if err != nil {
		return view{}, err
	}
	p := titlePage{Older: after != news.Mark{}, Country: catalogue.CountryName(title.Country), Language: languageName(title.Language), Home: host(title.Home)}
	p.Title = s.marks([]news.Title{title}, s.titles.now(ctx, s)).sorted[0]
	if title.Owner != news.UnknownOwner {
		p.Owner = clip(title.Owner, nameLen)
	}
	now := s.Now()
	for _, f := range feeds {
		state, trouble := feedWords(f, now)
		p.Feeds = append(p.Feeds, feedLine{Name: feedName(f), State: state, Trouble: trouble})
	}
	list := news.List{TitleID: title.ID, After: after, Limit: pageLen, Copies: true}
	p.Articles, p.Next, err = s.list(ctx, list, "/title/"+url.PathEscape(title.Slug))
	if err != nil {
		return view{}, err
	}
	if !p.Older {
		p.Lead, p.Articles = takeLead(p.Articles)
	}
	return view{Page: "title", Heading: p.Title.Name, Description: "The newest articles of " + p.Title.Name + ".", Data: p}, nil
}

// feedName names a feed without what may be private in its address.
func feedName(f news.Feed) string {
	switch {
	case f.Section != "":
		return sectionName(f.Section)
	case f.Kind == news.FeedMail:
		return "Newsletter"
	}
	return "Main feed"
}

// host is the host name of an address, without "www.".
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	name := u.Hostname()
	if len(name) > 4 && name[:4] == "www." {
		name = name[4:]
	}
	return clip(name, nameLen)
}

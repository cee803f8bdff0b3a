package web

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"

	"understory/news"
)

type articlePage struct {
	*teaser
	Status     news.Status
	Standfirst string
	Updated    moment // zero where the publisher names none
	Revised    bool
	Notice     string // why it was retracted or taken down
	Caption    string
	Credit     string
	Body       template.HTML
	Shortened  bool   // the title lets only the beginning be shown
	Address    string // at the publisher; "" for none
	Host       string
	CopyOf     *teaser
	Copies     []*teaser
	More       []*teaser // of the same title
}

// moreLen is how many other articles of the title stand below an article.
const moreLen = 4

func (s *site) article(r *http.Request) (view, error) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil || id <= 0 {
		return view{}, fmt.Errorf("article: %w", news.ErrNotFound)
	}
	ctx := r.Context()
	a, err := s.shelf.Article(ctx, id)
	if errors.Is(err, news.ErrGone) {
		return s.takenDown(ctx, a)
	}
	if err != nil {
		return view{}, err
	}
	p := s.articlePage(&a, s.titles.now(ctx, s))
	if err := s.addFurniture(ctx, p, &a); err != nil {
		return view{}, err
	}
	v := view{Page: "article", Heading: p.Headline, Description: p.Standfirst, Lang: p.Lang, Section: a.Section, Data: p}
	return v, nil
}

// takenDown is the page of an article of which nothing is left but that it was.
func (s *site) takenDown(ctx context.Context, a news.Article) (view, error) {
	v := s.explain(nil, news.ErrGone)
	data := v.Data.(errorPage)
	data.Notice = clip(a.Notice, captionLen)
	data.Title = s.titles.now(ctx, s).byID[a.TitleID]
	v.Data = data
	return v, nil
}

func (s *site) articlePage(a *news.Article, marks *shelfmarks) *articlePage {
	now := s.Now()
	p := &articlePage{teaser: s.teaser(a, marks, now), Status: a.Status, Notice: clip(a.Notice, captionLen), Host: host(a.Address)}
	if p.Host != "" {
		p.Address = a.Address
	}
	if p.Retracted {
		return p
	}
	if a.Updated.After(a.Published) {
		p.Updated = when(a.Updated, now)
	}
	show := news.ShowFull
	if p.Title != nil {
		show = p.Title.Show
	}
	if show == news.ShowHeadline {
		return p
	}
	p.Standfirst = clip(a.Standfirst, standfirstLen)
	if p.Picture != nil {
		p.Caption, p.Credit = clip(a.Picture.Caption, captionLen), clip(a.Picture.Credit, nameLen)
	}
	words := 0
	if show == news.ShowPreview {
		words = news.PreviewWords
	}
	p.Body, p.Shortened = s.body(a.Body, a.Picture.URL, words)
	return p
}

// addFurniture reads what stands below the text.
func (s *site) addFurniture(ctx context.Context, p *articlePage, a *news.Article) error {
	marks, now := s.titles.now(ctx, s), s.Now()
	copies, err := s.shelf.CopiesOf(ctx, a.ID)
	if err != nil {
		return err
	}
	for i := range copies {
		p.Copies = append(p.Copies, s.teaser(&copies[i], marks, now))
	}
	if a.CopyOf != 0 {
		origin, err := s.shelf.Article(ctx, a.CopyOf)
		switch {
		case err == nil:
			p.CopyOf = s.teaser(&origin, marks, now)
		case !errors.Is(err, news.ErrGone) && !errors.Is(err, news.ErrNotFound):
			return err
		}
	}
	more, _, err := s.list(ctx, news.List{TitleID: a.TitleID, Limit: moreLen + 1, Copies: true}, "")
	if err != nil {
		return err
	}
	for _, t := range more {
		if t.ID != a.ID && len(p.More) < moreLen {
			p.More = append(p.More, t)
		}
	}
	return nil
}

package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"understory/news"
)

// teaser is an article as it stands in a list.
type teaser struct {
	ID         int64
	Headline   string
	Standfirst string
	Byline     string
	Lang, Dir  string
	Section    string
	Title      *masthead // nil for a title that is gone
	Published  moment
	Picture    *shot // nil for none
	Retracted  bool
}

// shot is a picture on a page, always through our own server.
type shot struct {
	Src, Srcset string
	Alt         string
}

// widths are those a browser may choose from.
var widths = []int{400, 800, 1600}

// shot returns nil for a picture that cannot be shown.
func (s *site) shot(url, alt string) *shot {
	if s.pictures == nil || url == "" {
		return nil
	}
	var set []string
	for _, w := range widths {
		if address := s.pictures.Address(url, w); address != "" {
			set = append(set, address+" "+strconv.Itoa(w)+"w")
		}
	}
	if len(set) < len(widths) {
		return nil
	}
	src, _, _ := strings.Cut(set[1], " ")
	return &shot{Src: src, Srcset: strings.Join(set, ", "), Alt: clip(alt, captionLen)}
}

func (s *site) teaser(a *news.Article, marks *shelfmarks, now time.Time) *teaser {
	t := &teaser{
		ID:        a.ID,
		Headline:  headline(a),
		Lang:      tongue(a.Language),
		Dir:       direction(tongue(a.Language)),
		Section:   a.Section,
		Title:     marks.byID[a.TitleID],
		Published: when(a.Published, now),
		Retracted: a.Status == news.Retracted,
	}
	if t.Retracted {
		t.Standfirst = clip(a.Notice, blurbLen)
		return t
	}
	if t.Title != nil && t.Title.Show == news.ShowHeadline {
		return t
	}
	t.Standfirst = clip(a.Standfirst, blurbLen)
	t.Byline = clip(a.Byline, bylineLen)
	t.Picture = s.shot(a.Picture.URL, a.Picture.Alt)
	return t
}

func headline(a *news.Article) string {
	if h := clip(a.Headline, headlineLen); h != "" {
		return h
	}
	return "Without a headline"
}

// list reads a page of articles, and the address of the next page, "" for none.
func (s *site) list(ctx context.Context, l news.List, path string) (shown []*teaser, next string, err error) {
	l.Limit++ // the one too many tells that there is more
	articles, err := s.shelf.Articles(ctx, l)
	if err != nil {
		return nil, "", err
	}
	if l.Limit--; len(articles) > l.Limit {
		articles = articles[:l.Limit]
		last := articles[l.Limit-1]
		next = path + "?after=" + formatMark(news.Mark{Published: last.Published, ID: last.ID})
	}
	marks, now := s.titles.now(ctx, s), s.Now()
	for i := range articles {
		shown = append(shown, s.teaser(&articles[i], marks, now))
	}
	return shown, next, marks.err
}

// pageLen is how many articles a page of a list holds.
const pageLen = 30

// formatMark writes a place in a list into an address; parseMark reads it.
func formatMark(m news.Mark) string {
	return m.Published.UTC().Format("20060102T150405.999999999") + "-" + strconv.FormatInt(m.ID, 36)
}

// parseMark returns the zero Mark, the beginning of the list, if there is none.
func parseMark(r *http.Request) (news.Mark, error) {
	after := r.URL.Query().Get("after")
	if after == "" {
		return news.Mark{}, nil
	}
	at, number, _ := strings.Cut(after, "-")
	published, err := time.Parse("20060102T150405.999999999", at)
	if err != nil {
		return news.Mark{}, fmt.Errorf("place in the list: %w", news.ErrInvalid)
	}
	id, err := strconv.ParseInt(number, 36, 64)
	if err != nil || id <= 0 {
		return news.Mark{}, fmt.Errorf("place in the list: %w", news.ErrInvalid)
	}
	return news.Mark{Published: published, ID: id}, nil
}

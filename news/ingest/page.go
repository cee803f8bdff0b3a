package ingest

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"understory/news"
	"understory/news/extract"
	"understory/news/fetch"
	"understory/news/sanitize"
)

// A page that could not be fetched is tried pageTries times in all; after that
// the article keeps what its feed carried.
const (
	pageTries = 4
	pageRetry = 30 * time.Minute // doubling
)

// robotName is what a robots.txt calls us.
const robotName = "Understory"

// page fetches an article's full page, where the operator allows it and the
// publisher's robots.txt and reservation of rights do not forbid it.
func (p *Pipeline) page(ctx context.Context, w news.Work) (news.Result, error) {
	done := news.Result{WorkID: w.ID, Done: true}
	if !sameSite(w.Title.Home, w.Article.Address) {
		p.counts.page("elsewhere")
		return done, nil
	}
	allowed, err := p.fetcher.Robots(ctx, w.Article.Address, robotName)
	if err != nil {
		return p.pageLater(w), nil
	}
	if !allowed || !w.Title.Pages {
		p.counts.page("not allowed")
		return done, nil
	}
	res, err := p.fetcher.Get(ctx, fetch.Request{URL: w.Article.Address, Accept: "text/html, application/xhtml+xml;q=0.9"})
	switch {
	case err != nil, res.Status >= 500, res.Status == http.StatusTooManyRequests:
		return p.pageLater(w), nil
	case res.Status != http.StatusOK:
		p.counts.page("refused")
		return done, nil
	case res.Reserved != "":
		p.counts.page("rights reserved")
		return done, nil
	}
	done.Page = p.read(w.Article, res)
	return done, nil
}

// sameSite reports whether an article's page is on its title's own site: what
// the operator agreed on with one publisher holds for no other that it links to.
func sameSite(home, address string) bool {
	site := func(address string) string {
		u, err := url.Parse(address)
		if err != nil {
			return ""
		}
		host := strings.ToLower(u.Hostname())
		if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
			return domain
		}
		return host // an address of numbers, or a name without a dot
	}
	return site(home) != "" && site(home) == site(address)
}

// pageLater puts a page off, or gives it up.
func (p *Pipeline) pageLater(w news.Work) news.Result {
	r := news.Result{WorkID: w.ID, Tries: w.Tries + 1}
	r.Done = r.Tries >= pageTries
	r.Next = p.now().Add(grow(pageRetry, failureGrowth, w.Tries))
	if r.Done {
		p.counts.page("given up")
	}
	return r
}

// read takes an article out of its page; nil for a page that holds none, or
// that reserves its rights in its head.
func (p *Pipeline) read(a *news.Article, res *fetch.Response) *news.PageChange {
	at, err := url.Parse(res.URL)
	if err != nil {
		return nil
	}
	page, err := extract.Parse(res.Body, at, res.ContentType)
	if err != nil || page.TDMReserved || slices.Contains(page.Robots, "noai") {
		p.counts.page("unreadable or reserved")
		return nil
	}
	p.counts.page("taken")
	body := sanitize.HTML(page.HTML, at)
	return &news.PageChange{
		ArticleID: a.ID,
		Body:      body,
		Words:     news.CountWords(body),
		Byline:    clip(page.Byline, maxByline),
		Picture:   news.Picture{URL: pictureAddress(page.Picture.URL), Caption: clip(page.Picture.Caption, maxStandfirst), Credit: clip(page.Picture.Credit, maxByline)},
		Bands:     news.Bands(body),
	}
}

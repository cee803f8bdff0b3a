package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"understory/news/feed"
	"understory/news/fetch"
)

// Found is a feed that was found at an address.
type Found struct {
	URL      string
	Title    string // as the feed says
	Home     string
	Language string
	Entries  int
}

// Discover finds the feeds of an address: the address itself, else those that
// its page names, else those at the usual places. It reads every feed that it
// returns. tell, which may be nil, hears of each address before it is asked.
func Discover(ctx context.Context, f Fetcher, address string, tell func(address string)) ([]Found, error) {
	if tell == nil {
		tell = func(string) {}
	}
	tell(address)
	res, err := ask(ctx, f, address)
	if err != nil {
		return nil, err
	}
	doc, err := read(res)
	switch {
	case err == nil && len(doc.Sitemaps) > 0:
		return inSitemaps(ctx, f, address, doc.Sitemaps, tell)
	case err == nil:
		return []Found{found(res, doc)}, nil
	case !errors.Is(err, feed.ErrNotFeed):
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	named, usual := feed.Links(res.Body, res.URL)
	all := findAll(ctx, f, named, tell)
	if len(all) == 0 {
		all = findAll(ctx, f, usual, tell)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s names no feed that can be read, and none is at the usual places", address)
	}
	return all, nil
}

// inSitemaps finds the news sitemaps that an index lists: those whose entries
// have headlines.
func inSitemaps(ctx context.Context, f Fetcher, address string, sitemaps []string, tell func(string)) ([]Found, error) {
	const most = 10 // an index of a whole archive lists thousands, the news among the first
	var links []feed.Link
	for _, s := range sitemaps[:min(len(sitemaps), most)] {
		links = append(links, feed.Link{URL: s})
	}
	all := findAll(ctx, f, links, tell)
	if len(all) == 0 {
		return nil, fmt.Errorf("%s is an index of sitemaps, and none of the first %d is one of news", address, most)
	}
	return all, nil
}

// maxLinks is how many addresses of a page are asked for being feeds.
const maxLinks = 20

// findAll reads feeds, leaving out those that cannot be and those that carry
// nothing.
func findAll(ctx context.Context, f Fetcher, links []feed.Link, tell func(string)) (all []Found) {
	for _, l := range links[:min(len(links), maxLinks)] {
		tell(l.URL)
		res, err := ask(ctx, f, l.URL)
		if err != nil {
			continue
		}
		doc, err := read(res)
		if err == nil && len(identify(doc)) > 0 {
			all = append(all, found(res, doc))
		}
	}
	return all
}

func ask(ctx context.Context, f Fetcher, address string) (*fetch.Response, error) {
	res, err := f.Get(ctx, fetch.Request{URL: address})
	if err != nil {
		return nil, err
	}
	if res.Status != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", address, statusWords(res.Status))
	}
	return res, nil
}

func read(res *fetch.Response) (*feed.Document, error) {
	return feed.Parse(res.Body, feed.Options{ContentType: res.ContentType, Base: res.URL})
}

func found(res *fetch.Response, doc *feed.Document) Found {
	return Found{URL: res.URL, Title: doc.Title, Home: doc.Link, Language: doc.Language, Entries: len(identify(doc))}
}

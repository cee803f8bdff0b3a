// Package extracttest reads the public page sets that extraction is measured
// on and scores an extractor's answers as their makers do.
//
// The tests of news/extract and the table in bench call it; nothing that is
// shipped does. It reads through an fs.FS and has no data of its own.
package extracttest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"path"
	"slices"
	"strings"
)

// A Page is one page of a set with what people found on it.
type Page struct {
	ID     string
	HTML   []byte
	URL    *url.URL
	Text   string // the article
	Title  string // "" where nobody wrote it down, as below
	Author string
	Date   string // YYYY-MM-DD
}

// News reads the article extraction benchmark: html/ID.html.gz beside
// ground-truth.json. It has no titles, authors or dates.
func News(fsys fs.FS) ([]Page, error) {
	raw, err := fs.ReadFile(fsys, "ground-truth.json")
	if err != nil {
		return nil, err
	}
	var truth map[string]struct {
		ArticleBody string `json:"articleBody"`
		URL         string `json:"url"`
	}
	if err := json.Unmarshal(raw, &truth); err != nil {
		return nil, fmt.Errorf("ground truth: %w", err)
	}
	var pages []Page
	for id, t := range truth {
		p, err := load(fsys, path.Join("html", id+".html.gz"), t.URL)
		if err != nil {
			return nil, err
		}
		p.ID, p.Text = id, t.ArticleBody
		pages = append(pages, p)
	}
	slices.SortFunc(pages, func(a, b Page) int { return strings.Compare(a.ID, b.ID) })
	return pages, nil
}

// Web reads the web content extraction benchmark: ID.json beside ID.html.gz.
// Pages that are not articles are left out.
func Web(fsys fs.FS) ([]Page, error) {
	names, err := fs.Glob(fsys, "*.json")
	if err != nil {
		return nil, err
	}
	var pages []Page
	for _, name := range names {
		raw, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, err
		}
		var t struct {
			URL   string `json:"url"`
			Truth struct {
				Title  string `json:"title"`
				Author string `json:"author"`
				Date   string `json:"publish_date"`
				Text   string `json:"main_content"`
			} `json:"ground_truth"`
			Internal struct {
				Type struct {
					Primary string `json:"primary"`
				} `json:"page_type"`
			} `json:"_internal"`
		}
		if err := json.Unmarshal(raw, &t); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if kind := t.Internal.Type.Primary; kind != "" && kind != "article" {
			continue
		}
		id := strings.TrimSuffix(name, ".json")
		p, err := load(fsys, id+".html.gz", t.URL)
		if err != nil {
			return nil, err
		}
		p.ID, p.Text, p.Title, p.Author, p.Date = id, t.Truth.Text, t.Truth.Title, t.Truth.Author, t.Truth.Date
		pages = append(pages, p)
	}
	return pages, nil
}

func load(fsys fs.FS, name, addr string) (p Page, err error) {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return p, err
	}
	zr, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return p, fmt.Errorf("%s: %w", name, err)
	}
	if p.HTML, err = io.ReadAll(zr); err != nil {
		return p, fmt.Errorf("%s: %w", name, err)
	}
	if p.URL, err = url.Parse(addr); err != nil {
		return p, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

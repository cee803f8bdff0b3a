package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/mmcdole/gofeed"
)

// answerWithGofeed prints for each file what gofeed reads in it, in the form
// that the scoring program wants.
func answerWithGofeed(args []string) error {
	enc := json.NewEncoder(os.Stdout)
	enc.SetEscapeHTML(false)
	for i := 0; i < len(args); i++ {
		if strings.HasPrefix(args[i], "--") { // a content type or a base: gofeed takes none
			i++
			continue
		}
		if err := enc.Encode(gofeedAnswer(args[i])); err != nil {
			return err
		}
	}
	return nil
}

type row map[string]any

func gofeedAnswer(name string) (out row) {
	out = row{"file": name}
	defer func() {
		if r := recover(); r != nil {
			out = row{"file": name, "error": fmt.Sprint("panic: ", r)}
		}
	}()
	f, err := os.Open(name)
	if err != nil {
		return row{"file": name, "error": err.Error()}
	}
	defer f.Close()
	d, err := gofeed.NewParser().Parse(f)
	if err != nil {
		return row{"file": name, "error": err.Error()}
	}
	out["format"], out["title"], out["link"] = d.FeedType+d.FeedVersion, d.Title, d.Link
	out["description"], out["language"], out["self"] = d.Description, d.Language, d.FeedLink
	out["updated"] = stamp(d.UpdatedParsed)
	if d.Image != nil {
		out["image"] = d.Image.URL
	}
	entries := make([]row, len(d.Items))
	for i, item := range d.Items {
		entries[i] = gofeedEntry(item)
	}
	out["entries"] = entries
	return out
}

func gofeedEntry(item *gofeed.Item) row {
	var authors, enclosures []row
	for _, a := range item.Authors {
		if a != nil {
			authors = append(authors, row{"name": a.Name, "email": a.Email})
		}
	}
	for _, x := range item.Enclosures {
		if x != nil {
			enclosures = append(enclosures, row{"url": x.URL, "type": x.Type, "length": x.Length})
		}
	}
	var images []string
	if item.Image != nil && item.Image.URL != "" {
		images = []string{item.Image.URL}
	}
	return row{"id": item.GUID, "title": item.Title, "link": item.Link, "summary_html": item.Description,
		"content_html": item.Content, "published": stamp(item.PublishedParsed), "updated": stamp(item.UpdatedParsed),
		"tags": item.Categories, "authors": authors, "enclosures": enclosures, "images": images}
}

func stamp(t *time.Time) string {
	if t == nil || t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"understory/news/feed"
	"understory/news/fetch"
	"understory/news/sanitize"
)

func newDebugFeed() *cobra.Command {
	var o feed.Options
	cmd := &cobra.Command{
		Use:   "feed FILE|URL...",
		Short: "Print what is read out of a feed, as JSON",
		Long: "Reads feeds from files, from addresses or from standard input (-) and prints for each\n" +
			"one line of JSON: what is kept of it, sanitised as it is stored, or the error.",
		Example: "  understory debug feed https://news.example/feed.xml | jq .\n" +
			"  curl -s https://news.example/feed.xml | understory debug feed --base https://news.example/feed.xml -",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, _, err := load(cmd)
			if err != nil {
				return err
			}
			client := fetch.New(cfg.Fetch)
			defer client.Close()
			return debugRows(cmd.OutOrStdout(), args, func(source string) (any, error) {
				doc, err := readFeed(cmd.Context(), client, cmd.InOrStdin(), source, o)
				if err != nil {
					return feedRow{File: source, Error: err.Error(), Entries: []entryRow{}}, err
				}
				return newFeedRow(source, doc), nil
			})
		},
	}
	cmd.Flags().StringVar(&o.ContentType, "content-type", "", "the Content-Type that the document came with")
	cmd.Flags().StringVar(&o.Base, "base", "", "the address that the document came from")
	return cmd
}

// readFeed reads a feed from an address, from standard input or from a file.
func readFeed(ctx context.Context, client *fetch.Client, in io.Reader, source string, o feed.Options) (*feed.Document, error) {
	if strings.HasPrefix(source, "http://") || strings.HasPrefix(source, "https://") {
		res, err := client.Get(ctx, fetch.Request{URL: source})
		if err != nil {
			return nil, err
		}
		if res.Status != 200 {
			return nil, fmt.Errorf("the server answered %d", res.Status)
		}
		if o.Base == "" {
			o.Base = res.URL
		}
		if o.ContentType == "" {
			o.ContentType = res.ContentType
		}
		return feed.Parse(res.Body, o)
	}
	var body []byte
	var err error
	if source == "-" {
		body, err = io.ReadAll(in)
	} else {
		body, err = os.ReadFile(source)
	}
	if err != nil {
		return nil, err
	}
	return feed.Parse(body, o)
}

// feedRow is a document as debug prints it.
type feedRow struct {
	File        string     `json:"file"`
	Error       string     `json:"error,omitempty"`
	Format      string     `json:"format,omitempty"`
	Title       string     `json:"title,omitempty"`
	Link        string     `json:"link,omitempty"`
	Description string     `json:"description,omitempty"` // HTML
	Language    string     `json:"language,omitempty"`
	Updated     string     `json:"updated,omitempty"`
	Image       string     `json:"image,omitempty"`
	Self        string     `json:"self,omitempty"`
	Hub         []string   `json:"hub,omitempty"`
	TTL         int        `json:"ttl,omitempty"` // minutes
	Sitemaps    []string   `json:"sitemaps,omitempty"`
	Mended      []string   `json:"mended,omitempty"`
	Entries     []entryRow `json:"entries"`
}

type entryRow struct {
	ID         string         `json:"id,omitempty"`
	Title      string         `json:"title,omitempty"`
	Link       string         `json:"link,omitempty"`
	Summary    string         `json:"summary_html,omitempty"`
	Content    string         `json:"content_html,omitempty"`
	Authors    []personRow    `json:"authors,omitempty"`
	Published  string         `json:"published,omitempty"`
	Updated    string         `json:"updated,omitempty"`
	Tags       []string       `json:"tags,omitempty"`
	Enclosures []enclosureRow `json:"enclosures,omitempty"`
	Images     []string       `json:"images,omitempty"`
	Withdrawn  bool           `json:"withdrawn,omitempty"`
}

type personRow struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	URI   string `json:"uri,omitempty"`
}

type enclosureRow struct {
	URL    string `json:"url,omitempty"`
	Type   string `json:"type,omitempty"`
	Length string `json:"length,omitempty"`
}

func newFeedRow(source string, d *feed.Document) feedRow {
	row := feedRow{
		File: source, Format: d.Format, Title: d.Title, Link: d.Link, Description: stored(d.Description),
		Language: d.Language, Updated: rfc3339(d.Updated), Image: d.Image, Self: d.Self, Hub: d.Hubs,
		TTL: int(d.TTL / time.Minute), Sitemaps: d.Sitemaps, Mended: d.Mended, Entries: make([]entryRow, len(d.Entries)),
	}
	for i := range d.Entries {
		e := &d.Entries[i]
		r := entryRow{
			ID: e.ID, Title: e.Title, Link: e.Link, Summary: stored(e.Summary), Content: stored(e.Content),
			Published: rfc3339(e.Published), Updated: rfc3339(e.Updated), Tags: e.Tags, Images: e.Images,
			Withdrawn: e.Withdrawn,
		}
		for _, a := range e.Authors {
			r.Authors = append(r.Authors, personRow(a))
		}
		for _, x := range e.Enclosures {
			r.Enclosures = append(r.Enclosures, enclosureRow(x))
		}
		row.Entries[i] = r
	}
	return row
}

// stored returns markup as the pipeline stores it.
func stored(m feed.Markup) string {
	var base *url.URL
	if u, err := url.Parse(m.Base); err == nil && m.Base != "" {
		base = u
	}
	return sanitize.HTML(m.HTML, base)
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

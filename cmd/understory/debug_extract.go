package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"understory/news/extract"
	"understory/news/sanitize"
)

func newDebugExtract() *cobra.Command {
	var address, contentType string
	cmd := &cobra.Command{
		Use:   "extract FILE...",
		Short: "Print the article that is found in a page, as JSON",
		Long: "Reads pages from files or from standard input (-) and prints for each one line of JSON: the\n" +
			"article found in it, its HTML sanitised as it is stored, or the error.",
		Example: "  understory debug extract --url https://news.example/story page.html | jq -r .text\n" +
			"  curl -s https://news.example/story | understory debug extract --url https://news.example/story -",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			addr, err := url.Parse(address)
			if err != nil || addr.Host == "" {
				return fmt.Errorf("--url %q is not an absolute address", address)
			}
			return debugRows(cmd.OutOrStdout(), args, func(source string) (any, error) {
				a, err := readPage(cmd.InOrStdin(), source, addr, contentType)
				if err != nil {
					return pageRow{File: source, Error: err.Error()}, err
				}
				return newPageRow(source, a, addr), nil
			})
		},
	}
	cmd.Flags().StringVar(&address, "url", "https://example.invalid/", "the address that the pages came from")
	cmd.Flags().StringVar(&contentType, "content-type", "", "the Content-Type that they came with")
	return cmd
}

func readPage(in io.Reader, source string, addr *url.URL, contentType string) (*extract.Article, error) {
	if strings.HasPrefix(source, "http://") || strings.HasPrefix(source, "https://") {
		return nil, errors.New("this command reads files: fetch the page first, such as with curl, and name its address with --url")
	}
	if source != "-" {
		f, err := os.Open(source)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	page, err := io.ReadAll(io.LimitReader(in, extract.MaxPage+1))
	if err != nil {
		return nil, err
	}
	return extract.Parse(page, addr, contentType)
}

// pageRow is an article as debug prints it.
type pageRow struct {
	File      string     `json:"file"`
	Error     string     `json:"error,omitempty"`
	Title     string     `json:"title"`
	Byline    string     `json:"byline"`
	Published string     `json:"published"` // RFC 3339, UTC; "" where unknown
	Modified  string     `json:"modified,omitempty"`
	LeadImage pictureRow `json:"lead_image"`
	Canonical string     `json:"canonical"`
	Language  string     `json:"language"`
	Site      string     `json:"site"`
	Summary   string     `json:"summary,omitempty"`
	Text      string     `json:"text"`
	HTML      string     `json:"html"` // sanitised
	Paid      bool       `json:"paid,omitempty"`
	Robots    []string   `json:"robots,omitempty"`
	Reserved  bool       `json:"tdm_reserved,omitempty"`
}

type pictureRow struct {
	URL     string `json:"url"`
	Caption string `json:"caption"`
	Credit  string `json:"credit"`
}

func newPageRow(source string, a *extract.Article, addr *url.URL) pageRow {
	return pageRow{
		File: source, Title: a.Title, Byline: a.Byline, Published: rfc3339(a.Published), Modified: rfc3339(a.Modified),
		LeadImage: pictureRow(a.Picture), Canonical: a.Canonical, Language: a.Language, Site: a.Site, Summary: a.Summary,
		Text: a.Text, HTML: sanitize.HTML(a.HTML, addr), Paid: a.Paid, Robots: a.Robots, Reserved: a.TDMReserved,
	}
}

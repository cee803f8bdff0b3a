package catalogue

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"understory/news"
)

// columns are those of the CSV, in the order they are written. A file may have
// them in any order and leave out all but name, home and feeds.
//
// Feeds are addresses with a space between them. A feed that belongs to
// another section than its title has that section and "=" in front.
var columns = []string{"slug", "name", "home", "country", "language", "section", "owner", "list", "feeds"}

func readCSV(data []byte) (entries []Entry, faults []error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.TrimLeadingSpace = true
	head, err := r.Read()
	if err != nil {
		return nil, []error{err}
	}
	if err := checkHead(head); err != nil {
		return nil, []error{err}
	}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return entries, faults
		}
		switch {
		case errors.Is(err, csv.ErrFieldCount):
			line, _ := r.FieldPos(0)
			faults = append(faults, fmt.Errorf("line %d: it has %d columns, the first line %d", line, len(row), len(head)))
		case err != nil: // a quote in the wrong place: where the next row begins is anyone's guess
			return entries, append(faults, err)
		default:
			line, _ := r.FieldPos(0)
			entries = append(entries, fromRow(head, row, line))
		}
	}
}

func checkHead(head []string) error {
	for _, name := range head {
		if !slices.Contains(columns, name) {
			return fmt.Errorf("line 1: there is no column %q; the columns are %s", name, strings.Join(columns, ", "))
		}
	}
	for _, name := range []string{"name", "home", "feeds"} {
		if !slices.Contains(head, name) {
			return fmt.Errorf("line 1: the column %q is missing", name)
		}
	}
	return nil
}

func fromRow(head, row []string, line int) Entry {
	cell := map[string]string{}
	for i, name := range head {
		cell[name] = strings.TrimSpace(row[i])
	}
	e := Entry{Line: line, Title: news.Title{
		Slug: cell["slug"], Name: cell["name"], Home: cell["home"],
		Country: cell["country"], Language: cmp.Or(Language(cell["language"]), cell["language"]),
		Section: cmp.Or(cell["section"], "news"), Owner: cmp.Or(cell["owner"], news.UnknownOwner), List: cell["list"],
	}}
	for _, f := range strings.Fields(cell["feeds"]) {
		section, address, ok := strings.Cut(f, "=")
		if !ok || strings.Contains(section, ":") {
			section, address = "", f
		}
		e.Feeds = append(e.Feeds, news.Feed{Kind: news.FeedPoll, URL: address, Section: section})
	}
	return e
}

// FormatCSV writes titles in the catalogue's own format, by country and slug.
// [Parse] reads back the same, save Line. Feeds that come by mail are left
// out, as are cookies, headers and all settings: they are the operator's own.
func FormatCSV(entries []Entry) []byte {
	rows := [][]string{columns}
	for _, e := range shared(entries) {
		var feeds []string
		for _, f := range e.Feeds {
			address := f.URL
			if f.Section != "" {
				address = f.Section + "=" + f.URL
			}
			feeds = append(feeds, address)
		}
		rows = append(rows, []string{e.Slug, e.Name, e.Home, e.Country, e.Language, e.Section, e.Owner, e.List, strings.Join(feeds, " ")})
	}
	var b bytes.Buffer
	_ = csv.NewWriter(&b).WriteAll(rows) // a Buffer never fails
	return b.Bytes()
}

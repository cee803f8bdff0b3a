package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"understory/news"
	"understory/news/catalogue"
)

func newTitleImport() *cobra.Command {
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Add the titles of a file: OPML, or a catalogue in CSV",
		Long: "Adds every title and feed of the file that is not there yet; what is there stays as it is.\n" +
			"FILE is OPML from any reader, a CSV as title export writes it, - for standard input, or the\n" +
			"word starter for the catalogue that ships with Understory. Rows that cannot be used are named\n" +
			"and left out.",
		Example: "  understory title import subscriptions.opml\n  understory title import starter",
		Args:    cobra.ExactArgs(1),
	}
	withStore(c, func(ctx context.Context, s *store, args []string) error {
		entries, faults, err := s.readTitles(ctx, args[0])
		for _, fault := range faults {
			fmt.Fprintf(c.ErrOrStderr(), "left out: %v\n", fault)
		}
		if err == nil && len(entries) == 0 {
			err = fmt.Errorf("%s holds no title that can be used", args[0])
		}
		if err != nil {
			return err
		}
		return s.importTitles(ctx, c.OutOrStdout(), entries)
	})
	return c
}

// readTitles reads a list of titles from a file, standard input or the
// catalogue.
func (s *store) readTitles(ctx context.Context, name string) ([]catalogue.Entry, []error, error) {
	if name == "starter" {
		entries, err := catalogue.Load()
		return entries, nil, err
	}
	data, err := readFile(name)
	if err != nil {
		return nil, nil, err
	}
	known, err := s.db.Titles(ctx)
	if err != nil {
		return nil, nil, err
	}
	entries, faults := catalogue.Parse(data, known...)
	return entries, faults, nil
}

// importTitles adds what is not there yet. The feeds' first checks are spread
// over a quarter of an hour, so that a large import begins gently.
func (s *store) importTitles(ctx context.Context, out io.Writer, entries []catalogue.Entry) error {
	feeds, err := s.db.Feeds(ctx, 0)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for i := range feeds {
		known[feeds[i].URL] = true
	}
	newTitles, newFeeds, now := 0, 0, time.Now()
	for i, e := range entries {
		t, err := s.db.Title(ctx, e.Slug)
		if errors.Is(err, news.ErrNotFound) {
			t, err = s.db.PutTitle(ctx, e.Title)
			newTitles++
		}
		if err != nil {
			return fmt.Errorf("title %q: %w", e.Slug, err)
		}
		for _, f := range e.Feeds {
			if known[f.URL] {
				continue
			}
			f.TitleID, known[f.URL] = t.ID, true
			_, err := s.db.PutFeed(ctx, f, now.Add(15*time.Minute*time.Duration(i)/time.Duration(len(entries))))
			if err != nil {
				return err
			}
			newFeeds++
		}
		if (i+1)%100 == 0 {
			fmt.Fprintf(out, "%d of %d titles\n", i+1, len(entries))
		}
	}
	fmt.Fprintf(out, "added %d titles and %d feeds; %d titles were there already\n", newTitles, newFeeds, len(entries)-newTitles)
	return nil
}

func newTitleExport() *cobra.Command {
	var format, file string
	c := &cobra.Command{
		Use:     "export",
		Short:   "Write all titles and feeds as OPML or CSV",
		Example: "  understory title export --format csv --output titles.csv",
		Args:    cobra.NoArgs,
	}
	c.Flags().StringVar(&format, "format", "opml", "opml, which every feed reader reads, or csv, which keeps every column")
	c.Flags().StringVarP(&file, "output", "o", "-", "file to write, or - for standard output")
	withStore(c, func(ctx context.Context, s *store, _ []string) error {
		entries, err := s.entries(ctx)
		if err != nil {
			return err
		}
		var data []byte
		switch format {
		case "opml":
			data = catalogue.FormatOPML("Understory", entries)
		case "csv":
			data = catalogue.FormatCSV(entries)
		default:
			return fmt.Errorf("--format is opml or csv, not %q", format)
		}
		if file == "-" {
			_, err = c.OutOrStdout().Write(data)
			return err
		}
		return os.WriteFile(file, data, 0o644)
	})
	return c
}

// entries is every title with its feeds. Newsletters stay out: their address
// is a secret of this server.
func (s *store) entries(ctx context.Context) ([]catalogue.Entry, error) {
	titles, err := s.db.Titles(ctx)
	if err != nil {
		return nil, err
	}
	var all []catalogue.Entry
	for _, t := range titles {
		feeds, err := s.db.Feeds(ctx, t.ID)
		if err != nil {
			return nil, err
		}
		feeds = slices.DeleteFunc(feeds, func(f news.Feed) bool { return f.Kind != news.FeedPoll })
		if len(feeds) > 0 {
			all = append(all, catalogue.Entry{Title: t, Feeds: feeds})
		}
	}
	return all, nil
}

func newTitleCheck() *cobra.Command {
	c := &cobra.Command{
		Use:   "check [TITLE...]",
		Short: "Fetch the feeds of titles now and say how each is",
		Long: "Fetches every feed of the titles, or of all titles, politely: one request at a time to each\n" +
			"host, however many feeds it has. What is new is stored.",
		Example: "  understory title check the-harbour-ledger",
	}
	withStore(c, func(ctx context.Context, s *store, args []string) error {
		var feeds []news.Feed
		if len(args) == 0 {
			all, err := s.db.Feeds(ctx, 0)
			if err != nil {
				return err
			}
			feeds = all
		}
		for _, slug := range args {
			_, own, err := s.title(ctx, slug)
			if err != nil {
				return err
			}
			feeds = append(feeds, own...)
		}
		feeds = slices.DeleteFunc(feeds, func(f news.Feed) bool { return f.Kind != news.FeedPoll })
		return s.fetchNow(ctx, c.OutOrStdout(), feeds)
	})
	return c
}

// sentence ends a text with a full stop.
func sentence(s string) string {
	if s == "" || strings.HasSuffix(s, ".") {
		return s
	}
	return s + "."
}

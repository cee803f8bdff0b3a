package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"understory/news"
)

func newArticle() *cobra.Command {
	c := &cobra.Command{
		Use:     "article",
		Short:   "Find, retract, take down or restore an article",
		Example: "  understory article list --title the-harbour-ledger\n  understory article takedown 4711 --notice 'Removed after a court order.'",
	}
	c.AddCommand(
		newArticleList(),
		newArticleShow(),
		newArticleStatus("retract", news.Retracted, "Show an article as withdrawn",
			"Its headline stays with the notice; its text is shown no more, and comes back with restore."),
		newArticleStatus("takedown", news.TakenDown, "Remove an article for good",
			"It leaves every list and its text is deleted. Its address tells that it was removed, with the\n"+
				"notice. No feed brings it back."),
		newArticleStatus("restore", news.Live, "Show a retracted article again", ""),
	)
	return c
}

func newArticleList() *cobra.Command {
	var slug string
	l := news.List{Copies: true}
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the newest articles with their numbers",
		Long:    "Lists the newest articles with their numbers. Those that were taken down are in no list.",
		Example: "  understory article list --title the-harbour-ledger --limit 50",
		Args:    cobra.NoArgs,
	}
	c.Flags().StringVar(&slug, "title", "", "only those of this title")
	c.Flags().IntVar(&l.Limit, "limit", 20, "at most so many, 1 to 1000")
	withStore(c, func(ctx context.Context, s *store, _ []string) error {
		if l.Limit < 1 || l.Limit > 1000 {
			return fmt.Errorf("--limit is 1 to 1000, not %d", l.Limit)
		}
		if slug != "" {
			t, err := s.db.Title(ctx, slug)
			if err != nil {
				return noTitle(slug, err)
			}
			l.TitleID = t.ID
		}
		articles, err := s.db.Articles(ctx, l)
		if err != nil {
			return err
		}
		titles, err := s.db.Titles(ctx)
		if err != nil {
			return err
		}
		slugs := map[int64]string{}
		for _, t := range titles {
			slugs[t.ID] = t.Slug
		}
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "ARTICLE\tPUBLISHED (UTC)\tTITLE\tSTATUS\tHEADLINE")
		for i := range articles {
			a := &articles[i]
			fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\n", a.ID, a.Published.UTC().Format("2006-01-02 15:04"), slugs[a.TitleID], a.Status, a.Headline)
		}
		return w.Flush()
	})
	return c
}

func newArticleShow() *cobra.Command {
	c := &cobra.Command{
		Use:     "show ARTICLE",
		Short:   "Show what is known of an article",
		Long:    "Shows what is known of an article, save its text.\nARTICLE is its number or the address of its page here.",
		Example: "  understory article show 4711",
		Args:    cobra.ExactArgs(1),
	}
	withStore(c, func(ctx context.Context, s *store, args []string) error {
		id, err := articleID(args[0])
		if err != nil {
			return err
		}
		a, err := s.db.Article(ctx, id)
		if err != nil && !errors.Is(err, news.ErrGone) {
			return noArticle(id, err)
		}
		titles, err := s.db.Titles(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(titles, func(t news.Title) bool { return t.ID == a.TitleID })
		if i < 0 {
			return fmt.Errorf("article %d: its title is not there any more", id)
		}
		showArticle(c.OutOrStdout(), &a, titles[i].Slug, time.Now())
		return nil
	})
	return c
}

func showArticle(out io.Writer, a *news.Article, title string, now time.Time) {
	fmt.Fprintln(out, cmp.Or(a.Headline, "(no headline)"))
	pairs := [][2]string{
		{"article", strconv.FormatInt(a.ID, 10)}, {"title", title}, {"status", string(a.Status)}, {"notice", a.Notice},
		{"section", a.Section}, {"language", a.Language}, {"byline", a.Byline}, {"published at", a.Address},
		{"published", when(a.Published, now)}, {"updated", when(a.Updated, now)}, {"first seen", when(a.FirstSeen, now)},
		{"revised here", when(a.Revised, now)}, {"picture", a.Picture.URL}, {"words", strconv.Itoa(a.Words)},
	}
	if a.CopyOf != 0 {
		pairs = append(pairs, [2]string{"copy of", strconv.FormatInt(a.CopyOf, 10)})
	}
	rows(out, pairs)
}

func noArticle(id int64, err error) error {
	if errors.Is(err, news.ErrNotFound) {
		return fmt.Errorf("there is no article %d: understory article list shows the newest", id)
	}
	return err
}

func newArticleStatus(use string, status news.Status, short, long string) *cobra.Command {
	var notice string
	c := &cobra.Command{
		Use:     use + " ARTICLE",
		Short:   short,
		Long:    strings.TrimSpace(short + ".\n" + long + "\nARTICLE is its number or the address of its page here."),
		Example: "  understory article " + use + " 4711",
		Args:    cobra.ExactArgs(1),
	}
	if status != news.Live {
		c.Flags().StringVar(&notice, "notice", "", "what readers are told, in a sentence")
	}
	withStore(c, func(ctx context.Context, s *store, args []string) error {
		id, err := articleID(args[0])
		if err != nil {
			return err
		}
		err = s.db.SetArticleStatus(ctx, id, status, notice, time.Now())
		if err != nil {
			return noArticle(id, err)
		}
		fmt.Fprintf(c.OutOrStdout(), "article %d is %s\n", id, status)
		return nil
	})
	return c
}

// articleID reads an article's number, alone or at the end of its address.
func articleID(s string) (int64, error) {
	s = strings.TrimRight(s, "/")
	id, err := strconv.ParseInt(s[strings.LastIndexByte(s, '/')+1:], 10, 64)
	if err != nil || id <= 0 {
		return 0, fmt.Errorf("%q is neither an article's number nor the address of its page", s)
	}
	return id, nil
}

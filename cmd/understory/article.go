package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"understory/news"
)

func newArticle() *cobra.Command {
	c := &cobra.Command{
		Use:     "article",
		Short:   "Retract, take down or restore an article",
		Example: "  understory article takedown 4711 --notice 'Removed after a court order.'",
	}
	c.AddCommand(
		newArticleStatus("retract", news.Retracted, "Show an article as withdrawn",
			"Its headline stays with the notice; its text is shown no more, and comes back with restore."),
		newArticleStatus("takedown", news.TakenDown, "Remove an article for good",
			"It leaves every list and its text is deleted. Its address tells that it was removed, with the\n"+
				"notice. No feed brings it back."),
		newArticleStatus("restore", news.Live, "Show a retracted article again", ""),
	)
	return c
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
		if errors.Is(err, news.ErrNotFound) {
			return fmt.Errorf("there is no article %d", id)
		}
		if err == nil {
			fmt.Fprintf(c.OutOrStdout(), "article %d is %s\n", id, status)
		}
		return err
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

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/net/http/httpguts"

	"understory/kit/count"
	"understory/news"
	"understory/news/fetch"
	"understory/news/ingest"
)

func newFeed() *cobra.Command {
	c := &cobra.Command{
		Use:     "feed",
		Short:   "Fetch feeds, and explain when they are checked",
		Example: "  understory feed explain https://news.example/feed.xml",
	}
	c.AddCommand(newFeedFetch(), newFeedExplain(), newFeedSet(), newFeedRemove())
	return c
}

func newFeedFetch() *cobra.Command {
	c := &cobra.Command{
		Use:     "fetch ADDRESS...",
		Short:   "Fetch feeds now, whatever their schedule says",
		Example: "  understory feed fetch https://news.example/feed.xml",
		Args:    cobra.MinimumNArgs(1),
	}
	withStore(c, func(ctx context.Context, s *store, args []string) error {
		var feeds []news.Feed
		for _, address := range args {
			f, _, _, err := s.feed(ctx, address)
			if err != nil {
				return err
			}
			if f.Kind == news.FeedMail {
				return fmt.Errorf("%s takes letters: they come when they are sent", address)
			}
			feeds = append(feeds, f)
		}
		return s.fetchNow(ctx, c.OutOrStdout(), feeds)
	})
	return c
}

// fetchNow checks feeds at once and prints how each fared. A server that is
// running on the same store may do the work instead: the host is asked once.
func (s *store) fetchNow(ctx context.Context, out io.Writer, feeds []news.Feed) error {
	client := fetch.New(s.cfg.Fetch)
	defer client.Close()
	p := ingest.New(s.cfg.Ingest, s.db, client, slog.New(slog.NewTextHandler(os.Stderr, nil)), count.New("understory"))
	done, bad := 0, 0
	err := p.CheckNow(ctx, s.db, feeds, func(f news.Feed) {
		done++
		state := "fine: " + sentence(f.State.Reason)
		if f.State.Error != "" {
			bad++
			state = "no articles from it now: " + sentence(f.State.Reason)
		}
		fmt.Fprintf(out, "%d/%d  %s  %s\n", done, len(feeds), f.URL, state)
		if done == 20 && bad == done {
			fmt.Fprintln(out, "None of these can be read: perhaps this machine does not reach the internet. Ctrl-C stops it.")
		}
	})
	fmt.Fprintf(out, "%d of %d feeds fetched, %d of them with trouble; what they brought is stored\n", done, len(feeds), bad)
	return err
}

func newFeedExplain() *cobra.Command {
	c := &cobra.Command{
		Use:     "explain ADDRESS",
		Short:   "Tell how a feed is, when it is checked next, and why then",
		Example: "  understory feed explain https://news.example/feed.xml",
		Args:    cobra.ExactArgs(1),
	}
	withStore(c, func(ctx context.Context, s *store, args []string) error {
		f, t, sub, err := s.feed(ctx, args[0])
		if err != nil {
			return err
		}
		fmt.Fprintln(c.OutOrStdout(), t.Name)
		s.explain(c.OutOrStdout(), &f, sub, time.Now())
		return nil
	})
	return c
}

func newFeedSet() *cobra.Command {
	var agent, cookie, section, status string
	var headers []string
	c := &cobra.Command{
		Use:   "set ADDRESS",
		Short: "Change a feed: its section, what is sent with its requests, on or off",
		Long: "A feed behind a subscription of yours may need a cookie, a header or another user agent. They\n" +
			"are sent to the feed's own host alone. The file form keeps a secret out of the shell's history.",
		Example: "  understory feed set https://news.example/feed.xml --cookie-file cookie.txt\n" +
			"  understory feed set https://news.example/feed.xml --status off",
		Args: cobra.ExactArgs(1),
	}
	flags := c.Flags()
	flags.StringVar(&section, "section", "", "section of its articles; empty for the title's")
	flags.StringVar(&agent, "user-agent", "", "user agent to send; empty for the configured one")
	flags.StringVar(&cookie, "cookie-file", "", "file with the Cookie header to send; empty for none")
	flags.StringArrayVar(&headers, "header", nil, "header to send, as `Name=value`; may be repeated; replaces those set before; empty for none")
	flags.StringVar(&status, "status", "", "active or off")
	withStore(c, func(ctx context.Context, s *store, args []string) error {
		f, _, _, err := s.feed(ctx, args[0])
		if err != nil {
			return err
		}
		if flags.NFlag() == 0 {
			return fmt.Errorf("nothing to change: see %s --help", c.CommandPath())
		}
		if flags.Changed("status") && status != string(news.FeedActive) && status != string(news.FeedOff) {
			return fmt.Errorf("--status is active or off, not %q", status)
		}
		if flags.Changed("section") {
			f.Section = section
		}
		if flags.Changed("user-agent") {
			f.UserAgent = agent
		}
		if flags.Changed("header") {
			f.Header, err = headersFrom(headers)
			if err != nil {
				return err
			}
		}
		if flags.Changed("cookie-file") {
			f.Cookie, err = cookieFrom(cookie)
			if err != nil {
				return err
			}
		}
		_, err = s.db.PutFeed(ctx, f, time.Now())
		if err == nil {
			err = s.switchFeed(ctx, f.ID, news.FeedStatus(status))
		}
		if err == nil {
			fmt.Fprintf(c.OutOrStdout(), "changed %s\n", f.URL)
		}
		return err
	})
	return c
}

// switchFeed makes a feed active or off; any other status leaves it.
func (s *store) switchFeed(ctx context.Context, id int64, status news.FeedStatus) error {
	switch status {
	case news.FeedActive:
		return s.db.CheckNow(ctx, id, time.Now(), "the operator switched it on")
	case news.FeedOff:
		return s.db.SetStatus(ctx, id, news.FeedOff)
	}
	return nil
}

func newFeedRemove() *cobra.Command {
	c := &cobra.Command{
		Use:     "remove ADDRESS",
		Short:   "Remove a feed; its articles stay",
		Example: "  understory feed remove https://news.example/feed.xml",
		Args:    cobra.ExactArgs(1),
	}
	withStore(c, func(ctx context.Context, s *store, args []string) error {
		f, _, _, err := s.feed(ctx, args[0])
		if err != nil {
			return err
		}
		err = s.db.RemoveFeed(ctx, f.URL)
		if err == nil {
			fmt.Fprintf(c.OutOrStdout(), "removed %s\n", f.URL)
		}
		return err
	})
	return c
}

// headersFrom reads headers written as Name=value.
func headersFrom(pairs []string) (map[string]string, error) {
	headers := map[string]string{}
	for _, pair := range pairs {
		name, value, found := strings.Cut(pair, "=")
		switch {
		case pair == "":
		case !found || !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value):
			return nil, fmt.Errorf("--header is Name=value, not %q", pair)
		default:
			headers[name] = value
		}
	}
	return headers, nil
}

// cookieFrom reads a cookie from a file; no file is no cookie.
func cookieFrom(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	b, err := readFile(file)
	return strings.TrimSpace(string(b)), err
}

// feed finds a feed by its address.
func (s *store) feed(ctx context.Context, address string) (news.Feed, news.Title, *news.Subscription, error) {
	f, t, sub, err := s.db.Feed(ctx, address)
	if errors.Is(err, news.ErrNotFound) {
		return f, t, nil, fmt.Errorf("there is no feed %s: understory title show TITLE lists a title's feeds", address)
	}
	return f, t, sub, err
}

// explain prints all that an operator may ask of a feed.
func (s *store) explain(out io.Writer, f *news.Feed, sub *news.Subscription, now time.Time) {
	st := &f.State
	fmt.Fprintln(out, f.URL)
	if f.Kind == news.FeedMail {
		rows(out, [][2]string{{"letters to", f.Token() + "@" + s.cfg.Mail.Domain}, {"last letter", cmp.Or(when(st.Checked, now), "none yet")}})
		return
	}
	answer, reason, next := "not fetched yet", "it was added and is due", when(st.Next, now)
	if !st.Checked.IsZero() {
		answer, reason = when(st.Checked, now), ""
	}
	if !st.Next.IsZero() && st.Next.Before(now) {
		next = "due now"
	}
	pairs := [][2]string{
		{"status", string(st.Status)},
		{"format", cmp.Or(st.Format, "not known yet")},
		{"mended", st.Mended},
		{"last check", answer},
		{"last news", when(st.Changed, now)},
		{"trouble", st.Error},
		{"next check", next},
		{"because", cmp.Or(st.Reason, reason)},
		{"section", f.Section},
		{"sent along", sentAlong(f)},
	}
	if st.MoveSeen > 0 {
		pairs = append(pairs, [2]string{"moving to", fmt.Sprintf("%s, seen %d times", st.MoveTo, st.MoveSeen)})
	}
	if sub != nil {
		pairs = append(pairs, [2]string{"hub", hubWords(sub, now)})
	}
	rows(out, pairs)
}

func hubWords(sub *news.Subscription, now time.Time) string {
	words := fmt.Sprintf("%s, %s", sub.Hub, sub.State)
	if sub.State == ingest.SubscriptionActive {
		words += ", until " + when(sub.Expires, now)
	}
	if sub.Error != "" {
		words += "; last trouble: " + sub.Error
	}
	return words
}

// sentAlong names what is added to requests, never its value.
func sentAlong(f *news.Feed) (words string) {
	add := func(s string) {
		if words != "" {
			words += ", "
		}
		words += s
	}
	if f.UserAgent != "" {
		add("a user agent of its own")
	}
	if f.Cookie != "" {
		add("a cookie")
	}
	if len(f.Header) > 0 {
		add("headers of its own")
	}
	return words
}

// when says a time and how far it is: "2026-03-04 12:00 UTC (in 15 min)".
func when(t, now time.Time) string {
	if t.IsZero() {
		return ""
	}
	d := t.Sub(now)
	ago := "in " + ingest.Words(d)
	if d < 0 {
		ago = ingest.Words(-d) + " ago"
	}
	return fmt.Sprintf("%s UTC (%s)", t.UTC().Format("2006-01-02 15:04"), ago)
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"understory/news"
	"understory/news/catalogue"
	"understory/news/fetch"
	"understory/news/ingest"
)

func newTitle() *cobra.Command {
	c := &cobra.Command{
		Use:     "title",
		Short:   "Add, list, import and export titles",
		Example: "  understory title add https://news.example\n  understory title import starter",
	}
	c.AddCommand(newTitleAdd(), newTitleList(), newTitleShow(), newTitleSet(), newTitleRemove(), newTitleImport(), newTitleExport(), newTitleCheck())
	return c
}

func newTitleAdd() *cobra.Command {
	var t news.Title
	var feedSection string
	var letter bool
	c := &cobra.Command{
		Use:   "add ADDRESS",
		Short: "Add a title by the address of its home page or of a feed",
		Long: "Finds the feeds that the address names and adds them as a title. Run it again with\n" +
			"another feed and the same --slug to add that feed to the title.\n" +
			"With --letter, ADDRESS is the title's home page and it gets a mail address for newsletters.",
		Example: "  understory title add https://news.example --section world --country IE\n" +
			"  understory title add https://news.example --letter",
		Args: cobra.ExactArgs(1),
	}
	flags := c.Flags()
	flags.StringVar(&t.Name, "name", "", "name of the title (default: as its feed says)")
	flags.StringVar(&t.Slug, "slug", "", "its part of an address (default: made from the name)")
	flags.StringVar(&t.Country, "country", "", "two-letter country, such as IE")
	flags.StringVar(&t.Language, "language", "", "language, such as en or pt-BR (default: as its feed says)")
	flags.StringVar(&t.Section, "section", "news", "section: "+strings.Join(news.Sections, ", "))
	flags.StringVar(&t.Owner, "owner", news.UnknownOwner, "who owns it")
	flags.StringVar(&t.Colour, "colour", "", "colour of its name, such as #1f5b3a")
	flags.StringVar((*string)(&t.Show), "show", string(news.ShowFull), "what readers see of it: full, preview, headline")
	flags.BoolVar(&t.Pages, "pages", false, "fetch the full pages of its articles, where its robots.txt allows it")
	flags.StringVar(&feedSection, "feed-section", "", "section of the feeds, where it is not the title's")
	flags.BoolVar(&letter, "letter", false, "give it a mail address for newsletters instead of looking for feeds")
	withStore(c, func(ctx context.Context, s *store, args []string) error {
		if strings.TrimSpace(args[0]) == "" {
			return errors.New("the address is empty")
		}
		if letter {
			return s.addLetter(ctx, c.OutOrStdout(), args[0], t, feedSection, flags.Changed)
		}
		return s.addTitle(ctx, c.OutOrStdout(), args[0], t, feedSection, flags.Changed)
	})
	return c
}

// addTitle finds the feeds of an address and adds them as a title.
func (s *store) addTitle(ctx context.Context, out io.Writer, address string, t news.Title, section string, given func(flag string) bool) error {
	client := fetch.New(s.cfg.Fetch)
	defer client.Close()
	found, err := ingest.Discover(ctx, client, webAddress(address), func(a string) { fmt.Fprintf(out, "asking %s\n", a) })
	if err != nil {
		return err
	}
	t.Name = cmp.Or(t.Name, found[0].Title, webAddress(address))
	t.Home = cmp.Or(found[0].Home, webAddress(address))
	t.Language = cmp.Or(t.Language, catalogue.Language(found[0].Language))
	t.Slug = cmp.Or(t.Slug, catalogue.Slug(t.Name, t.Home))
	for _, f := range found {
		_, other, _, err := s.db.Feed(ctx, f.URL)
		if err == nil && other.Slug != t.Slug {
			return fmt.Errorf("the feed %s belongs to the title %q already", f.URL, other.Slug)
		}
	}
	t, err = s.newOrKnown(ctx, t, given)
	if err != nil {
		return err
	}
	for _, f := range found {
		_, err := s.db.PutFeed(ctx, news.Feed{TitleID: t.ID, Kind: news.FeedPoll, URL: f.URL, Section: section}, time.Now())
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "added %s (%s, %d entries)\n", f.URL, f.Title, f.Entries)
	}
	fmt.Fprintf(out, "%s is the title %q; its feeds are due now\n", t.Name, t.Slug)
	return nil
}

// addLetter adds a title that comes by mail.
func (s *store) addLetter(ctx context.Context, out io.Writer, home string, t news.Title, section string, given func(flag string) bool) error {
	if s.cfg.Mail.Domain == "" {
		return errors.New("newsletters need [mail] domain in the configuration: see docs/operations.md")
	}
	t.Home = webAddress(home)
	t.Name = cmp.Or(t.Name, strings.TrimPrefix(strings.TrimPrefix(t.Home, "https://"), "http://"))
	t.Slug = cmp.Or(t.Slug, catalogue.Slug(t.Name, t.Home))
	t, err := s.newOrKnown(ctx, t, given)
	if err != nil {
		return err
	}
	f, err := s.db.PutFeed(ctx, ingest.NewLetterFeed(t.ID, section), time.Time{})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "subscribe %s@%s to the newsletter; what arrives becomes articles of %q\n", f.Token(), s.cfg.Mail.Domain, t.Slug)
	return nil
}

// newOrKnown stores a new title, or returns the one that is there already. That
// one stays as it is, so that adding a feed changes nothing that was agreed
// upon: flags that would do so are refused.
func (s *store) newOrKnown(ctx context.Context, t news.Title, given func(flag string) bool) (news.Title, error) {
	known, err := s.db.Title(ctx, t.Slug)
	if errors.Is(err, news.ErrNotFound) {
		return s.putTitle(ctx, t)
	}
	if err != nil {
		return t, err
	}
	if !given("slug") && !strings.EqualFold(known.Home, t.Home) {
		return t, fmt.Errorf("%s has the name %q already: choose another with --slug, or add to that title with --slug %s", known.Home, t.Slug, t.Slug)
	}
	for _, flag := range []string{"name", "country", "language", "section", "owner", "colour", "show", "pages"} {
		if given(flag) {
			return t, fmt.Errorf("the title %q is there already: change it with understory title set %s --%s", t.Slug, t.Slug, flag)
		}
	}
	return known, nil
}

// putTitle stores a title after checking it as the catalogue checks its own.
func (s *store) putTitle(ctx context.Context, t news.Title) (news.Title, error) {
	err := catalogue.CheckTitle(t)
	if err != nil {
		return t, err
	}
	return s.db.PutTitle(ctx, t)
}

func newTitleList() *cobra.Command {
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the titles with the state of their feeds",
		Example: "  understory title list",
		Args:    cobra.NoArgs,
	}
	withStore(c, func(ctx context.Context, s *store, _ []string) error {
		titles, err := s.db.Titles(ctx)
		if err != nil {
			return err
		}
		feeds, err := s.db.Feeds(ctx, 0)
		if err != nil {
			return err
		}
		states := map[int64]*tally{}
		for i := range feeds {
			n := states[feeds[i].TitleID]
			if n == nil {
				n = new(tally)
				states[feeds[i].TitleID] = n
			}
			n.add(&feeds[i])
		}
		if len(titles) == 0 {
			fmt.Fprintf(c.OutOrStdout(), "There are no titles yet in %s. Try: understory title import starter\n", s.place())
			return nil
		}
		w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "TITLE\tNAME\tCOUNTRY\tLANGUAGE\tSECTION\tFEEDS")
		for _, t := range titles {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", t.Slug, t.Name, t.Country, t.Language, t.Section, cmp.Or(states[t.ID], &tally{}))
		}
		return w.Flush()
	})
	return c
}

// tally counts the feeds of a title by how they are.
type tally struct{ all, failing, fresh, gone int }

func (n *tally) add(f *news.Feed) {
	n.all++
	switch {
	case f.State.Status != news.FeedActive:
		n.gone++
	case f.Kind == news.FeedPoll && f.State.Checked.IsZero():
		n.fresh++
	case f.State.Failures > 0:
		n.failing++
	}
}

func (n *tally) String() string {
	words := []string{fmt.Sprint(n.all)}
	for _, row := range []struct {
		n    int
		what string
	}{{n.fresh, "not fetched yet"}, {n.failing, "failing"}, {n.gone, "not checked any more"}} {
		if row.n > 0 {
			words = append(words, fmt.Sprintf("%d %s", row.n, row.what))
		}
	}
	return strings.Join(words, ", ")
}

func newTitleShow() *cobra.Command {
	c := &cobra.Command{
		Use:     "show TITLE",
		Short:   "Show a title and its feeds",
		Example: "  understory title show the-harbour-ledger",
		Args:    cobra.ExactArgs(1),
	}
	withStore(c, func(ctx context.Context, s *store, args []string) error {
		t, feeds, err := s.title(ctx, args[0])
		if err != nil {
			return err
		}
		out := c.OutOrStdout()
		fmt.Fprintln(out, t.Name)
		rows(out, [][2]string{
			{"home", t.Home}, {"country", cmp.Or(t.Country, "unknown")}, {"language", cmp.Or(t.Language, "unknown")},
			{"section", t.Section}, {"owner", t.Owner}, {"listed in", cmp.Or(t.List, "added by hand")},
			{"readers see", string(t.Show)}, {"full pages", map[bool]string{true: "fetched where robots.txt allows", false: "not fetched"}[t.Pages]},
		})
		for i := range feeds {
			fmt.Fprintln(out)
			s.explain(out, &feeds[i], nil, time.Now())
		}
		return nil
	})
	return c
}

func newTitleSet() *cobra.Command {
	var show, section, owner, country, language, colour, name string
	var pages bool
	c := &cobra.Command{
		Use:     "set TITLE",
		Short:   "Change what is known of a title, or what readers see of it",
		Example: "  understory title set the-harbour-ledger --show preview --pages",
		Args:    cobra.ExactArgs(1),
	}
	flags := c.Flags()
	flags.StringVar(&name, "name", "", "name")
	flags.StringVar(&country, "country", "", "two-letter country")
	flags.StringVar(&language, "language", "", "language")
	flags.StringVar(&section, "section", "", "section")
	flags.StringVar(&owner, "owner", "", "who owns it")
	flags.StringVar(&colour, "colour", "", "colour of its name")
	flags.StringVar(&show, "show", "", "full, preview or headline")
	flags.BoolVar(&pages, "pages", false, "fetch the full pages of its articles")
	withStore(c, func(ctx context.Context, s *store, args []string) error {
		t, err := s.db.Title(ctx, args[0])
		if err != nil {
			return noTitle(args[0], err)
		}
		if flags.NFlag() == 0 {
			return fmt.Errorf("nothing to change: see %s --help", c.CommandPath())
		}
		for flag, field := range map[string]*string{"name": &t.Name, "country": &t.Country, "language": &t.Language,
			"section": &t.Section, "owner": &t.Owner, "colour": &t.Colour, "show": (*string)(&t.Show)} {
			if flags.Changed(flag) {
				*field, _ = flags.GetString(flag)
			}
		}
		if flags.Changed("pages") {
			t.Pages = pages
		}
		_, err = s.putTitle(ctx, t)
		if err == nil {
			fmt.Fprintf(c.OutOrStdout(), "changed the title %q\n", t.Slug)
		}
		return err
	})
	return c
}

func newTitleRemove() *cobra.Command {
	c := &cobra.Command{
		Use:     "remove TITLE",
		Short:   "Remove a title, its feeds and its articles",
		Example: "  understory title remove the-harbour-ledger",
		Args:    cobra.ExactArgs(1),
	}
	withStore(c, func(ctx context.Context, s *store, args []string) error {
		err := s.db.RemoveTitle(ctx, args[0])
		if err == nil {
			fmt.Fprintf(c.OutOrStdout(), "removed the title %q\n", args[0])
		}
		return noTitle(args[0], err)
	})
	return c
}

// title returns a title with its feeds.
func (s *store) title(ctx context.Context, slug string) (news.Title, []news.Feed, error) {
	t, err := s.db.Title(ctx, slug)
	if err != nil {
		return t, nil, noTitle(slug, err)
	}
	feeds, err := s.db.Feeds(ctx, t.ID)
	return t, feeds, err
}

func noTitle(slug string, err error) error {
	if errors.Is(err, news.ErrNotFound) {
		return fmt.Errorf("there is no title %q: understory title list shows them", slug)
	}
	return err
}

// webAddress completes an address as people write it.
func webAddress(s string) string {
	if s = strings.TrimSpace(s); !strings.Contains(s, "://") {
		return "https://" + s
	}
	return s
}

// rows prints aligned pairs, leaving out those without a value.
func rows(out io.Writer, pairs [][2]string) {
	for _, p := range pairs {
		if p[1] != "" {
			fmt.Fprintf(out, "  %-13s %s\n", p[0], p[1])
		}
	}
}

// readFile reads a file, or standard input for "-".
func readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}

package newsdb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"understory/news"
)

// withdrawn is the notice of an article that its publisher took back.
const withdrawn = "Withdrawn by its publisher."

// longer says that a body has clearly more words than another of the same
// article, so that it is shown instead.
func longer(words, than int) bool { return words*5 > than*6 }

// stored is an article as the store has it.
type stored struct {
	news.Article
	itemFeed int64 // the item that says what the article shows ...
	itemKey  news.Digest
	led      bool // ... and whether its feed is still checked
	paged    bool // the body came from the article's page
	prints   struct{ address, headline news.Digest }
}

func (c *commit) load(ctx context.Context, id int64) (stored, error) {
	var s stored
	fields := append(articleFields(&s.Article), &s.Body, &s.itemFeed, digest{&s.itemKey}, &s.paged, &s.led,
		digest{&s.prints.address}, digest{&s.prints.headline})
	err := c.QueryRow(ctx, `SELECT `+articleColumns+`, b.body, a.item_feed, a.item_key, a.paged, COALESCE(f.status = 'active', FALSE),
			a.address_print, a.headline_print
		FROM article a JOIN article_body b ON b.article_id = a.id LEFT JOIN feed f ON f.id = a.item_feed
		WHERE a.id = ?`, id).Scan(fields...)
	return s, lookedUp(err, "article", id)
}

// applyEntries stores the entries of one feed, one after the other, so that
// they are recognised as each other's duplicates too.
func (c *commit) applyEntries(ctx context.Context, from source, entries []news.EntryChange) error {
	keys := make([]news.Digest, len(entries))
	for i := range entries {
		keys[i] = entries[i].Key
	}
	known, err := knownItems(ctx, c.Tx, c.Dialect, from.feedID, keys)
	if err != nil {
		return err
	}
	for i := range entries {
		e := &entries[i]
		it, ok := known[e.Key]
		switch {
		case e.Withdrawn && it.content == (news.Digest{}), it.content == e.Content:
			continue // unknown, or known to be withdrawn; or unchanged
		case e.Withdrawn:
			it.content, err = news.Digest{}, c.withdraw(ctx, from, e, it)
		case ok:
			err = c.change(ctx, from, e, it)
			it.content = e.Content
		default:
			it.content = e.Content
			it.articleID, err = c.add(ctx, from, e)
		}
		if err != nil {
			return fmt.Errorf("entry %q: %w", e.Article.Headline, err)
		}
		known[e.Key] = it
	}
	return nil
}

// remember stores that the feed carries an entry.
func (c *commit) remember(ctx context.Context, from source, key, content news.Digest, articleID int64) error {
	_, err := c.Exec(ctx, `INSERT INTO item (feed_id, key, content, article_id) VALUES (?, ?, ?, ?)
		ON CONFLICT (feed_id, key) DO UPDATE SET content = excluded.content`, from.feedID, key[:], content[:], articleID)
	return err
}

// withdraw retracts the article of an entry that its publisher took back,
// unless another entry says what the article shows.
func (c *commit) withdraw(ctx context.Context, from source, e *news.EntryChange, it item) error {
	if err := c.remember(ctx, from, e.Key, news.Digest{}, it.articleID); err != nil {
		return err
	}
	s, err := c.load(ctx, it.articleID)
	if err != nil || s.Status != news.Live || !s.leads(from, e) {
		return err
	}
	c.done.Withdrawn++
	_, err = c.Exec(ctx, "UPDATE article SET status = ?, notice = ?, revised = ? WHERE id = ?", news.Retracted, withdrawn, ms(c.now), s.ID)
	return err
}

// leads says whether the entry says what the article shows. Where the feed
// that did is not checked any more, any other may take over.
func (s *stored) leads(from source, e *news.EntryChange) bool {
	return !s.led || s.itemFeed == from.feedID && s.itemKey == e.Key
}

// change stores a new version of a known entry.
func (c *commit) change(ctx context.Context, from source, e *news.EntryChange, it item) error {
	if err := c.remember(ctx, from, e.Key, e.Content, it.articleID); err != nil {
		return err
	}
	s, err := c.load(ctx, it.articleID)
	if err != nil || !s.leads(from, e) {
		return err
	}
	back := s.Status == news.Retracted && s.Notice == withdrawn && it.content == (news.Digest{}) // its publisher brings it back
	if s.Status != news.Live && !back {
		return nil
	}
	next := s.revision(from, e, s.paged)
	next.Status, next.Notice = news.Live, ""
	changed, err := c.revise(ctx, s, next, e.Prints)
	if err != nil || !changed {
		return err
	}
	c.done.Revised++
	return c.fetchPage(ctx, from, next.Article)
}

// add finds the article that a new entry is another version of, or makes a new
// one, and returns its number.
func (c *commit) add(ctx context.Context, from source, e *news.EntryChange) (int64, error) {
	same, copyOf, err := c.recognise(ctx, from, e)
	if err != nil {
		return 0, err
	}
	if same == 0 {
		id, err := c.create(ctx, from, e, copyOf)
		if err != nil {
			return 0, err
		}
		return id, c.remember(ctx, from, e.Key, e.Content, id)
	}
	c.done.Merged++
	if err := c.remember(ctx, from, e.Key, e.Content, same); err != nil {
		return 0, err
	}
	s, err := c.load(ctx, same)
	if err != nil || s.Status != news.Live || !longer(e.Article.Words, s.Words) {
		return same, err
	}
	_, err = c.revise(ctx, s, s.revision(from, e, true), e.Prints)
	return same, err
}

// revision is the article as the entry has it, led by that entry. With keep,
// what the entry lacks stays as it was, and so does a body that is clearly
// longer than the entry's.
func (s *stored) revision(from source, e *news.EntryChange, keep bool) stored {
	next, a := *s, entryArticle(from, e, s.FirstSeen)
	next.itemFeed, next.itemKey = from.feedID, e.Key
	next.Section, next.Updated = a.Section, a.Updated
	if !e.Article.Published.IsZero() {
		next.Published = a.Published
	}
	if a.Address != "" && (!keep || s.Address == "") {
		next.Address, next.prints.address = a.Address, e.Prints.Address
	}
	if a.Headline != "" || !keep {
		next.Headline, next.prints.headline = a.Headline, e.Prints.Headline
	}
	for _, text := range []struct{ to, from *string }{
		{&next.Standfirst, &a.Standfirst}, {&next.Byline, &a.Byline}, {&next.Language, &a.Language},
	} {
		if *text.from != "" || !keep {
			*text.to = *text.from
		}
	}
	if a.Picture.URL != "" || !keep {
		next.Picture = a.Picture
	}
	if !keep || longer(a.Words, s.Words) {
		next.Body, next.Words, next.paged = a.Body, a.Words, false
	}
	return next
}

// entryArticle is the entry's article, fit to be stored.
func entryArticle(from source, e *news.EntryChange, firstSeen time.Time) news.Article {
	a := e.Article
	for _, text := range []*string{&a.Address, &a.Headline, &a.Standfirst, &a.Byline, &a.Language, &a.Body,
		&a.Picture.URL, &a.Picture.Alt, &a.Picture.Caption, &a.Picture.Credit} {
		*text = clean(*text)
	}
	a.TitleID, a.FirstSeen, a.Status = from.titleID, firstSeen, news.Live
	if !slices.Contains(news.Sections, a.Section) {
		a.Section = from.section
	}
	a.Published, a.Updated = at(ms(a.Published)), at(ms(a.Updated))
	if a.Published.IsZero() || a.Published.After(firstSeen) {
		a.Published = firstSeen
	}
	return a
}

// fetchPage queues the article's full page where the title allows it.
func (c *commit) fetchPage(ctx context.Context, from source, a news.Article) error {
	if !from.pages {
		return nil
	}
	return c.lines.enqueue(ctx, c.Tx, queued{news.WorkPage, a.ID, a.Address, c.now, 0})
}

// applyPage stores what an article's page brought.
func (c *commit) applyPage(ctx context.Context, p news.PageChange) error {
	s, err := c.load(ctx, p.ArticleID)
	if errors.Is(err, news.ErrNotFound) { // removed meanwhile
		c.done.Stale++
		return nil
	}
	if err != nil {
		return err
	}
	if s.Status != news.Live {
		return nil
	}
	next := s
	if p.Body != "" {
		next.Body, next.Words, next.paged = clean(p.Body), p.Words, true
	}
	if p.Byline != "" {
		next.Byline = clean(p.Byline)
	}
	if p.Picture.URL != "" {
		next.Picture = news.Picture{URL: clean(p.Picture.URL), Alt: clean(p.Picture.Alt),
			Caption: clean(p.Picture.Caption), Credit: clean(p.Picture.Credit)}
	}
	changed, err := c.revise(ctx, s, next, news.Prints{Bands: p.Bands})
	if changed {
		c.done.Revised++
	}
	return err
}

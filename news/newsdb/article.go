package newsdb

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"time"

	"understory/news"
)

const (
	// headlineSpan is for how long the same headline means the same article.
	headlineSpan = 48 * time.Hour
	// candidates is how many articles are compared with a new one at most, so
	// that templated texts, which look like thousands of others, cost no more.
	candidates = 8
)

// listed says in which lists an article appears: 2 in all, 1 in those of its
// title and where copies are wanted, 0 in none.
func listed(s news.Status, copyOf int64) int {
	switch {
	case s == news.TakenDown:
		return 0
	case copyOf != 0:
		return 1
	}
	return 2
}

// create stores a new article and returns its number.
func (c *commit) create(ctx context.Context, from source, e *news.EntryChange, copyOf int64) (int64, error) {
	seen := e.Article.FirstSeen
	if seen.IsZero() || seen.After(c.now) {
		seen = c.now
	}
	a := entryArticle(from, e, at(ms(seen)))
	err := c.QueryRow(ctx, `INSERT INTO article (title_id, status, listed, section, address, headline, standfirst, byline, language,
			picture_url, picture_alt, picture_caption, picture_credit, published, updated, first_seen, revised, notice, words, copy_of,
			address_print, headline_print, item_feed, item_key, paged)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', ?, ?, ?, ?, ?, ?, FALSE) RETURNING id`,
		a.TitleID, a.Status, listed(a.Status, copyOf), a.Section, a.Address, a.Headline, a.Standfirst, a.Byline, a.Language,
		a.Picture.URL, a.Picture.Alt, a.Picture.Caption, a.Picture.Credit, ms(a.Published), ms(a.Updated), ms(a.FirstSeen), a.Words, copyOf,
		e.Prints.Address[:], e.Prints.Headline[:], from.feedID, e.Key[:]).Scan(&a.ID)
	if err != nil {
		return 0, err
	}
	if _, err := c.Exec(ctx, "INSERT INTO article_body (article_id, body) VALUES (?, ?)", a.ID, a.Body); err != nil {
		return 0, err
	}
	if err := c.leaveClues(ctx, a, e.Prints); err != nil {
		return 0, err
	}
	c.done.New++
	if copyOf != 0 {
		c.done.Copies++
	}
	return a.ID, c.fetchPage(ctx, from, a)
}

// revise stores a new version of an article, and says whether a reader sees a
// difference.
func (c *commit) revise(ctx context.Context, old, next stored, prints news.Prints) (bool, error) {
	if old == next {
		return false, nil
	}
	shown := old.Article != next.Article
	if shown {
		next.Revised = at(ms(c.now))
	}
	_, err := c.Exec(ctx, `UPDATE article SET status = ?, notice = ?, section = ?, address = ?, headline = ?, standfirst = ?, byline = ?, language = ?,
			picture_url = ?, picture_alt = ?, picture_caption = ?, picture_credit = ?,
			published = ?, updated = ?, revised = ?, words = ?, address_print = ?, headline_print = ?, item_feed = ?, item_key = ?, paged = ?
		WHERE id = ?`,
		next.Status, next.Notice, next.Section, next.Address, next.Headline, next.Standfirst, next.Byline, next.Language,
		next.Picture.URL, next.Picture.Alt, next.Picture.Caption, next.Picture.Credit,
		ms(next.Published), ms(next.Updated), ms(next.Revised), next.Words, next.prints.address[:], next.prints.headline[:],
		next.itemFeed, next.itemKey[:], next.paged, next.ID)
	if err != nil {
		return false, err
	}
	if old.Body == next.Body {
		return shown, c.leaveClues(ctx, next.Article, news.Prints{Headline: prints.Headline})
	}
	return shown, c.replaceBody(ctx, next, prints)
}

// replaceBody stores a body, and looks whether it is another title's: now, or
// no longer.
func (c *commit) replaceBody(ctx context.Context, s stored, prints news.Prints) error {
	if _, err := c.Exec(ctx, "UPDATE article_body SET body = ? WHERE article_id = ?", s.Body, s.ID); err != nil {
		return err
	}
	if err := c.leaveClues(ctx, s.Article, prints); err != nil {
		return err
	}
	text := news.NewText(s.Body)
	if s.CopyOf != 0 {
		same, err := c.resembles(ctx, lookalike{id: s.CopyOf}, text, 0)
		if err != nil || same {
			return err
		}
	}
	looks, err := c.lookalikes(ctx, s.TitleID, s.ID, prints)
	if err != nil {
		return err
	}
	root, err := c.original(ctx, s.TitleID, text, looks)
	if err != nil || root == s.CopyOf || root > s.ID {
		return err
	}
	if root == 0 {
		_, err = c.Exec(ctx, "UPDATE article SET copy_of = 0, listed = 2 WHERE id = ?", s.ID)
		return err
	}
	c.done.Copies++
	_, err = c.Exec(ctx, "UPDATE article SET copy_of = ?, listed = 1 WHERE id = ? OR copy_of = ? AND copy_of <> 0", root, s.ID, s.ID)
	return err
}

// leaveClues stores under what an article will be recognised.
func (c *commit) leaveClues(ctx context.Context, a news.Article, prints news.Prints) error {
	hashes := slices.Clone(prints.Bands)
	if prints.Headline != (news.Digest{}) {
		hashes = append(hashes, headlineClue(a.TitleID, prints.Headline))
	}
	rows := make([][]any, len(hashes))
	for i, hash := range hashes {
		rows[i] = []any{hash, a.ID, ms(a.FirstSeen)}
	}
	return c.Insert(ctx, "INSERT INTO clue (hash, article_id, seen)", rows, "ON CONFLICT DO NOTHING")
}

// headlineClue keeps the headlines of different titles apart.
func headlineClue(titleID int64, headline news.Digest) int64 {
	const spread = 0x1e3779b97f4a7c15
	return int64(binary.BigEndian.Uint64(headline[:])) ^ titleID*spread
}

// lookalike is a known article that shares clues with a new text.
type lookalike struct {
	id, titleID, copyOf int64
	status              news.Status
	headline            news.Digest
	firstSeen           time.Time
	bands               int // how many it shares
}

// recognise finds the article of the same title that an entry is another
// version of, or else the one of another title that it repeats; 0 for none.
func (c *commit) recognise(ctx context.Context, from source, e *news.EntryChange) (same, copyOf int64, err error) {
	if e.Prints.Address != (news.Digest{}) {
		err := c.QueryRow(ctx, "SELECT id FROM article WHERE title_id = ? AND address_print = ? ORDER BY id LIMIT 1",
			from.titleID, e.Prints.Address[:]).Scan(&same)
		if err == nil || !none(err) {
			return same, 0, err
		}
	}
	looks, err := c.lookalikes(ctx, from.titleID, 0, e.Prints)
	if err != nil || len(looks) == 0 {
		return 0, 0, err
	}
	for _, l := range looks {
		if l.titleID == from.titleID && l.headline == e.Prints.Headline && l.headline != (news.Digest{}) &&
			c.now.Sub(l.firstSeen) <= headlineSpan {
			return l.id, 0, nil
		}
	}
	text := news.NewText(e.Article.Body)
	same, err = c.sameText(ctx, from.titleID, text, len(e.Prints.Bands), looks)
	if err != nil || same != 0 {
		return same, 0, err
	}
	copyOf, err = c.original(ctx, from.titleID, text, looks)
	return 0, copyOf, err
}

// lookalikes returns the articles other than id that share clues with a text,
// those that share most bands first, then the newest.
func (c *commit) lookalikes(ctx context.Context, titleID, id int64, prints news.Prints) ([]lookalike, error) {
	shared, err := c.shared(ctx, titleID, prints)
	delete(shared, id)
	if err != nil || len(shared) == 0 {
		return nil, err
	}
	var looks []lookalike
	for ids := range parts(c.Dialect, sorted(shared)) {
		list, args := in(ids)
		err := collect(ctx, c.Tx, func(r row) error {
			var l lookalike
			err := r.Scan(&l.id, &l.titleID, &l.copyOf, &l.status, digest{&l.headline}, instant{&l.firstSeen})
			l.bands = shared[l.id]
			looks = append(looks, l)
			return err
		}, "SELECT id, title_id, copy_of, status, headline_print, first_seen FROM article WHERE id IN "+list, args...)
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(looks, func(x, y lookalike) int {
		return cmp.Or(cmp.Compare(y.bands, x.bands), cmp.Compare(y.id, x.id))
	})
	return looks, nil
}

// shared returns how many bands each of the newest articles under a text's
// clues shares with it.
func (c *commit) shared(ctx context.Context, titleID int64, prints news.Prints) (map[int64]int, error) {
	const newest = "SELECT * FROM (SELECT hash, article_id FROM clue WHERE hash = ? ORDER BY article_id DESC LIMIT ?) AS c"
	var query []byte
	var args []any
	look := func(hash int64) {
		if query != nil {
			query = append(query, " UNION ALL "...)
		}
		query, args = append(query, newest...), append(args, hash, candidates)
	}
	for _, band := range prints.Bands {
		look(band)
	}
	headline := int64(0)
	if prints.Headline != (news.Digest{}) {
		headline = headlineClue(titleID, prints.Headline)
		look(headline)
	}
	if query == nil {
		return nil, nil
	}
	shared := map[int64]int{}
	err := collect(ctx, c.Tx, func(r row) error {
		var hash, id int64
		err := r.Scan(&hash, &id)
		if hash == headline {
			shared[id] += 0
		} else {
			shared[id]++
		}
		return err
	}, string(query), args...)
	return shared, err
}

// sameText returns the article of the title that has the text, or 0. bands is
// how many the text has.
func (c *commit) sameText(ctx context.Context, titleID int64, text news.Text, bands int, looks []lookalike) (int64, error) {
	tried := 0
	for _, l := range looks {
		if l.titleID != titleID || l.bands == 0 {
			continue
		}
		if tried++; tried > candidates {
			break
		}
		same, err := c.resembles(ctx, l, text, bands)
		if err != nil || same {
			return l.id, err
		}
	}
	return 0, nil
}

// original returns the earliest article of other titles with that text, or 0.
func (c *commit) original(ctx context.Context, titleID int64, text news.Text, looks []lookalike) (int64, error) {
	tried, root := 0, int64(0)
	for _, l := range looks {
		if l.titleID == titleID || l.bands == 0 || l.status == news.TakenDown {
			continue
		}
		if tried++; tried > candidates {
			break
		}
		same, err := c.resembles(ctx, l, text, 0)
		if err != nil {
			return 0, err
		}
		first := cmp.Or(l.copyOf, l.id)
		if same && (root == 0 || first < root) {
			root = first
		}
	}
	if root == 0 {
		return 0, nil
	}
	var owner int64
	err := c.QueryRow(ctx, "SELECT title_id FROM article WHERE id = ?", root).Scan(&owner)
	if owner == titleID { // others copied it from this title
		root = 0
	}
	return root, err
}

// resembles says whether a known article has the text. The text of one that
// was taken down is gone: there the share of common bands tells, which for a
// resemblance J is about J^4.
func (c *commit) resembles(ctx context.Context, l lookalike, text news.Text, bands int) (bool, error) {
	if l.status == news.TakenDown {
		return l.bands*4 >= bands, nil
	}
	var other string
	if err := c.QueryRow(ctx, "SELECT body FROM article_body WHERE article_id = ?", l.id).Scan(&other); err != nil {
		return false, err
	}
	return text.Resemblance(other) >= news.SameText, nil
}

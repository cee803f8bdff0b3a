package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"understory/news"
	"understory/news/feed"
	"understory/news/fetch"
)

// check fetches a feed once and says what it brought. An error is the store's:
// then the check counts for nothing and is done again when its lease has ended.
func (p *Pipeline) check(ctx context.Context, w news.Work) (news.Result, error) {
	c := p.checking(w)
	res, err := p.fetcher.Get(ctx, fetch.Request{
		URL:          w.Feed.URL,
		ETag:         w.Feed.State.ETag,
		LastModified: w.Feed.State.LastModified,
		UserAgent:    w.Feed.UserAgent,
		Cookie:       w.Feed.Cookie,
		Header:       w.Feed.Header,
	})
	switch {
	case errors.Is(err, fetch.ErrStopped):
		return news.Result{}, err
	case err != nil:
		c.fail(plainly(err))
	default:
		err = c.answer(ctx, res)
		if err != nil {
			return news.Result{}, err
		}
	}
	return c.result(), nil
}

// checking is one check of a feed on its way to a result.
type checking struct {
	p      *Pipeline
	work   news.Work
	now    time.Time
	state  news.FeedState
	report report
	out    news.Result
}

func (p *Pipeline) checking(w news.Work) *checking {
	c := &checking{p: p, work: w, state: w.Feed.State, now: p.now()}
	c.state.Checked = c.now
	return c
}

// answer takes a response apart.
func (c *checking) answer(ctx context.Context, res *fetch.Response) error {
	was := c.state.HTTPStatus
	c.state.HTTPStatus = res.Status
	c.report.hint, c.report.retryAfter = res.Hints.MaxAge, res.Hints.RetryAfter
	switch {
	case res.Status == http.StatusNotModified:
		c.moved(res)
		c.succeed(unchanged)
	case res.Status == http.StatusGone:
		c.report.outcome = gone
		c.state.Error = "its server says that the feed is gone for good (410)"
	case refusal(res.Status):
		if !refusal(was) {
			c.state.Failures = 0 // its wait begins anew and doubles by itself
		}
		c.fail(statusWords(res.Status))
		c.report.outcome = refused
	case res.Status != http.StatusOK:
		c.fail(statusWords(res.Status))
	default:
		return c.document(ctx, res)
	}
	return nil
}

// document looks for what is new in a body. The validators are taken over only
// once its entries are: a document that cannot be read must come again whole.
func (c *checking) document(ctx context.Context, res *fetch.Response) error {
	sum := bodyDigest(res.Body)
	if sum == c.state.Body {
		c.moved(res)
		c.validators(res)
		c.succeed(unchanged)
		return nil
	}
	doc, err := feed.Parse(res.Body, feed.Options{ContentType: res.ContentType, Base: res.URL})
	if err != nil {
		c.fail("it cannot be read: " + err.Error())
		return nil
	}
	changes, err := c.p.changes(ctx, origin{title: c.work.Title, feed: c.work.Feed, language: doc.Language, now: c.now}, doc)
	if err != nil {
		return err
	}
	c.out.Entries = changes
	c.moved(res)
	c.validators(res)
	c.state.Body = sum
	c.learn(doc)
	c.subscribe(doc, res)
	if len(changes) == 0 {
		c.succeed(unchanged)
		return nil
	}
	c.state.Changed = c.now
	c.succeed(fresh)
	return nil
}

func (c *checking) validators(res *fetch.Response) {
	c.state.ETag, c.state.LastModified = res.ETag, res.LastModified
}

// learn keeps what a document says of its own rhythm and form.
func (c *checking) learn(doc *feed.Document) {
	c.report.ttl = doc.TTL
	c.state.Format = doc.Format
	c.state.Mended = clip(strings.Join(doc.Mended, "; "), 500)
	c.state.Skip = 0
	for _, h := range doc.SkipHours {
		c.state.Skip |= 1 << (h % 24)
	}
	for _, d := range doc.SkipDays {
		c.state.Skip |= 1 << (24 + d)
	}
	var dates []time.Time
	for i := range doc.Entries {
		dates = append(dates, doc.Entries[i].Published)
	}
	c.report.rhythm = rhythm(dates, c.now)
}

func (c *checking) succeed(o outcome) {
	c.report.outcome = o
	c.state.Failures, c.state.Error = 0, ""
}

func (c *checking) fail(problem string) {
	c.report.outcome, c.report.problem = failed, problem
	c.state.Failures++
	c.state.Error = clip(problem, 500)
}

// moved counts sightings of a permanent redirect to the feed, and follows it
// for good after enough of them: one may be a mistake. What is sent along for
// one host alone must not go to another, so such a feed stays where it is.
func (c *checking) moved(res *fetch.Response) {
	s, f := &c.state, c.work.Feed
	secret := f.Cookie != "" || len(f.Header) > 0
	if res.Permanent == "" || len(res.Permanent) > maxAddress || secret && !fetch.SameHost(f.URL, res.Permanent) {
		s.MoveTo, s.MoveSeen, s.MoveFirst = "", 0, time.Time{}
		return
	}
	if res.Permanent != s.MoveTo || c.now.Sub(s.MoveFirst) > moveWindow {
		s.MoveTo, s.MoveSeen, s.MoveFirst = res.Permanent, 0, c.now
	}
	if s.MoveSeen++; s.MoveSeen >= movesToFollow {
		c.out.MovedTo = s.MoveTo
		s.MoveTo, s.MoveSeen, s.MoveFirst = "", 0, time.Time{}
	}
}

func (c *checking) result() news.Result {
	c.report.pushed = c.work.Subscription != nil && c.work.Subscription.State == SubscriptionActive && c.work.Subscription.Expires.After(c.now)
	c.p.cfg.next(&c.state, c.work.Feed.ID, c.report, c.now)
	c.out.WorkID, c.out.FeedID, c.out.State = c.work.ID, c.work.Feed.ID, &c.state
	c.out.Next = c.state.Next
	c.out.Done = c.report.outcome == gone
	c.p.counts.checked(c.report.outcome)
	return c.out
}

// changes returns the entries of a document that are new or not as they were.
// What did not change is recognised before anything is sanitised.
func (p *Pipeline) changes(ctx context.Context, o origin, doc *feed.Document) ([]news.EntryChange, error) {
	all := identify(doc)
	keys := make([]news.Digest, len(all))
	for i, e := range all {
		keys[i] = e.key
	}
	known, err := p.queue.Known(ctx, o.feed.ID, keys)
	if err != nil {
		return nil, err
	}
	var out []news.EntryChange
	for _, e := range all {
		content, ok := known[e.key]
		if ok && content == e.content || !ok && e.entry.Withdrawn {
			continue
		}
		out = append(out, o.change(e))
	}
	return out, nil
}

func plainly(err error) string {
	var kind fetch.Kind
	if errors.As(err, &kind) {
		return string(kind)
	}
	return err.Error()
}

// refusal reports whether a status asks us to stay away.
func refusal(status int) bool {
	return status == http.StatusForbidden || status == http.StatusTooManyRequests
}

func statusWords(status int) string {
	switch status {
	case http.StatusForbidden:
		return "its server refuses us (403)"
	case http.StatusTooManyRequests:
		return "its server says that we ask too often (429)"
	case http.StatusNotFound:
		return "its server does not find it (404)"
	case http.StatusUnauthorized:
		return "its server wants a sign-in (401): the feed may need a cookie or a header"
	}
	if status >= 500 {
		return fmt.Sprintf("its server has a fault (%d)", status)
	}
	return fmt.Sprintf("its server answered %d %s", status, http.StatusText(status))
}

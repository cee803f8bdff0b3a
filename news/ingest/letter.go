package ingest

import (
	"cmp"
	"context"
	"errors"

	"understory/news"
	"understory/news/feed"
	"understory/news/mail"
)

// Accepts reports whether a newsletter's address is one of ours, for
// [mail.Sink].
func (p *Pipeline) Accepts(ctx context.Context, token string) (bool, error) {
	f, _, err := p.queue.FeedByToken(ctx, token)
	if errors.Is(err, news.ErrNotFound) {
		return false, nil
	}
	return err == nil && f.State.Status == news.FeedActive, err
}

// Deliver makes an entry of a newsletter and commits it, for [mail.Sink].
func (p *Pipeline) Deliver(ctx context.Context, token string, l mail.Letter) error {
	f, t, err := p.queue.FeedByToken(ctx, token)
	if err != nil {
		return err
	}
	now := p.now()
	doc := &feed.Document{Entries: []feed.Entry{entryOf(l)}}
	changes, err := p.changes(ctx, origin{title: &t, feed: &f, language: l.Language, now: now}, doc)
	if err != nil {
		return err
	}
	state := f.State
	state.Checked, state.Changed, state.Format, state.Error, state.Failures = now, now, "mail", "", 0
	state.Reason = "its letters are delivered to us"
	p.counts.pushed("letter")
	return p.commits.commitNow(ctx, news.Result{FeedID: f.ID, State: &state, Entries: changes})
}

// entryOf is a letter as an entry.
func entryOf(l mail.Letter) feed.Entry {
	return feed.Entry{
		ID:        l.MessageID,
		Title:     l.Subject,
		Link:      l.Link,
		Content:   feed.Markup{HTML: l.HTML},
		Authors:   []feed.Person{{Name: cmp.Or(l.FromName, l.FromAddress)}},
		Published: l.Sent,
		Language:  l.Language,
	}
}

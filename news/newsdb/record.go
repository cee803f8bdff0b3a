package newsdb

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"understory/news"
)

// The columns of each record, and where each goes. Lists of columns and lists
// of destinations stand together because they must match.

const titleColumns = `t.id, t.slug, t.name, t.home, t.country, t.language, t.section, t.owner, t.list, t.colour, t.show, t.pages`

func titleFields(t *news.Title) []any {
	return []any{&t.ID, &t.Slug, &t.Name, &t.Home, &t.Country, &t.Language, &t.Section, &t.Owner, &t.List, &t.Colour, &t.Show, &t.Pages}
}

// stateColumns are written by every check of a feed.
var stateColumns = []string{"status", "checked", "changed", "etag", "last_modified", "body", "pace", "skip", "reason",
	"failures", "error", "http_status", "format", "mended", "move_to", "move_seen", "move_first"}

// stateTypes are their types, in the same order.
var stateTypes = strings.Fields("TEXT BIGINT BIGINT BYTEA BYTEA TEXT BIGINT BIGINT TEXT BIGINT TEXT BIGINT TEXT TEXT TEXT BIGINT BIGINT")

func stateValues(s *news.FeedState) []any {
	return []any{string(s.Status), ms(s.Checked), ms(s.Changed), []byte(s.ETag), []byte(s.LastModified), clean(s.Body), s.Interval.Milliseconds(), int64(s.Skip), clean(s.Reason),
		s.Failures, clean(s.Error), s.HTTPStatus, clean(s.Format), clean(s.Mended), clean(s.MoveTo), s.MoveSeen, ms(s.MoveFirst)}
}

// feedTables joins a feed with its check, because that knows when it is due.
const feedTables = `feed f LEFT JOIN work w ON w.kind = 'feed' AND w.ref = f.id`

const feedColumns = `f.id, f.title_id, f.kind, f.url, f.section, f.user_agent, f.cookie, f.header,
	f.status, f.checked, f.changed, f.etag, f.last_modified, f.body, f.pace, f.skip, f.reason,
	f.failures, f.error, f.http_status, f.format, f.mended, f.move_to, f.move_seen, f.move_first, COALESCE(w.due, 0)`

func feedFields(f *news.Feed) []any {
	s := &f.State
	return []any{&f.ID, &f.TitleID, &f.Kind, &f.URL, &f.Section, &f.UserAgent, &f.Cookie, header{&f.Header},
		&s.Status, instant{&s.Checked}, instant{&s.Changed}, &s.ETag, &s.LastModified, &s.Body, pace{&s.Interval}, &s.Skip, &s.Reason,
		&s.Failures, &s.Error, &s.HTTPStatus, &s.Format, &s.Mended, &s.MoveTo, &s.MoveSeen, instant{&s.MoveFirst}, instant{&s.Next}}
}

const subscriptionColumns = `s.feed_id, s.hub, s.topic, s.token, s.secret, s.state, s.expires, s.renew, s.error`

func subscriptionFields(s *news.Subscription) []any {
	return []any{&s.FeedID, &s.Hub, &s.Topic, &s.Token, &s.Secret, &s.State, instant{&s.Expires}, instant{&s.Renew}, &s.Error}
}

const articleColumns = `a.id, a.title_id, a.status, a.section, a.address, a.headline, a.standfirst, a.byline, a.language,
	a.picture_url, a.picture_alt, a.picture_caption, a.picture_credit,
	a.published, a.updated, a.first_seen, a.revised, a.notice, a.words, a.copy_of`

func articleFields(a *news.Article) []any {
	return []any{&a.ID, &a.TitleID, &a.Status, &a.Section, &a.Address, &a.Headline, &a.Standfirst, &a.Byline, &a.Language,
		&a.Picture.URL, &a.Picture.Alt, &a.Picture.Caption, &a.Picture.Credit,
		instant{&a.Published}, instant{&a.Updated}, instant{&a.FirstSeen}, instant{&a.Revised}, &a.Notice, &a.Words, &a.CopyOf}
}

// clean makes text that both databases can store: what a feed sends may hold
// anything, and must not make a whole batch fail.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

// header keeps a feed's own request headers as a JSON object, "" for none.
type header struct{ m *map[string]string }

func (h header) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("a header is stored as %T", v)
	}
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), h.m)
}

func (h header) text() (string, error) {
	if len(*h.m) == 0 {
		return "", nil
	}
	text, err := json.Marshal(*h.m)
	return string(text), err
}

// pace reads a duration that is stored as milliseconds.
type pace struct{ d *time.Duration }

func (p pace) Scan(v any) error {
	n, ok := v.(int64)
	if !ok {
		return fmt.Errorf("a duration is stored as %T", v)
	}
	*p.d = time.Duration(n) * time.Millisecond
	return nil
}

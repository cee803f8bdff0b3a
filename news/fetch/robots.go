package fetch

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/html"
)

const (
	maxRules   = 500 << 10 // bytes of a robots.txt, as many as RFC 9309 asks for
	maxShelf   = 8 << 20   // bytes of sites' rules that are remembered
	maxHead    = 256 << 10 // bytes of a page in which its meta elements are looked for
	shelfEntry = 256       // bytes that an entry costs beside its text
	rulesAge   = 24 * time.Hour
	failedAge  = time.Hour
)

// Robots reports whether the robots.txt of a site lets agent, a product name
// such as "Understory", fetch an address. A site without one allows all, one
// that cannot serve it (5xx, 429) nothing. The answer is kept for a day.
func (c *Client) Robots(ctx context.Context, address, agent string) (bool, error) {
	u, err := parse(address)
	if err != nil {
		return false, &Error{URL: address, Err: err}
	}
	site, err := c.rules(ctx, u, "/robots.txt")
	if err != nil {
		return false, err
	}
	switch {
	case site.status == http.StatusTooManyRequests || site.status >= 500:
		return false, nil
	case success(site.status):
		return allows(site.text, agent, target(u)), nil
	}
	return true, nil
}

// Reserves reports whether a site's tdmrep.json reserves an address against
// text and data mining. The answer is kept for a day.
func (c *Client) Reserves(ctx context.Context, address string) (bool, error) {
	u, err := parse(address)
	if err != nil {
		return false, &Error{URL: address, Err: err}
	}
	site, err := c.rules(ctx, u, "/.well-known/tdmrep.json")
	if err != nil || !success(site.status) {
		return false, err
	}
	var rules []struct {
		Location    string `json:"location"`
		Reservation int    `json:"tdm-reservation"`
	}
	if json.Unmarshal(site.text, &rules) != nil {
		return false, nil
	}
	best := verdict{allow: true}
	for _, r := range rules {
		best.weigh(r.Location, r.Reservation != 1, target(u))
	}
	return !best.allow, nil
}

// ReservedBy returns the meta element by which a page reserves itself against
// machines, "" for none. It complements [Response.Reserved].
func ReservedBy(page []byte) string {
	z := html.NewTokenizer(bytes.NewReader(page[:min(len(page), maxHead)]))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.Data == "body" {
				return ""
			}
			if why := metaReserves(t); why != "" {
				return why
			}
		}
	}
}

func metaReserves(t html.Token) string {
	if t.Data != "meta" {
		return ""
	}
	var name, content string
	for _, a := range t.Attr {
		switch a.Key {
		case "name":
			name = strings.ToLower(strings.TrimSpace(a.Val))
		case "content":
			content = strings.ToLower(a.Val)
		}
	}
	switch {
	case name == "tdm-reservation" && strings.TrimSpace(content) == "1":
		return "meta tdm-reservation: 1"
	case name == "robots" && keepsOut(content) != "":
		return "meta robots: " + keepsOut(content)
	}
	return ""
}

// keepsOut returns the directive of a robots header or element that asks
// machines to leave the content alone.
func keepsOut(list string) string {
	for name := range directives([]string{list}) {
		if name == "noai" || name == "noindex" || name == "none" {
			return name
		}
	}
	return ""
}

// rules is what a site's file of rules said.
type rules struct {
	status int
	text   []byte
	err    error
	until  time.Time
}

// rules returns a site's file of rules, from memory or from the site.
func (c *Client) rules(ctx context.Context, u *url.URL, path string) (rules, error) {
	address := u.Scheme + "://" + u.Host + path
	now := time.Now()
	if r, ok := c.shelf.get(address, now); ok {
		return r, r.err
	}
	res, err := c.Get(ctx, Request{URL: address, Accept: "*/*", MaxBytes: maxRules})
	if ctx.Err() != nil {
		return rules{}, err
	}
	r := rules{err: err, until: now.Add(failedAge)}
	if err == nil {
		r.status, r.text = res.Status, res.Body
		if res.Status < 500 && res.Status != http.StatusTooManyRequests {
			r.until = now.Add(rulesAge)
		}
	}
	c.shelf.put(address, r, now)
	return r, r.err
}

// shelf remembers the rules of as many sites as fit.
type shelf struct {
	mu    sync.Mutex
	rules map[string]rules
	size  int
}

func newShelf() *shelf { return &shelf{rules: map[string]rules{}} }

func (s *shelf) get(address string, now time.Time) (rules, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.rules[address]
	return r, ok && now.Before(r.until)
}

func (s *shelf) put(address string, r rules, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(address)
	s.rules[address] = r
	s.size += cost(address, r)
	if s.size <= maxShelf {
		return
	}
	for other, old := range s.rules {
		if other != address && (s.size > maxShelf || now.After(old.until)) {
			s.drop(other)
		}
	}
}

func (s *shelf) drop(address string) {
	if r, ok := s.rules[address]; ok {
		s.size -= cost(address, r)
		delete(s.rules, address)
	}
}

func cost(address string, r rules) int { return len(address) + len(r.text) + shelfEntry }

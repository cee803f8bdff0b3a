package fetch

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	maxRules   = 500 << 10 // bytes of a robots.txt, as many as RFC 9309 asks for
	maxShelf   = 8 << 20   // bytes of sites' rules that are remembered
	shelfEntry = 256       // bytes that an entry costs beside its text
	rulesAge   = 24 * time.Hour
	failedAge  = time.Hour
)

// Robots reports whether a site lets agent, a product name such as
// "Understory", fetch an address for its content: by its robots.txt (RFC 9309)
// and by the reservation against text and data mining in its tdmrep.json. A
// site without them allows all, one that cannot serve its robots.txt (5xx,
// 429) nothing. The answers are kept for a day.
func (c *Client) Robots(ctx context.Context, address, agent string) (bool, error) {
	u, err := parse(address)
	if err != nil {
		return false, &Error{URL: address, Err: err}
	}
	robots, err := c.rules(ctx, u, "/robots.txt")
	if err != nil {
		return false, err
	}
	switch {
	case robots.status == http.StatusTooManyRequests || robots.status >= 500:
		return false, nil
	case success(robots.status) && !allows(robots.text, agent, target(u)):
		return false, nil
	}
	tdm, err := c.rules(ctx, u, "/.well-known/tdmrep.json")
	if err != nil {
		return false, err
	}
	return !success(tdm.status) || !reserves(tdm.text, target(u)), nil
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

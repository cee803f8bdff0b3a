package ingest

import (
	"fmt"
	"slices"
	"time"

	"understory/news"
)

// outcome is what a check brought, as far as the schedule cares.
type outcome int

const (
	unchanged outcome = iota // 304, or a body without anything new
	fresh                    // something new or changed
	failed                   // no usable answer
	refused                  // 403 or 429: we are asked to stay away
	gone                     // 410
)

// report is the outcome of a check with what was learned for the next one.
type report struct {
	outcome    outcome
	problem    string        // in plain words, for failed and refused
	retryAfter time.Duration // asked for by the server, 0 for nothing
	hint       time.Duration // least wait asked for by Cache-Control or Expires, 0 for none
	ttl        time.Duration // least interval asked for by the document, 0 for none
	rhythm     time.Duration // time between two entries, 0 where unknown
	pushed     bool          // a WebSub hub tells us of changes: polling is the safety net
}

const (
	longest        = 24 * time.Hour // no feed is left alone for longer, whatever it asks for
	refusedWait    = 4 * time.Hour  // after 403 or 429 without Retry-After, doubling
	movesToFollow  = 3              // sightings of a permanent redirect before it is taken over
	moveWindow     = 24 * time.Hour // within which they must come
	moveRecheck    = 7 * time.Hour  // so that they can
	failureGrowth  = 2.0            // of the interval after a failure
	idleGrowth     = 1.2            // after a check that brought nothing
	freshShrinkage = 2.0 / 3        // after one that did, where the rhythm is unknown
)

// next moves a feed's state on after a check at now: its interval, the time of
// its next check and the reason for it. It sets nothing else.
func (c Config) next(s *news.FeedState, id int64, r report, now time.Time) {
	if r.outcome == gone {
		s.Status, s.Next, s.Reason = news.FeedGone, time.Time{}, "its server says that the feed is gone for good (410): it is not asked again"
		return
	}
	wait, reason := c.wait(s, r)
	if r.outcome == unchanged || r.outcome == fresh {
		if ttl := min(r.ttl, longest); ttl > wait {
			wait, reason = ttl, fmt.Sprintf("it asks not to be checked more often than every %s", Words(ttl))
		}
		s.Interval = wait // with the ttl: no 304 will repeat it
		wait, reason = c.heed(s, wait, reason, r)
	}
	at := now.Add(min(spread(wait, id), longest)).Truncate(time.Millisecond)
	s.Next, s.Reason = avoid(s.Skip, at, now, reason)
}

// wait is the time to the next check as our own rules have it.
func (c Config) wait(s *news.FeedState, r report) (time.Duration, string) {
	base := s.Interval
	if base == 0 {
		base = c.FirstInterval
	}
	switch {
	case r.retryAfter > 0 && (r.outcome == refused || r.outcome == failed):
		return min(max(r.retryAfter, c.MinInterval), longest), fmt.Sprintf("%s; it asks to wait %s", r.problem, Words(r.retryAfter))
	case r.outcome == refused:
		wait := grow(refusedWait, failureGrowth, s.Failures-1)
		return wait, fmt.Sprintf("%s, %s: left alone for %s", r.problem, times(s.Failures), Words(wait))
	case r.outcome == failed:
		wait := grow(max(base, c.MinInterval), failureGrowth, s.Failures-1)
		return wait, fmt.Sprintf("%s, %s: tried again after %s", r.problem, times(s.Failures), Words(wait))
	case r.outcome == fresh && r.rhythm > 0:
		wait := c.clamp(r.rhythm / 2)
		return wait, fmt.Sprintf("it publishes about every %s: checked every %s", Words(r.rhythm), Words(wait))
	case s.Interval == 0:
		return base, fmt.Sprintf("its rhythm is not known yet: checked every %s", Words(base))
	case r.outcome == fresh:
		wait := c.clamp(scale(base, freshShrinkage))
		return wait, fmt.Sprintf("it brought something new: checked every %s", Words(wait))
	}
	wait := c.clamp(scale(base, idleGrowth))
	return wait, fmt.Sprintf("nothing new: checked every %s", Words(wait))
}

// heed stretches the wait to what a push or the server's own hints allow.
// A feed that moves is looked at again soon, but not against its hints.
func (c Config) heed(s *news.FeedState, wait time.Duration, reason string, r report) (time.Duration, string) {
	if r.pushed && wait < c.PushedInterval {
		wait, reason = c.PushedInterval, fmt.Sprintf("its hub tells us of new entries: checked every %s to be safe", Words(c.PushedInterval))
	}
	if s.MoveSeen > 0 && wait > moveRecheck && moveRecheck > r.ttl {
		wait, reason = moveRecheck, fmt.Sprintf("it sends to another address, seen %d of %d times: checked again within a day", s.MoveSeen, movesToFollow)
	}
	if hint := min(r.hint, longest); hint > wait {
		wait, reason = hint, fmt.Sprintf("its server asks not to be checked more often than every %s", Words(hint))
	}
	return wait, reason
}

// avoid moves a check out of the hours and days that the feed asks to skip,
// by a day at most.
func avoid(skip news.Skip, at, now time.Time, reason string) (time.Time, string) {
	if !skip.Has(at) {
		return at, reason
	}
	for t := at.Truncate(time.Hour).Add(time.Hour); t.Before(now.Add(longest)); t = t.Add(time.Hour) {
		if !skip.Has(t) {
			return t, "it asks not to be checked in some hours or on some days"
		}
	}
	return now.Add(longest), "it asks not to be checked in any hour of the coming day"
}

// rhythm is the median time between the newest entries, 0 for fewer than three
// dated ones. It looks at ten: enough to be steady, few enough to be current.
func rhythm(published []time.Time, now time.Time) time.Duration {
	dated := slices.DeleteFunc(slices.Clone(published), func(t time.Time) bool { return t.IsZero() || t.After(now) })
	slices.SortFunc(dated, func(a, b time.Time) int { return b.Compare(a) })
	dated = dated[:min(len(dated), 10)]
	if len(dated) < 3 {
		return 0
	}
	gaps := []time.Duration{now.Sub(dated[0])} // a feed that fell silent slows down
	for i, t := range dated[1:] {
		gaps = append(gaps, dated[i].Sub(t))
	}
	slices.Sort(gaps)
	return gaps[len(gaps)/2]
}

// spread lengthens a wait by up to a twentieth, always the same for one feed,
// so that feeds added together are not checked together for ever. It never
// shortens one: the server may have asked for it.
func spread(wait time.Duration, id int64) time.Duration {
	part := time.Duration(uint64(id) * 0x9e3779b97f4a7c15 >> 54) // 0 to 1023
	return wait + wait*part/(1024*20)
}

func (c Config) clamp(d time.Duration) time.Duration {
	return min(max(d, c.MinInterval), c.MaxInterval)
}

func grow(d time.Duration, factor float64, n int) time.Duration {
	for ; n > 0 && d < longest; n-- {
		d = scale(d, factor)
	}
	return min(d, longest)
}

func scale(d time.Duration, f float64) time.Duration { return time.Duration(float64(d) * f) }

func times(n int) string {
	if n <= 1 {
		return "once"
	}
	return fmt.Sprintf("%d times in a row", n)
}

// Words says a duration as people do: "40 s", "15 min", "4 h", "2 days".
func Words(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", (d+time.Second/2)/time.Second)
	case d < 100*time.Minute:
		return fmt.Sprintf("%d min", (d+time.Minute/2)/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", (d+time.Hour/2)/time.Hour)
	}
	return fmt.Sprintf("%d days", (d+12*time.Hour)/(24*time.Hour))
}

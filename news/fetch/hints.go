package fetch

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// Hints is what an answer's header says about when to ask again. The caller
// caps it.
type Hints struct {
	MaxAge     time.Duration // how long the answer is fresh, from now; 0 when it does not say
	RetryAfter time.Duration // 0 when it does not say
}

const (
	maxHint  = 366 * 24 * time.Hour
	maxLinks = 8
	maxValue = 1 << 10 // bytes of a validator
)

// hints reads Cache-Control, Age, Expires, Date and Retry-After. Of dates only
// the distance from the server's own Date counts, because clocks differ.
func hints(h http.Header, now time.Time) Hints {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		now = date
	}
	var out Hints
	aged := false
	for name, value := range directives(h["Cache-Control"]) {
		if name == "max-age" {
			out.MaxAge, aged = seconds(value)-seconds(h.Get("Age")), true
		}
	}
	if expires, err := http.ParseTime(h.Get("Expires")); err == nil && !aged {
		out.MaxAge = expires.Sub(now)
	}
	retry := strings.TrimSpace(h.Get("Retry-After"))
	out.RetryAfter = seconds(retry)
	if at, err := http.ParseTime(retry); err == nil {
		out.RetryAfter = at.Sub(now)
	}
	out.MaxAge = min(max(out.MaxAge, 0), maxHint)
	out.RetryAfter = min(max(out.RetryAfter, 0), maxHint)
	return out
}

// directives yields the parts of a list of name=value.
func directives(lines []string) func(yield func(name, value string) bool) {
	return func(yield func(name, value string) bool) {
		for part := range strings.SplitSeq(strings.Join(lines, ","), ",") {
			name, value, _ := strings.Cut(part, "=")
			name = strings.ToLower(strings.TrimSpace(name))
			if !yield(name, strings.Trim(strings.TrimSpace(value), `"`)) {
				return
			}
		}
	}
}

// seconds reads a count of seconds, at most maxHint; anything else is 0.
func seconds(s string) time.Duration {
	s, _, _ = strings.Cut(strings.TrimSpace(s), ".")
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil && len(strings.Trim(s, "0123456789")) > 0 {
		return 0
	}
	return time.Duration(min(n, uint64(maxHint/time.Second))) * time.Second
}

// validator returns v where it can be sent again unaltered; it need not be
// UTF-8.
func validator(v string) string {
	if len(v) > maxValue || !httpguts.ValidHeaderFieldValue(v) {
		return ""
	}
	return v
}

// reserved returns the header by which a publisher reserves its content
// against machines.
func reserved(h http.Header) string {
	if strings.TrimSpace(h.Get("Tdm-Reservation")) == "1" {
		return "TDM-Reservation: 1"
	}
	for _, line := range h["X-Robots-Tag"] {
		first, _, _ := strings.Cut(line, ",")
		if strings.Contains(first, ":") && !strings.Contains(first, "unavailable_after") {
			continue // for the one agent that it names
		}
		if name := keepsOut(line); name != "" {
			return "X-Robots-Tag: " + name
		}
	}
	return ""
}

// keepsOut returns the directive in an X-Robots-Tag that asks machines to leave
// the content alone.
func keepsOut(list string) string {
	for name := range directives([]string{list}) {
		if name == "noai" || name == "noindex" || name == "none" {
			return name
		}
	}
	return ""
}

// links returns the absolute http addresses that Link headers (RFC 8288) give
// for WebSub.
func links(lines []string, base *url.URL) (hub, self []string) {
	for _, line := range lines {
		for line != "" {
			var target, rels string
			target, rels, line = nextLink(line)
			u, err := base.Parse(target)
			if err != nil || target == "" || (u.Scheme != "http" && u.Scheme != "https") {
				continue
			}
			for _, rel := range strings.Fields(strings.ToLower(rels)) {
				switch {
				case rel == "hub" && len(hub) < maxLinks && !slices.Contains(hub, u.String()):
					hub = append(hub, u.String())
				case rel == "self" && len(self) < maxLinks && !slices.Contains(self, u.String()):
					self = append(self, u.String())
				}
			}
		}
	}
	return hub, self
}

// nextLink takes the first link from a Link header.
func nextLink(s string) (target, rels, rest string) {
	_, s, ok := strings.Cut(s, "<")
	if !ok {
		return "", "", ""
	}
	target, s, ok = strings.Cut(s, ">")
	if !ok {
		return "", "", ""
	}
	for s != "" && s[0] != ',' {
		var name, value string
		name, value, s = nextParam(s[1:])
		if name == "rel" && rels == "" {
			rels = value
		}
	}
	return strings.TrimSpace(target), rels, s
}

// nextParam takes a name and its value, bare or quoted, up to the ';' or ','
// that follows.
func nextParam(s string) (name, value, rest string) {
	i := strings.IndexAny(s, "=;,")
	if i < 0 {
		i = len(s)
	}
	name, rest = strings.ToLower(strings.TrimSpace(s[:i])), s[i:]
	if !strings.HasPrefix(rest, "=") {
		return name, "", rest
	}
	rest = strings.TrimLeft(rest[1:], " \t")
	if strings.HasPrefix(rest, `"`) {
		value, rest, _ = strings.Cut(rest[1:], `"`)
		if i = strings.IndexAny(rest, ";,"); i < 0 {
			i = len(rest)
		}
		return name, value, rest[i:]
	}
	if i = strings.IndexAny(rest, ";,"); i < 0 {
		i = len(rest)
	}
	return name, strings.TrimSpace(rest[:i]), rest[i:]
}

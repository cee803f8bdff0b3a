package feed

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// reader fills a Document from a tree. It reads all XML formats with the same
// rules, because feeds mix them: elements of Atom stand in RSS, and modules in
// both.
type reader struct {
	tree *tree
	doc  *Document

	ranks feedRanks
	left  int // entries left out because there were too many
}

// feedRanks are the ranks of what was found for the fields of the feed so far;
// see better.
type feedRanks struct{ title, link, description, updated, image, language int }

// better reports whether something of this rank replaces what was found before:
// the highest rank wins, and the first among equals.
func better(best *int, rank int) bool {
	if rank <= *best {
		return false
	}
	*best = rank
	return true
}

func (r *reader) read() {
	root := r.tree.root
	r.doc.Format = format(root)
	r.doc.Language = languageTag(root.attr("xml:lang"))
	switch root.name {
	case "urlset", "sitemapindex":
		r.sitemap(root)
	case "entry":
		r.entry(root)
	case "channel": // of CDF, which keeps these in attributes
		r.doc.Link = root.link(root.attr("href"))
		r.doc.Updated, _ = ParseDate(root.attr("lastmod"))
		r.feed(root)
	default:
		r.feed(root)
	}
	if r.doc.Image == "" {
		r.doc.Image = firstPicture(r.doc.Description)
	}
	if r.left > 0 {
		r.doc.mend("more than %d entries: %d are left out", MaxEntries, r.left)
	}
}

// format names the format of a document by its root.
func format(root *node) string {
	version := strings.TrimSpace(root.attr("version"))
	if len(version) > 10 || strings.ContainsAny(version, "<>&\"' ") {
		version = ""
	}
	switch root.name {
	case "rss":
		return "rss" + version
	case "rdf":
		if strings.Contains(root.attrs, "rdf/simple/0.9") {
			return "rss0.9"
		}
		return "rss1.0"
	case "channel":
		return "cdf"
	case "urlset":
		return "sitemap"
	case "sitemapindex":
		return root.name
	}
	if version == "" && (strings.Contains(root.attrs, "purl.org/atom/") || strings.Contains(root.attrs, "purl.org/pie")) {
		return "atom0.3"
	}
	if version == "" {
		version = "1.0"
	}
	return "atom" + version
}

// feed reads the children of the root, or of what only groups them.
func (r *reader) feed(n *node) {
	if lang := languageTag(n.attr("xml:lang")); lang != "" {
		r.doc.Language = lang
	}
	for c := n.first; c != nil; c = c.next {
		switch {
		case c.space == tombs && c.name == "deleted-entry":
			r.tombstone(c)
		case c.space != "" && c.space != atom && c.space != rdf:
			r.feedModule(c)
		case c.name == "item" || c.name == "entry":
			r.entry(c)
		case c.name == "channel" || c.name == "items":
			r.feed(c)
		default:
			r.feedField(c)
		}
	}
}

// feedField reads an element of RSS, Atom or CDF that describes the feed.
func (r *reader) feedField(c *node) {
	d, t, rank := r.doc, r.tree, &r.ranks
	switch c.name {
	case "title":
		r.setTitle(c, 3)
	case "link":
		r.feedLink(c)
	case "description", "subtitle", "tagline", "abstract", "info":
		r.setDescription(c, 4)
	case "language":
		if lang := languageTag(t.text(c)); lang != "" && better(&rank.language, 2) {
			d.Language = lang
		}
	case "lastbuilddate", "updated", "modified":
		r.setUpdated(c, 3)
	case "image", "logo":
		r.setImage(r.pictureOf(c), 4)
	case "icon":
		r.setImage(r.pictureOf(c), 2)
	case "ttl":
		if n, err := strconv.Atoi(strings.TrimSpace(t.text(c))); err == nil && n > 0 {
			d.TTL = time.Duration(min(n, 1<<20)) * time.Minute
		}
	case "skiphours":
		r.skipHours(c)
	case "skipdays":
		r.skipDays(c)
	}
}

// feedModule reads an element of an extension that describes the feed.
func (r *reader) feedModule(c *node) {
	switch c.space + ":" + c.name {
	case "dc:title":
		r.setTitle(c, 2)
	case "dc:description", "itunes:summary":
		r.setDescription(c, 2)
	case "itunes:subtitle":
		r.setDescription(c, 1)
	case "dc:language":
		if lang := languageTag(r.tree.text(c)); lang != "" && better(&r.ranks.language, 1) {
			r.doc.Language = lang
		}
	case "dc:date":
		r.setUpdated(c, 1)
	case "dcterms:modified":
		r.setUpdated(c, 2)
	case "itunes:image", "itunes:link": // the link's form is old, and its rel "image"
		r.setImage(r.pictureOf(c), 3)
	case "media:thumbnail", "media:content":
		if u := c.link(c.attr("url")); isPicture(c) {
			r.setImage(u, 1)
		}
	case "sy:updateperiod":
		r.setPeriod(c)
	}
}

func (r *reader) setTitle(c *node, rank int) {
	if s := r.tree.plain(c); s != "" && better(&r.ranks.title, rank) {
		r.doc.Title = cut(s, MaxTitle)
	}
}

func (r *reader) setDescription(c *node, rank int) {
	if m := r.tree.markup(c); m.HTML != "" && better(&r.ranks.description, rank) {
		r.doc.Description = m
	}
}

func (r *reader) setUpdated(c *node, rank int) {
	if at, ok := ParseDate(r.tree.text(c)); ok && rank >= r.ranks.updated {
		r.ranks.updated, r.doc.Updated = rank, at
	}
}

func (r *reader) setImage(address string, rank int) {
	if address != "" && better(&r.ranks.image, rank) {
		r.doc.Image = address
	}
}

// setPeriod takes the syndication module's period as the time to live.
func (r *reader) setPeriod(c *node) {
	if r.doc.TTL > 0 {
		return
	}
	const day = 24 * time.Hour
	r.doc.TTL = map[string]time.Duration{"hourly": time.Hour, "daily": day, "weekly": 7 * day, "monthly": 30 * day,
		"yearly": 365 * day}[strings.ToLower(strings.TrimSpace(r.tree.text(c)))]
	for s := c.next; s != nil; s = s.next {
		if s.space == syndic && s.name == "updatefrequency" {
			if n, err := strconv.Atoi(strings.TrimSpace(r.tree.text(s))); err == nil && n > 0 {
				r.doc.TTL /= time.Duration(min(n, 1000))
			}
		}
	}
}

// feedLink reads a link of the feed.
func (r *reader) feedLink(c *node) {
	href, rel := r.linkOf(c)
	switch {
	case href == "":
	case rel == "self":
		if r.doc.Self == "" {
			r.doc.Self = href
		}
	case rel == "hub":
		if len(r.doc.Hubs) < MaxList && !slices.Contains(r.doc.Hubs, href) {
			r.doc.Hubs = append(r.doc.Hubs, href)
		}
	case rel == "alternate" && c.space != atom: // of several of RSS the last one counts
		r.ranks.link, r.doc.Link = 3, href
	case rel == "alternate":
		if better(&r.ranks.link, alternateRank(c)) {
			r.doc.Link = href
		}
	}
}

// linkOf returns the address in a link and what it is, as Atom or as RSS writes
// it.
func (r *reader) linkOf(c *node) (href, rel string) {
	switch ref := c.attr("href"); {
	case ref != "":
		return c.link(ref), relation(c)
	case c.space == atom && c.base != nil: // an empty reference is to the document itself
		return c.base.String(), relation(c)
	}
	return c.link(r.tree.text(c)), "alternate"
}

// relation returns what an Atom link is to its entry.
func relation(c *node) string {
	rel := strings.ToLower(c.attr("rel"))
	rel = strings.TrimPrefix(rel, "http://www.iana.org/assignments/relation/")
	if rel == "" {
		return "alternate"
	}
	return rel
}

// alternateRank prefers the alternate that is a page.
func alternateRank(c *node) int {
	switch strings.ToLower(c.attr("type")) {
	case "", "text/html", "application/xhtml+xml":
		return 2
	}
	return 1
}

// pictureOf returns the address in an element that names a picture in one of
// many ways.
func (r *reader) pictureOf(c *node) string {
	for _, name := range []string{"href", "url", "src", "resource"} {
		if u := c.link(c.attr(name)); u != "" {
			return u
		}
	}
	if c.first == nil {
		return c.link(r.tree.text(c))
	}
	if u := c.child("url"); u != nil {
		return u.link(r.tree.text(u))
	}
	return ""
}

func (r *reader) skipHours(c *node) {
	for h := c.first; h != nil; h = h.next {
		n, err := strconv.Atoi(strings.TrimSpace(r.tree.text(h)))
		if err == nil && n >= 0 && n <= 24 && !slices.Contains(r.doc.SkipHours, n%24) {
			r.doc.SkipHours = append(r.doc.SkipHours, n%24)
		}
	}
}

func (r *reader) skipDays(c *node) {
	for d := c.first; d != nil; d = d.next {
		name := strings.TrimSpace(r.tree.text(d))
		for day := time.Sunday; day <= time.Saturday; day++ {
			if strings.EqualFold(name, day.String()) && !slices.Contains(r.doc.SkipDays, day) {
				r.doc.SkipDays = append(r.doc.SkipDays, day)
			}
		}
	}
}

// languageTag cleans a language: "en_US" becomes "en-US", nonsense "".
func languageTag(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), "_", "-")
	if len(s) < 2 || len(s) > 35 {
		return ""
	}
	for _, r := range s {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-') {
			return ""
		}
	}
	return s
}

package feed

import (
	"html"
	"slices"
	"strconv"
	"strings"
	"time"
)

// itemReader reads one entry of an XML feed.
type itemReader struct {
	*reader
	entry *Entry
	ranks itemRanks

	summary, description, content *node // the elements that hold them
	pictures, thumbnails          []picture
	source                        *node
}

// picture is the address of a picture and how wide it says it is, 0 when it does
// not say.
type picture struct {
	address         string
	width           int
	caption, credit string
}

// itemRanks are the ranks of what was found so far; see better.
type itemRanks struct{ title, link, id, summary, content, published, updated int }

// room returns a place for another entry, nil when there are too many.
func (r *reader) room() *Entry {
	if len(r.doc.Entries) >= MaxEntries {
		r.left++
		return nil
	}
	r.doc.Entries = append(r.doc.Entries, Entry{})
	return &r.doc.Entries[len(r.doc.Entries)-1]
}

// tombstone reads the notice that an entry was deleted.
func (r *reader) tombstone(n *node) {
	if e := r.room(); e != nil {
		e.ID = cut(clean(n.attr("ref")), MaxAddress)
		e.Updated, _ = ParseDate(n.attr("when"))
		e.Withdrawn = true
	}
}

func (r *reader) entry(n *node) {
	e := r.room()
	if e == nil {
		return
	}
	i := itemReader{reader: r, entry: e}
	e.Language = languageTag(n.attr("xml:lang"))
	if about := n.attr("about"); about != "" {
		i.setID(about, 1)
		i.setLink(n.link(about), 1)
	}
	if href := n.attr("href"); href != "" { // CDF
		i.setLink(n.link(href), 4)
	}
	if at, ok := ParseDate(n.attr("lastmod")); ok {
		e.Updated = at
	}
	i.children(n)
	i.finish()
	if n.cut && e.ID == "" && e.Link == "" {
		r.doc.Entries = r.doc.Entries[:len(r.doc.Entries)-1]
		r.doc.mend("the last entry is cut off before its address and is left out")
	}
}

func (i *itemReader) children(n *node) {
	for c := n.first; c != nil; c = c.next {
		switch c.space {
		case "", atom:
			i.field(c)
		case media:
			i.media(c)
		case xhtml:
			if c.name == "body" || c.name == "div" {
				i.setContent(c, 2)
			}
		case unknown:
		default:
			i.module(c)
		}
	}
}

// field reads an element of RSS, Atom or CDF.
func (i *itemReader) field(c *node) {
	e, t := i.entry, i.tree
	switch c.name {
	case "title":
		i.setTitle(c, 3)
	case "link":
		i.link(c)
	case "guid":
		i.guid(c)
	case "id":
		i.setID(c.identity(t.text(c)), 3)
	case "description", "abstract":
		if i.description == nil {
			i.description = c
		}
	case "summary":
		i.setSummary(c, 4)
	case "content":
		i.atomContent(c)
	case "body", "fullitem":
		i.setContent(c, 3)
	case "author":
		i.person(i.personOf(c))
	case "category":
		i.category(c)
	case "tags", "keywords":
		i.tags(strings.Split(t.plain(c), ",")...)
	case "enclosure":
		i.enclosure(Enclosure{c.link(c.attr("url")), c.attr("type"), c.attr("length")})
	case "pubdate", "published", "issued":
		i.setTime(&e.Published, &i.ranks.published, c, 4)
	case "created":
		i.setTime(&e.Published, &i.ranks.published, c, 2)
	case "updated", "modified", "lastmod":
		i.setTime(&e.Updated, &i.ranks.updated, c, 4)
	case "image", "logo":
		i.picture(i.pictureOf(c), 0)
	case "source":
		i.source = c
	}
}

// module reads an element of an extension.
func (i *itemReader) module(c *node) {
	e, t := i.entry, i.tree
	switch c.space + ":" + c.name {
	case "dc:title":
		i.setTitle(c, 2)
	case "dc:identifier":
		i.setID(t.text(c), 1)
	case "dc:description", "itunes:summary":
		i.setSummary(c, 2)
	case "dcterms:abstract", "itunes:subtitle":
		i.setSummary(c, 1)
	case "content:encoded":
		i.setContent(c, 4)
	case "dc:creator", "dc:author", "itunes:author":
		if c.space != itunes || len(e.Authors) == 0 {
			i.person(parsePerson(t.plain(c)))
		}
	case "dc:subject":
		i.tags(t.plain(c))
	case "itunes:category":
		i.tags(c.attr("text"))
	case "itunes:keywords":
		i.tags(strings.Split(t.plain(c), ",")...)
	case "itunes:image", "itunes:link":
		i.picture(i.pictureOf(c), 0)
	case "dc:date":
		i.setTime(&e.Published, &i.ranks.published, c, 1)
		i.setTime(&e.Updated, &i.ranks.updated, c, 1)
	case "dcterms:issued", "dcterms:created":
		i.setTime(&e.Published, &i.ranks.published, c, 3)
	case "dcterms:modified":
		i.setTime(&e.Updated, &i.ranks.updated, c, 3)
	case "dc:language":
		e.Language = languageTag(t.text(c))
	case "feedburner:origlink":
		i.setLink(c.link(t.text(c)), 6)
	}
}

// media reads an element of Media RSS.
func (i *itemReader) media(c *node) {
	address := c.link(c.attr("url"))
	switch c.name {
	case "group":
		i.children(c)
		return
	case "content":
		if isPicture(c) {
			i.pictures = append(i.pictures, i.described(c, address))
		} else if kind := c.attr("type") + c.attr("medium"); strings.HasPrefix(kind, "audio") || strings.HasPrefix(kind, "video") {
			i.enclosure(Enclosure{address, c.attr("type"), c.attr("filesize")})
		}
		i.children(c)
	case "thumbnail":
		i.thumbnails = append(i.thumbnails, picture{address: address})
	case "title":
		i.setTitle(c, 1)
	case "description":
		i.setSummary(c, 1)
	case "category":
		i.tags(i.tree.plain(c))
	case "status":
		if s := c.attr("state"); s == "deleted" || s == "blocked" {
			i.entry.Withdrawn = true
		}
	}
}

// described is a picture of Media RSS with what is said of it.
func (i *itemReader) described(c *node, address string) picture {
	p := picture{address: address}
	p.width, _ = strconv.Atoi(c.attr("width"))
	for d := c.first; d != nil; d = d.next {
		switch d.space + ":" + d.name {
		case "media:description", "media:text":
			p.caption = cut(i.tree.plain(d), MaxTitle)
		case "media:credit":
			p.credit = cut(i.tree.plain(d), MaxName)
		}
	}
	return p
}

// isPicture reports whether a file of Media RSS is a picture.
func isPicture(c *node) bool {
	if c.name == "thumbnail" || c.attr("medium") == "image" || strings.HasPrefix(c.attr("type"), "image/") {
		return true
	}
	if c.attr("type")+c.attr("medium") != "" {
		return false
	}
	address, _, _ := strings.Cut(strings.ToLower(c.attr("url")), "?")
	return slices.ContainsFunc([]string{".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"}, func(end string) bool {
		return strings.HasSuffix(address, end)
	})
}

func (i *itemReader) setTitle(c *node, rank int) {
	if s := i.tree.plain(c); s != "" && better(&i.ranks.title, rank) {
		i.entry.Title = cut(s, MaxTitle)
	}
}

func (i *itemReader) setID(id string, rank int) {
	if id = clean(id); id != "" && better(&i.ranks.id, rank) {
		i.entry.ID = cut(id, MaxAddress)
	}
}

func (i *itemReader) setLink(address string, rank int) {
	if address != "" && better(&i.ranks.link, rank) {
		i.entry.Link = address
	}
}

func (i *itemReader) setSummary(c *node, rank int) {
	if better(&i.ranks.summary, rank) {
		i.summary = c
	}
}

func (i *itemReader) setContent(c *node, rank int) {
	if better(&i.ranks.content, rank) {
		i.content = c
	}
}

func (i *itemReader) setTime(at *time.Time, best *int, c *node, rank int) {
	if rank < *best {
		return
	}
	if parsed, ok := ParseDate(i.tree.text(c)); ok {
		*best, *at = rank, parsed
	}
}

// identity cleans an id; what looks like a relative address counts from the base.
func (n *node) identity(id string) string {
	id = strings.TrimSpace(id)
	if strings.HasPrefix(id, "/") || n.space == atom && strings.Contains(id, "/") && !strings.Contains(id, ":") {
		if u := n.link(id); u != "" {
			return u
		}
	}
	return id
}

func (i *itemReader) guid(c *node) {
	id := strings.TrimSpace(i.tree.text(c))
	if !strings.EqualFold(c.attr("ispermalink"), "false") {
		if web(id) {
			i.setLink(c.link(id), 2)
		} else if strings.EqualFold(c.attr("ispermalink"), "true") {
			i.setLink(c.link(id), 1)
		}
		id = c.identity(id)
	}
	i.setID(id, 3)
}

// link reads a link as Atom or as RSS writes it. Of several of RSS the last one
// counts, of Atom's the first one that is a page.
func (i *itemReader) link(c *node) {
	href, rel := i.linkOf(c)
	switch {
	case href == "":
	case rel == "alternate" && c.space != atom:
		if i.ranks.link <= 5 {
			i.ranks.link, i.entry.Link = 5, href
		}
	case rel == "alternate":
		i.setLink(href, 2+alternateRank(c))
	case rel == "self":
		i.setLink(href, 1)
	case rel == "enclosure":
		i.enclosure(Enclosure{href, c.attr("type"), c.attr("length")})
	}
}

// atomContent reads Atom's content, which may also be a file elsewhere.
func (i *itemReader) atomContent(c *node) {
	typ := strings.ToLower(c.attr("type"))
	if src := c.attr("src"); src != "" {
		if !strings.Contains(typ, "html") {
			i.enclosure(Enclosure{URL: c.link(src), Type: c.attr("type")})
		}
		return
	}
	if c.from < c.to {
		i.setContent(c, 4)
	}
}

// personOf reads an author as Atom or as RSS writes one.
func (i *itemReader) personOf(c *node) Person {
	var p Person
	for f := c.first; f != nil; f = f.next {
		switch f.name {
		case "name":
			p.Name = cut(i.tree.plain(f), MaxName)
		case "email":
			p.Email = cut(i.tree.plain(f), MaxName)
		case "uri", "url", "homepage":
			p.URI = f.link(i.tree.text(f))
		}
	}
	if p == (Person{}) {
		return parsePerson(i.tree.plain(c))
	}
	return p
}

func (i *itemReader) person(p Person) {
	if p != (Person{}) && len(i.entry.Authors) < MaxList && !slices.Contains(i.entry.Authors, p) {
		i.entry.Authors = append(i.entry.Authors, p)
	}
}

func (i *itemReader) category(c *node) {
	if label := c.attr("label"); label != "" {
		i.tags(plainText(label))
	} else if term := c.attr("term"); term != "" {
		i.tags(plainText(term))
	} else {
		i.tags(i.tree.plain(c))
	}
}

func (i *itemReader) tags(tags ...string) {
	for _, tag := range tags {
		tag = cut(strings.TrimSpace(tag), MaxName)
		if tag != "" && len(i.entry.Tags) < MaxList && !slices.Contains(i.entry.Tags, tag) {
			i.entry.Tags = append(i.entry.Tags, tag)
		}
	}
}

func (i *itemReader) enclosure(x Enclosure) {
	if x.URL == "" || len(i.entry.Enclosures) >= MaxList {
		return
	}
	x.Type, x.Length = cut(squeeze(x.Type), MaxName), cut(squeeze(x.Length), 20)
	i.entry.Enclosures = append(i.entry.Enclosures, x)
}

// finish settles what depends on more than one element.
func (i *itemReader) finish() {
	e := i.entry
	switch {
	case i.description == nil:
	case i.summary == nil || i.ranks.summary < 4:
		i.summary = i.description
	case i.content == nil: // a summary besides the description: that is the text then
		i.content = i.description
	}
	if i.summary != nil {
		e.Summary = i.tree.markup(i.summary)
	}
	if i.content != nil {
		e.Content = i.tree.markup(i.content)
		if lang := languageTag(i.content.attr("xml:lang")); lang != "" {
			e.Language = lang
		}
	}
	if e.Published.IsZero() {
		e.Published = e.Updated
	}
	if e.ID == "" && e.Link == "" && len(e.Enclosures) > 0 {
		e.ID = e.Enclosures[0].URL // what else tells the episodes of a podcast apart
	}
	if i.source != nil && len(e.Authors) == 0 {
		for c := i.source.first; c != nil; c = c.next {
			if c.name == "author" {
				i.person(i.personOf(c))
			}
		}
	}
	i.gatherPictures()
}

func (i *itemReader) picture(address string, width int) {
	i.pictures = append(i.pictures, picture{address: address, width: width})
}

// gatherPictures lists the pictures of an entry: the widest first, then those
// that do not tell, then thumbnails, then files; failing all, one in the text.
func (i *itemReader) gatherPictures() {
	e := i.entry
	slices.SortStableFunc(i.pictures, func(a, b picture) int { return b.width - a.width })
	all := append(i.pictures, i.thumbnails...)
	for _, x := range e.Enclosures {
		if strings.HasPrefix(x.Type, "image/") {
			all = append(all, picture{address: x.URL})
		}
	}
	for _, p := range all {
		if p.address == "" || len(e.Images) == MaxList || slices.Contains(e.Images, p.address) {
			continue
		}
		if len(e.Images) == 0 {
			e.Caption, e.Credit = p.caption, p.credit
		}
		e.Images = append(e.Images, p.address)
	}
	for _, m := range []Markup{e.Content, e.Summary} {
		if len(e.Images) == 0 {
			if u := firstPicture(m); u != "" {
				e.Images = append(e.Images, u)
			}
		}
	}
}

// firstPicture returns the address of the first picture in HTML, "" when there
// is none with an address of its own.
func firstPicture(m Markup) string {
	rest := m.HTML
	for range 20 {
		i := strings.Index(rest, "<img")
		if i < 0 {
			return ""
		}
		rest = rest[i+len("<img"):]
		end := strings.IndexByte(rest, '>')
		if end < 0 {
			return ""
		}
		var src string
		var tiny bool
		eachAttr(rest[:end], func(name, value string) bool {
			switch name {
			case "src":
				src = html.UnescapeString(value)
			case "width", "height":
				tiny = tiny || value == "0" || value == "1"
			}
			return true
		})
		if u := resolve(src, parseBase(m.Base)); web(u) && !tiny {
			return u
		}
	}
	return ""
}

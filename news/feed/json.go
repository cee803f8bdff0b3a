package feed

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
)

// object is a JSON object whose fields may be of any type: feeds write numbers
// where text should be, and one value where a list should be.
type object map[string]any

func (o object) text(key string) string {
	switch v := o[key].(type) {
	case string:
		return strings.TrimSpace(strings.ReplaceAll(v, "\x00", ""))
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

func (o object) list(key string) []object {
	var out []object
	switch v := o[key].(type) {
	case []any:
		for _, x := range v[:min(len(v), MaxEntries+1)] {
			if m, ok := x.(map[string]any); ok {
				out = append(out, m)
			}
		}
	case map[string]any:
		out = append(out, v)
	}
	return out
}

// parseJSON reads a JSON Feed.
func parseJSON(text string, base *url.URL, d *Document) error {
	var o object
	dec := json.NewDecoder(strings.NewReader(text))
	if err := dec.Decode(&o); err != nil {
		return fmt.Errorf("%w: broken JSON: %v", ErrNotFeed, err)
	}
	version := o.text("version")
	_, isList := o["items"].([]any)
	if !strings.Contains(version, "jsonfeed.org") && !isList {
		return fmt.Errorf("%w: it is JSON of another kind", ErrNotFeed)
	}
	if n := strings.LastIndexByte(strings.TrimRight(version, "/"), '/'); n >= 0 {
		version = strings.TrimRight(version, "/")[n+1:]
	}
	d.Format = "json" + cut(squeeze(version), 10)
	d.Title = cut(squeeze(o.text("title")), MaxTitle)
	d.Link = resolve(o.text("home_page_url"), base)
	d.Self = resolve(o.text("feed_url"), base)
	d.Language = languageTag(o.text("language"))
	d.Description = plainMarkup(o.text("description"), base)
	if d.Image = resolve(o.text("icon"), base); d.Image == "" {
		d.Image = resolve(o.text("favicon"), base)
	}
	for _, hub := range o.list("hubs") {
		if u := resolve(hub.text("url"), base); u != "" && len(d.Hubs) < MaxList {
			d.Hubs = append(d.Hubs, u)
		}
	}
	r := reader{doc: d}
	for _, item := range o.list("items") {
		if e := r.room(); e != nil {
			i := itemReader{reader: &r, entry: e}
			i.object(item, base)
		}
	}
	if r.left > 0 {
		d.mend("more than %d entries: the rest is left out", MaxEntries)
	}
	return nil
}

// object reads an item of a JSON Feed.
func (i *itemReader) object(o object, base *url.URL) {
	e := i.entry
	i.setID(o.text("id"), 1)
	e.Title = cut(squeeze(o.text("title")), MaxTitle)
	i.setLink(resolve(o.text("url"), base), 2)
	i.setLink(resolve(o.text("external_url"), base), 1)
	e.Summary = plainMarkup(o.text("summary"), base)
	if s := o.text("content_html"); s != "" {
		e.Content = newMarkup(s, base)
	} else {
		e.Content = plainMarkup(o.text("content_text"), base)
	}
	e.Published, _ = ParseDate(o.text("date_published"))
	e.Updated, _ = ParseDate(o.text("date_modified"))
	e.Language = languageTag(o.text("language"))
	for _, a := range append(o.list("authors"), o.list("author")...) {
		i.person(Person{Name: cut(squeeze(a.text("name")), MaxName), URI: resolve(a.text("url"), base)})
	}
	if tags, ok := o["tags"].([]any); ok {
		for _, tag := range tags[:min(len(tags), MaxList)] {
			if s, ok := tag.(string); ok {
				i.tags(squeeze(s))
			}
		}
	}
	for _, a := range o.list("attachments") {
		i.enclosure(Enclosure{resolve(a.text("url"), base), a.text("mime_type"), a.text("size_in_bytes")})
	}
	i.picture(resolve(o.text("image"), base), 0)
	i.picture(resolve(o.text("banner_image"), base), 0)
	i.finishObject()
}

func (i *itemReader) finishObject() {
	if i.entry.Published.IsZero() {
		i.entry.Published = i.entry.Updated
	}
	if i.entry.Updated.After(i.doc.Updated) {
		i.doc.Updated = i.entry.Updated
	}
	i.gatherPictures()
}

func newMarkup(s string, base *url.URL) Markup {
	m := Markup{HTML: cut(unmangle(s), MaxMarkup)}
	if base != nil && s != "" {
		m.Base = base.String()
	}
	return m
}

// plainMarkup makes HTML of plain text.
func plainMarkup(s string, base *url.URL) Markup {
	return newMarkup(strings.ReplaceAll(html.EscapeString(s), "\n", "<br>\n"), base)
}

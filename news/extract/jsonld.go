package extract

import (
	"cmp"
	"encoding/json"
	"html"
	"strings"
)

// A thing is one JSON-LD object.
type thing map[string]any

// maxLinkedDepth is how deep objects may nest before the rest is left unread.
const maxLinkedDepth = 20

// linked is the JSON-LD of a page.
type linked struct {
	things []thing
	byID   map[string]thing
}

// readLinked parses the scripts; one that cannot be mended is left out.
func readLinked(scripts []string) *linked {
	l := &linked{byID: map[string]thing{}}
	for _, s := range scripts {
		var v any
		if json.Unmarshal([]byte(s), &v) == nil || json.Unmarshal([]byte(mendJSON(s)), &v) == nil {
			l.collect(v, 0)
		}
	}
	return l
}

// mendJSON removes what often breaks JSON-LD: comments around it, control
// characters, commas before a closing bracket, a semicolon at the end.
func mendJSON(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s)
	for _, junk := range []string{"<!--", "-->", "/*<![CDATA[*/", "/*]]>*/", "//<![CDATA[", "//]]>", "<![CDATA[", "]]>"} {
		s = strings.ReplaceAll(s, junk, "")
	}
	s = strings.TrimRight(strings.TrimSpace(s), "; ")
	var b strings.Builder
	quoted, escaped := false, false
	for i := range len(s) {
		c := s[i]
		if !quoted && c == ',' {
			if rest := strings.TrimLeft(s[i+1:], " "); rest != "" && (rest[0] == '}' || rest[0] == ']') {
				continue
			}
		}
		if c == '"' && !escaped {
			quoted = !quoted
		}
		escaped = quoted && c == '\\' && !escaped
		b.WriteByte(c)
	}
	return b.String()
}

func (l *linked) collect(v any, depth int) {
	if depth > maxLinkedDepth {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			l.collect(e, depth+1)
		}
	case map[string]any:
		t := thing(v)
		l.things = append(l.things, t)
		if id, _ := v["@id"].(string); id != "" && len(v) > len(l.byID[id]) {
			l.byID[id] = t
		}
		for _, key := range []string{"@graph", "mainEntity", "mainEntityOfPage", "hasPart", "itemListElement", "item", "review"} {
			l.collect(v[key], depth+1)
		}
	}
}

// article returns the object of the page's article, or of the page itself, or
// nil. Where several are described, the one at the page's address or with its
// title is meant.
func (l *linked) article(addresses []string, title string) thing {
	var best thing
	most := 0
	for _, t := range l.things {
		n := t.articleness()
		if n == 0 {
			continue
		}
		n *= 4
		for _, key := range []string{"url", "@id", "mainEntityOfPage"} {
			for _, a := range addresses {
				if a != "" && sameAddress(l.text(t[key]), a) {
					n += 2
				}
			}
		}
		if h := fold(t.str("headline", "name")); h != "" && h == fold(title) {
			n += 3
		}
		if n > most {
			best, most = t, n
		}
	}
	return best
}

// articleness is 2 for an article, 1 for a page or another work with a
// headline, 0 for everything else.
func (t thing) articleness() int {
	for _, name := range strs(t["@type"]) {
		name = name[strings.LastIndexAny(name, "/:")+1:]
		switch {
		case strings.HasSuffix(name, "Article"), strings.HasSuffix(name, "Posting"), name == "Report":
			return 2
		case name == "WebPage", name == "ItemPage", name == "Review", name == "Recipe", name == "CreativeWork", name == "Course":
			return 1
		}
	}
	if t.str("headline") != "" {
		return 1
	}
	return 0
}

// str returns the first of the keys that holds a text, as plain text.
func (t thing) str(keys ...string) string {
	for _, key := range keys {
		if s, ok := t[key].(string); ok && s != "" {
			return plain(s)
		}
	}
	return ""
}

// plain makes JSON-LD's text, which is often escaped HTML, plain.
func plain(s string) string {
	if strings.Contains(s, "&") {
		s = html.UnescapeString(html.UnescapeString(s))
	}
	return collapse(stripTags(s))
}

// stripTags removes what looks like a tag: "<", a letter or slash, to ">".
func stripTags(s string) string {
	if !strings.Contains(s, "<") {
		return s
	}
	var b strings.Builder
	for s != "" {
		i := strings.IndexByte(s, '<')
		if i < 0 || i+1 == len(s) {
			break
		}
		end := strings.IndexByte(s[i:], '>')
		if end < 0 || !isLetter(s[i+1]) && s[i+1] != '/' && s[i+1] != '!' {
			b.WriteString(s[:i+1])
			s = s[i+1:]
			continue
		}
		b.WriteString(s[:i])
		b.WriteByte(' ')
		s = s[i+end+1:]
	}
	b.WriteString(s)
	return b.String()
}

// text returns the text or address that v stands for: itself, or that of the
// object that it is or refers to.
func (l *linked) text(v any) string {
	switch v := v.(type) {
	case string:
		return plain(v)
	case []any:
		if len(v) > 0 {
			return l.text(v[0])
		}
	case map[string]any:
		return cmp.Or(thing(v).str("url", "contentUrl", "@id", "name"))
	}
	return ""
}

// names returns the names that v stands for: texts, objects with a name,
// references to such, or a list of them.
func (l *linked) names(v any) (out []string) {
	switch v := v.(type) {
	case string:
		if ref, ok := l.byID[v]; ok {
			return l.names(map[string]any(ref))
		}
		out = append(out, plain(v))
	case []any:
		for _, e := range v {
			if _, nested := e.([]any); !nested {
				out = append(out, l.names(e)...)
			}
		}
	case map[string]any:
		t := thing(v)
		if ref, ok := l.byID[t.str("@id")]; ok && t["name"] == nil {
			t = ref
		}
		if n := t.str("name"); n != "" {
			out = append(out, n)
		} else if list, ok := t["name"].([]any); ok {
			out = append(out, strs(list)...)
		}
	}
	return out
}

// object returns v, the first of v, or what v refers to, as an object.
func (l *linked) object(v any) thing {
	switch v := v.(type) {
	case []any:
		if len(v) > 0 {
			if _, nested := v[0].([]any); !nested {
				return l.object(v[0])
			}
		}
	case map[string]any:
		if ref, ok := l.byID[thing(v).str("@id")]; ok {
			return ref
		}
		return v
	case string:
		return l.byID[v]
	}
	return nil
}

// strs returns v, a text or a list of texts, as a list.
func strs(v any) (out []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}

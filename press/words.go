package press

import (
	"embed"
	"fmt"
	"html"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
)

//go:embed words/*.md
var wordFiles embed.FS

// draft is one text of the library, before it is published. A draft with
// stream set is a pattern from which many pieces are made: see [fill].
type draft struct {
	title    string // slug; for a stream several, of which one is chosen
	titles   []string
	headline string
	stand    string // standfirst
	section  string
	by       string
	event    string // what drafts on the same event share
	tags     []string
	scene    string // of the drawing
	caption  string
	stream   bool
	copies   []copyOf // titles that print this text as their own agency copy
	body     []string // blocks, in the small markup of the files
	changes  []change // what happens to it after it was published
}

// copyOf is an agency text printed by another title under its own headline.
type copyOf struct{ title, headline string }

// change is what happens to an article later.
type change struct {
	kind     Kind
	headline string   // new headline, or empty
	note     string   // text of the correction or of the withdrawal
	from, to string   // words that a correction replaces
	body     []string // paragraphs put before the others
}

// library reads the texts of the embedded files, in the order of their names.
func library() ([]draft, error) {
	entries, err := wordFiles.ReadDir("words")
	if err != nil {
		return nil, fmt.Errorf("read library: %w", err)
	}
	var all []draft
	for _, e := range entries {
		text, err := wordFiles.ReadFile("words/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read library: %w", err)
		}
		for i, part := range strings.Split("\n"+string(text), "\n# ") {
			if strings.TrimSpace(part) == "" {
				continue
			}
			d, err := parseDraft(part)
			if err != nil {
				return nil, fmt.Errorf("read text %d of %s: %w", i, e.Name(), err)
			}
			all = append(all, d)
		}
	}
	return all, nil
}

// parseDraft reads a headline, "key: value" lines up to an empty one, the
// blocks of the text, and changes that begin with a line "@@ KIND NOTE".
func parseDraft(text string) (draft, error) {
	parts := strings.Split(text, "\n@@ ")
	head, body, _ := strings.Cut(parts[0], "\n\n")
	lines := strings.Split(head, "\n")
	d := draft{headline: strings.TrimSpace(lines[0]), body: blocks(body)}
	for _, line := range lines[1:] {
		key, value, ok := strings.Cut(line, ": ")
		if !ok {
			return d, fmt.Errorf("%q: line %q has no key", d.headline, line)
		}
		if err := d.set(key, strings.TrimSpace(value)); err != nil {
			return d, fmt.Errorf("%q: %w", d.headline, err)
		}
	}
	for _, part := range parts[1:] {
		c, err := parseChange(part)
		if err != nil {
			return d, fmt.Errorf("%q: %w", d.headline, err)
		}
		d.changes = append(d.changes, c)
	}
	return d, nil
}

func (d *draft) set(key, value string) error {
	switch key {
	case "title":
		d.titles = strings.Split(value, ", ")
		d.title = d.titles[0]
	case "section":
		d.section = value
	case "by":
		d.by = value
	case "event":
		d.event = value
	case "stand":
		d.stand = value
	case "tags":
		d.tags = strings.Split(value, ", ")
	case "picture":
		d.scene, d.caption, _ = strings.Cut(value, " | ")
	case "stream":
		d.stream = value == "yes"
	case "copy":
		title, headline, _ := strings.Cut(value, " | ")
		d.copies = append(d.copies, copyOf{title, headline})
	default:
		return fmt.Errorf("unknown key %q", key)
	}
	return nil
}

func parseChange(text string) (change, error) {
	line, body, _ := strings.Cut(text, "\n")
	kind, note, _ := strings.Cut(line, " ")
	c := change{kind: Kind(kind), note: note, body: blocks(body)}
	switch c.kind {
	case Updated:
		c.headline, c.note = note, ""
	case Corrected:
		if len(c.body) == 1 {
			c.from, c.to, _ = strings.Cut(c.body[0], " => ")
			c.body = nil
		}
	case Retracted:
	default:
		return c, fmt.Errorf("unknown change %q", kind)
	}
	return c, nil
}

func blocks(text string) []string {
	var all []string
	for b := range strings.SplitSeq(text, "\n\n") {
		if b = strings.TrimSpace(b); b != "" {
			all = append(all, b)
		}
	}
	return all
}

var (
	linkMark = regexp.MustCompile(`\[([^\]]+)\]\(([^)]+)\)`)
	emMark   = regexp.MustCompile(`\*([^*]+)\*`)
	spanMark = regexp.MustCompile(`^(-?\d+)-(-?\d+)$`)
	slotMark = regexp.MustCompile(`\{([^{}]*)\}`)
)

// blockHTML writes one block: "## " a heading, "> " a quote, "- " a list, else a paragraph.
func blockHTML(block string) string {
	switch {
	case strings.HasPrefix(block, "## "):
		return "<h2>" + inlineHTML(block[3:]) + "</h2>"
	case strings.HasPrefix(block, "> "):
		return "<blockquote><p>" + inlineHTML(block[2:]) + "</p></blockquote>"
	case strings.HasPrefix(block, "- "):
		var b strings.Builder
		b.WriteString("<ul>")
		for line := range strings.SplitSeq(block, "\n") {
			b.WriteString("<li>" + inlineHTML(strings.TrimPrefix(line, "- ")) + "</li>")
		}
		return b.String() + "</ul>"
	}
	return "<p>" + inlineHTML(block) + "</p>"
}

func inlineHTML(text string) string {
	text = html.EscapeString(strings.ReplaceAll(text, "\n", " "))
	text = linkMark.ReplaceAllString(text, `<a href="$2">$1</a>`)
	return emMark.ReplaceAllString(text, "<em>$1</em>")
}

// fill writes one piece from a pattern. "{name:a|b|c}" chooses and remembers,
// "{name:3-12}" does so with a number, "{name}" repeats what was chosen, and
// "{|a|b}" chooses without a name.
func fill(d draft, r *rand.Rand) draft {
	chosen := map[string]string{}
	put := func(text string) string {
		for slotMark.MatchString(text) { // slots inside slots are filled first
			text = slotMark.ReplaceAllStringFunc(text, func(slot string) string {
				return choose(slot[1:len(slot)-1], chosen, r)
			})
		}
		return text
	}
	d.title = d.titles[r.IntN(len(d.titles))]
	d.headline, d.stand, d.scene, d.caption = put(d.headline), put(d.stand), put(d.scene), put(d.caption)
	d.tags, d.body = putAll(d.tags, put), putAll(d.body, put)
	d.changes = append([]change(nil), d.changes...)
	for i, c := range d.changes {
		c.headline, c.note, c.from, c.to = put(c.headline), put(c.note), put(c.from), put(c.to)
		c.body = putAll(c.body, put)
		d.changes[i] = c
	}
	d.copies = append([]copyOf(nil), d.copies...)
	for i := range d.copies {
		d.copies[i].headline = put(d.copies[i].headline)
	}
	return d
}

func putAll(texts []string, put func(string) string) []string {
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = put(t)
	}
	return out
}

func choose(slot string, chosen map[string]string, r *rand.Rand) string {
	if options, ok := strings.CutPrefix(slot, "|"); ok {
		all := strings.Split(options, "|")
		return all[r.IntN(len(all))]
	}
	name, options, ok := strings.Cut(slot, ":")
	if v, seen := chosen[name]; seen || !ok {
		return v
	}
	all := strings.Split(options, "|")
	v := all[r.IntN(len(all))]
	if low, high, ok := span(v); ok {
		v = strconv.Itoa(low + r.IntN(high-low+1))
	}
	chosen[name] = v
	return v
}

// span reads "3-12".
func span(s string) (low, high int, ok bool) {
	m := spanMark.FindStringSubmatch(s)
	if m == nil {
		return 0, 0, false
	}
	low, errLow := strconv.Atoi(m[1])
	high, errHigh := strconv.Atoi(m[2])
	return low, high, errLow == nil && errHigh == nil && high >= low
}

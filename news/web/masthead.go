package web

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"understory/news"
)

// masthead is a title as the pages show it.
type masthead struct {
	news.Title
	Class string // of its colour in the stylesheet
}

// Dir is the direction its name is written in.
func (m *masthead) Dir() string { return direction(m.Lang()) }

// Lang is its language, if that can stand in a page.
func (m *masthead) Lang() string { return tongue(m.Language) }

// shelfmarks are all titles as they were a moment ago.
type shelfmarks struct {
	read   time.Time
	byID   map[int64]*masthead
	sorted []*masthead // by name
	sheet  asset       // the stylesheet with their colours
	err    error
}

// titles keeps the titles at hand, because every page names many of them.
type titles struct {
	reading sync.Mutex
	last    atomic.Pointer[shelfmarks] // never changed once it is here
}

// titlesAge is for how long the titles are not read again. Until then a page
// may show the old name of a title, or an article without its title's name.
const titlesAge = time.Second

// now returns the titles as they are, or were when the store last answered.
// One page at a time reads them; the others show what there is.
func (t *titles) now(ctx context.Context, s *site) *shelfmarks {
	now, last := s.Now(), t.last.Load()
	switch {
	case last != nil && now.Sub(last.read) < titlesAge:
		return last
	case last == nil:
		t.reading.Lock()
	case !t.reading.TryLock():
		return last
	}
	defer t.reading.Unlock()
	all, err := s.shelf.Titles(context.WithoutCancel(ctx))
	if err != nil && last == nil {
		none := s.marks(nil, nil)
		none.err = err
		return none
	}
	var next shelfmarks
	if err == nil {
		next = *s.marks(all, last)
	} else {
		next = *last
	}
	next.read = now
	t.last.Store(&next)
	return &next
}

func (s *site) marks(all []news.Title, before *shelfmarks) *shelfmarks {
	m := &shelfmarks{byID: make(map[int64]*masthead, len(all))}
	for _, title := range all {
		head := &masthead{Title: title, Class: "t" + strconv.FormatInt(title.ID, 10)}
		head.Name = clip(title.Name, nameLen)
		m.byID[title.ID] = head
		m.sorted = append(m.sorted, head)
	}
	slices.SortStableFunc(m.sorted, func(a, b *masthead) int {
		return strings.Compare(sortKey(a.Name), sortKey(b.Name))
	})
	css := s.assets.css + colourRules(all)
	if before != nil && string(before.sheet.body) == css {
		m.sheet = before.sheet
	} else {
		m.sheet = newAsset("site.css", []byte(css))
	}
	return m
}

// sortKey leaves out the article that many names begin with.
func sortKey(name string) string {
	name = strings.ToLower(name)
	for _, article := range []string{"the ", "la ", "le ", "el ", "die ", "der ", "das ", "al-"} {
		if rest, ok := strings.CutPrefix(name, article); ok {
			return rest
		}
	}
	return name
}

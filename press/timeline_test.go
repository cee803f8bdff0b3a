package press_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"understory/press"
)

// told runs a press for n steps, a minute apart.
func told(seed uint64, n int) []press.Event {
	now := noon()
	p := press.New(press.Config{Seed: seed, Now: func() time.Time { return now }})
	var all []press.Event
	for range n {
		now = now.Add(time.Minute)
		all = append(all, p.Publish())
	}
	return all
}

func TestTimelineFollowsFromTheSeed(t *testing.T) {
	first := told(7, 300)
	if diff := cmp.Diff(first, told(7, 300)); diff != "" {
		t.Errorf("the same seed told another story:\n%s", diff)
	}
	if cmp.Equal(first, told(8, 300)) {
		t.Error("another seed told the same story")
	}
}

func TestTimelineNeverDriesUpOrRepeats(t *testing.T) {
	kinds := map[press.Kind]int{}
	seen := map[string]bool{}
	for _, e := range told(3, 600) {
		kinds[e.Kind]++
		if strings.ContainsAny(e.Headline, "{}|") || e.Headline == "" {
			t.Errorf("unfilled headline %q", e.Headline)
		}
		if e.Kind != press.Published {
			continue
		}
		if key := e.Title + e.Headline; seen[key] {
			t.Errorf("%s said %q twice", e.Title, e.Headline)
		} else {
			seen[key] = true
		}
	}
	for _, k := range []press.Kind{press.Published, press.Updated, press.Corrected, press.Retracted} {
		if kinds[k] == 0 {
			t.Errorf("nothing of kind %q in %v", k, kinds)
		}
	}
}

func TestPagesOfPatternsAreFilled(t *testing.T) {
	now := noon()
	p := press.New(press.Config{Seed: 5, Now: func() time.Time { return now }})
	base, client := start(t, p)
	for i := range 250 {
		now = now.Add(time.Minute)
		e := p.Publish()
		if i%6 > 0 {
			continue
		}
		_, page := get(t, client, fmt.Sprintf("http://%s.%s%s", e.Title, base, e.Path))
		_, text, _ := strings.Cut(page, "</style>")
		text, _, _ = strings.Cut(text, "application/ld+json")
		if strings.ContainsAny(text, "{}") {
			t.Errorf("%s: a slot was left in the page", e)
		}
	}
}

func TestPressIsSafeForManyReaders(t *testing.T) {
	p := press.New(press.Config{Seed: 2, Now: noon})
	base, client := start(t, p)
	titles := p.Titles(base)
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 100 {
			p.Publish()
		}
	})
	for reader := range 4 {
		wg.Go(func() {
			for i := range 10 {
				title := titles[(reader*3+i)%len(titles)]
				for _, url := range []string{title.Home, title.Feeds[0].URL} {
					res, err := client.Get(url)
					if err != nil {
						t.Error(err)
						return
					}
					res.Body.Close()
				}
			}
		})
	}
	wg.Wait()
}

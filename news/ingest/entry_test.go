package ingest

import (
	"testing"

	"understory/news"
	"understory/news/feed"
)

func TestPictureOfAnEntry(t *testing.T) {
	const body = `<p>x</p><figure><img src="https://a.example/p.jpg" alt="Two &amp; a boat"><figcaption>A <b>boat</b> (A. Walker)</figcaption></figure>`
	for _, tt := range []struct {
		name  string
		entry feed.Entry
		body  string
		want  news.Picture
	}{
		{"none", feed.Entry{}, "<p>x</p>", news.Picture{}},
		{"its own", feed.Entry{Images: []string{"https://a.example/q.jpg?w=1&s=sig"}, Caption: "A quay", Credit: "B"}, body,
			news.Picture{URL: "https://a.example/q.jpg?w=1&s=sig", Caption: "A quay", Credit: "B"}},
		{"the body's, with what its figure says", feed.Entry{}, body,
			news.Picture{URL: "https://a.example/p.jpg", Alt: "Two & a boat", Caption: "A boat (A. Walker)"}},
		{"its own, which is the body's", feed.Entry{Images: []string{"https://a.example/p.jpg"}}, body,
			news.Picture{URL: "https://a.example/p.jpg", Alt: "Two & a boat", Caption: "A boat (A. Walker)"}},
		{"what is no address of the web", feed.Entry{Images: []string{"data:image/png;base64,AA", "https://a.example/q.jpg"}, Caption: "of the first"}, "",
			news.Picture{URL: "https://a.example/q.jpg"}},
		{"outside a figure", feed.Entry{}, `<figure></figure><img src="https://a.example/p.jpg"><figcaption>not its</figcaption>`,
			news.Picture{URL: "https://a.example/p.jpg"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := picture(&tt.entry, tt.body); got != tt.want {
				t.Errorf("picture() = %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestIdentifyLeavesOutRepetitionsAndSilence(t *testing.T) {
	doc := &feed.Document{Entries: []feed.Entry{
		{ID: "1", Title: "One"}, {ID: "1", Title: "One again"}, {ID: "2", Link: "https://a.example/bare"},
		{ID: "3", Withdrawn: true}, {ID: "4", Summary: feed.Markup{HTML: "text alone"}},
	}}
	got := identify(doc)
	if len(got) != 3 || got[0].entry.Title != "One" || got[1].entry.ID != "3" || got[2].entry.ID != "4" {
		t.Errorf("identify() kept %d entries, want 1, 3 and 4", len(got))
	}
}

func TestSectionOfAnEntry(t *testing.T) {
	for _, tt := range []struct {
		name, feed, title string
		tags              []string
		want              string
	}{
		{"the feed's", "culture", "world", []string{"Sport"}, "culture"},
		{"a title about one matter", "", "science", []string{"Sport"}, "science"},
		{"what it is filed under", "", "local", []string{"Port Linnet", "Sport"}, "sport"},
		{"in another language", "", "world", []string{"Économie"}, "business"},
		{"filed under nothing we know", "", "world", []string{"Port Linnet"}, "world"},
		{"nothing is known", "", "", nil, "news"},
		{"a section that does not exist", "gardening", "news", nil, "news"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := origin{feed: &news.Feed{Section: tt.feed}, title: &news.Title{Section: tt.title}}
			if got := o.section(&feed.Entry{Tags: tt.tags}); got != tt.want {
				t.Errorf("section() = %q, want %q", got, tt.want)
			}
		})
	}
}

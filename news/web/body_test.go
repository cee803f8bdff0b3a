package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"understory/news"
	"understory/news/sanitize"
)

// frames shows any picture at an address of our own.
type frames struct{ http.Handler }

func (frames) Address(string, int) string { return "/picture/p" }

func TestBody(t *testing.T) {
	const img = `<img src="/picture/p" srcset="/picture/p 400w, /picture/p 800w, /picture/p 1600w" sizes="(min-width: 48rem) 38rem, 100vw" alt="A" loading="lazy" class="p3-2"/>`
	for _, tt := range []struct {
		name, in, want string
		words          int
		cut            bool
	}{
		{name: "text", in: "<p>One &amp; two</p>", want: "<p>One &amp; two</p>"},
		{name: "picture", in: `<p><img src="https://a.example/1" alt="A"></p>`, want: "<p>" + img + "</p>"},
		{name: "size reserves space", in: `<img src="https://a.example/1" alt="A" width="30" height="20">`,
			want: strings.Replace(img, "p3-2", "p3-2 little", 1)},
		{name: "wide picture", in: `<img src="https://a.example/1" alt="A" width="1200" height="675">`, want: strings.Replace(img, "p3-2", "p16-9", 1)},
		{name: "tall picture", in: `<img src="https://a.example/1" alt="A" width="600" height="6000">`, want: strings.Replace(img, "p3-2", "p3-4", 1)},
		{name: "size that is none", in: `<img src="https://a.example/1" alt="A" width="100%" height="0">`, want: img},
		{name: "lead picture again", in: `<figure><img src="https://a.example/lead"><figcaption>C <a href="#">by</a></figcaption></figure><p>Text</p>`, want: "<p>Text</p>"},
		{name: "picture in a link in a figure", in: `<figure><a href="https://a.example/"><img src="https://a.example/lead"></a><img src="https://a.example/1" alt="A"></figure>`,
			want: `<figure>` + img + `</figure>`},
		{name: "linked lead picture again", in: `<figure><a href="https://a.example/"><img src="https://a.example/lead"></a><figcaption>C</figcaption></figure><p><img src="https://a.example/lead"></p>`, want: ""},
		{name: "figure with a table", in: `<figure><table><tbody><tr><td>1</td></tr></tbody></table></figure>`, want: `<figure><table><tbody><tr><td>1</td></tr></tbody></table></figure>`},
		{name: "film", in: `<video controls="" src="https://v.example/f.mp4" poster="https://v.example/p.jpg"></video>`,
			want: `<a href="https://v.example/f.mp4" rel="noopener noreferrer nofollow">Watch the film at v.example</a>`},
		{name: "sound", in: `<audio src="https://www.v.example/f.mp3"></audio>`,
			want: `<a href="https://www.v.example/f.mp3" rel="noopener noreferrer nofollow">Listen to the recording at v.example</a>`},
		{name: "highest heading comes second", in: "<h1>A</h1><h3>B</h3>", want: "<h2>A</h2><h4>B</h4>"},
		{name: "deep headings rise", in: "<h4>A</h4><h5>B</h5>", want: "<h2>A</h2><h3>B</h3>"},
		{name: "none too deep", in: "<h1>A</h1><h6>B</h6>", want: "<h2>A</h2><h6>B</h6>"},
		{name: "preview", in: "<p>One <b>two, three</b> four</p><p>five</p>", words: 2, want: "<p>One <b>two…</b></p>", cut: true},
		{name: "preview between elements", in: "<p>One two</p><p>three</p>", words: 2, want: "<p>One two</p><p>…</p>", cut: true},
		{name: "preview longer than the text", in: "<p>One two</p>", words: 9, want: "<p>One two</p>"},
		{name: "preview without spaces", in: "<p>今日は良い天気です</p>", words: 4, want: "<p>今日は良…</p>", cut: true},
		{name: "preview ends at a picture", in: `<p>One</p><p>two</p><img src="https://a.example/1">`, words: 1, want: "<p>One</p><p>…</p>", cut: true},
		{name: "too long", in: "<p>" + strings.Repeat("w", bodyLen) + "</p>", want: "<p>" + strings.Repeat("w", bodyLen-3) + "</p>", cut: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &site{pictures: frames{}}
			got, cut := s.body(tt.in, "https://a.example/lead", tt.words)
			if string(got) != tt.want || cut != tt.cut {
				t.Errorf("body() = %.300s, %v\nwant %.300s, %v", got, cut, tt.want, tt.cut)
			}
		})
	}
	if got, _ := new(site).body(`<p>A<img src="https://a.example/1"></p>`, "", 0); got != "<p>A</p>" {
		t.Errorf("without pictures body() = %s", got)
	}
}

// FuzzBody: what is shown of any feed's HTML loads nothing from elsewhere and
// is still what the sanitiser would let pass.
func FuzzBody(f *testing.F) {
	for _, seed := range []string{"<p>One <img src=https://a.example/1>two</p>", "<video src=https://a.example/v></video>", "<table><tr><td>x", "<h1>a<h4>b", "<figure><figcaption>a"} {
		f.Add(seed, 3)
	}
	f.Fuzz(func(t *testing.T, raw string, words int) {
		s := &site{pictures: frames{}}
		words &= 0x7f
		safe := sanitize.HTML(raw, &url.URL{Scheme: "https", Host: "a.example"})
		got, _ := s.body(safe, "", words)
		root, err := html.Parse(strings.NewReader(string(got)))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			if src := attribute(n, "src") + attribute(n, "poster"); src != "" && src != "/picture/p" {
				t.Errorf("%q became %q, which loads %q", raw, got, src)
			}
			if n.Data == "script" && n.Type == html.ElementNode {
				t.Errorf("%q became %q", raw, got)
			}
		}
		if n := news.CountWords(html.UnescapeString(string(got))); words > 0 && n > words {
			t.Errorf("%q has %d words, want at most %d", got, n, words)
		}
	})
}

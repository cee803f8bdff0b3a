package sanitize

import (
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

var base = &url.URL{Scheme: "https", Host: "press.example", Path: "/news/today.html"}

func TestHTML(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "a & b &lt;i&gt; \"q\"", "a &amp; b &lt;i&gt; \"q\""},
		{"article", `<h2>H</h2><p class=x id=y>One <em onclick="x()">two</em>.</p>`, `<h2>H</h2><p>One <em>two</em>.</p>`},
		{"script", `a<script>alert(1)</script>b<style>p{}</style>c`, `abc`},
		{"self-closed script", `a<script src="x.js"/>b`, `ab`},
		{"svg", `a<svg><svg></svg><p>x</p></svg>b`, `ab`},
		{"relative link", `<a href="../x?a=1&amp;b=2">x</a>`, `<a href="https://press.example/x?a=1&amp;b=2" rel="noopener noreferrer nofollow">x</a>`},
		{"script link", `<a href=" java&#9;script:alert(1)">x</a>`, `x`},
		{"link in capitals", `<a href="HTTPS://Press.example/A">x</a>`, `<a href="https://Press.example/A" rel="noopener noreferrer nofollow">x</a>`},
		{"quotes in link", `<a href='https://x.example/"onx="1'>x</a>`, `<a href="https://x.example/%22onx=%221" rel="noopener noreferrer nofollow">x</a>`},
		{"mail", `<a href="mailto:a@b.example">x</a>`, `<a href="mailto:a@b.example" rel="noopener noreferrer nofollow">x</a>`},
		{"link in link", `<a href="/1">a<a href="/2">b</a>c`, `<a href="https://press.example/1" rel="noopener noreferrer nofollow">a</a><a href="https://press.example/2" rel="noopener noreferrer nofollow">b</a>c`},
		{"picture", `<img src="p.jpg" alt="A &quot;b&quot;" width=300px onerror=x()>`, `<img src="https://press.example/news/p.jpg" alt="A &#34;b&#34;" width="300">`},
		{"data picture", `a<img src="data:image/png;base64,xx">b`, `ab`},
		{"late picture", `<img src="data:image/gif;base64,R" data-src="/p.jpg"><noscript><img src="/p.jpg"></noscript>`, `<img src="https://press.example/p.jpg" alt="">`},
		{"counting pixel", `a<img src="http://c.example/c.gif" width="1" height="1">`, `a`},
		{"frame", `<iframe src="//video.example/1" width="560" allowfullscreen>no</iframe>x`, `<a href="https://video.example/1" rel="noopener noreferrer nofollow">video.example/1</a>x`},
		{"frame without size", `a<iframe src="//count.example/1">b</iframe>c`, `abc`},
		{"end that is no declaration", `a <!b`, `a &lt;!b`},
		{"video", `<video autoplay onplay=x()><source src=a.mp4><source src=b.mp4>no video</video>x`, `<video controls="" preload="none" src="https://press.example/news/a.mp4"></video>x`},
		{"paragraphs", `<p>a<p>b<div>c`, `<p>a</p><p>b</p><div>c</div>`},
		{"crossed tags", `<b>a<p>b</b>c</p>`, `<b>a<p>b</p></b>c`},
		{"list", `<ul><li>a<ul><li>b</ul><li>c</ul>`, `<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>`},
		{"definitions", `<dl><dt>a<dd>b<dt>c</dl>`, `<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>`},
		{"table", `<table> <tr><td>a<td>b<tr><th colspan=2>c</table>d`, `<table><tbody><tr><td>a</td><td>b</td></tr><tr><th colspan="2">c</th></tr></tbody></table>d`},
		{"text in table", `<table>a<tr><td>b</table>`, `<table><tbody><tr><td>a</td></tr><tr><td>b</td></tr></tbody></table>`},
		{"caption", `<table><caption>a</caption><thead><tr><th>b<tbody><tr><td>c</table>`, `<table><caption>a</caption><thead><tr><th>b</th></tr></thead><tbody><tr><td>c</td></tr></tbody></table>`},
		{"cell outside table", `<td>a</td>`, `a`},
		{"end tag inside a cell", `<div><table><tr><td></div>a</table></div>`, `<div><table><tbody><tr><td>a</td></tr></tbody></table></div>`},
		{"ruby", `<ruby>a<rp>(<rt>b<rp>)</ruby>`, `<ruby>a<rp>(</rp><rt>b</rt><rp>)</rp></ruby>`},
		{"comment", `a<!-- <p> -->b<![CDATA[c]]>d`, `abd`},
		{"form", `<form action=x><input name=a>b<textarea><p>c</textarea></form>`, `<div>b&lt;p&gt;c</div>`},
		{"controls", "a\x00b\x1bc&#13;d", "abc\nd"},
		{"bad bytes", "a\xffb", "a\uFFFDb"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := HTML(tt.in, base)
			if got != tt.want {
				t.Errorf("HTML(%q)\n got %s\nwant %s", tt.in, got, tt.want)
			}
			if again := HTML(got, base); again != got {
				t.Errorf("again: %s", again)
			}
		})
	}
}

func TestText(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"entities", "Tom &amp; Jerry&nbsp;&#8230;", "Tom & Jerry …"},
		{"blocks", "<p>a</p><p>b<br>c <b>d</b>e", "a b c de"},
		{"script", "a<script>b</script>c", "ac"},
		{"space", " \n a \t b ", "a b"},
		{"less than", "1 < 2", "1 < 2"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Text(tt.in); got != tt.want {
				t.Errorf("Text(%q) = %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// TestLarge gives inputs that are made to take long or to nest deep.
func TestLarge(t *testing.T) {
	const many = 1 << 16
	for _, tt := range []struct{ name, in string }{
		{"deep", strings.Repeat("<div>", 2*many)},
		{"deep lists", strings.Repeat("<ul><li>", many)},
		{"deep tables", strings.Repeat("<table><td>", many)},
		{"open paragraphs", strings.Repeat("<b><p>", many)},
		{"links in links", strings.Repeat("<a href=//x.example>", many/2)},
		{"ends of nothing", strings.Repeat("</p></b></td>", many)},
		{"deep svg", strings.Repeat("<svg>", 2*many)},
		{"text", strings.Repeat("word & ", 24*many)},
		{"NULs", strings.Repeat("<b\x00>\x00", many)},
		{"brackets", strings.Repeat("<", 10*many)},
		{"open tags", strings.Repeat("<a ", 3*many)},
		{"open comments", strings.Repeat("<!--", 2*many)},
		{"attributes", "<a " + strings.Repeat("x=1 ", 2*many) + ">"},
		{"long attribute", `<img src=//x.example alt="` + strings.Repeat("<", 160*many) + `">`},
		{"references", strings.Repeat("&amp;&#60;&x", many)},
		{"bad bytes", strings.Repeat("\xff\xe2\x80", 3*many)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			began := time.Now()
			once := HTML(tt.in, base)
			Text(tt.in)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %v for %d bytes", took, len(tt.in))
			}
			if HTML(once, base) != once {
				t.Error("another result the second time")
			}
			if n := strings.Count(once, "<div>"); n > maxDepth {
				t.Errorf("%d levels deep", n)
			}
		})
	}
}

func BenchmarkHTML(b *testing.B) {
	page, err := os.ReadFile("testdata/article.html")
	if err != nil {
		b.Fatal(err)
	}
	text := string(page)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		HTML(text, base)
	}
}

package sanitize

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// FuzzHTML holds what is promised of the output for any input: it is valid,
// sanitising it again changes nothing, a browser's parser finds the same tree in
// it that was written, and there is nothing in it but the allow-list.
func FuzzHTML(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Add(`<table>a<tr><td>b<table><caption><p>c<li>d</table></table><h1><h2>e<ruby><p><rt>f`)
	f.Add(`<p><a href=//x>a<div><a href=/y>b</a></div><video src=a><source src=b></video><ol start=3><li value=4>`)
	base := &url.URL{Scheme: "https", Host: "press.example", Path: "/a/b"}
	f.Fuzz(func(t *testing.T, in string) {
		once := HTML(in, base)
		if !utf8.ValidString(once) {
			t.Fatalf("invalid UTF-8: %q", once)
		}
		if twice := HTML(once, base); twice != once {
			t.Fatalf("input %q\n once %q\ntwice %q", in, once, twice)
		}
		if bad := violation(once); bad != "" {
			t.Fatalf("input %q\noutput %q\nhas %s", in, once, bad)
		}
		if !utf8.ValidString(Text(in)) {
			t.Fatalf("text of %q is not valid", in)
		}
	})
}

// violation parses s as a browser does and names the first thing in the tree
// that is not on the list. It also compares the tree with the tags of s: had
// the parser moved or closed anything, they would differ.
func violation(s string) string {
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(s), body)
	if err != nil {
		return err.Error()
	}
	var shape strings.Builder
	for _, n := range nodes {
		if bad := inspect(n, &shape); bad != "" {
			return bad
		}
	}
	if want := tags(s); shape.String() != want {
		return "the shape " + shape.String() + " for " + want
	}
	return ""
}

func inspect(n *html.Node, shape *strings.Builder) string {
	switch n.Type {
	case html.TextNode:
		return ""
	case html.ElementNode:
	default:
		return "a node of another type"
	}
	e := allowed[n.Data]
	if n.Namespace != "" || e.kind == 0 {
		return "element " + n.Data
	}
	for _, a := range n.Attr {
		if bad := badAttr(n.Data, a); bad != "" {
			return bad
		}
	}
	shape.WriteString("<" + n.Data)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if bad := inspect(c, shape); bad != "" {
			return bad
		}
	}
	shape.WriteString(">")
	return ""
}

func badAttr(element string, a html.Attribute) string {
	switch a.Key {
	case "href", "src", "cite", "poster":
		scheme, _, _ := strings.Cut(a.Val, ":")
		if scheme != "http" && scheme != "https" && (a.Key == "src" || scheme != "mailto" && scheme != "tel") {
			return "address " + a.Val
		}
	case "alt", "title", "lang", "dir", "width", "height", "rel", "controls", "preload", "open", "start", "value",
		"reversed", "datetime", "colspan", "rowspan", "scope":
	default:
		return element + " with attribute " + a.Key
	}
	return ""
}

// tags is the nesting that the tags of s spell out.
func tags(s string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		tt := z.Next()
		name, _ := z.TagName()
		switch {
		case tt == html.ErrorToken:
			return b.String()
		case tt == html.StartTagToken:
			b.WriteString("<" + string(name))
			if n := string(name); n == "br" || n == "hr" || n == "img" || n == "wbr" {
				b.WriteString(">")
			}
		case tt == html.EndTagToken:
			b.WriteString(">")
		}
	}
}

// hostile are fragments that have run script in one browser or sanitiser or
// another. Each calls run(), or asks for an address of the canary.
var hostile = []string{
	`<script>run()</script>`,
	`<img src=x onerror=run()>`,
	`<img src="x" onerror="run()" onload='run()'>`,
	`<svg onload=run()>`,
	`<svg><script>run()</script></svg>`,
	`<svg><a xlink:href="javascript:run()"><text x=1>click</text></a></svg>`,
	`<svg><style><img src=x onerror=run()></style></svg>`,
	`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=run()&gt;">`,
	`<math><mi//xlink:href="data:x,<script>run()</script>">`,
	`<form><math><mtext></form><form><mglyph><style></math><img src onerror=run()>`,
	`<noscript><p title="</noscript><img src=x onerror=run()>">`,
	`<iframe src="javascript:parent.run()"></iframe>`,
	`<iframe srcdoc="<script>parent.run()</script>" width=1></iframe>`,
	`<iframe width=300 src="javascript:parent.run()"></iframe>`,
	`<object data="javascript:run()"></object><embed src="javascript:run()">`,
	`<a href="javascript:run()" autofocus onfocus=run()>x</a>`,
	`<a href=" &#1; java&#10;script:run()">x</a>`,
	`<a href="data:text/html,<script>opener.run()</script>">x</a>`,
	`<a href="vbscript:run()">x</a>`,
	`<details open ontoggle=run()>x</details>`,
	`<video src=x onerror=run()></video><audio src=x onerror=run()></audio>`,
	`<video><source onerror="run()"></video>`,
	`<body onload=run()><input autofocus onfocus=run()>`,
	`<style>@import "CANARY/style";*{background:url(CANARY/css)}</style>`,
	`<link rel=stylesheet href="CANARY/link"><meta http-equiv=refresh content="0;url=CANARY/meta">`,
	`<base href="CANARY/"><p style="background:url(CANARY/attr)">x</p>`,
	`<table background="CANARY/table"><td background="CANARY/td">x</table>`,
	`<p style="animation:x" onanimationstart=run()>x</p>`,
	`<marquee onstart=run()>x</marquee>`,
	`<select onfocus=run() autofocus><option>x</select>`,
	`<textarea autofocus onfocus=run()></textarea><title><img src=x onerror=run()></title>`,
	`<xmp><p title="</xmp><img src=x onerror=run()>"></xmp>`,
	`<template><script>run()</script></template>`,
	`<!--><img src=x onerror=run()>-->`,
	`<!--!><img src=x onerror=run()>`,
	`<![CDATA[<img src=x onerror=run()>]]>`,
	`<?xml version="1.0"?><img src=x onerror=run()>`,
	`<scr<script>ipt>run()</scr</script>ipt>`,
	`<<script>run();//<</script>`,
	"<scr\x00ipt>run()</scr\x00ipt><img src=x on\x00error=run()>",
	`<img src="x` + "`" + `<script>run()</script>` + "`" + `">`,
	`<img """><script>run()</script>">`,
	`<a title="&quot; onmouseover=run() x=&quot;" href=//x>x</a>`,
	`&lt;script&gt;run()&lt;/script&gt;`,
	`<plaintext><script>run()</script>`,
	`<img srcset="CANARY/srcset 1x" alt=x><picture><source srcset="CANARY/source"><img alt=x></picture>`,
	`<form action="javascript:run()"><button formaction="javascript:run()">x</button><input type=image src=CANARY/image></form>`,
	`<a href="https://x.example/&quot; onclick=&quot;run()">x</a>`,
	`<p id=run name=run>x</p><form id=document><input name=cookie></form>`,
	`<frameset onload=run()><frame src="javascript:parent.run()"></frameset>`,
	`<isindex action="javascript:run()" type=submit>`,
	`<svg><animate attributeName=href values="javascript:run()"/></svg>`,
	`<svg></p><style><a id="</style><img src=1 onerror=run()>">`,
	`<div><table><caption><script>run()</script><td><svg><p><script>run()`,
	"\u2028<img\u00a0src=x onerror=run()><img/src=x/onerror=run()>",
}

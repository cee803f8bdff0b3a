package ingest

import (
	"strings"

	"golang.org/x/net/html"

	"understory/news"
	"understory/news/sanitize"
)

// pictureAddress is an address of the web as it is, "" for any other: unlike
// an article's it may carry a signature, so nothing is taken from it.
func pictureAddress(address string) string {
	if canonical(address) == "" {
		return ""
	}
	return address
}

// bodyPicture is the first picture of a safe body, with the caption of the
// figure that it stands in.
func bodyPicture(body string) news.Picture {
	start := strings.Index(body, "<img")
	if start < 0 {
		return news.Picture{}
	}
	z := html.NewTokenizer(strings.NewReader(body[start:]))
	z.Next()
	p := news.Picture{}
	for _, a := range z.Token().Attr {
		switch a.Key {
		case "src":
			p.URL = a.Val
		case "alt":
			p.Alt = clip(a.Val, maxHeadline)
		}
	}
	if pictureAddress(p.URL) == "" {
		return news.Picture{}
	}
	if strings.LastIndex(body[:start], "<figure") > strings.LastIndex(body[:start], "</figure") {
		p.Caption = caption(body[start:])
	}
	return p
}

// caption is the text of the caption in the rest of a figure.
func caption(rest string) string {
	figure, _, _ := strings.Cut(rest, "</figure")
	_, inside, found := strings.Cut(figure, "<figcaption>")
	if !found {
		return ""
	}
	inside, _, _ = strings.Cut(inside, "</figcaption")
	return clip(sanitize.Text(inside), maxStandfirst)
}

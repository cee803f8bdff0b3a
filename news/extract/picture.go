package extract

import (
	"cmp"
	"net/url"
	"path"
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// picture returns the lead picture that the page names for itself, with the
// caption and credit that its data or the figure that shows it give.
func (s *source) picture() (p Picture) {
	for _, ref := range append([]string{s.meta("og:image", "og:image:url", "og:image:secure_url")},
		s.linked.text(s.data["image"]), s.meta("twitter:image", "twitter:image:src", "thumbnail"), s.links["image_src"]) {
		if p.URL = s.pictureURL(ref); p.URL != "" {
			break
		}
	}
	if p.URL == "" {
		return p
	}
	if o := s.linked.object(s.data["image"]); o != nil && o.articleness() == 0 {
		p.Caption = o.str("caption", "description")
		p.Credit = cmp.Or(append(s.linked.names(o["creator"]), o.str("creditText", "copyrightNotice"))...)
	}
	if f := s.figures[fileName(p.URL)]; f != nil {
		caption, credit := captionOf(f)
		p.Caption, p.Credit = cmp.Or(caption, p.Caption), cmp.Or(credit, p.Credit)
	}
	return p
}

// notPhoto are file names of pictures that stand for no article.
var notPhoto = regexp.MustCompile(`(?i)(^|[^a-z])(logo|placeholder|default|favicon|blank|spacer)([^a-z]|$)`)

// pictureURL makes ref absolute; "" for what cannot be an article's picture.
func (s *source) pictureURL(ref string) string {
	u, err := s.base.Parse(ref)
	if ref == "" || err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || notPhoto.MatchString(path.Base(u.Path)) {
		return ""
	}
	return u.String()
}

// captionOf returns a figure's caption and, apart from it, its credit.
func captionOf(figure *html.Node) (caption, credit string) {
	each(figure, func(n *html.Node) {
		if n.DataAtom == atom.Figcaption && caption == "" {
			caption = textOf(n)
		}
		if hintsOf(n)&hintCaption != 0 && namesCredit(n) && credit == "" {
			credit = textOf(n)
		}
	})
	if credit != "" {
		caption = strings.TrimSpace(strings.Replace(caption, credit, "", 1))
	}
	return caption, credit
}

// namesCredit says whether an element's names speak of a credit.
func namesCredit(n *html.Node) bool {
	for _, key := range []string{"class", "itemprop"} {
		v := strings.ToLower(attr(n, key))
		if strings.Contains(v, "credit") || strings.Contains(v, "copyright") {
			return true
		}
	}
	return false
}

// sources are the attributes with a picture's address, best first: while one
// waits for a script to load it, its src is a place-holder.
var sources = []string{"data-src", "data-original", "data-lazy-src", "data-srcset", "data-lazy-srcset", "src", "srcset"}

// pictureAddresses returns every address that an img or source element has.
func pictureAddresses(n *html.Node) (out []string) {
	for _, key := range sources {
		v := strings.TrimSpace(attr(n, key))
		if strings.HasSuffix(key, "srcset") {
			v = largest(v)
		}
		if v != "" && !strings.HasPrefix(v, "data:") {
			out = append(out, v)
		}
	}
	return out
}

// largest returns the last address of a srcset: most list the largest last.
func largest(srcset string) string {
	parts := strings.Split(srcset, ", ")
	addr, _, _ := strings.Cut(strings.TrimSpace(parts[len(parts)-1]), " ")
	return addr
}

// fileName is the last part of an address's path without its size and
// ending, so that renditions of one picture share it; "" where that says
// nothing.
func fileName(addr string) string {
	u, err := url.Parse(addr)
	if err != nil {
		return ""
	}
	name := path.Base(u.Path)
	name = strings.TrimSuffix(name, path.Ext(name))
	name = renditionSize.ReplaceAllString(name, "")
	if len(name) < 5 {
		return ""
	}
	return name
}

var renditionSize = regexp.MustCompile(`[-_]\d{2,4}x\d{2,4}$|-scaled$`)

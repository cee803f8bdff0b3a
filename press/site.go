package press

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"understory/press/drawing"
)

//go:embed page
var pageFiles embed.FS

// parsePages reads the templates: "home", and an article page for each style.
func parsePages() map[string]*template.Template {
	pages := map[string]*template.Template{}
	for _, name := range []string{"home", "broadsheet", "agency", "local", "magazine", "ledger", "tabloid", "journal"} {
		// The files are part of the binary: an error is a broken build.
		pages[name] = template.Must(template.ParseFS(pageFiles, "page/layout.html", "page/"+name+".html"))
	}
	pages["index"] = template.Must(template.ParseFS(pageFiles, "page/index.html"))
	return pages
}

// serveSite answers for the web site of one title.
func (p *Press) serveSite(w http.ResponseWriter, r *http.Request, s *site) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "the press only answers GET and HEAD here", http.StatusMethodNotAllowed)
		return
	}
	if f, ok := s.feedAt(r.URL.Path); ok {
		p.serveFeed(w, r, s, f)
		return
	}
	section, isSection := strings.CutPrefix(r.URL.Path, "/section/")
	picture, isPicture := strings.CutPrefix(r.URL.Path, "/picture/")
	switch {
	case r.URL.Path == "/":
		p.servePage(w, r, s, "home", p.listPage(r, s, ""))
	case isSection && slices.Contains(s.sections, section):
		p.servePage(w, r, s, "home", p.listPage(r, s, section))
	case isPicture:
		p.servePicture(w, r, s, picture)
	case r.URL.Path == "/robots.txt":
		serveText(w, r, "text/plain; charset=utf-8", "User-agent: *\nAllow: /\nDisallow: /search\nSitemap: http://"+r.Host+"/news-sitemap.xml\n")
	case r.URL.Path == "/favicon.svg" || r.URL.Path == "/favicon.ico":
		serveText(w, r, "image/svg+xml", favicon(s.profile))
	default:
		p.serveArticle(w, r, s)
	}
}

func serveText(w http.ResponseWriter, r *http.Request, mediaType, text string) {
	rep := &reply{status: http.StatusOK, body: []byte(text), header: http.Header{
		"Content-Type": {mediaType}, "Cache-Control": {"max-age=3600"}}}
	rep.send(w, r)
}

// favicon is the title's first letter on its colour.
func favicon(t *profile) string {
	letter := string([]rune(strings.TrimPrefix(strings.TrimPrefix(t.Name, "The "), "La "))[:1])
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="10" fill="%s"/>`+
		`<text x="32" y="46" font-family="Georgia,serif" font-size="40" font-weight="700" text-anchor="middle" fill="#fff">%s</text></svg>`,
		t.Colour, letter)
}

// page is what the templates are given.
type page struct {
	Site            *profile
	T               tongue
	Origin, Self    string
	Section         string // name of the section shown, or empty
	Nav             []link
	Feeds           []Feed
	Invented, Today string
	Lead            *view
	Rest            []view
	Article         *view
	LD              map[string]any // JSON-LD of the article
}

// Graph is the article's JSON-LD inside a graph, as some sites put it.
func (pg page) Graph() any {
	return map[string]any{"@context": "https://schema.org", "@graph": []any{
		map[string]any{"@type": "WebSite", "name": pg.Site.Name, "url": pg.Origin + "/"}, pg.LD}}
}

// LDList is the article's JSON-LD in a list, as others do.
func (pg page) LDList() any { return []any{pg.LD} }

type link struct{ Name, URL string }

// view is an article as the templates show it.
type view struct {
	Headline, Stand, By, Agency, URL, Path string
	Section, SectionURL                    string
	Published, Updated, PublishedISO       string
	UpdatedISO                             string
	Changed                                bool
	Picture, Caption, Credit               string
	Tags                                   []string
	Blocks                                 []template.HTML
	Withdrawn                              string
	Notes                                  []string
}

func (p *Press) newPage(r *http.Request, s *site) page {
	t := tongueOf(s.Language)
	pg := page{
		Site: s.profile, T: t, Origin: "http://" + r.Host, Self: "http://" + r.Host + r.URL.Path, Invented: s.invented(),
		Today: strings.TrimSuffix(strings.Split(t.date(p.cfg.Now()), strconv.Itoa(p.cfg.Now().Year()))[0], " de ") + " " + strconv.Itoa(p.cfg.Now().Year()),
	}
	for _, name := range s.sections {
		pg.Nav = append(pg.Nav, link{t.Section(name), "/section/" + name})
	}
	pg.Feeds = s.at(baseOf(r.Host)).Feeds
	return pg
}

func (p *Press) listPage(r *http.Request, s *site, section string) page {
	pg := p.newPage(r, s)
	if section != "" {
		pg.Section = pg.T.Section(section)
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, a := range s.articles {
		if (section != "" && a.section != section) || a.withdrawn != "" {
			continue
		}
		v := a.view(pg.Origin)
		if pg.Lead == nil && v.Picture != "" {
			pg.Lead = &v
			continue
		}
		if pg.Rest = append(pg.Rest, v); len(pg.Rest) == 24 {
			break
		}
	}
	return pg
}

func (p *Press) serveArticle(w http.ResponseWriter, r *http.Request, s *site) {
	p.mu.RLock()
	a := s.byPath[r.URL.Path]
	p.mu.RUnlock()
	if a == nil {
		http.NotFound(w, r)
		return
	}
	pg := p.listPage(r, s, "")
	v := a.view(pg.Origin)
	pg.Article = &v
	pg.LD = linkedData(s.profile, v, pg.Origin)
	pg.Rest = slices.DeleteFunc(pg.Rest, func(o view) bool { return o.Path == a.path })
	pg.Rest = pg.Rest[:min(5, len(pg.Rest))]
	p.servePage(w, r, s, s.Style, pg)
}

func (a *article) view(origin string) view {
	t := tongueOf(a.site.Language)
	v := view{
		Headline: a.headline, Stand: a.stand, By: a.by, Agency: a.agency, URL: origin + a.path, Path: a.path,
		Section: t.Section(a.section), SectionURL: "/section/" + a.section,
		Published: t.date(a.published), Updated: t.date(a.updated),
		PublishedISO: a.published.Format(time.RFC3339), UpdatedISO: a.updated.Format(time.RFC3339),
		Changed: a.updated.After(a.published), Tags: a.tags, Withdrawn: a.withdrawn, Notes: a.notes,
	}
	if a.picture() != "" {
		v.Picture, v.Caption, v.Credit = origin+a.picture(), a.caption, a.credit()
	}
	if a.withdrawn == "" {
		for _, b := range a.body {
			v.Blocks = append(v.Blocks, template.HTML(blockHTML(b))) // escaped by inlineHTML
		}
	}
	return v
}

// linkedData is the JSON-LD of an article. Each style's template decides whether to show it.
func linkedData(s *profile, v view, origin string) map[string]any {
	type object = map[string]any
	ld := object{
		"@context": "https://schema.org", "@type": "NewsArticle", "headline": v.Headline, "description": v.Stand,
		"datePublished": v.PublishedISO, "dateModified": v.UpdatedISO, "inLanguage": s.Language,
		"mainEntityOfPage": object{"@type": "WebPage", "@id": v.URL}, "articleSection": v.Section,
		"author":    []object{{"@type": "Person", "name": v.By}},
		"publisher": object{"@type": "NewsMediaOrganization", "name": s.Name, "logo": origin + "/favicon.svg"},
	}
	if v.Picture != "" {
		ld["image"] = object{"@type": "ImageObject", "url": v.Picture, "caption": v.Caption, "creditText": v.Credit,
			"width": 1200, "height": 800}
	}
	return ld
}

// servePage fills a template of page/: "home" or a style's article.
func (p *Press) servePage(w http.ResponseWriter, r *http.Request, s *site, name string, pg page) {
	var b bytes.Buffer
	if err := p.pages[name].ExecuteTemplate(&b, "page", pg); err != nil {
		panic(fmt.Errorf("page %q of %s: %w", name, s.Slug, err))
	}
	rep := newReply(b.Bytes(), "text/html; charset=utf-8", p.cfg.Now())
	if pg.Article != nil && pg.Article.Withdrawn != "" && s.has(Tombstones) {
		rep.status = http.StatusGone
	}
	rep.send(w, r)
}

// servePicture draws "SCENE-FACE.jpg" in the title's colour.
func (p *Press) servePicture(w http.ResponseWriter, r *http.Request, s *site, name string) {
	scene, number, _ := strings.Cut(strings.TrimSuffix(name, ".jpg"), "-")
	face, err := strconv.ParseUint(number, 10, 64)
	if err != nil || !drawing.Known(drawing.Scene(scene)) {
		http.NotFound(w, r)
		return
	}
	body := p.pictures.JPEG(drawing.Scene(scene), s.Colour, face)
	rep := &reply{status: http.StatusOK, body: body, header: http.Header{
		"Content-Type": {"image/jpeg"}, "Cache-Control": {"max-age=86400"}, "Etag": {`"` + name + `"`}}}
	rep.send(w, r)
}

// serveIndex lists the titles on the press's own address.
func (p *Press) serveIndex(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		http.NotFound(w, r)
		return
	}
	var b bytes.Buffer
	if err := p.pages["index"].ExecuteTemplate(&b, "index.html", p.Titles(baseOf(r.Host))); err != nil {
		panic(fmt.Errorf("list of titles: %w", err))
	}
	newReply(b.Bytes(), "text/html; charset=utf-8", p.cfg.Now()).send(w, r)
}

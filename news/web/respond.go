package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"

	"understory/news"
)

// view is what a page's handler returns: which template, and what it shows.
type view struct {
	Page        string // name of the template
	Status      int    // 0 for 200
	Heading     string // for the page's title; "" on the front page
	Description string // one sentence for previews
	Lang        string // language of the page's main text, "" for the interface's
	Section     string // the section to mark in the navigation
	Data        any

	// Set by render.
	Site       *site
	Path       string // for the address in previews; "" for errors
	Stylesheet string
	Today      moment
}

// Preload lists the fonts that the page is sure to need.
func (v *view) Preload() []string {
	fonts := []string{v.Site.assets.address("fonts/newsreader.woff2"), v.Site.assets.address("fonts/inter.woff2")}
	if script(v.Lang) == "Arab" {
		fonts = append(fonts, v.Site.assets.address("fonts/naskh-arabic.woff2"))
	}
	return fonts
}

// Sections lists the navigation.
func (v *view) Sections() []string { return news.Sections }

// page is the one adapter from a handler that returns errors to net/http.
func (s *site) page(handler func(*http.Request) (view, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := s.call(handler, r)
		if err != nil {
			v = s.explain(r, err)
		} else if v.Path == "" && v.Status == 0 {
			v.Path = r.URL.Path
		}
		if err := s.send(w, r, v); err != nil {
			s.Log.ErrorContext(context.WithoutCancel(r.Context()), "page not rendered", "route", r.Pattern, "error", err)
			http.Error(w, "Something went wrong here. It is not your fault; please try again.", http.StatusInternalServerError)
		}
	})
}

// call turns a panic into an error, because net/http would log it with the
// reader's address.
func (s *site) call(handler func(*http.Request) (view, error), r *http.Request) (v view, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return handler(r)
}

// send renders and answers: whole, or 304 for a reader who has it already.
func (s *site) send(w http.ResponseWriter, r *http.Request, v view) error {
	body := s.squeeze.buffer()
	defer s.squeeze.done(body)
	if err := s.render(r.Context(), body, v); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Vary", "Accept-Encoding")
	if v.Status != 0 {
		h.Set("Cache-Control", "no-store")
		if v.Status == http.StatusMethodNotAllowed {
			h.Set("Allow", "GET, HEAD")
		}
		return s.squeeze.write(w, r, v.Status, body.Bytes())
	}
	sum := sha256.Sum256(body.Bytes())
	tag := `W/"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", tag)
	if matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return s.squeeze.write(w, r, http.StatusOK, body.Bytes())
}

func (s *site) render(ctx context.Context, body *bytes.Buffer, v view) error {
	now := s.Now()
	v.Site, v.Today = s, when(now, now)
	v.Stylesheet = s.stylesheet(ctx)
	return s.pages[v.Page].ExecuteTemplate(body, "layout", &v)
}

// matches says whether a list of validators has the tag, compared weakly.
func matches(list, tag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		one = strings.TrimSpace(one)
		if one == "*" || strings.TrimPrefix(one, "W/") == strings.TrimPrefix(tag, "W/") {
			return true
		}
	}
	return false
}

// parse makes one template per page, each with the layout and the parts.
func (s *site) parse() (map[string]*template.Template, error) {
	shared, err := template.New("").Funcs(template.FuncMap{
		"asset":       s.assets.address,
		"sectionName": sectionName,
	}).ParseFS(files, "templates/layout.html", "templates/parts.html")
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, name := range []string{"front", "section", "titles", "title", "article", "about", "error"} {
		own, err := shared.Clone()
		if err != nil {
			return nil, err
		}
		if pages[name], err = own.ParseFS(files, "templates/"+name+".html"); err != nil {
			return nil, err
		}
	}
	return pages, nil
}

// squeezer compresses answers and keeps what that needs for the next one.
type squeezer struct{ buffers, writers sync.Pool }

// least is the size in bytes from which compression is worth its while.
const least = 1 << 10

func (q *squeezer) buffer() *bytes.Buffer {
	if b, ok := q.buffers.Get().(*bytes.Buffer); ok {
		return b
	}
	return new(bytes.Buffer)
}

func (q *squeezer) done(b *bytes.Buffer) {
	if b.Cap() > 1<<20 { // one huge article must not be kept for ever
		return
	}
	b.Reset()
	q.buffers.Put(b)
}

// write answers with body, compressed if the reader takes that.
func (q *squeezer) write(w http.ResponseWriter, r *http.Request, status int, body []byte) error {
	if len(body) >= least && takesGzip(r) {
		small := q.buffer()
		defer q.done(small)
		if err := q.gzip(small, body); err != nil {
			return err
		}
		w.Header().Set("Content-Encoding", "gzip")
		body = small.Bytes()
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body) // a reader who went away is no error of ours
	}
	return nil
}

func (q *squeezer) gzip(to *bytes.Buffer, body []byte) error {
	zw, ok := q.writers.Get().(*gzip.Writer)
	if !ok {
		zw, _ = gzip.NewWriterLevel(nil, 5)
	}
	defer q.writers.Put(zw)
	zw.Reset(to)
	_, err := zw.Write(body)
	return errors.Join(err, zw.Close())
}

// takesGzip reads Accept-Encoding; "gzip;q=0" refuses.
func takesGzip(r *http.Request) bool {
	for one := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, weight, weighed := strings.Cut(strings.TrimSpace(one), ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		_, q, _ := strings.Cut(weight, "=")
		n, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
		return !weighed || err == nil && n > 0
	}
	return false
}

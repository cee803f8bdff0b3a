// Package web shows the public world to readers: the front page, sections,
// titles and articles as pages made on the server, which work without script,
// set no cookie and ask no other server for anything.
//
// It reads through [news.Shelf] and changes nothing. It fetches nothing
// either: pictures come through [Pictures]. It writes no access log, so that
// no line can join a reader's address with what was read. cmd calls it.
//
// routes.go lists every page, each of which has a file of its own.
package web

import (
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"understory/news"
)

// Config says how the pages present themselves.
type Config struct {
	Name      string // what the reader calls itself in page titles, at most 60 bytes; "" for "understory"
	PublicURL string // the address readers use, without a path; "" leaves it out of previews

	Demo bool             // say on every page that the titles are invented
	Now  func() time.Time // nil for the clock
	Log  *slog.Logger     // nil for the default one; gets errors, never an address
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	if len(c.Name) > 60 {
		return errors.New("name: must be at most 60 bytes")
	}
	if c.PublicURL == "" {
		return nil
	}
	u, err := url.Parse(c.PublicURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return fmt.Errorf("public_url: %q must be like https://news.example", c.PublicURL)
	}
	return nil
}

// Pictures shows pictures of other servers through ours. news/picture is one.
type Pictures interface {
	http.Handler // answers what Address returns
	// Address is the path, starting with "/picture/", of the picture at url,
	// at most width pixels wide; "" if it cannot be shown.
	Address(url string, width int) string
}

// site is everything the handlers share; nothing in it changes after [New]
// but the titles and the buffers.
type site struct {
	Config
	shelf    news.Shelf
	pictures Pictures // nil shows none
	pages    map[string]*template.Template
	assets   *assets
	titles   titles
	squeeze  squeezer
}

// New returns the handler of the whole public reader. pictures may be nil:
// then no picture is shown.
func New(cfg Config, shelf news.Shelf, pictures Pictures) (http.Handler, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.Name == "" {
		cfg.Name = "understory"
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	assets, err := loadAssets()
	if err != nil {
		return nil, err
	}
	s := &site{Config: cfg, shelf: shelf, pictures: pictures, assets: assets}
	if s.pages, err = s.parse(); err != nil {
		return nil, err
	}
	return guard(s.mux()), nil
}

package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
)

//go:embed templates static
var files embed.FS

// asset is one file that the pages load. Its address holds a hash of its
// content, so a browser may keep it for ever.
type asset struct {
	hash       string
	kind       string // Content-Type
	body       []byte
	compressed []byte // nil where compressing gains nothing
}

// assets are the embedded files by name: "site.css", "fonts/inter.woff2".
type assets struct {
	byName map[string]asset
	css    string // site.css, with the addresses of the fonts in it
}

var cssAddress = regexp.MustCompile(`url\(([\w./-]+)\)`)

func loadAssets() (*assets, error) {
	a := &assets{byName: map[string]asset{}}
	err := fs.WalkDir(files, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := files.ReadFile(name)
		a.byName[strings.TrimPrefix(name, "static/")] = newAsset(name, body)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the static files: %w", err)
	}
	a.css = cssAddress.ReplaceAllStringFunc(string(a.byName["site.css"].body), func(m string) string {
		return "url(" + a.address(cssAddress.FindStringSubmatch(m)[1]) + ")"
	})
	return a, nil
}

func newAsset(name string, body []byte) asset {
	sum := sha256.Sum256(body)
	a := asset{hash: base64.RawURLEncoding.EncodeToString(sum[:9]), kind: mime.TypeByExtension(path.Ext(name)), body: body}
	switch path.Ext(name) {
	case ".css", ".svg", ".txt":
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		w.Write(body) // to memory
		w.Close()
		a.compressed = b.Bytes()
	case ".woff2":
		a.kind = "font/woff2" // not every system's table has it
	}
	return a
}

// address is where a file is found, from the root of the server.
func (a *assets) address(name string) string {
	return "/static/" + a.byName[name].hash + "/" + name
}

// stylesheet is the address of the one stylesheet: ours, and the titles'
// colours, which cannot stand in the pages because the policy forbids it.
func (s *site) stylesheet(ctx context.Context) string {
	return "/static/" + s.titles.now(ctx, s).sheet.hash + "/site.css"
}

func (s *site) static(w http.ResponseWriter, r *http.Request) {
	a, ok := s.assets.byName[r.PathValue("name")]
	if r.PathValue("name") == "site.css" {
		a = s.titles.now(r.Context(), s).sheet
	}
	if !ok {
		s.page(s.elsewhere).ServeHTTP(w, r)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	if a.hash == r.PathValue("hash") {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	serveAsset(w, r, a)
}

// favicon is for browsers that ask for it by this name whatever a page says.
func (s *site) favicon(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "public, max-age=86400")
	serveAsset(w, r, s.assets.byName["leaf-48.png"])
}

func serveAsset(w http.ResponseWriter, r *http.Request, a asset) {
	h, body := w.Header(), a.body
	h.Set("Content-Type", a.kind)
	if a.compressed != nil {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r) {
			h.Set("Content-Encoding", "gzip")
			body = a.compressed
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		w.Write(body) // a reader who went away is no error of ours
	}
}

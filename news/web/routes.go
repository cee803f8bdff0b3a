package web

import "net/http"

// mux has every address of the reader, one line each.
func (s *site) mux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", s.page(s.front))
	mux.Handle("GET /section/{name}", s.page(s.section))
	mux.Handle("GET /titles", s.page(s.titleList))
	mux.Handle("GET /title/{slug}", s.page(s.title))
	mux.Handle("GET /article/{id}", s.page(s.article))
	mux.Handle("GET /about", s.page(s.about))
	mux.HandleFunc("GET /static/{hash}/{name...}", s.static)
	mux.HandleFunc("GET /favicon.ico", s.favicon)
	if s.pictures != nil {
		mux.Handle("GET /picture/", s.pictures)
	}
	mux.Handle("/", s.page(s.elsewhere))
	return mux
}

// policy lets a page load only from this server, run nothing, send nothing
// and be framed by nobody.
const policy = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

// guard sets the headers that every answer carries.
func guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), browsing-topics=()")
		h.Set("X-Frame-Options", "DENY")
		next.ServeHTTP(w, r)
	})
}

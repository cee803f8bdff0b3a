// Package httpx serves HTTP with limits, an orderly stop and a log that does
// not know who reads: no line it writes holds a reader's address.
//
// It knows no page. cmd/understory runs with it whatever listens for HTTP.
package httpx

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"
)

// grace is how long requests under way may take to finish at a stop.
const grace = 10 * time.Second

// Serve answers requests on the listener until the context ends, lets those
// under way finish for up to ten seconds, and returns nil. It closes the
// listener. A handler that panics costs its own request only.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           logged(log, recovered(log, h)),
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		// What net/http itself logs are broken connections, with the address of
		// the reader and nothing about the request.
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	stopped := make(chan error, 1)
	defer context.AfterFunc(ctx, func() {
		deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
		defer cancel()
		err := server.Shutdown(deadline)
		if err != nil {
			err = errors.Join(fmt.Errorf("requests were cut off: %w", err), server.Close())
		}
		stopped <- err
	})()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve on %s: %w", l.Addr(), err)
	}
	return <-stopped
}

// Loopback reports whether the address, as given to net.Listen, is reached
// from this machine only. A name other than localhost is not, wherever it
// leads today.
func Loopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// Local refuses requests that came over loopback for a name other than
// localhost: a browser on this machine sends them for a page whose name was
// made to lead here, and would show that page what we answer.
func Local(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
		if address != nil && Loopback(address.String()) && !numbered(r.Host) {
			http.Error(w, "Ask for localhost or for the address in numbers.", http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// numbered reports whether a Host header needs no name server, which somebody
// else may own.
func numbered(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	_, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil || strings.EqualFold(host, "localhost")
}

// recovered turns a panic into a logged error and the status 500, where the
// answer has not begun.
func recovered(log *slog.Logger, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			reason := recover()
			if reason == nil {
				return
			}
			if reason == http.ErrAbortHandler {
				panic(reason)
			}
			log.Error("request panicked", "method", r.Method, "pattern", r.Pattern, "reason", fmt.Sprint(reason), "stack", string(debug.Stack()))
			http.Error(w, "Something went wrong on our side. It has been written down.", http.StatusInternalServerError)
		}()
		h.ServeHTTP(w, r)
	})
}

// logged writes a line for each request, at the level debug. It names the
// pattern that a ServeMux found, such as "GET /article/{id}": neither who asked,
// nor for which article, nor the secret that some paths end in.
func logged(log *slog.Logger, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !log.Enabled(r.Context(), slog.LevelDebug) {
			h.ServeHTTP(w, r)
			return
		}
		start, counted := time.Now(), &counter{ResponseWriter: w, status: http.StatusOK}
		h.ServeHTTP(counted, r)
		log.Debug("request", "pattern", r.Pattern, "status", counted.status, "bytes", counted.bytes, "took", time.Since(start))
	})
}

// counter remembers what was answered.
type counter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader remembers the status.
func (c *counter) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

// Write counts the bytes.
func (c *counter) Write(p []byte) (int, error) {
	n, err := c.ResponseWriter.Write(p)
	c.bytes += int64(n)
	return n, err
}

// Unwrap gives http.ResponseController the writer below.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }

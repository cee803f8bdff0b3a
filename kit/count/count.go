// Package count keeps the numbers of a running process and says how it is.
//
// A [Board] is given to every room of a process. The room registers its metrics
// and, with a name and plain words, how it is doing; the operator sees both on
// a listener of their own. Labels hold kinds and outcomes, never an address,
// a path or anything else about a reader.
package count

import (
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"understory/kit/httpx"
)

// Config says where the operator looks.
type Config struct {
	Listen      string `toml:"listen" doc:"address of the metrics and the health page; empty for none"`
	AllowRemote bool   `toml:"allow_remote" doc:"let the address be one that other machines reach; neither page asks for a password"`
}

// Default is a loopback address.
func Default() Config { return Config{Listen: "127.0.0.1:9180"} }

// Validate refuses an address that other machines reach, unless that is
// allowed.
func (c Config) Validate() error {
	if c.Listen != "" && !c.AllowRemote && !httpx.Loopback(c.Listen) {
		return fmt.Errorf("listen: %s can be reached from other machines; use 127.0.0.1, or set allow_remote = true", c.Listen)
	}
	return nil
}

// Board holds the metrics and checks of one process. It is safe for concurrent
// use.
type Board struct {
	prefix   string
	registry *prometheus.Registry

	mu     sync.Mutex // guards checks
	checks []check
}

// New returns a board whose metrics are all called prefix_something, besides
// those of the Go runtime and the process.
func New(prefix string) *Board {
	b := &Board{prefix: prefix, registry: prometheus.NewRegistry()}
	b.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return b
}

// Counter is a number that only grows, one for each set of label values.
type Counter struct{ vec *prometheus.CounterVec }

// Counter registers a counter. Registering a name twice is a broken program
// and panics.
func (b *Board) Counter(name, help string, labels ...string) Counter {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: b.prefix, Name: name, Help: help}, labels)
	b.registry.MustRegister(c)
	if len(labels) == 0 {
		c.WithLabelValues() // so that it is shown before it first grows
	}
	return Counter{c}
}

// Add adds n, which is not negative, to the counter of these label values.
func (c Counter) Add(n int, values ...string) { c.vec.WithLabelValues(values...).Add(float64(n)) }

// Handler serves /metrics for Prometheus, and /health for people and, as
// /health.json, for programs. Over loopback it answers to no name but
// localhost.
func (b *Board) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(b.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /health", b.healthPage)
	mux.HandleFunc("GET /health.json", b.healthJSON)
	mux.Handle("GET /{$}", http.RedirectHandler("/health", http.StatusFound))
	return httpx.Local(mux)
}

// errTooSlow is the trouble of a check that did not answer in time.
var errTooSlow = errors.New("no answer within 5 seconds")

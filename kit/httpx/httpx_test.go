package httpx

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// page collects what is logged.
type page struct {
	mu   sync.Mutex
	text strings.Builder
}

func (p *page) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *page) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}

// serve runs h until stop is called, which returns what Serve returned.
func serve(t *testing.T, h http.Handler) (address string, log *page, stop func() error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done, log := make(chan error, 1), &page{}
	go func() {
		done <- Serve(ctx, l, h, slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	}()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { stop() })
	return "http://" + l.Addr().String(), log, stop
}

func get(t *testing.T, address string) (int, string) {
	t.Helper()
	resp, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

// TestStop sees a request that was under way at the stop finish.
func TestStop(t *testing.T) {
	inside, leave := make(chan bool), make(chan bool)
	address, _, stop := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(inside)
		<-leave
		io.WriteString(w, "whole")
	}))
	answer := make(chan string, 1)
	go func() { _, body := get(t, address); answer <- body }()
	<-inside
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	for { // until new connections are refused
		c, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
		if err != nil {
			break
		}
		c.Close()
	}
	close(leave)
	if body := <-answer; body != "whole" {
		t.Errorf("the request under way got %q, want %q", body, "whole")
	}
	if err := <-stopped; err != nil {
		t.Errorf("Serve() = %v, want nil", err)
	}
}

func TestPanic(t *testing.T) {
	address, log, stop := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/bad" {
			panic("broken")
		}
	}))
	if status, _ := get(t, address+"/bad"); status != http.StatusInternalServerError {
		t.Errorf("a panic gave %d, want 500", status)
	}
	if status, _ := get(t, address+"/good"); status != http.StatusOK {
		t.Errorf("after a panic another request gave %d, want 200", status)
	}
	stop()
	if !strings.Contains(log.String(), "broken") {
		t.Errorf("the log does not say why:\n%s", log)
	}
}

// TestLogKnowsNobody looks for what would tell one reader from another.
func TestLogKnowsNobody(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("GET /article/{id}", http.NotFoundHandler())
	address, log, stop := serve(t, mux)
	get(t, address+"/article/4711?q=secret-wish")
	stop()
	if !strings.Contains(log.String(), `pattern="GET /article/{id}"`) || !strings.Contains(log.String(), "status=404") {
		t.Errorf("the request is not in the log:\n%s", log)
	}
	for _, word := range []string{"127.0.0.1", "4711", "secret-wish", "Go-http-client"} {
		if strings.Contains(log.String(), word) {
			t.Errorf("the log holds %q:\n%s", word, log)
		}
	}
}

func TestLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"127.0.0.1:80": true, "127.9.9.9:80": true, "[::1]:80": true, "localhost:80": true, "[::ffff:127.0.0.1]:80": true,
		":80": false, "0.0.0.0:80": false, "[::]:80": false, "192.168.1.1:80": false, "example.org:80": false, "127.0.0.1": false, "": false,
	} {
		if got := Loopback(address); got != want {
			t.Errorf("Loopback(%q) = %v, want %v", address, got, want)
		}
	}
}

// TestLocalAnswersToNoOtherName sends what a browser sends for a page whose
// name was made to lead to this machine.
func TestLocalAnswersToNoOtherName(t *testing.T) {
	server := httptest.NewServer(Local(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	defer server.Close()
	for host, want := range map[string]int{
		"localhost:9180": 200, "LOCALHOST": 200, "127.0.0.1:9180": 200, "127.0.0.1": 200, "[::1]:9180": 200, "[::1]": 200,
		"attacker.example:9180": 421, "attacker.example": 421, "localhost.attacker.example": 421, "127.0.0.1.attacker.example": 421,
	} {
		r, err := http.NewRequest("GET", server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("Host %s: status %d, want %d", host, res.StatusCode, want)
		}
	}
}

func TestPanicLogsNoPath(t *testing.T) {
	var log strings.Builder
	h := recovered(slog.New(slog.NewTextHandler(&log, nil)), http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("odd") }))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/websub/token-of-a-feed", nil))
	if text := log.String(); !strings.Contains(text, "odd") || strings.Contains(text, "token-of-a-feed") {
		t.Errorf("the log says %s", text)
	}
}

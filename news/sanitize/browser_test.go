package sanitize

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestBrowser loads what is left of the hostile fragments in a real browser,
// both as part of a page and through innerHTML, and holds that nothing ran and
// nothing of the canary was asked for. The raw fragments come first, to show
// that the browser would have run them.
func TestBrowser(t *testing.T) {
	ctx := chromium(t)
	stand := newStand(t)

	raw := stand.show(t, ctx, "raw")
	if len(raw.Ran) < 10 || stand.asked() == 0 {
		t.Fatalf("only %d raw fragments ran and %d canaries were asked for: this proves nothing", len(raw.Ran), stand.asked())
	}
	t.Logf("of %d raw fragments %d ran, %d requests reached the canary", len(hostile), len(raw.Ran), stand.asked())
	stand.forget()
	for _, way := range []string{"safe", "inner"} {
		t.Run(way, func(t *testing.T) {
			got := stand.show(t, ctx, way)
			for _, i := range got.Ran {
				t.Errorf("this ran: %s\nsanitised: %s", hostile[i], stand.fragment("safe", i))
			}
			for _, link := range got.Links {
				t.Errorf("a link with another scheme: %s", link)
			}
			if got.Frames != len(hostile) {
				t.Errorf("%d frames were loaded, want %d", got.Frames, len(hostile))
			}
			if n := stand.asked(); n != 0 {
				t.Errorf("%d requests reached the canary", n)
			}
		})
	}
}

// chromium starts the browser, or skips the test when there is none.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("there is no chromium here")
	}
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.Headless, chromedp.DisableGPU, chromedp.NoFirstRun}
	for _, flag := range []string{"disable-background-networking", "disable-component-update", "disable-sync"} {
		opts = append(opts, chromedp.Flag(flag, true))
	}
	if os.Getuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // the sandbox refuses root
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// stand serves a page with a frame for every hostile fragment, and the canary.
type stand struct {
	*httptest.Server
	mu       sync.Mutex
	canaries int
}

func newStand(t *testing.T) *stand {
	s := &stand{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /page/{way}", s.page)
	mux.HandleFunc("GET /frame/{way}/{i}", s.frame)
	mux.HandleFunc("/canary/", func(http.ResponseWriter, *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.canaries++
	})
	s.Server = httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func (s *stand) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.canaries
}

func (s *stand) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.canaries = 0
}

// page is the page of all frames; they report to its function note.
func (s *stand) page(w http.ResponseWriter, r *http.Request) {
	fmt.Fprint(w, `<!DOCTYPE html><meta charset="utf-8"><script>var ran = {}; function note(i) { ran[i] = true }</script>`)
	for i := range hostile {
		fmt.Fprintf(w, `<iframe src="/frame/%s/%d"></iframe>`, r.PathValue("way"), i)
	}
}

// frame is a document with one fragment.
func (s *stand) frame(w http.ResponseWriter, r *http.Request) {
	i, err := strconv.Atoi(r.PathValue("i"))
	if err != nil || i < 0 || i >= len(hostile) {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, `<html><head><script>function run() { parent.note(%d) } var alert = run</script></head><body>`, i)
	fragment := s.fragment(r.PathValue("way"), i)
	if r.PathValue("way") != "inner" {
		fmt.Fprint(w, fragment)
		return
	}
	text, err := json.Marshal(fragment) // it escapes "<", so that the script ends where it should
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	fmt.Fprintf(w, `<div id="here"></div><script>document.getElementById("here").innerHTML = %s</script>`, text)
}

func (s *stand) fragment(way string, i int) string {
	raw := strings.ReplaceAll(hostile[i], "CANARY", s.URL+"/canary")
	if way == "raw" {
		return raw
	}
	return HTML(raw, &url.URL{Scheme: "http", Host: s.Listener.Addr().String(), Path: "/story/"})
}

// outcome is what a page of frames showed.
type outcome struct {
	Ran    []int    // numbers of the fragments that ran
	Links  []string // links whose scheme is not allowed
	Frames int
}

// show loads the page, gives late events half a second and asks what happened.
func (s *stand) show(t *testing.T, ctx context.Context, way string) outcome {
	t.Helper()
	const ask = `new Promise(done => setTimeout(() => {
		let links = [], count = 0;
		for (const f of document.querySelectorAll("iframe")) {
			let d = null; try { d = f.contentDocument } catch (e) {}
			if (!d || !d.body) continue;
			count++;
			for (const a of d.links) if (!/^(https?|mailto|tel):$/.test(a.protocol)) links.push(a.href);
		}
		done({Ran: Object.keys(ran).map(Number), Links: links, Frames: count});
	}, 500))`
	if err := chromedp.Do(ctx, chromedp.Navigate(s.URL+"/page/"+way)); err != nil {
		t.Fatal(err)
	}
	got, err := chromedp.Run(ctx, chromedp.Evaluate[outcome](ask, chromedp.EvalAwaitPromise, chromedp.EvalAsValue))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

package web_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"understory/news/web"
)

// browser starts Chromium, or skips the test where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	const chromium = "/usr/bin/chromium"
	if _, err := os.Stat(chromium); err != nil {
		t.Skip("no Chromium at", chromium)
	}
	opts := []chromedp.ExecAllocatorOption{chromedp.ExecPath(chromium), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.Flag("hide-scrollbars", true)}
	for _, flag := range []string{"disable-background-networking", "disable-component-update", "disable-sync"} {
		opts = append(opts, chromedp.Flag(flag, true))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	return ctx
}

// serve starts the reader on loopback.
func serve(t *testing.T, s *shelf) string {
	t.Helper()
	h, err := web.New(web.Config{Demo: true, Now: clock}, s, gallery{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func clock() time.Time { return now }

// watch runs in every page before anything else, and notes what must not be.
const watch = `
window.seen = {shift: 0, refused: []};
addEventListener("securitypolicyviolation", e => seen.refused.push(e.violatedDirective + " " + e.blockedURI));
new PerformanceObserver(list => { for (const e of list.getEntries()) seen.shift += e.value }).observe({type: "layout-shift", buffered: true});`

// walk scrolls to the end, so that all pictures are there, and measures.
const walk = `(async () => {
	for (let y = 0; y < document.documentElement.scrollHeight; y += 700) {
		scrollTo(0, y);
		await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
	}
	await Promise.all([...document.images].map(i => i.complete || new Promise(r => i.onload = i.onerror = r)));
	await document.fonts.ready;
	await new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
	const root = document.documentElement, wide = [];
	if (root.scrollWidth > root.clientWidth)
		for (const e of document.querySelectorAll("main *, .mast, .foot"))
			if (e.getBoundingClientRect().right > root.clientWidth + 1) wide.push(e.outerHTML.slice(0, 120));
	return {...seen, over: root.scrollWidth - root.clientWidth, wide: wide.slice(0, 3)};
})()`

// measured is what walk returns.
type measured struct {
	Shift   float64  `json:"shift"`
	Refused []string `json:"refused"`
	Over    int      `json:"over"`
	Wide    []string `json:"wide"`
}

// TestInBrowser opens every page at every width: nothing is wider than the
// window, nothing moves, nothing is loaded from elsewhere, nothing is refused.
func TestInBrowser(t *testing.T) {
	ctx := browser(t)
	plain, worst := serve(t, town()), serve(t, crowded())
	var foreign []string
	err := chromedp.Listen(ctx, func(ev any) {
		if e, ok := ev.(network.EventRequestWillBeSent); ok && !strings.HasPrefix(e.Request.URL, plain) && !strings.HasPrefix(e.Request.URL, worst) {
			foreign = append(foreign, e.Request.URL)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	prepare := func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch})
		return chromedp.Void{}, err
	}
	if err := chromedp.Do(ctx, prepare); err != nil {
		t.Fatal(err)
	}
	for _, base := range []string{plain, worst} {
		for _, path := range everyPage {
			for _, width := range []int64{320, 390, 768, 1440} {
				if base == worst && width != 320 && width != 1440 {
					continue
				}
				if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(base+path)); err != nil {
					t.Fatal(err)
				}
				got, err := chromedp.Run(ctx, chromedp.Evaluate[measured](walk, chromedp.EvalAwaitPromise))
				if err != nil {
					t.Fatal(err)
				}
				if got.Over > 0 || got.Shift >= 0.005 || len(got.Refused) > 0 {
					t.Errorf("%s at %d: %d px too wide %q, shift %.4f, refused %q", path, width, got.Over, got.Wide, got.Shift, got.Refused)
				}
			}
		}
	}
	if len(foreign) > 0 {
		t.Errorf("asked other servers: %q", foreign)
	}
}

// crowded is a town whose texts are as long as they can be, where half of the
// pictures fail and no article says in which language it is.
func crowded() *shelf {
	s := town()
	word := strings.Repeat("Donaudampfschifffahrt", 12)
	for i := range s.titles {
		s.titles[i].Name += " " + word
		s.titles[i].Owner = word
	}
	for i := range s.articles {
		a := &s.articles[i]
		a.Headline, a.Standfirst, a.Byline, a.Language = word+a.Headline, a.Standfirst+" "+word, word, ""
		a.Picture.Caption, a.Picture.Credit = word, word
		if i%2 == 0 && a.Picture.URL != "" {
			a.Picture.URL += "broken"
		}
		a.Body += "<p>" + word + "</p><pre>" + word + "</pre><table><tr><td>" + word + "</td><td>" + word + "</td></tr></table><ul><li>" + word +
			`</li></ul><blockquote>` + word + `</blockquote><img src="https://a.example/broken" width="4000" height="3000"><img src="https://a.example/wide" width="4000" height="100">`
	}
	s.feeds[0].State.Error = word
	return s
}

// TestKeyboard goes from the top of the front page to the lead article.
func TestKeyboard(t *testing.T) {
	ctx, base := browser(t), serve(t, town())
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1440, 900), chromedp.Navigate(base)); err != nil {
		t.Fatal(err)
	}
	press := func(key string) (address string) {
		if err := chromedp.Do(ctx, chromedp.KeyEvent(key)); err != nil {
			t.Fatal(err)
		}
		address, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.activeElement.getAttribute("href") || document.activeElement.id`))
		if err != nil {
			t.Fatal(err)
		}
		return address
	}
	var order []string
	for len(order) < 40 && (len(order) == 0 || order[len(order)-1] != "/article/1") {
		order = append(order, press(kb.Tab))
	}
	if len(order) == 40 || order[0] != "#main" || order[1] != "/" || !slices.Contains(order, "/section/opinion") || order[len(order)-2] != "/title/port-courier" {
		t.Errorf("by keyboard one comes through %q, want the skip link, the sections and the lead", order)
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(base)); err != nil {
		t.Fatal(err)
	}
	got := []string{press(kb.Tab), press(kb.Enter), press(kb.Tab), press(kb.Tab)}
	if want := []string{"#main", "main", "/title/port-courier", "/article/1"}; !slices.Equal(got, want) {
		t.Errorf("the skip link leads through %q, want %q", got, want)
	}
}

// TestOwnLetters: what is read is set in our fonts, whatever the system has.
func TestOwnLetters(t *testing.T) {
	ctx, base := browser(t), serve(t, town())
	for path, want := range map[string][]string{
		"/article/1": {"Newsreader", "Inter"},
		"/article/6": {"Newsreader", "Inter", "Naskh"},
	} {
		if err := chromedp.Do(ctx, chromedp.Navigate(base+path)); err != nil {
			t.Fatal(err)
		}
		loaded, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](
			`document.fonts.ready.then(() => [...document.fonts].filter(f => f.status == "loaded").map(f => f.family))`, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		for _, family := range want {
			if !slices.Contains(loaded, family) {
				t.Errorf("%s: %s is not among the fonts loaded: %q", path, family, loaded)
			}
		}
	}
}

// TestPictures writes a picture of every page into the folder that
// UNDERSTORY_PICTURES names, for people to look at.
func TestPictures(t *testing.T) {
	folder := os.Getenv("UNDERSTORY_PICTURES")
	if folder == "" {
		t.Skip("UNDERSTORY_PICTURES names no folder to write pictures to")
	}
	ctx, base, empty := browser(t), serve(t, town()), serve(t, &shelf{})
	only := os.Getenv("UNDERSTORY_PAGES")
	for _, p := range []struct{ name, address string }{
		{"front", base + "/"}, {"section", base + "/section/world"}, {"title", base + "/title/port-courier"},
		{"titles", base + "/titles"}, {"article", base + "/article/1"}, {"article-plain", base + "/article/2"},
		{"article-rtl", base + "/article/6"}, {"retracted", base + "/article/15"}, {"about", base + "/about"},
		{"missing", base + "/nowhere"}, {"empty", empty + "/"},
	} {
		if only != "" && !strings.Contains(" "+only+" ", " "+p.name+" ") {
			continue
		}
		for _, width := range []int64{390, 768, 1440} {
			for _, scheme := range []string{"light", "dark"} {
				name := filepath.Join(folder, fmt.Sprintf("%s-%d-%s.png", p.name, width, scheme))
				if err := os.WriteFile(name, capture(t, ctx, p.address, width, scheme), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func capture(t *testing.T, ctx context.Context, address string, width int64, scheme string) []byte {
	t.Helper()
	dark := func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		return chromedp.Void{}, err
	}
	// A tall window makes the browser load the pictures that are far down too.
	const loaded = `Promise.all([...document.images].map(i => i.decode().catch(() => 0))).then(() => ({}))`
	err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 8000), dark, chromedp.Navigate(address),
		chromedp.Evaluate[chromedp.Void](loaded, chromedp.EvalAwaitPromise), chromedp.EmulateViewport(width, 900))
	if err != nil {
		t.Fatal(err)
	}
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	return picture
}

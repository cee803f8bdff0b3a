package web_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

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
	const loaded = `Promise.all([...document.images].map(i => i.complete || new Promise(r => i.onload = i.onerror = r))).then(() => ({}))`
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

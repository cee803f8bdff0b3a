package press_test

import (
	"context"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"understory/press"
)

// noon is when the presses of the tests begin.
func noon() time.Time { return time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC) }

// start serves a press and returns its base and a client that finds *.localhost.
func start(t *testing.T, h http.Handler) (base string, client *http.Client) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	_, port, err := net.SplitHostPort(srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, srv.Listener.Addr().String())
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return "localhost:" + port, &http.Client{Transport: transport, Timeout: 10 * time.Second}
}

func get(t *testing.T, client *http.Client, url string) (*http.Response, string) {
	t.Helper()
	res, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return res, string(body)
}

func TestSitesAnswerOnTheirHosts(t *testing.T) {
	p := press.New(press.Config{Seed: 1, Now: noon})
	base, client := start(t, p)
	titles := p.Titles(base)
	if len(titles) < 10 {
		t.Fatalf("%d titles, want at least 10", len(titles))
	}
	for _, title := range titles {
		t.Run(title.Slug, func(t *testing.T) {
			res, body := get(t, client, title.Home)
			if res.StatusCode != http.StatusOK || !strings.Contains(html.UnescapeString(body), title.Name) {
				t.Fatalf("home page: %s", res.Status)
			}
			for _, path := range []string{"robots.txt", "favicon.svg"} {
				if res, _ := get(t, client, title.Home+path); res.StatusCode != http.StatusOK {
					t.Errorf("%s: %s", path, res.Status)
				}
			}
			if len(title.Feeds) == 0 {
				t.Error("no feeds")
			}
		})
	}
	if _, body := get(t, client, "http://"+base+"/"); !strings.Contains(body, fmt.Sprint(titles[0].Home)) {
		t.Error("the list of titles does not link to the first")
	}
}

package count

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

func ask(t *testing.T, b *Board, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	b.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w.Code, w.Body.String()
}

func TestMetrics(t *testing.T) {
	b := New("house")
	opened := b.Counter("doors_opened_total", "Doors.", "by")
	opened.Add(2, "cat")
	opened.Add(1, "cat")
	b.Counter("windows_total", "Windows.")
	_, body := ask(t, b, "/metrics")
	for _, want := range []string{
		`house_doors_opened_total{by="cat"} 3`,
		"house_windows_total 0",
		"go_goroutines ",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("/metrics lacks %s", want)
		}
	}
}

func TestHealth(t *testing.T) {
	b := New("house")
	b.Check("roof", func(context.Context) (string, error) { return "dry", nil })
	if status, body := ask(t, b, "/health"); status != 200 || !strings.Contains(body, "All is well") {
		t.Errorf("/health = %d, want 200 and All is well:\n%s", status, body)
	}
	b.Check("cellar", func(context.Context) (string, error) { return "", errors.New("<wet>") })
	if status, body := ask(t, b, "/health"); status != 503 || !strings.Contains(body, "Not well: &lt;wet&gt;") {
		t.Errorf("/health = %d, want 503 and the trouble:\n%s", status, body)
	}
	status, body := ask(t, b, "/health.json")
	const want = `{"components":[{"name":"cellar","well":false,"words":"\u003cwet\u003e"},{"name":"roof","well":true,"words":"dry"}],"well":false}` + "\n"
	if diff := cmp.Diff(want, body); status != 503 || diff != "" {
		t.Errorf("/health.json = %d, want 503 (-want +got):\n%s", status, diff)
	}
}

func TestSlowCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, never := New("house"), make(chan bool)
		b.Check("post", func(context.Context) (string, error) { <-never; return "", nil })
		got, well := b.Health(t.Context())
		want := []Report{{"post", false, errTooSlow.Error()}}
		if diff := cmp.Diff(want, got); well || diff != "" {
			t.Errorf("Health() (-want +got):\n%s", diff)
		}
		close(never)
	})
}

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		config Config
		ok     bool
	}{
		{"default", Default(), true},
		{"none", Config{}, true},
		{"every interface", Config{Listen: ":9090"}, false},
		{"another machine's", Config{Listen: "10.1.2.3:9090"}, false},
		{"allowed", Config{Listen: ":9090", AllowRemote: true}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.config.Validate(); (err == nil) != tt.ok {
				t.Errorf("Validate() = %v, want ok %v", err, tt.ok)
			}
		})
	}
}

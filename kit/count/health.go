package count

import (
	"context"
	"encoding/json"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// patience is how long one check may take.
const patience = 5 * time.Second

type check struct {
	name string
	ask  func(context.Context) (string, error)
}

// Check registers a component. ask says in plain words how it is, or returns
// what is wrong with it; it is called whenever somebody looks, and has five
// seconds.
func (b *Board) Check(name string, ask func(context.Context) (words string, err error)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.checks = append(b.checks, check{name, ask})
}

// Report is how one component is.
type Report struct {
	Name  string `json:"name"`
	Well  bool   `json:"well"`
	Words string `json:"words"`
}

// Health asks all components at once and returns their answers by name.
func (b *Board) Health(ctx context.Context) (reports []Report, well bool) {
	b.mu.Lock()
	checks := slices.Clone(b.checks)
	b.mu.Unlock()
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errTooSlow)
	defer cancel()
	reports = make([]Report, len(checks))
	var wg sync.WaitGroup
	for i, c := range checks {
		wg.Go(func() { reports[i] = c.report(ctx) })
	}
	wg.Wait()
	slices.SortStableFunc(reports, func(a, b Report) int { return strings.Compare(a.Name, b.Name) })
	return reports, !slices.ContainsFunc(reports, func(r Report) bool { return !r.Well })
}

// report asks, and does not wait longer than the context lasts.
func (c check) report(ctx context.Context) Report {
	answer := make(chan Report, 1)
	go func() {
		words, err := c.ask(ctx)
		if err != nil {
			words = err.Error()
		}
		answer <- Report{c.name, err == nil, words}
	}()
	select {
	case r := <-answer:
		return r
	case <-ctx.Done():
		return Report{c.name, false, context.Cause(ctx).Error()}
	}
}

func (b *Board) healthJSON(w http.ResponseWriter, r *http.Request) {
	reports, well := b.Health(r.Context())
	answer(w, "application/json", well)
	// A reader who has gone away is no fault of ours.
	_ = json.NewEncoder(w).Encode(map[string]any{"well": well, "components": reports})
}

func (b *Board) healthPage(w http.ResponseWriter, r *http.Request) {
	reports, well := b.Health(r.Context())
	answer(w, "text/html; charset=utf-8", well)
	_ = healthTemplate.Execute(w, map[string]any{"Well": well, "Reports": reports})
}

func answer(w http.ResponseWriter, kind string, well bool) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	if !well {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
}

var healthTemplate = template.Must(template.New("health").Parse(`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{if .Well}}All is well{{else}}Something is wrong{{end}}</title>
<style>
:root { color-scheme: light dark; --paper: #FBFAF6; --ink: #1B1C19; --line: #D9D6CC; --bad: #A3341F }
@media (prefers-color-scheme: dark) { :root { --paper: #141613; --ink: #E9E7E0; --line: #3A3C36; --bad: #F0907C } }
body { margin: 3rem auto; padding: 0 1rem; max-width: 44rem; background: var(--paper); color: var(--ink); font: 1.05rem/1.5 system-ui, sans-serif }
dl { border-top: 1px solid var(--line) }
dl div { display: grid; grid-template-columns: 10rem 1fr; gap: 0 1rem; padding: .6rem 0; border-bottom: 1px solid var(--line) }
dd { margin: 0; overflow-wrap: anywhere }
.bad { color: var(--bad) }
@media (max-width: 30rem) { dl div { grid-template-columns: 1fr } }
</style>
<h1>{{if .Well}}All is well{{else}}Something is wrong{{end}}</h1>
<dl>
{{range .Reports}}<div><dt>{{.Name}}<dd{{if not .Well}} class="bad"{{end}}>{{if not .Well}}Not well: {{end}}{{.Words}}</div>
{{end}}</dl>
<p><a href="/metrics">Metrics</a>, <a href="/health.json">the same as JSON</a></p>
</html>
`))

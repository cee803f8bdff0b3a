package main

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"understory/press"
)

// TestPressScripts runs the scripts that need a press, whose host and port
// they find as $PRESS. All of them are of this machine: $PRESS allows it.
func TestPressScripts(t *testing.T) {
	site := httptest.NewServer(press.New(press.Config{Every: -1}))
	t.Cleanup(site.Close) // not before the scripts, which run side by side
	testscript.Run(t, testscript.Params{
		Dir: "testdata/press",
		Setup: func(e *testscript.Env) error {
			e.Setenv("PRESS", strings.Replace(strings.TrimPrefix(site.URL, "http://"), "127.0.0.1", "localhost", 1))
			return nil
		},
	})
}

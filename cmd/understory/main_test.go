package main

import (
	"bytes"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"

	"understory/kit/config"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"understory": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script"})
}

// TestEveryCommandExplainsItself wants a line and an example of each.
func TestEveryCommandExplainsItself(t *testing.T) {
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		if c.Short == "" || c.Example == "" {
			t.Errorf("%s has no description or no example", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(newRoot())
}

// TestEverySettingIsExplained wants a comment that says more than the default.
func TestEverySettingIsExplained(t *testing.T) {
	var b bytes.Buffer
	if err := config.Print(&b, defaults(), defaults()); err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(b.Bytes(), []byte("\n"))
	for i, line := range lines {
		if bytes.HasPrefix(line, []byte("# Default:")) {
			t.Errorf("%s has no doc tag", lines[i+1])
		}
	}
}

// TestExampleConfiguration compares deploy/understory.toml with the settings.
func TestExampleConfiguration(t *testing.T) {
	got, err := os.ReadFile("../../deploy/understory.toml")
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	if err := config.Print(&want, defaults(), defaults()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("deploy/understory.toml is not what understory config print prints; run go generate ./cmd/understory")
	}
}

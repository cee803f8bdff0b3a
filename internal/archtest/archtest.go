// Package archtest keeps the walls between the rooms of the house. It holds
// the table of which folder may import what, and a check that parses the files
// itself: the result of a test that asked the go command would be served from
// the test cache after a bad import.
//
// It runs nothing and nothing imports it: its tests are its only callers.
package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Check reads every Go file of the module in root and returns what breaks the
// house's rules, one sentence each, sorted.
func Check(root string) ([]string, error) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return nil, fmt.Errorf("read the module file: %w", err)
	}
	first, _, _ := strings.Cut(string(mod), "\n")
	c := checker{module: strings.TrimPrefix(first, "module "), documented: map[string]bool{}}
	err = filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return skipFolder(root, name, d.Name())
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		return c.file(name, filepath.ToSlash(rel))
	})
	if err != nil {
		return nil, fmt.Errorf("read the tree: %w", err)
	}
	for folder, documented := range c.documented {
		if !documented {
			c.report(folder, "has no package comment")
		}
	}
	slices.Sort(c.found)
	return c.found, nil
}

// skipFolder skips what the go command skips too, and other modules.
func skipFolder(root, name, base string) error {
	if name == root {
		return nil
	}
	if base == "testdata" || base == "vendor" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return fs.SkipDir
	}
	if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

type checker struct {
	module     string
	documented map[string]bool // by folder of a package, whether it has a comment
	found      []string
}

func (c *checker) report(where, format string, args ...any) {
	c.found = append(c.found, where+" "+fmt.Sprintf(format, args...))
}

// file checks one Go file; rel is its path from the root, with slashes.
func (c *checker) file(name, rel string) error {
	f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	folder, test := path.Dir(rel), strings.HasSuffix(rel, "_test.go")
	if !test {
		c.documented[folder] = c.documented[folder] || f.Doc != nil
	}
	r, covered := ruleFor(folder)
	if covered == "" {
		c.report(rel, "is in a folder without a line in the import table")
		return nil
	}
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		if test && imported == c.module+"/"+folder {
			continue // a test from outside of its own package
		}
		if why := c.refuses(r, imported, test); why != "" {
			c.report(rel, "imports %s: %s", imported, why)
		}
	}
	if !test {
		c.uses(r, rel, f)
	}
	return nil
}

// refuses says why a file under the rule may not import the path, or nothing.
func (c *checker) refuses(r rule, imported string, test bool) string {
	own, isOurs := strings.CutPrefix(imported, c.module+"/")
	host, _, _ := strings.Cut(imported, "/")
	switch {
	case covers("SQL", imported) && covers(r.never, imported):
		return "only the SQL rooms may"
	case isOurs && test && covers(inTests, own):
		return ""
	case isOurs && !test && covers(testRooms, own):
		return "it is for tests"
	case isOurs && !covers(r.ours, own):
		return "not one of the rooms it may use"
	case isOurs || test:
		return ""
	case strings.Contains(host, ".") && !covers(r.libraries, imported):
		return "not one of the libraries it may use"
	case covers(r.never, imported):
		return "never here"
	}
	return ""
}

// uses reports the names such as time.Now that the rule forbids.
func (c *checker) uses(r rule, rel string, f *ast.File) {
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if pkg, ok := sel.X.(*ast.Ident); ok && covers(r.never, pkg.Name+"."+sel.Sel.Name) {
			c.report(rel, "uses %s.%s: never here", pkg.Name, sel.Sel.Name)
		}
		return true
	})
}

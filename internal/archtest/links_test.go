package archtest

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	codeSpan  = regexp.MustCompile("(?s)```.*?```|`[^`\n]*`")
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headline  = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	notInSlug = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinks follows every link between the documents, to the headline.
func TestLinks(t *testing.T) {
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return fs.SkipDir
		}
		if filepath.Ext(name) != ".md" {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(string(text), ""), -1) {
			if why := broken(name, m[1]); why != "" {
				t.Errorf("%s: link to %s: %s", strings.TrimPrefix(name, root+"/"), m[1], why)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// broken says what is wrong with the link in the document, or nothing. Links
// to other sites are not followed.
func broken(document, target string) string {
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "" {
		return ""
	}
	file := document
	if u.Path != "" {
		file = filepath.Join(filepath.Dir(document), filepath.FromSlash(u.Path))
	}
	text, err := os.ReadFile(file)
	if err != nil {
		if info, err := os.Stat(file); err == nil && info.IsDir() {
			return ""
		}
		return "no such file"
	}
	if u.Fragment == "" {
		return ""
	}
	for _, m := range headline.FindAllStringSubmatch(string(text), -1) {
		slug := notInSlug.ReplaceAllString(strings.ToLower(strings.TrimSpace(m[1])), "")
		if strings.ReplaceAll(slug, " ", "-") == u.Fragment {
			return ""
		}
	}
	return "no such headline"
}

func TestBrokenLinks(t *testing.T) {
	const document = root + "/README.md"
	for _, tt := range []struct{ target, want string }{
		{"docs/architecture.md", ""},
		{"docs/architecture.md#the-walls", ""},
		{"docs", ""},
		{"https://example.org/nowhere", ""},
		{"docs/nowhere.md", "no such file"},
		{"docs/architecture.md#nowhere", "no such headline"},
	} {
		if got := broken(document, tt.target); got != tt.want {
			t.Errorf("broken(%q) = %q, want %q", tt.target, got, tt.want)
		}
	}
}

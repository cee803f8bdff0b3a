package feed

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestParseOPMLFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/opml/*.opml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, ".opml") + ".golden")
			if err != nil {
				t.Fatal(err)
			}
			list, err := ParseOPML(data)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), describeOPML(list)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func describeOPML(list OPML) string {
	var b strings.Builder
	fmt.Fprintf(&b, "title: %s\n", list.Title)
	for _, o := range list.Outlines {
		fmt.Fprintf(&b, "%d: %s | %s | %s | %s | %s\n", o.Line, o.Title, o.FeedURL, o.SiteURL, o.Language, strings.Join(o.Path, " > "))
	}
	for _, f := range list.Faults {
		fmt.Fprintf(&b, "fault: %v\n", f)
	}
	return b.String()
}

func TestParseOPMLRefuses(t *testing.T) {
	for _, tt := range []struct{ name, data, want string }{
		{"nothing", "", "line 1: this is not an OPML file"},
		{"a feed", "<rss version='2.0'><channel><title>x</title></channel></rss>", "not an OPML file"},
		{"too deep", "<opml>\n" + strings.Repeat("<outline text='a'>\n", MaxOPMLDepth+1), fmt.Sprintf("line %d: the outlines lie more than %d deep", MaxOPMLDepth+2, MaxOPMLDepth)},
		{"too large", strings.Repeat(" ", MaxOPML+1), "larger than 16 MB"},
		{"too many", manyOutlines(MaxOPMLOutlines + 1), fmt.Sprintf("line %d: the file lists more than %d feeds", MaxOPMLOutlines+1, MaxOPMLOutlines)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseOPML([]byte(tt.data))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want %q in it", err, tt.want)
			}
		})
	}
}

func manyOutlines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<outline xmlUrl='https://a.example/%d'/>\n", i)
	}
	return b.String()
}

func TestFormatOPML(t *testing.T) {
	list := OPML{Title: "Papers \"&\" more", Outlines: []Outline{
		{Title: "A", FeedURL: "https://a.example/?x=1&copy=2", Path: []string{"science", "Kenya"}},
		{Title: "B <b>", FeedURL: "https://b.example/", SiteURL: "https://b.example", Language: "zh-Hant", Path: []string{"science", "Japan"}, Category: "/space"},
		{Title: "C", FeedURL: "https://c.example/"},
		{Title: "D", FeedURL: "https://d.example/", Path: []string{"science"}},
	}}
	want := `<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
<head><title>Papers &#34;&amp;&#34; more</title></head>
<body>
<outline text="science">
<outline text="Kenya">
<outline type="rss" text="A" title="A" xmlUrl="https://a.example/?x=1&amp;copy=2"/>
</outline>
<outline text="Japan">
<outline type="rss" text="B &lt;b&gt;" title="B &lt;b&gt;" xmlUrl="https://b.example/" htmlUrl="https://b.example" language="zh-Hant" category="/space"/>
</outline>
</outline>
<outline type="rss" text="C" title="C" xmlUrl="https://c.example/"/>
<outline text="science">
<outline type="rss" text="D" title="D" xmlUrl="https://d.example/"/>
</outline>
</body>
</opml>
`
	got := FormatOPML(list)
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("FormatOPML: -want +got:\n%s", diff)
	}
	again, err := ParseOPML(got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(list, again, asWritten); diff != "" {
		t.Errorf("read back: -want +got:\n%s", diff)
	}
}

// asWritten compares lists by what FormatOPML writes.
var asWritten = cmp.Options{
	cmpopts.IgnoreFields(OPML{}, "Faults"), cmpopts.IgnoreFields(Outline{}, "Line"), cmpopts.EquateEmpty(),
}

// FuzzOPML: whatever is read is written as well-formed XML that reads the same.
func FuzzOPML(f *testing.F) {
	files, _ := filepath.Glob("testdata/opml/*.opml")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := ParseOPML(data)
		if err != nil {
			return
		}
		written := FormatOPML(list)
		if err := xml.NewDecoder(bytes.NewReader(written)).Decode(&struct{}{}); err != nil {
			t.Fatalf("not well formed: %v\n%s", err, written)
		}
		again, err := ParseOPML(written)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(list, again, asWritten); diff != "" || len(again.Faults) > 0 {
			t.Errorf("faults %v, -read +read back:\n%s", again.Faults, diff)
		}
	})
}

// TestParseOPMLReal reads lists that people keep, where they are at hand.
func TestParseOPMLReal(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/data/catalogue/opml/*/*/*.opml")
	if len(files) == 0 {
		t.Skip("no ../shared/data/catalogue/opml beside the project")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		list, err := ParseOPML(data)
		if got, want := len(list.Outlines)+len(list.Faults), bytes.Count(data, []byte("xmlUrl=")); err != nil || got > want || got < want*3/4 {
			t.Errorf("%s: %d feeds of %d, %v", file, got, want, err)
		}
		for _, fault := range list.Faults {
			t.Errorf("%s: %v", file, fault)
		}
	}
}

package feed

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"
)

// FuzzParse holds for any bytes that reading them ends without a panic, gives
// clean text within the limits, and gives the same a second time.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/document/*l")
	if err != nil {
		f.Fatal(err)
	}
	json, err := filepath.Glob("testdata/document/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, json...) {
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	o := Options{Base: "https://press.example/feeds/here.xml"}
	f.Fuzz(func(t *testing.T, body []byte) {
		d, err := Parse(body, o)
		Links(body, o.Base)
		if err != nil {
			return
		}
		if bad := beyondLimits(d); bad != "" {
			t.Fatal(bad)
		}
		if again, _ := Parse(body, o); !reflect.DeepEqual(again, d) {
			t.Fatal("another result the second time")
		}
	})
}

// FuzzDate holds that a date is within the years that are promised, and that
// what it is written as is read as the same.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"2003-12-31T10:14:55Z", "Wed, 31 Dec 2003 10:14:55 GMT", "31.12.2003 10:14 pm",
		"2004년 05월 28일 오후 10:31:40", "2004-W01-3", "20031231101455", "1072865695", "Wed Dec 31 10:14:55 +0000 2003"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := ParseDate(s)
		if !ok {
			return
		}
		if got.Year() < 1900 || got.Year() > 2199 || got.Location() != time.UTC {
			t.Fatalf("ParseDate(%q) = %v", s, got)
		}
		if again, ok := ParseDate(got.Format(time.RFC3339Nano)); !ok || !again.Equal(got) {
			t.Fatalf("ParseDate(%q) = %v, read again %v", s, got, again)
		}
	})
}

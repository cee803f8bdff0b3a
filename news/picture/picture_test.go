package picture

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// origin serves bodies by address and counts.
type origin struct {
	bodies map[string][]byte
	types  map[string]string
	asked  atomic.Int64
	wait   chan struct{} // closed to let fetches go on; nil for at once
}

func (o *origin) Fetch(ctx context.Context, address string, limit int64) ([]byte, string, error) {
	o.asked.Add(1)
	if o.wait != nil {
		select {
		case <-o.wait:
		case <-ctx.Done():
			return nil, "", ctx.Err()
		}
	}
	body, ok := o.bodies[address]
	if !ok {
		return nil, "", errors.New("no such host")
	}
	return body, o.types[address], nil
}

func open(t *testing.T, o *origin, change func(*Config)) *Room {
	t.Helper()
	cfg := Config{Folder: t.TempDir(), Key: []byte("0123456789abcdef")}
	if change != nil {
		change(&cfg)
	}
	r, err := Open(cfg, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func get(r *Room, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest("GET", path, nil))
	return w
}

// field is a picture that is red at the top left and blue elsewhere.
func field(width, height int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.RGBA{0, 0, 255, 255}
			if x < width/2 && y < height/2 {
				c = color.RGBA{255, 0, 0, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

func asJPEG(img image.Image) []byte {
	var b bytes.Buffer
	jpeg.Encode(&b, img, nil)
	return b.Bytes()
}

func asPNG(img image.Image) []byte {
	var b bytes.Buffer
	png.Encode(&b, img)
	return b.Bytes()
}

func asGIF(t *testing.T) []byte {
	var b bytes.Buffer
	frame := func(c color.Color) *image.Paletted {
		return image.NewPaletted(image.Rect(0, 0, 30, 20), color.Palette{c})
	}
	err := gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{frame(color.White), frame(color.Black)}, Delay: []int{1, 1}})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// asWebP is one white pixel, losslessly compressed.
var asWebP = []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")

// claims is a PNG whose header claims a size and which holds next to nothing.
func claims(width, height uint32) []byte {
	header := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	header = append(binary.BigEndian.AppendUint32(header, height), 8, 2, 0, 0, 0)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	out = append(out, header...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(header))
}

// marked puts a segment that says how the camera was held, and where, into a JPEG.
func marked(body []byte, turn byte) []byte {
	tiff := "MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string(turn) + "\x00\x00\x00\x00\x00\x00SECRETPLACE"
	exif := "Exif\x00\x00" + tiff
	out := append([]byte("\xff\xd8\xff\xe1"), byte(len(exif)>>8), byte(len(exif)+2))
	return append(append(out, exif...), body[2:]...)
}

func TestResize(t *testing.T) {
	plain := asJPEG(field(1000, 500))
	for _, tt := range []struct {
		name          string
		body          []byte
		width         int
		wantX, wantY  int
		redX, redY    int // a place that must be red, where redX > 0
		contentType   string
		wantErrInWeb  bool
		wantNotInside string
	}{
		{name: "jpeg made smaller", body: plain, width: 400, wantX: 400, wantY: 200, redX: 50, redY: 50},
		{name: "jpeg never made larger", body: plain, width: 1600, wantX: 1000, wantY: 500},
		{name: "halved first", body: asJPEG(field(3600, 1800)), width: 400, wantX: 400, wantY: 200, redX: 50, redY: 50},
		{name: "png", body: asPNG(field(500, 900)), width: 400, wantX: 400, wantY: 720},
		{name: "type is wrong but harmless", body: plain, contentType: "text/html", width: 400, wantX: 400, wantY: 200},
		{name: "first frame of gif", body: asGIF(t), width: 400, wantX: 30, wantY: 20},
		{name: "webp", body: asWebP, width: 400, wantX: 1, wantY: 1},
		{name: "very tall is cut", body: asPNG(field(100, 1000)), width: 400, wantX: 100, wantY: 300, redX: 10, redY: 290},
		{name: "very wide", body: asPNG(field(4000, 1)), width: 400, wantX: 400, wantY: 1},
		{name: "held upside down", body: marked(plain, 3), width: 400, wantX: 400, wantY: 200, redX: 350, redY: 150},
		{name: "held on its side", body: marked(plain, 6), width: 400, wantX: 400, wantY: 800, redX: 350, redY: 50},
		{name: "held on its other side", body: marked(plain, 8), width: 400, wantX: 400, wantY: 800, redX: 50, redY: 750},
		{name: "what the camera wrote is dropped", body: marked(plain, 1), width: 1600, wantX: 1000, wantY: 500, wantNotInside: "SECRETPLACE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			made, err := newWorkshop(Default().MaxPixels).resize(t.Context(), tt.body, tt.contentType)
			if err != nil {
				t.Fatal(err)
			}
			img, err := jpeg.Decode(bytes.NewReader(made[tt.width]))
			if err != nil {
				t.Fatal(err)
			}
			if got := img.Bounds().Size(); got != image.Pt(tt.wantX, tt.wantY) {
				t.Fatalf("size is %v, want %d x %d", got, tt.wantX, tt.wantY)
			}
			if r, _, b, _ := img.At(tt.redX, tt.redY).RGBA(); tt.redX > 0 && r < 2*b {
				t.Errorf("at %d,%d red is %d and blue %d, want red", tt.redX, tt.redY, r, b)
			}
			if tt.wantNotInside != "" && bytes.Contains(made[tt.width], []byte(tt.wantNotInside)) {
				t.Errorf("%q is still inside", tt.wantNotInside)
			}
		})
	}
}

func TestTransparentShowsPaper(t *testing.T) {
	made, err := newWorkshop(1000).resize(t.Context(), asPNG(image.NewNRGBA(image.Rect(0, 0, 30, 20))), "image/png")
	if err != nil {
		t.Fatal(err)
	}
	img, _ := jpeg.Decode(bytes.NewReader(made[400]))
	if r, g, b, _ := img.At(5, 5).RGBA(); r>>8 < 0xf0 || g>>8 < 0xf0 || b>>8 < 0xf0 {
		t.Errorf("colour is %x %x %x, want that of paper", r>>8, g>>8, b>>8)
	}
}

func TestHostile(t *testing.T) {
	good := asJPEG(field(300, 200))
	scans := append(bytes.Clone(good[:len(good)-2]), bytes.Repeat([]byte("\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00"), 100_000)...)
	for name, body := range map[string][]byte{
		"nothing":                  nil,
		"script":                   []byte(`<script>alert(1)</script>`),
		"svg":                      []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"svg after a picture":      append([]byte("GIF8"), `<svg onload="alert(1)">`...),
		"bitmap":                   []byte("BM......................................"),
		"truncated jpeg":           good[:len(good)/2],
		"only the jpeg's mark":     good[:3],
		"truncated png":            asPNG(field(300, 200))[:100],
		"truncated webp":           asWebP[:22],
		"huge dimensions":          claims(60_000, 60_000),
		"dimensions that overflow": claims(0x7fffffff, 0x7fffffff),
		"no dimensions":            claims(0, 0),
		"one pixel too many":       claims(6000, 4001),
		"png with nothing in it":   claims(4000, 4000),
		"jpeg of many scans":       scans,
	} {
		t.Run(name, func(t *testing.T) {
			o := &origin{bodies: map[string][]byte{"https://a.example/p": body}}
			w := get(open(t, o, nil), open(t, o, nil).Address("https://a.example/p", 400))
			if w.Code != http.StatusBadGateway || w.Header().Get("Content-Type") != "image/svg+xml" || w.Body.String() != blank {
				t.Errorf("answer is %d %q, want 502 and the blank picture", w.Code, w.Header().Get("Content-Type"))
			}
		})
	}
}

func TestSVGByName(t *testing.T) {
	if err := inspect(asJPEG(field(3, 2)), "image/SVG+xml; charset=utf-8"); err == nil {
		t.Error("a picture called SVG was taken")
	}
}

func TestTooManyBytes(t *testing.T) {
	o := &origin{bodies: map[string][]byte{"https://a.example/p": append(asJPEG(field(3, 2)), make([]byte, 2000)...)}}
	r := open(t, o, func(c *Config) { c.MaxBytes = 1024 })
	if w := get(r, r.Address("https://a.example/p", 400)); w.Code != http.StatusBadGateway {
		t.Errorf("status is %d, want 502", w.Code)
	}
}

func TestAddress(t *testing.T) {
	r := open(t, &origin{}, nil)
	good := r.Address("https://a.example/p.jpg?a=1&b=ü", 500)
	if !strings.HasPrefix(good, "/picture/800/") {
		t.Errorf("Address() = %q, want a width of 800", good)
	}
	for _, bad := range []string{"", "/p.jpg", "file:///etc/passwd", "javascript:alert(1)", "data:image/png;base64,AA", "https://", "https://a.example/" + strings.Repeat("a", 5000)} {
		if got := r.Address(bad, 400); got != "" {
			t.Errorf("Address(%.40q) = %q, want none", bad, got)
		}
	}
}

func TestServeOnlyWhatWasSigned(t *testing.T) {
	const address = "https://a.example/p.jpg?a=1&b=ü"
	o := &origin{bodies: map[string][]byte{address: asJPEG(field(900, 600)), "https://b.example/": asJPEG(field(9, 6))}}
	r := open(t, o, nil)
	good := r.Address(address, 400)
	other := open(t, o, func(c *Config) { c.Key = []byte("another key of 16") })
	for _, tt := range []struct {
		name, path string
		want       int
	}{
		{"signed", good, 200},
		{"another width", strings.Replace(good, "/400/", "/1600/", 1), 200},
		{"a width that is not made", strings.Replace(good, "/400/", "/401/", 1), 404},
		{"another address", good[:strings.Index(good, "?")] + "?u=https%3A%2F%2Fb.example%2F", 404},
		{"a letter more", good + "x", 404},
		{"no signature", "/picture/400/?u=https%3A%2F%2Fb.example%2F", 404},
		{"no address", "/picture/400/x", 404},
		{"signed by another", other.Address(address, 400), 404},
		{"nothing", "/picture/", 404},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := get(r, tt.path)
			if w.Code != tt.want {
				t.Errorf("status is %d, want %d", w.Code, tt.want)
			}
			if tt.want == 200 && (w.Header().Get("Content-Type") != "image/jpeg" || !strings.Contains(w.Header().Get("Cache-Control"), "max-age=604800")) {
				t.Errorf("headers are %v", w.Header())
			}
		})
	}
	if got := o.asked.Load(); got != 1 {
		t.Errorf("fetched %d times, want once for all widths and nothing unsigned", got)
	}
}

func TestMethods(t *testing.T) {
	o := &origin{bodies: map[string][]byte{"https://a.example/p": asJPEG(field(9, 6))}}
	r := open(t, o, nil)
	for method, want := range map[string]int{"HEAD": 200, "POST": 405, "DELETE": 405} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(method, r.Address("https://a.example/p", 400), nil))
		if w.Code != want || method == "HEAD" && w.Body.Len() > 0 {
			t.Errorf("%s: status %d with %d bytes, want %d", method, w.Code, w.Body.Len(), want)
		}
	}
}

func TestOneFetchForAll(t *testing.T) {
	o := &origin{bodies: map[string][]byte{"https://a.example/p": asJPEG(field(90, 60))}, wait: make(chan struct{})}
	r := open(t, o, nil)
	synctest.Test(t, func(t *testing.T) {
		o.wait = make(chan struct{})
		var all sync.WaitGroup
		for i := range 20 {
			all.Go(func() {
				if w := get(r, r.Address("https://a.example/p", widths[i%3])); w.Code != 200 {
					t.Errorf("status is %d", w.Code)
				}
			})
		}
		synctest.Wait()
		close(o.wait)
		all.Wait()
	})
	if got := o.asked.Load(); got != 1 {
		t.Errorf("fetched %d times, want once", got)
	}
}

func TestSlowOriginIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{wait: make(chan struct{})}
		r := open(t, o, nil)
		began := time.Now()
		if w := get(r, r.Address("https://a.example/p", 400)); w.Code != http.StatusBadGateway {
			t.Errorf("status is %d, want 502", w.Code)
		}
		if took := time.Since(began); took != Default().Timeout {
			t.Errorf("it took %v, want %v", took, Default().Timeout)
		}
	})
}

func TestFailureIsRemembered(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	o := &origin{bodies: map[string][]byte{}}
	r := open(t, o, func(c *Config) { c.Now = func() time.Time { return now } })
	path := r.Address("https://a.example/p", 400)
	for range 3 {
		if w := get(r, path); w.Code != http.StatusBadGateway {
			t.Fatalf("status is %d, want 502", w.Code)
		}
	}
	if got := o.asked.Load(); got != 1 {
		t.Errorf("fetched %d times, want once", got)
	}
	now = now.Add(Default().Forget)
	o.bodies["https://a.example/p"] = asJPEG(field(9, 6))
	if w := get(r, path); w.Code != 200 {
		t.Errorf("later the status is %d, want 200", w.Code)
	}
}

func TestKeptOverRestart(t *testing.T) {
	folder := t.TempDir()
	o := &origin{bodies: map[string][]byte{"https://a.example/p": asJPEG(field(90, 60))}}
	keep := func(c *Config) { c.Folder = folder }
	first := open(t, o, keep)
	want := get(first, first.Address("https://a.example/p", 400)).Body.String()
	second := open(t, o, keep)
	if got := get(second, second.Address("https://a.example/p", 400)).Body.String(); got != want || o.asked.Load() != 1 {
		t.Errorf("after a restart fetched %d times, want once", o.asked.Load())
	}
}

func TestWithheld(t *testing.T) {
	o := &origin{bodies: map[string][]byte{"https://a.example/p": asJPEG(field(90, 60))}}
	r := open(t, o, nil)
	withheld := false
	r.cfg.Withheld = func(_ context.Context, address string) (bool, error) {
		return withheld && address == "https://a.example/p", nil
	}
	path := r.Address("https://a.example/p", 400)
	if w := get(r, path); w.Code != http.StatusOK {
		t.Fatalf("status is %d before it is withheld", w.Code)
	}
	withheld = true
	if w := get(r, path); w.Code != http.StatusGone || o.asked.Load() != 1 {
		t.Errorf("status is %d after %d fetches, want 410 after one", w.Code, o.asked.Load())
	}
	filepath.WalkDir(r.cfg.Folder, func(path string, d os.DirEntry, err error) error {
		if strings.HasSuffix(path, suffix) {
			t.Errorf("%s is still there", path)
		}
		return err
	})
}

func TestCacheLimit(t *testing.T) {
	folder := t.TempDir()
	c, err := openCache(folder, 1000)
	if err != nil {
		t.Fatal(err)
	}
	put := func(n int) {
		if err := c.put(fmt.Sprintf("%02d.jpg", n), make([]byte, 300)); err != nil {
			t.Fatal(err)
		}
	}
	has := func(n int) bool { _, ok := c.get(fmt.Sprintf("%02d.jpg", n)); return ok }
	put(1)
	put(2)
	put(3)
	has(1)
	put(4) // 1 was asked for, so 2 has to go
	if !has(1) || has(2) || !has(3) || !has(4) || c.size != 900 {
		t.Errorf("kept %v %v %v %v and %d bytes, want all but the second and 900", has(1), has(2), has(3), has(4), c.size)
	}
	put(4) // again: counted once
	if c.size != 900 {
		t.Errorf("size is %d, want 900", c.size)
	}
	os.WriteFile(filepath.Join(folder, unfinished+"1"), nil, 0o600)
	again, err := openCache(folder, 600)
	if err != nil || again.size != 600 || len(again.files) != 2 {
		t.Errorf("opened with %d bytes in %d files, %v; want 600 in 2", again.size, len(again.files), err)
	}
	left, _ := filepath.Glob(filepath.Join(folder, "*", "*"))
	more, _ := filepath.Glob(filepath.Join(folder, ".part*"))
	if len(left) != 2 || len(more) != 0 {
		t.Errorf("left on disk: %v %v", left, more)
	}
}

func TestKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "picture.key")
	first, err := Key(file)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Key(file)
	if err != nil || !bytes.Equal(first, second) || len(first) != keyLen {
		t.Errorf("keys of %d and %d bytes differ, %v", len(first), len(second), err)
	}
	if info, _ := os.Stat(file); info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v, want that only its owner reads it", info.Mode())
	}
	os.WriteFile(file, []byte("short"), 0o600)
	if _, err := Key(file); err == nil {
		t.Error("a short key was taken")
	}
}

func FuzzResize(f *testing.F) {
	f.Add(asJPEG(field(30, 20)))
	f.Add(marked(asJPEG(field(30, 20)), 6))
	f.Add(asPNG(field(30, 20)))
	f.Add(asWebP)
	f.Add(claims(1000, 1000))
	w := newWorkshop(1 << 20)
	f.Fuzz(func(t *testing.T, body []byte) {
		made, err := w.resize(t.Context(), body, "")
		if err != nil {
			return
		}
		for width, out := range made {
			cfg, err := jpeg.DecodeConfig(bytes.NewReader(out))
			if err != nil || cfg.Width > width || cfg.Height > maxTall*width {
				t.Errorf("width %d became %d x %d, %v", width, cfg.Width, cfg.Height, err)
			}
		}
	})
}

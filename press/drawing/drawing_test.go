package drawing_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"testing"

	"understory/press/drawing"
)

func TestEverySceneIsAPicture(t *testing.T) {
	for _, scene := range drawing.Scenes() {
		t.Run(string(scene), func(t *testing.T) {
			body := drawing.JPEG(scene, "#123C4A", 1)
			img, err := jpeg.Decode(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if got, want := img.Bounds(), image.Rect(0, 0, drawing.Width, drawing.Height); got != want {
				t.Errorf("bounds %v, want %v", got, want)
			}
			if len(body) < 20_000 || len(body) > 250_000 {
				t.Errorf("%d bytes: either nothing is drawn or it is noise", len(body))
			}
			if n := blackShare(img); n > 0.02 {
				t.Errorf("%.0f%% of it was never painted", 100*n)
			}
		})
	}
}

// blackShare is the share of pixels that are as black as an empty canvas.
func blackShare(img image.Image) float64 {
	black, all := 0, 0
	for y := 0; y < drawing.Height; y += 7 {
		for x := 0; x < drawing.Width; x += 7 {
			r, g, b, _ := img.At(x, y).RGBA()
			if all++; r+g+b < 3*0x0500 {
				black++
			}
		}
	}
	return float64(black) / float64(all)
}

func TestFaces(t *testing.T) {
	c := drawing.NewCache(2)
	first := c.JPEG("bars", "#123C4A", 1)
	if !bytes.Equal(first, c.JPEG("bars", "#123C4A", 1)) {
		t.Error("one face gave two pictures")
	}
	if bytes.Equal(first, c.JPEG("bars", "#123C4A", 2)) {
		t.Error("two faces gave one picture")
	}
	c.JPEG("bars", "#123C4A", 3) // drops the first from the cache
	if !bytes.Equal(first, c.JPEG("bars", "#123C4A", 1)) {
		t.Error("a picture drawn again is another one")
	}
}

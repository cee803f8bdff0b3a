package picture

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // the first frame
	"image/jpeg"
	_ "image/png"
	"strings"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"
	"golang.org/x/sync/semaphore"
)

var (
	errTooLarge = errors.New("the picture is too large")
	errNoType   = errors.New("not a type of picture that is shown")
)

// workshop makes pictures smaller, which takes up to 16 bytes for each of
// their pixels: a large one is made alone, small ones beside each other.
type workshop struct {
	maxPixels int64
	room      int64 // pixels at one time
	pixels    *semaphore.Weighted
}

func newWorkshop(maxPixels int64) workshop {
	room := max(1, maxPixels/4)
	return workshop{maxPixels, room, semaphore.NewWeighted(room)}
}

// quality is that of the JPEGs made.
const quality = 82

// resize makes every width of a picture. What comes out holds nothing but
// pixels: no place, no camera, no colour profile.
func (w workshop) resize(ctx context.Context, body []byte, contentType string) (map[int][]byte, error) {
	if err := inspect(body, contentType); err != nil {
		return nil, err
	}
	cfg, format, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("read the picture's size: %w", err)
	}
	pixels := int64(cfg.Width) * int64(cfg.Height)
	if cfg.Width < 1 || cfg.Height < 1 || pixels > w.maxPixels {
		return nil, errTooLarge
	}
	taken := min(pixels, w.room)
	if err := w.pixels.Acquire(ctx, taken); err != nil {
		return nil, err
	}
	defer w.pixels.Release(taken)
	img, _, err := image.Decode(bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("decode the picture: %w", err)
	}
	turn := 1
	if format == "jpeg" {
		turn = orientation(body)
	}
	return encode(img, turn)
}

// maxScans is how many passes a progressive JPEG may make over its pixels. A
// photograph has about ten; a few bytes more make a decoder work for an hour.
const maxScans = 64

// inspect refuses what is not one of the types that are shown, whatever its
// header claims, and what is small but takes for ever.
func inspect(body []byte, contentType string) error {
	if strings.Contains(strings.ToLower(contentType), "svg") {
		return errNoType
	}
	switch {
	case bytes.HasPrefix(body, []byte("\xff\xd8\xff")):
		if bytes.Count(body, []byte("\xff\xda")) > maxScans {
			return errTooLarge
		}
	case bytes.HasPrefix(body, []byte("\x89PNG\r\n\x1a\n")), bytes.HasPrefix(body, []byte("GIF8")):
	case len(body) > 12 && string(body[:4]) == "RIFF" && string(body[8:12]) == "WEBP":
	default:
		return errNoType
	}
	return nil
}

// encode scales from each width to the next smaller one.
func encode(img image.Image, turn int) (map[int][]byte, error) {
	made := map[int][]byte{}
	for i := len(widths) - 1; i >= 0; i-- {
		img = scale(img, widths[i], turn)
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
			return nil, fmt.Errorf("encode the picture: %w", err)
		}
		made[widths[i]], turn = b.Bytes(), 1
	}
	return made, nil
}

// paper is what shows through a picture that lets something through.
var paper = image.NewUniform(color.RGBA{0xfb, 0xfa, 0xf6, 0xff})

// maxTall is how many times its width a picture may be tall; the rest, below,
// is cut off.
const maxTall = 3

// scale returns the picture turned upright, opaque and at most width wide.
func scale(img image.Image, width, turn int) image.Image {
	from := top(img.Bounds(), turn)
	across, down := from.Dx(), from.Dy()
	if turn >= 5 {
		across, down = down, across
	}
	width = min(width, across)
	height := max(1, (down*width+across/2)/across)
	if turn >= 5 {
		width, height = height, width
	}
	// The good scaler's memory grows with the size it starts from, so what is
	// much larger is halved first, which loses nothing.
	for from.Dx() >= 2*width && from.Dy() >= 2*height && from.Dy() > 1 {
		img = onPaper(draw.ApproxBiLinear, img, from, from.Dx()/2, from.Dy()/2)
		from = img.Bounds()
	}
	return upright(onPaper(draw.CatmullRom, img, from, width, height), turn)
}

// onPaper draws part of a picture onto paper of a new size.
func onPaper(with draw.Scaler, img image.Image, from image.Rectangle, width, height int) *image.RGBA {
	to := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(to, to.Bounds(), paper, image.Point{}, draw.Src)
	with.Scale(to, to.Bounds(), img, from, draw.Over, nil)
	return to
}

// top is the part of a very tall picture that is kept, before it is turned.
func top(b image.Rectangle, turn int) image.Rectangle {
	switch {
	case turn <= 2:
		b.Max.Y = min(b.Max.Y, b.Min.Y+maxTall*b.Dx())
	case turn <= 4:
		b.Min.Y = max(b.Min.Y, b.Max.Y-maxTall*b.Dx())
	case turn <= 6:
		b.Max.X = min(b.Max.X, b.Min.X+maxTall*b.Dy())
	default:
		b.Min.X = max(b.Min.X, b.Max.X-maxTall*b.Dy())
	}
	return b
}

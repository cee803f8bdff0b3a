package drawing

import (
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"strconv"

	"golang.org/x/image/vector"
)

// canvas is a picture being painted, from back to front.
type canvas struct {
	img  *image.RGBA
	pen  *vector.Rasterizer
	r    *rand.Rand
	mood mood
	tint rgb // the title's colour
}

// rgb is a colour with parts from 0 to 1.
type rgb struct{ r, g, b float64 }

// mood is the light of a picture.
type mood struct {
	top, low, sun, far, near rgb
	dark                     bool
}

type pt struct{ x, y float64 }

func newCanvas(tint rgb, r *rand.Rand) *canvas {
	all := moods()
	return &canvas{
		img: image.NewRGBA(image.Rect(0, 0, Width, Height)), pen: vector.NewRasterizer(0, 0), r: r,
		mood: all[min(r.IntN(len(all)*2-1)/2, len(all)-1)], tint: tint, // night half as often as the others
	}
}

func moods() []mood {
	return []mood{
		{top: hex("#8FA8C8"), low: hex("#F6D3B3"), sun: hex("#FFF0D0"), far: hex("#A8A6BC"), near: hex("#3A4258")},
		{top: hex("#7FB2D6"), low: hex("#E2EDEC"), sun: hex("#FFFBE8"), far: hex("#9DB9C4"), near: hex("#2F4A55")},
		{top: hex("#3B4A7A"), low: hex("#F0A678"), sun: hex("#FFE3B0"), far: hex("#8B7393"), near: hex("#2A2440"), dark: true},
		{top: hex("#A4B0B8"), low: hex("#DFE0D8"), sun: hex("#F0EFE6"), far: hex("#9CA6A8"), near: hex("#3C474A")},
		{top: hex("#C4B892"), low: hex("#F8E8C0"), sun: hex("#FFF9E2"), far: hex("#C2AF8C"), near: hex("#54432E")},
		{top: hex("#101C36"), low: hex("#44597A"), sun: hex("#F3F0DC"), far: hex("#2E4160"), near: hex("#0B1424"), dark: true},
	}
}

// hex reads #RRGGBB; anything else is black.
func hex(s string) rgb {
	if len(s) != 7 {
		return rgb{}
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return rgb{}
	}
	return rgb{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}
}

// to mixes a with b: t 0 is a, 1 is b.
func (a rgb) to(b rgb, t float64) rgb {
	return rgb{a.r + (b.r-a.r)*t, a.g + (b.g-a.g)*t, a.b + (b.b-a.b)*t}
}

func (a rgb) alpha(t float64) color.NRGBA {
	part := func(v float64) uint8 { return uint8(math.Round(255 * min(max(v, 0), 1))) }
	return color.NRGBA{part(a.r), part(a.g), part(a.b), part(t)}
}

// depth is the colour of land at a distance: 0 far, 1 near, touched by the title's colour.
func (c *canvas) depth(t float64) rgb {
	touch := 0.12 + 0.16*t
	if c.mood.dark {
		touch *= 0.4
	}
	return c.mood.far.to(c.mood.near, t).to(c.tint, touch)
}

// between returns a number in [low, high).
func (c *canvas) between(low, high float64) float64 { return low + (high-low)*c.r.Float64() }

func (c *canvas) odds(p float64) bool { return c.r.Float64() < p }

// fill paints a polygon.
func (c *canvas) fill(col rgb, alpha float64, pts ...pt) {
	box := image.Rectangle{Min: image.Pt(1<<20, 1<<20), Max: image.Pt(-1<<20, -1<<20)} // not image.Rect, which would swap them
	for _, p := range pts {
		box.Min.X, box.Min.Y = min(box.Min.X, int(p.x)-1), min(box.Min.Y, int(p.y)-1)
		box.Max.X, box.Max.Y = max(box.Max.X, int(p.x)+2), max(box.Max.Y, int(p.y)+2)
	}
	box = box.Intersect(image.Rect(-400, -400, Width+400, Height+400))
	if len(pts) < 3 || box.Empty() {
		return
	}
	c.pen.Reset(box.Dx(), box.Dy())
	at := func(p pt) (float32, float32) {
		return float32(p.x) - float32(box.Min.X), float32(p.y) - float32(box.Min.Y)
	}
	x, y := at(pts[0])
	c.pen.MoveTo(x, y)
	for _, p := range pts[1:] {
		x, y = at(p)
		c.pen.LineTo(x, y)
	}
	c.pen.ClosePath()
	seen := box.Intersect(c.img.Bounds())
	if seen != box { // the rasteriser cannot begin outside the picture, so the rest is painted apart
		c.paintClipped(box, col, alpha)
		return
	}
	c.pen.Draw(c.img, box, image.NewUniform(col.alpha(alpha)), image.Point{})
}

// paintClipped paints the pen's shape where only part of its box is on the picture.
func (c *canvas) paintClipped(box image.Rectangle, col rgb, alpha float64) {
	mask := image.NewAlpha(image.Rect(0, 0, box.Dx(), box.Dy()))
	c.pen.Draw(mask, mask.Bounds(), image.Opaque, image.Point{})
	seen := box.Intersect(c.img.Bounds())
	for y := seen.Min.Y; y < seen.Max.Y; y++ {
		for x := seen.Min.X; x < seen.Max.X; x++ {
			if a := mask.AlphaAt(x-box.Min.X, y-box.Min.Y).A; a > 0 {
				c.blend(x, y, col, alpha*float64(a)/255)
			}
		}
	}
}

func (c *canvas) blend(x, y int, col rgb, t float64) {
	i := c.img.PixOffset(x, y)
	px := c.img.Pix[i : i+4 : i+4]
	mix := func(old uint8, v float64) uint8 { return uint8(float64(old) + (v*255-float64(old))*t + 0.5) }
	px[0], px[1], px[2], px[3] = mix(px[0], col.r), mix(px[1], col.g), mix(px[2], col.b), 255
}

func (c *canvas) rect(x, y, w, h float64, col rgb, alpha float64) {
	c.fill(col, alpha, pt{x, y}, pt{x + w, y}, pt{x + w, y + h}, pt{x, y + h})
}

func (c *canvas) line(a, b pt, width float64, col rgb, alpha float64) {
	d := math.Hypot(b.x-a.x, b.y-a.y)
	if d == 0 {
		return
	}
	nx, ny := (b.y-a.y)/d*width/2, -(b.x-a.x)/d*width/2
	c.fill(col, alpha, pt{a.x + nx, a.y + ny}, pt{b.x + nx, b.y + ny}, pt{b.x - nx, b.y - ny}, pt{a.x - nx, a.y - ny})
}

func (c *canvas) path(pts []pt, width float64, col rgb, alpha float64) {
	for i := 1; i < len(pts); i++ {
		c.line(pts[i-1], pts[i], width, col, alpha)
	}
}

func (c *canvas) ellipse(x, y, rx, ry float64, col rgb, alpha float64) {
	pts := make([]pt, 48)
	for i := range pts {
		s, k := math.Sincos(float64(i) * 2 * math.Pi / 48)
		pts[i] = pt{x + rx*k, y + ry*s}
	}
	c.fill(col, alpha, pts...)
}

// glow lights a round patch, strongest in the middle.
func (c *canvas) glow(x, y, radius float64, col rgb, strength float64) {
	for py := max(0, int(y-radius)); py < min(Height, int(y+radius)); py++ {
		for px := max(0, int(x-radius)); px < min(Width, int(x+radius)); px++ {
			dx, dy := float64(px)-x, float64(py)-y
			if d := math.Sqrt(dx*dx+dy*dy) / radius; d < 1 {
				c.blend(px, py, col, strength*(1-d)*(1-d))
			}
		}
	}
}

// wash paints a smooth change of colour from y0 down to y1.
func (c *canvas) wash(y0, y1 float64, top, low rgb) {
	for y := max(0, int(y0)); y < min(Height, int(y1)); y++ {
		col := top.to(low, (float64(y)-y0)/(y1-y0)).alpha(1)
		row := c.img.Pix[y*c.img.Stride : y*c.img.Stride+4*Width]
		copy(row, []byte{col.R, col.G, col.B, 255})
		for done := 4; done < len(row); done *= 2 {
			copy(row[done:], row[:done])
		}
	}
}

// noise is a smooth line of hills: 0 to 1 over x, with detail of the given number of octaves.
func (c *canvas) noise(wave float64, octaves int) func(x float64) float64 {
	seed := c.r.Uint64()
	value := func(n, octave int) float64 {
		return rand.New(rand.NewPCG(seed+uint64(octave), uint64(n+1000))).Float64()
	}
	return func(x float64) float64 {
		sum, weight, total := 0.0, 1.0, 0.0
		for o := range octaves {
			at := x / wave * float64(int(1)<<o)
			n := math.Floor(at)
			t := at - n
			t = t * t * (3 - 2*t)
			sum += weight * (value(int(n), o)*(1-t) + value(int(n)+1, o)*t)
			total += weight
			weight *= 0.5
		}
		return sum / total
	}
}

// land fills everything below a line of hills and returns that line.
func (c *canvas) land(base, height, wave float64, octaves int, col rgb) func(x float64) float64 {
	n := c.noise(wave, octaves)
	line := func(x float64) float64 { return base - height*n(x) }
	pts := []pt{{-10, Height + 10}}
	for x := -10.0; x <= Width+10; x += 4 {
		pts = append(pts, pt{x, line(x)})
	}
	c.fill(col, 1, append(pts, pt{Width + 10, Height + 10})...)
	return line
}

// sky paints the light of the mood down to a horizon, with a sun or moon, and returns where it stands.
func (c *canvas) sky(horizon float64) pt {
	c.wash(0, horizon, c.mood.top, c.mood.low)
	c.wash(horizon, Height, c.mood.low, c.mood.low)
	sun := pt{c.between(180, Width-180), horizon * c.between(0.32, 0.72)}
	c.glow(sun.x, sun.y, 420, c.mood.sun, 0.55)
	c.ellipse(sun.x, sun.y, 34, 34, c.mood.sun, 0.95)
	if c.mood.dark {
		for range 70 {
			c.ellipse(c.between(0, Width), c.between(0, horizon*0.6), 1.1, 1.1, c.mood.sun, c.between(0.1, 0.5))
		}
	}
	c.clouds(horizon)
	return sun
}

func (c *canvas) clouds(horizon float64) {
	col := c.mood.low.to(c.mood.sun, 0.5)
	for range 3 + c.r.IntN(4) {
		x, y, w := c.between(-100, Width), c.between(horizon*0.1, horizon*0.75), c.between(160, 420)
		for range 9 {
			c.ellipse(x+c.between(-w/2, w/2), y+c.between(-6, 6), c.between(w/6, w/3), c.between(5, 13), col, 0.13)
		}
	}
}

// water paints a sea from the horizon down, with the sun's path on it.
func (c *canvas) water(horizon float64, sun pt) {
	c.wash(horizon, Height, c.mood.low.to(c.tint, 0.22).to(c.mood.top, 0.35), c.depth(0.75))
	for range 520 {
		t := c.r.Float64() * c.r.Float64()
		y := horizon + 3 + (Height-horizon)*t
		w := 14 + 150*t*c.between(0.4, 1)
		x := c.between(-50, Width)
		col, alpha := c.mood.near, 0.05+0.08*t
		if c.odds(0.5) {
			col = c.mood.low
		}
		c.ellipse(x, y, w, 0.8+2.4*t, col, alpha)
	}
	for range 150 {
		t := c.r.Float64()
		y := horizon + 2 + (Height-horizon)*t*t
		x := sun.x + c.between(-1, 1)*(26+150*t*t)
		c.ellipse(x, y, 6+34*t, 0.8+1.8*t, c.mood.sun, 0.34)
	}
}

// finish gives the whole the slight grain of ink on paper.
func (c *canvas) finish() {
	for i := 0; i < len(c.img.Pix); i += 4 {
		d := int(c.r.Uint32()%7) - 3
		px := c.img.Pix[i : i+3 : i+3]
		for j, v := range px {
			px[j] = uint8(min(max(int(v)+d, 0), 255))
		}
	}
}

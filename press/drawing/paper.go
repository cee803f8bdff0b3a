package drawing

import (
	"image"
	"math"
	"strconv"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// paper is the ground of maps and charts.
func (c *canvas) paper() (ground, ink rgb) {
	ground, ink = hex("#FAF6EC").to(c.tint, 0.03), hex("#33322E")
	c.wash(0, Height, ground, ground)
	return ground, ink
}

// chartMap: an invented coast with soundings and a route.
func chartMap(c *canvas) {
	_, ink := c.paper()
	sea := hex("#CFE0DF").to(c.tint, 0.1)
	c.wash(0, Height, sea, sea.to(hex("#FAF6EC"), 0.25))
	n1, n2 := c.noise(330, 6), c.noise(290, 6)
	north := func(x float64) float64 { return 60 + 330*n1(x) }
	south := func(x float64) float64 { return 820 - 330*n2(x+5000) }
	for ring := range 4 {
		d := 66 - 22*float64(ring)
		col := sea.to(hex("#FAF6EC"), 0.18*float64(ring+1))
		c.shore(func(x float64) float64 { return north(x) + d }, -20, col)
		c.shore(func(x float64) float64 { return south(x) - d }, Height+20, col)
	}
	landCol := hex("#EFE6CF").to(hex("#B9B37F"), 0.25)
	c.shore(north, -20, landCol)
	c.shore(south, Height+20, landCol)
	for ring := range 5 {
		d := 34 + 34*float64(ring)
		c.path(sample(func(x float64) float64 { return north(x*0.98+8) - d }), 1.2, hex("#8C8257"), 0.4)
		c.path(sample(func(x float64) float64 { return south(x*0.98+8) + d }), 1.2, hex("#8C8257"), 0.4)
	}
	c.path(sample(north), 2.6, ink, 0.85)
	c.path(sample(south), 2.6, ink, 0.85)
	a, b := c.between(120, 300), c.between(850, 1080)
	c.route(pt{a, north(a)}, pt{b, south(b)})
	for _, p := range []pt{{a, north(a)}, {b, south(b)}} {
		c.ellipse(p.x, p.y, 13, 13, ink, 1)
		c.ellipse(p.x, p.y, 8, 8, hex("#FAF6EC"), 1)
	}
	for range 26 {
		x := c.between(40, Width-40)
		y := c.between(north(x)+40, south(x)-40)
		c.label(strconv.Itoa(6+c.r.IntN(60)), x, y, 17, ink.to(sea, 0.45))
	}
	c.compass(1080, 120, ink)
}

func (c *canvas) shore(line func(float64) float64, edge float64, col rgb) {
	c.fill(col, 1, append(append([]pt{{-10, edge}}, sample(line)...), pt{Width + 10, edge})...)
}

// sample follows a line from edge to edge.
func sample(line func(float64) float64) []pt {
	var pts []pt
	for x := -10.0; x <= Width+10; x += 5 {
		pts = append(pts, pt{x, line(x)})
	}
	return pts
}

// route is a dashed line that bends a little on its way.
func (c *canvas) route(a, b pt) {
	bend := c.between(-90, 90)
	at := func(t float64) pt {
		return pt{a.x + (b.x-a.x)*t, a.y + (b.y-a.y)*t + bend*math.Sin(t*math.Pi)}
	}
	for i := 0; i < 40; i += 2 {
		c.line(at(float64(i)/40), at(float64(i+1)/40), 6, c.tint, 1)
	}
}

func (c *canvas) compass(x, y float64, ink rgb) {
	for i := range 8 {
		s, k := math.Sincos(float64(i) * math.Pi / 4)
		l := 54.0
		if i%2 == 1 {
			l = 28
		}
		c.fill(ink, 0.85, pt{x + l*k, y + l*s}, pt{x - 6*s, y + 6*k}, pt{x + 6*s, y - 6*k})
	}
	c.ellipse(x, y, 5, 5, hex("#FAF6EC"), 1)
	c.label("N", x, y-62, 24, ink)
}

// label writes a few characters centred on x, standing on y.
func (c *canvas) label(text string, x, y, size float64, col rgb) {
	parsed, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic(err) // the font is part of the binary
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: size, DPI: 72})
	if err != nil {
		panic(err) // the options are valid ones
	}
	defer face.Close()
	d := font.Drawer{Dst: c.img, Src: image.NewUniform(col.alpha(1)), Face: face}
	d.Dot = fixed.Point26_6{X: fixed.Int26_6(x*64) - d.MeasureString(text)/2, Y: fixed.Int26_6(y * 64)}
	d.DrawString(text)
}

// lastYear is where the time on every chart ends.
const lastYear = 2025

// axes rules a chart and numbers its steps; it returns where a value stands.
func (c *canvas) axes(top float64, years int, ink rgb) (x func(i float64) float64, y func(v float64) float64) {
	x = func(i float64) float64 { return 130 + 940*i/float64(years-1) }
	y = func(v float64) float64 { return 660 - 520*v/top }
	for i := range 5 {
		v := top * float64(i) / 4
		c.rect(130, y(v), 940, 1.2, ink, 0.22)
		c.label(strconv.Itoa(int(math.Round(v))), 92, y(v)+9, 26, ink.to(hex("#FAF6EC"), 0.3))
	}
	c.rect(130, y(0)-1, 940, 2.6, ink, 0.9)
	for i := range years {
		c.rect(x(float64(i)), 660, 2, 10, ink, 0.6)
		if i%2 == 0 {
			c.label(strconv.Itoa(lastYear-years+1+i), x(float64(i)), 706, 26, ink.to(hex("#FAF6EC"), 0.3))
		}
	}
	return x, y
}

// lineChart: one line that matters, two behind it.
func lineChart(c *canvas) {
	ground, ink := c.paper()
	top := float64(20 * (1 + c.r.IntN(6)))
	x, y := c.axes(top, 11, ink)
	for series := range 3 {
		n := c.noise(3.2, 3)
		drift := c.between(-0.35, 0.35)
		var pts []pt
		for i := 0.0; i <= 10; i += 0.1 {
			v := min(max(0.5+drift*(i/10-0.5)*1.4+0.55*(n(i)-0.5), 0.05), 0.97)
			pts = append(pts, pt{x(i), y(v * top)})
		}
		if series < 2 {
			c.path(pts, 4, ink.to(ground, 0.68), 1)
			continue
		}
		area := append(append([]pt{{x(0), y(0)}}, pts...), pt{x(10), y(0)})
		c.fill(c.tint, 0.12, area...)
		c.path(pts, 8, c.tint, 1)
		last := pts[len(pts)-1]
		c.ellipse(last.x, last.y, 13, 13, c.tint, 1)
		c.ellipse(last.x, last.y, 6, 6, ground, 1)
	}
}

// barChart: a bar a year, the last in the title's colour.
func barChart(c *canvas) {
	ground, ink := c.paper()
	top := float64(40 * (1 + c.r.IntN(5)))
	_, y := c.axes(top, 0, ink)
	n := c.noise(2.4, 2)
	for i := range 11 {
		v := top * (0.15 + 0.75*n(float64(i)))
		col := c.tint.to(ground, 0.55)
		if i == 10 {
			col = c.tint
		}
		at := 144 + 84.5*float64(i)
		c.rect(at, y(v), 66, y(0)-y(v), col, 1)
		if i%2 == 0 {
			c.label(strconv.Itoa(lastYear-10+i), at+33, 706, 26, ink.to(ground, 0.3))
		}
	}
}

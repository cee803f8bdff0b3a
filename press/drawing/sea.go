package drawing

import "math"

// harbour: a quay with cranes, a ship at its berth, hills behind.
func harbour(c *canvas) {
	horizon := c.between(430, 500)
	sun := c.sky(horizon)
	c.land(horizon, 130, 420, 5, c.depth(0.15))
	c.land(horizon+4, 60, 260, 5, c.depth(0.35))
	c.water(horizon, sun)
	c.boat(c.between(120, 420), horizon+70, 0.55)
	c.boat(c.between(600, 1000), horizon+40, 0.35)
	quay := horizon + 150
	left := c.odds(0.5)
	x0, x1 := -10.0, Width*0.62
	if !left {
		x0, x1 = Width*0.38, Width+10
	}
	for i := range 3 {
		c.crane(x0+(x1-x0)*(0.2+0.27*float64(i)), quay, c.between(0.8, 1.15), left)
	}
	c.fill(c.depth(0.95), 1, pt{x0, quay}, pt{x1, quay}, pt{x1 - 20, quay + 60}, pt{x0, quay + 60})
	for x := x0 + 20; x < x1-40; x += 46 {
		c.containers(x, quay)
	}
	c.wash(quay+60, quay+61, c.mood.near, c.mood.near)
	for range 120 {
		y := quay + 62 + c.between(0, Height-quay-62)
		c.ellipse(c.between(x0, x1), y, c.between(12, 70), 1.6, c.mood.near, 0.14)
	}
	c.gulls(5, horizon)
}

func (c *canvas) containers(x, quay float64) {
	for level := range c.r.IntN(4) {
		col := []rgb{c.tint, hex("#B5533C"), hex("#C9A24B"), hex("#5E7F8C"), c.depth(0.8)}[c.r.IntN(5)]
		c.rect(x, quay-float64(level+1)*17, 42, 16, col.to(c.mood.near, 0.25), 1)
	}
}

func (c *canvas) crane(x, y, size float64, left bool) {
	ink := c.depth(0.9)
	s := 1.0
	if !left {
		s = -1
	}
	h := 230 * size
	at := func(dx, dy float64) pt { return pt{x + s*dx*size, y - dy*size} }
	c.line(at(-26, 0), at(-16, 190), 7*size, ink, 1)
	c.line(at(34, 0), at(24, 190), 7*size, ink, 1)
	c.line(at(-24, 60), at(30, 60), 4*size, ink, 1)
	c.line(at(-20, 120), at(27, 62), 3*size, ink, 1)
	c.line(at(-80, 192), at(190, 204), 7*size, ink, 1)
	c.line(at(4, 190), at(4, 252), 5*size, ink, 1)
	c.line(at(4, 250), at(180, 204), 2*size, ink, 1)
	c.line(at(4, 250), at(-74, 194), 2*size, ink, 1)
	c.rect(x-12*size, y-h*0.86, 30*size, 22*size, c.tint.to(c.mood.near, 0.3), 1)
	c.line(at(140, 200), at(140, 120), 1.6*size, ink, 1)
	c.rect(at(140, 0).x-15*size, y-122*size, 30*size, 14*size, hex("#B5533C").to(c.mood.near, 0.3), 1)
}

// boat paints a small fishing boat.
func (c *canvas) boat(x, y, size float64) {
	at := func(dx, dy float64) pt { return pt{x + dx*size, y + dy*size} }
	hull := c.tint.to(c.mood.near, 0.35)
	c.fill(hull, 1, at(-90, -24), at(96, -34), at(74, 8), at(-76, 8))
	c.fill(c.mood.low, 0.9, at(-90, -24), at(96, -34), at(94, -28), at(-89, -19))
	c.fill(c.mood.low.to(c.mood.near, 0.15), 1, at(-46, -26), at(-46, -62), at(4, -62), at(10, -28))
	c.rect(at(-38, 0).x, at(0, -56).y, 12*size, 12*size, c.mood.near, 0.8)
	c.rect(at(-20, 0).x, at(0, -56).y, 12*size, 12*size, c.mood.near, 0.8)
	c.line(at(30, -30), at(30, -130), 4*size, c.mood.near, 1)
	c.line(at(30, -126), at(90, -36), 1.5*size, c.mood.near, 1)
	c.line(at(30, -126), at(-44, -62), 1.5*size, c.mood.near, 1)
	for i := range 12 {
		c.ellipse(x+c.between(-80, 80)*size, y+float64(12+i*5)*size, c.between(20, 70)*size, 1.7*size, hull, 0.28)
	}
}

func (c *canvas) gulls(n int, below float64) {
	for range n {
		x, y, s := c.between(80, Width-80), c.between(60, below*0.7), c.between(7, 15)
		ink := c.mood.near.to(c.mood.top, 0.3)
		wing := func(side float64) []pt {
			return []pt{{x, y}, {x + side*s*0.5, y - s*0.45}, {x + side*s, y - s*0.5}, {x + side*s*1.5, y - s*0.2}}
		}
		c.path(wing(1), 1.8, ink, 0.8)
		c.path(wing(-1), 1.8, ink, 0.8)
	}
}

// coast: a headland with a lighthouse.
func coast(c *canvas) {
	horizon := c.between(410, 470)
	sun := c.sky(horizon)
	c.land(horizon, 70, 500, 4, c.depth(0.12))
	c.water(horizon, sun)
	c.boat(c.between(100, 360), horizon+36, 0.3)
	rough := c.noise(90, 4)
	edge := c.between(560, 720)
	top := func(x float64) float64 { return horizon - 80 + 90*math.Exp(-(x-edge)/260) + 26*rough(x) }
	pts := []pt{{Width + 10, Height + 10}, {edge - 90, Height + 10}}
	for y := Height + 0.0; y > horizon+30; y -= 14 {
		pts = append(pts, pt{edge - 80 + 70*rough(y*1.7+900) - (y-horizon)*0.16, y})
	}
	var turf []pt
	for x := edge; x <= Width+10; x += 5 {
		turf = append(turf, pt{x, top(x)})
	}
	c.fill(c.depth(0.7).to(hex("#8A7A66"), 0.35), 1, append(pts, turf...)...)
	for i := range 9 { // the rock is darker towards the sea's foot
		y := horizon + 60 + float64(i)*44
		c.fill(c.mood.near, 0.07, pt{edge - 60 - (y-horizon)*0.16, y}, pt{Width + 10, y + 60*rough(y)}, pt{Width + 10, Height + 10}, pt{edge - 150, Height + 10})
	}
	c.cliffLines(edge, horizon, rough)
	grass := append([]pt{}, turf...)
	for i := len(turf) - 1; i >= 0; i-- {
		grass = append(grass, pt{turf[i].x, turf[i].y + 26 + 14*rough(turf[i].x*2)})
	}
	c.fill(c.depth(0.55).to(hex("#6E8B4A"), 0.4), 1, grass...)
	x := edge + c.between(130, 260)
	c.lighthouse(x, top(x)+8)
	for range 60 {
		y := horizon + 40 + c.between(0, Height-horizon)
		c.ellipse(edge-90-(y-horizon)*0.16+c.between(-26, 26), y, c.between(10, 40), 2, c.mood.sun, 0.35)
	}
	c.gulls(7, horizon)
}

func (c *canvas) cliffLines(edge, horizon float64, rough func(float64) float64) {
	for i := range 26 {
		x := edge + 20 + float64(i)*32
		y := horizon + 10 + c.between(0, 40)
		var pts []pt
		for s := range 14 {
			pts = append(pts, pt{x + 22*rough(float64(i*70+s*31)) - float64(s)*2.2, y + float64(s)*26})
		}
		c.path(pts, c.between(1.5, 4), c.mood.near, 0.16)
	}
}

func (c *canvas) lighthouse(x, y float64) {
	white := c.mood.sun.to(c.mood.far, 0.15)
	h := 190.0
	body := func(from, to float64) []pt {
		w := func(t float64) float64 { return 24 - 9*t }
		return []pt{{x - w(from), y - h*from}, {x - w(to), y - h*to}, {x + w(to), y - h*to}, {x + w(from), y - h*from}}
	}
	c.fill(white, 1, body(0, 1)...)
	c.fill(c.tint.to(hex("#B3402E"), 0.5), 1, body(0.36, 0.64)...)
	c.fill(c.mood.near, 0.22, pt{x + 5, y}, pt{x + 4, y - h}, pt{x + 15, y - h}, pt{x + 24, y})
	c.rect(x-20, y-h-5, 40, 6, c.mood.near, 1)
	c.rect(x-11, y-h-30, 22, 26, c.mood.sun, 1)
	c.line(pt{x, y - h - 30}, pt{x, y - h - 4}, 2, c.mood.near, 1)
	c.fill(c.mood.near, 1, pt{x - 15, y - h - 29}, pt{x, y - h - 46}, pt{x + 15, y - h - 29})
	c.rect(x-70, y-26, 44, 28, white, 1)
	c.fill(c.tint.to(c.mood.near, 0.4), 1, pt{x - 76, y - 25}, pt{x - 48, y - 46}, pt{x - 20, y - 25})
	if c.mood.dark {
		c.fill(c.mood.sun, 0.16, pt{x, y - h - 17}, pt{-40, y - h - 120}, pt{-40, y - h + 40})
		c.glow(x, y-h-17, 110, c.mood.sun, 0.6)
	}
}

// storm: heavy seas under rain.
func storm(c *canvas) {
	c.mood = moods()[3]
	c.mood.far, c.mood.near = hex("#7C9298"), hex("#24373F").to(c.tint, 0.15)
	c.wash(0, Height, c.mood.near.to(c.mood.top, 0.35), c.mood.low)
	for range 130 {
		t := c.r.Float64()
		c.ellipse(c.between(-100, Width+100), -30+330*t, c.between(90, 300), c.between(12, 40)*(1.3-t), c.mood.near.to(c.mood.low, 0.7*t), 0.09)
	}
	for i := range 9 {
		t := float64(i) / 8
		base := 430 + 330*t*t + 20*t
		line := c.land(base+40*t, 40+150*t, 170+260*t, 3, c.mood.far.to(c.mood.near, 0.15+0.8*t).to(c.tint, 0.07))
		for x := 0.0; x < Width; x += 6 {
			slope := line(x+6) - line(x-6)
			if slope < 0 && c.odds(0.55) {
				c.ellipse(x, line(x)+c.between(1, 5+14*t), c.between(3, 9+14*t), 1+2.2*t, c.mood.sun, 0.3)
			}
		}
	}
	for range 420 {
		x, y, l := c.between(-50, Width+100), c.between(-20, Height), c.between(20, 60)
		c.line(pt{x, y}, pt{x - l*0.35, y + l}, 1.1, c.mood.sun, 0.16)
	}
}

// meadow: eelgrass under water, with the light coming down.
func meadow(c *canvas) {
	deep := hex("#0E4A52").to(c.tint, 0.35)
	c.wash(0, Height, hex("#9FD3C7"), deep)
	for range 7 {
		x, w := c.between(0, Width), c.between(30, 90)
		c.fill(hex("#E8FFF2"), 0.07, pt{x, -10}, pt{x + w, -10}, pt{x + w*2.6 - 160, Height}, pt{x - 260, Height})
	}
	for layer := range 4 {
		t := float64(layer) / 3
		col := hex("#7DB8A0").to(hex("#123F33"), 0.2+0.8*t).to(c.tint, 0.15)
		c.land(Height-10+20*t, 70-40*t, 300, 3, col.to(deep, 0.4))
		for range 120 {
			c.blade(c.between(-20, Width+20), Height-c.between(0, 60)*(1-t), c.between(160, 330)*(0.6+0.6*t), 2+5*t, col)
		}
		if layer == 1 {
			c.fishes(deep)
		}
	}
	for range 40 {
		x, y, r := c.between(0, Width), c.between(0, Height), c.between(1.5, 5)
		c.ellipse(x, y, r, r, hex("#F2FFFA"), 0.25)
	}
}

func (c *canvas) blade(x, y, length, width float64, col rgb) {
	lean := c.between(-0.12, 0.5)
	var left, right []pt
	for i := range 15 {
		t := float64(i) / 14
		px := x + lean*length*t*t + 12*math.Sin(t*4+x)
		w := width * (1 - t*t)
		left = append(left, pt{px - w, y - length*t})
		right = append([]pt{{px + w, y - length*t}}, right...)
	}
	c.fill(col.to(hex("#C8E6A0"), c.between(0, 0.3)), 0.92, append(left, right...)...)
}

func (c *canvas) fishes(ink rgb) {
	x, y := c.between(300, 800), c.between(180, 380)
	for range 16 {
		fx, fy, s := x+c.between(-220, 220), y+c.between(-90, 90), c.between(7, 13)
		c.ellipse(fx, fy, s*1.7, s*0.55, ink, 0.75)
		c.fill(ink, 0.75, pt{fx - s*1.4, fy}, pt{fx - s*2.3, fy - s*0.6}, pt{fx - s*2.3, fy + s*0.6})
	}
}

// night: a still sea, a moon, one lit boat.
func night(c *canvas) {
	c.mood = moods()[5]
	sun := c.sky(470)
	c.land(474, 60, 380, 4, c.depth(0.5))
	c.water(470, sun)
	x := c.between(250, 950)
	c.boat(x, 590, 0.8)
	c.glow(x-10, 545, 90, hex("#FFD98A"), 0.7)
	for range 30 {
		c.ellipse(x+c.between(-40, 40), 600+c.between(0, 120), c.between(6, 26), 1.4, hex("#FFD98A"), 0.3)
	}
}

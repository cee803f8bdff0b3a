package drawing

import "math"

// skyline: rows of houses up a hill, windows lit where it is dark.
func skyline(c *canvas) {
	c.sky(560)
	c.land(470, 150, 600, 4, c.depth(0.1))
	for i := range 4 {
		t := float64(i) / 3
		c.skylineRow(500+95*t, 70+10*t, 190-30*t, 0.2+0.62*t)
	}
	c.rect(0, 700, Width, 110, c.depth(1), 1)
	for x := 20.0; x < Width; x += 120 {
		c.rect(x, 640, 4, 62, c.mood.near, 1)
		c.ellipse(x+2, 636, 6, 6, c.mood.sun, 0.95)
		c.glow(x+2, 636, 46, c.mood.sun, 0.35)
	}
}

// skylineRow paints one row of houses standing on base.
func (c *canvas) skylineRow(base, low, high, t float64) {
	for x := -30.0; x < Width+30; {
		w, h := c.between(34, 92), c.between(low, high)
		col := c.depth(t).to(hex("#B98B6A"), c.between(0, 0.22))
		c.rect(x, base-h, w, h+Height, col, 1)
		switch c.r.IntN(4) {
		case 0:
			c.fill(col.to(c.mood.near, 0.3), 1, pt{x - 3, base - h}, pt{x + w/2, base - h - w*0.45}, pt{x + w + 3, base - h})
		case 1:
			c.rect(x+w*0.6, base-h-18, 8, 20, col.to(c.mood.near, 0.2), 1)
		case 2:
			c.fill(col, 1, pt{x + w*0.42, base - h}, pt{x + w*0.5, base - h - 60*t - 16}, pt{x + w*0.58, base - h})
		}
		c.windows(x, base-h, w, h, t)
		x += w + c.between(-6, 6)
	}
}

func (c *canvas) windows(x, y, w, h, t float64) {
	lit := hex("#FFDE9A")
	for wy := y + 12; wy < y+h-10; wy += 19 {
		for wx := x + 8; wx < x+w-10; wx += 14 {
			switch {
			case c.mood.dark && c.odds(0.4):
				c.rect(wx, wy, 6, 9, lit, 0.4+0.5*t)
			case c.odds(0.8):
				c.rect(wx, wy, 6, 9, c.mood.near, 0.12+0.2*t)
			}
		}
	}
}

// council: a town hall with columns, steps and a flag of the title's colour.
func council(c *canvas) {
	c.sky(600)
	c.skylineRow(590, 90, 190, 0.15)
	stone := c.mood.sun.to(c.mood.far, 0.28)
	shade := c.mood.near
	c.rect(190, 330, 820, 300, stone.to(shade, 0.12), 1)
	c.fill(stone, 1, pt{170, 330}, pt{600, 180}, pt{1030, 330})
	c.fill(stone.to(shade, 0.18), 1, pt{250, 318}, pt{600, 198}, pt{950, 318})
	c.ellipse(600, 276, 30, 30, stone, 1)
	c.line(pt{600, 276}, pt{600, 254}, 3, shade, 1)
	c.line(pt{600, 276}, pt{614, 284}, 3, shade, 1)
	c.rect(170, 330, 860, 24, stone.to(c.mood.sun, 0.4), 1)
	for i := range 7 {
		x := 226 + float64(i)*119
		if i < 6 {
			c.rect(x+50, 420, 52, 190, shade.to(c.tint, 0.3), 0.55)
			c.ellipse(x+76, 420, 26, 24, shade.to(c.tint, 0.3), 0.55)
		}
		c.rect(x, 356, 34, 266, stone.to(c.mood.sun, 0.5), 1)
		c.rect(x+24, 356, 10, 266, shade, 0.18)
		c.rect(x-7, 354, 48, 12, stone, 1)
		c.rect(x-7, 612, 48, 14, stone, 1)
	}
	for i := range 6 {
		f := float64(i)
		c.rect(150-f*22, 626+f*18, 900+f*44, 18, stone.to(shade, 0.05+0.07*float64(i%2)+0.03*f), 1)
	}
	c.rect(0, 734, Width, 80, c.depth(0.7), 1)
	c.line(pt{600, 182}, pt{600, 70}, 5, shade, 1)
	c.flag(602, 74)
	for range 14 {
		c.walker(c.between(60, Width-60), c.between(742, 785))
	}
}

func (c *canvas) flag(x, y float64) {
	var top, low []pt
	for i := range 25 {
		t := float64(i) / 24
		dy := 7 * math.Sin(t*6) * t
		top = append(top, pt{x + 110*t, y + dy})
		low = append([]pt{{x + 110*t, y + 60 + dy}}, low...)
	}
	c.fill(c.tint, 1, append(top, low...)...)
	c.ellipse(x+48, y+32, 13, 13, c.mood.sun, 0.95)
}

func (c *canvas) walker(x, y float64) {
	col := []rgb{c.mood.near, c.tint.to(c.mood.near, 0.3), hex("#7A4B3A"), hex("#44566B")}[c.r.IntN(4)]
	c.ellipse(x+9, y, 17, 3, c.mood.near, 0.3)
	c.line(pt{x, y - 22}, pt{x - 5, y}, 4.5, c.mood.near, 1)
	c.line(pt{x, y - 22}, pt{x + 6, y}, 4.5, c.mood.near, 1)
	c.fill(col, 1, pt{x - 8, y - 18}, pt{x - 6, y - 46}, pt{x + 6, y - 46}, pt{x + 9, y - 18})
	c.ellipse(x, y-53, 5.5, 6.5, hex("#9C6F57"), 1)
}

// market: stalls under striped awnings before a row of houses.
func market(c *canvas) {
	c.sky(420)
	c.skylineRow(520, 180, 330, 0.3)
	c.rect(0, 600, Width, 210, c.depth(0.55).to(hex("#C8B49A"), 0.5), 1)
	for i := range 9 {
		c.line(pt{600 + float64(i-4)*60, 600}, pt{600 + float64(i-4)*340, Height}, 2, c.mood.near, 0.1)
	}
	for row := range 2 {
		y := 560 + float64(row)*120
		size := 0.8 + 0.45*float64(row)
		for x := -60 + c.between(0, 60) - 40*float64(row); x < Width; x += 250 * size {
			c.stall(x, y, size)
		}
		for range 7 {
			c.walker(c.between(0, Width), y+c.between(52, 74))
		}
	}
}

func (c *canvas) stall(x, y, size float64) {
	at := func(dx, dy float64) pt { return pt{x + dx*size, y + dy*size} }
	col := []rgb{c.tint, hex("#B5533C"), hex("#3F6F7A"), hex("#C28F2C"), hex("#5E7D3A")}[c.r.IntN(5)]
	c.line(at(8, 0), at(8, 90), 5*size, c.mood.near, 1)
	c.line(at(202, 0), at(202, 90), 5*size, c.mood.near, 1)
	c.fill(c.mood.near, 0.28, at(8, 0), at(202, 0), at(202, 48), at(8, 48))
	for i := range 10 {
		stripe := col
		if i%2 == 1 {
			stripe = hex("#F7F1E3").to(c.mood.far, 0.12)
		}
		f := float64(i)
		c.fill(stripe, 1, at(14+f*18.2, -46), at(14+(f+1)*18.2, -46), at(-6+(f+1)*22.2, 4), at(-6+f*22.2, 4))
		c.ellipse(at(5+f*22.2, 0).x, at(0, 4).y, 11*size, 9*size, stripe, 1)
	}
	c.fill(hex("#8A6A48").to(c.mood.near, 0.2), 1, at(0, 48), at(210, 48), at(204, 92), at(6, 92))
	for range 34 {
		goods := []rgb{hex("#C9442E"), hex("#E0A030"), hex("#7A9A3C"), hex("#D9733A"), hex("#6B3A53")}[c.r.IntN(5)]
		r := c.between(5, 8) * size
		c.ellipse(at(c.between(12, 198), 0).x, at(0, 46-c.between(0, 10)).y, r, r, goods.to(c.mood.near, 0.12), 1)
	}
}

// hall: a reading room of arches, light falling from the side.
func hall(c *canvas) {
	warm := hex("#E9D9BC").to(c.tint, 0.12)
	dark := hex("#3A2A22").to(c.tint, 0.35)
	c.wash(0, Height, warm.to(dark, 0.25), warm)
	vx, vy := 600+c.between(-60, 60), 430.0
	at := func(x, y, t float64) pt { return pt{vx + (x-vx)*t, vy + (y-vy)*t} }
	c.fill(dark.to(warm, 0.35), 1, at(0, Height, 1.1), at(Width, Height, 1.1), at(Width, Height, 0.12), at(0, Height, 0.12))
	c.fill(warm.to(dark, 0.45), 1, at(0, 0, 1.1), at(Width, 0, 1.1), at(Width, 0, 0.12), at(0, 0, 0.12))
	for i := range 9 {
		t := 0.16 * math.Pow(1.29, float64(i))
		fade := 1 - float64(i)/9
		for _, side := range []float64{0, Width} {
			c.shelf(at, side, t, t*1.2, dark, warm, fade)
		}
		c.vault(at, t, dark.to(warm, 0.2+0.55*fade))
	}
	c.glow(vx, vy-20, 260, hex("#FFF6DC"), 0.85)
	for i := range 4 {
		y := 250 + float64(i)*20
		c.fill(hex("#FFF6DC"), 0.10, pt{Width, y - 180}, pt{Width, y - 60}, pt{300 - float64(i)*60, Height}, pt{120 - float64(i)*60, Height})
	}
	for i := range 4 {
		t := 0.3 * math.Pow(1.45, float64(i))
		a, b := at(430, 730, t), at(770, 730, t)
		c.rect(a.x, a.y, b.x-a.x, 26*t, hex("#7A5232").to(dark, 0.2), 1)
		c.rect(a.x, a.y, b.x-a.x, 5*t, hex("#D9A86A"), 0.8)
		for j := range 3 {
			x := a.x + (b.x-a.x)*(0.2+0.3*float64(j))
			c.fill(hex("#2F6B4F").to(c.tint, 0.4), 1, pt{x - 16*t, a.y - 28*t}, pt{x + 16*t, a.y - 28*t}, pt{x + 24*t, a.y - 14*t}, pt{x - 24*t, a.y - 14*t})
			c.line(pt{x, a.y - 14*t}, pt{x, a.y}, 3*t, dark, 1)
			c.glow(x, a.y-6*t, 44*t, hex("#FFE9A8"), 0.6)
		}
	}
}

// shelf paints a bay of books on the wall at side between the depths t and u.
func (c *canvas) shelf(at func(x, y, t float64) pt, side, t, u float64, dark, warm rgb, fade float64) {
	inner := 0.02
	c.fill(dark.to(warm, 0.35*fade), 1, at(side, 300, t), at(side, 300, u), at(side, 780, u), at(side, 780, t))
	for row := range 6 {
		y := 318 + float64(row)*76
		for n := range 12 {
			a := t + (u-t)*(0.06+inner+0.076*float64(n))
			b := t + (u-t)*(0.06+0.076*float64(n+1))
			spine := []rgb{hex("#8C3B2A"), hex("#2F5D62"), hex("#B88A3A"), hex("#4B5D3A"), c.tint, hex("#6B4A5E")}[c.r.IntN(6)]
			h := c.between(42, 62)
			c.fill(spine.to(warm, 0.3*fade), 0.95, at(side, y+64-h, a), at(side, y+64-h, b), at(side, y+64, b), at(side, y+64, a))
		}
	}
}

func (c *canvas) vault(at func(x, y, t float64) pt, t float64, col rgb) {
	var pts []pt
	for i := range 33 {
		s, k := math.Sincos(math.Pi * float64(i) / 32)
		pts = append(pts, at(600+620*k, 300-300*s, t))
	}
	c.path(pts, 22*t, col, 0.9)
	for _, side := range []float64{-20, Width + 20} {
		c.line(at(side, 300, t), at(side, 800, t), 26*t, col, 0.9)
	}
}

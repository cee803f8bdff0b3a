package drawing

import "math"

// hills: ridge behind ridge with mist between them, and firs in front.
func hills(c *canvas) {
	c.sky(620)
	for i := range 6 {
		t := float64(i) / 5
		line := c.land(380+330*t, 190-70*t, 520-160*t, 5, c.depth(0.05+0.9*t))
		if i < 4 {
			for y := 0; y < 90; y++ {
				at := 390 + 330*t + float64(y) - 40
				c.rect(0, at, Width, 1.5, c.mood.low, 0.009*float64(y)/90*6)
			}
		}
		if i == 4 || i == 5 {
			for range 46 {
				x := c.between(-20, Width+20)
				c.fir(x, line(x)+8, c.between(30, 60)+34*(t-0.8)*5, c.depth(0.8+0.2*t))
			}
		}
	}
	c.gulls(3, 300)
}

func (c *canvas) fir(x, y, h float64, col rgb) {
	for i := range 4 {
		t := float64(i) / 4
		w := h * 0.26 * (1 - t*0.75)
		top := y - h*(0.42+0.58*t+0.12)
		c.fill(col, 1, pt{x - w, y - h*t*0.8 - h*0.08}, pt{x, top}, pt{x + w, y - h*t*0.8 - h*0.08})
	}
	c.rect(x-h*0.02, y-h*0.12, h*0.04, h*0.14, col, 1)
}

// field: rows running to a farm, turbines on the hill.
func field(c *canvas) {
	horizon := c.between(330, 390)
	c.sky(horizon + 40)
	line := c.land(horizon+30, 120, 700, 3, c.depth(0.2).to(hex("#8FA36A"), 0.3))
	for range 3 {
		x := c.between(120, Width-120)
		c.turbine(x, line(x)+4, c.between(90, 150))
	}
	near := c.land(horizon+70, 50, 600, 3, c.depth(0.35).to(hex("#7F9A4F"), 0.45))
	soil, green := c.depth(0.6).to(hex("#B08D4F"), 0.5), hex("#6F8F3F").to(c.tint, 0.25).to(c.mood.near, 0.2)
	if c.mood.dark {
		soil, green = soil.to(c.mood.near, 0.6), green.to(c.mood.near, 0.6)
	}
	c.fill(soil, 1, pt{-10, horizon + 110}, pt{Width + 10, horizon + 80}, pt{Width + 10, Height + 10}, pt{-10, Height + 10})
	vx := c.between(450, 750)
	for i := -30; i <= 30; i++ {
		x := vx + float64(i)*110
		c.fill(green, 0.85, pt{vx + float64(i)*13, horizon + 98}, pt{x - 26, Height + 10}, pt{x + 26, Height + 10})
	}
	c.house(c.between(180, 420), near(300)+34, 1.2)
	x := c.between(760, 980)
	c.house(x, near(x)+34, 0.8)
	for range 5 {
		c.tree(x+c.between(-160, 160), near(x)+36, c.between(40, 70))
	}
}

func (c *canvas) turbine(x, y, h float64) {
	white := c.mood.sun.to(c.mood.far, 0.1)
	c.fill(white, 1, pt{x - 3.5, y}, pt{x - 1.5, y - h}, pt{x + 1.5, y - h}, pt{x + 3.5, y})
	turn := c.between(0, 2)
	for i := range 3 {
		s, k := math.Sincos(turn + float64(i)*2*math.Pi/3)
		c.fill(white, 1, pt{x + 2*s, y - h - 2*k}, pt{x + h*0.5*k, y - h + h*0.5*s}, pt{x - 2*s, y - h + 2*k})
	}
	c.ellipse(x, y-h, 3.5, 3.5, white, 1)
}

func (c *canvas) house(x, y, size float64) {
	at := func(dx, dy float64) pt { return pt{x + dx*size, y + dy*size} }
	c.fill(c.mood.sun.to(c.mood.far, 0.2), 1, at(0, 0), at(0, -40), at(22, -66), at(44, -40), at(44, 0))
	c.fill(c.mood.sun.to(c.mood.far, 0.45), 1, at(44, 0), at(44, -40), at(130, -40), at(130, 0))
	c.fill(c.tint.to(hex("#A5432E"), 0.55), 1, at(22, -68), at(108, -68), at(134, -38), at(46, -38))
	c.rect(at(16, 0).x, at(0, -24).y, 12*size, 24*size, c.mood.near, 0.85)
	for i := range 3 {
		c.rect(at(60+float64(i)*24, 0).x, at(0, -28).y, 11*size, 12*size, c.mood.near, 0.7)
	}
}

func (c *canvas) tree(x, y, h float64) {
	c.rect(x-h*0.04, y-h*0.4, h*0.08, h*0.4, c.mood.near, 1)
	col := c.depth(0.6).to(hex("#5E7D3A"), 0.5)
	for range 9 {
		r := c.between(h*0.16, h*0.28)
		c.ellipse(x+c.between(-h*0.26, h*0.26), y-h*0.65+c.between(-h*0.25, h*0.2), r, r*0.9, col.to(c.mood.sun, c.between(0, 0.18)), 0.9)
	}
}

// rail: a line into a tunnel in the hills, with a train on it.
func rail(c *canvas) {
	c.sky(460)
	c.land(440, 260, 560, 5, c.depth(0.2))
	c.land(520, 220, 420, 5, c.depth(0.42).to(hex("#7C8F5C"), 0.2))
	c.land(560, 60, 300, 4, c.depth(0.6).to(hex("#6E7F4C"), 0.3))
	deck := 560.0
	stone := c.mood.far.to(hex("#9A8B78"), 0.6).to(c.mood.near, 0.15)
	c.rect(-10, deck, Width+20, 34, stone, 1)
	c.rect(-10, deck, Width+20, 5, c.mood.sun, 0.35)
	for x := -60.0; x < Width+60; x += 150 {
		c.arch(x, deck+34, 150, Height-deck, stone)
	}
	c.land(Height+10, 120, 380, 4, c.depth(0.85).to(hex("#4F6136"), 0.3))
	c.train(c.between(120, 420), deck)
	for range 24 {
		c.fir(c.between(0, Width), Height-c.between(0, 40), c.between(60, 120), c.depth(0.95))
	}
}

// arch paints the piece of a viaduct around one opening.
func (c *canvas) arch(x, y, w, h float64, col rgb) {
	pts := []pt{{x, y - 1}, {x + w, y - 1}, {x + w, y + h}, {x + w - 22, y + h}}
	for i := range 25 {
		s, k := math.Sincos(math.Pi * float64(i) / 24)
		pts = append(pts, pt{x + w/2 + (w/2-22)*k, y + 84 - 70*s})
	}
	pts = append(pts, pt{x + 22, y + h}, pt{x, y + h})
	c.fill(col, 1, pts...)
	c.rect(x+w-22, y+70, 7, h, c.mood.near, 0.14)
}

func (c *canvas) train(x, y float64) {
	for i := range 5 {
		left := x + float64(i)*128
		col := c.tint.to(c.mood.near, 0.12)
		if i == 4 {
			c.fill(col, 1, pt{left, y - 50}, pt{left + 80, y - 50}, pt{left + 128, y - 18}, pt{left + 130, y - 6}, pt{left, y - 6})
		} else {
			c.rect(left, y-50, 124, 44, col, 1)
		}
		c.rect(left, y-22, 124, 5, c.mood.sun, 0.8)
		for w := range 5 {
			c.rect(left+9+float64(w)*22, y-43, 15, 14, c.mood.low.to(hex("#FFE9B0"), 0.5), 0.95)
		}
		c.rect(left+10, y-7, 30, 7, c.mood.near, 1)
		c.rect(left+84, y-7, 30, 7, c.mood.near, 1)
	}
}

// pitch: a football ground under its lights.
func pitch(c *canvas) {
	c.sky(300)
	c.skylineRow(300, 60, 130, 0.2)
	stand := c.depth(0.85)
	c.fill(stand, 1, pt{-10, 250}, pt{Width + 10, 230}, pt{Width + 10, 420}, pt{-10, 420})
	for row := range 9 {
		for x := 4.0 + float64(row%2)*5; x < Width; x += 10 {
			col := []rgb{c.tint, c.mood.low, hex("#C9A24B"), c.mood.far, c.mood.near}[c.r.IntN(5)]
			c.ellipse(x, 292+float64(row)*13, 3.6, 4.2, col.to(stand, 0.3), 0.9)
		}
	}
	c.fill(stand.to(c.mood.near, 0.5), 1, pt{-10, 205}, pt{Width + 10, 185}, pt{Width + 10, 240}, pt{-10, 262})
	grass := hex("#4E8A3E").to(c.tint, 0.18)
	for i := range 12 {
		a, b := float64(i)/12, float64(i+1)/12
		y := func(t float64) float64 { return 410 + 390*t*t*0.55 + 390*t*0.45 }
		col := grass
		if i%2 == 0 {
			col = grass.to(hex("#A8D070"), 0.16)
		}
		c.rect(-5, y(a), Width+10, y(b)-y(a)+1, col, 1)
	}
	white := hex("#F5F7EC")
	c.rect(0, 432, Width, 3, white, 0.8)
	c.line(pt{600, 434}, pt{560, Height}, 5, white, 0.8)
	for i := range 72 {
		s, k := math.Sincos(float64(i) * 2 * math.Pi / 72)
		s2, k2 := math.Sincos(float64(i+1) * 2 * math.Pi / 72)
		c.line(pt{586 + 210*k, 580 + 84*s}, pt{586 + 210*k2, 580 + 84*s2}, 4.5, white, 0.8)
	}
	for range 9 {
		c.player(c.between(80, Width-80), c.between(480, 740))
	}
	for _, x := range []float64{110, 1090} {
		c.rect(x-4, 40, 8, 230, c.mood.near, 1)
		c.rect(x-44, 26, 88, 34, c.mood.near, 1)
		c.glow(x, 44, 190, hex("#FFF7DA"), 0.75)
	}
}

func (c *canvas) player(x, y float64) {
	s := 0.5 + (y-440)/380
	shirt := c.tint
	if c.odds(0.5) {
		shirt = hex("#F2EFE6")
	}
	c.ellipse(x+14*s, y+2*s, 26*s, 5*s, hex("#1D3A1A"), 0.35)
	c.line(pt{x - 2*s, y - 34*s}, pt{x - 9*s, y}, 7*s, hex("#2B2B33"), 1)
	c.line(pt{x + 2*s, y - 34*s}, pt{x + 12*s, y - 2*s}, 7*s, hex("#2B2B33"), 1)
	c.rect(x-9*s, y-66*s, 18*s, 34*s, shirt, 1)
	c.line(pt{x - 8*s, y - 62*s}, pt{x - 18*s, y - 40*s}, 5*s, shirt, 1)
	c.line(pt{x + 8*s, y - 62*s}, pt{x + 19*s, y - 44*s}, 5*s, shirt, 1)
	c.ellipse(x, y-74*s, 7*s, 8*s, hex("#A9765A"), 1)
}

package web

import (
	"fmt"
	"hash/fnv"
	"math"
	"strconv"
	"strings"

	"understory/news"
)

// colour is red, green and blue from 0 to 1, gamma-encoded.
type colour [3]float64

var (
	paper = parseColour("#fbfaf6") // --paper of site.css, by day
	night = parseColour("#141613") // and by night
)

// legible is the contrast with its ground that a title's name must have: AA
// of WCAG 2.2 for text of any size.
const legible = 4.5

// colourRules gives every title's class its colour, readable by day and night.
func colourRules(titles []news.Title) string {
	var b strings.Builder
	for _, t := range titles {
		own := parseColour(t.Colour)
		if own == (colour{}) {
			own = inventColour(t.Slug)
		}
		fmt.Fprintf(&b, ".t%d{--day:%s;--night:%s}\n", t.ID, own.on(paper), own.on(night))
	}
	return b.String()
}

// parseColour reads "#rrggbb"; anything else is the zero colour.
func parseColour(s string) colour {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	if err != nil || len(s) != 7 || s[0] != '#' {
		return colour{}
	}
	return colour{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}
}

// inventColour gives a title that names none a quiet colour of its own.
func inventColour(slug string) colour {
	h := fnv.New32a()
	h.Write([]byte(slug))
	hue := float64(h.Sum32()%360) * math.Pi / 180
	return colour{
		0.36 + 0.20*math.Cos(hue),
		0.36 + 0.20*math.Cos(hue-2*math.Pi/3),
		0.36 + 0.20*math.Cos(hue+2*math.Pi/3),
	}
}

// on makes a colour darker or lighter, as the ground asks, until it is legible.
func (c colour) on(ground colour) colour {
	for range 60 {
		if contrast(c, ground) >= legible {
			return c
		}
		for i, v := range c {
			if ground.luminance() > 0.5 {
				c[i] = 0.95 * v
			} else {
				c[i] = min(1, 1.02*v+0.025) // more of itself and of white
			}
		}
	}
	return c
}

func (c colour) String() string {
	return fmt.Sprintf("#%02x%02x%02x", round(c[0]), round(c[1]), round(c[2]))
}

func round(v float64) uint8 { return uint8(math.Round(v * 255)) }

// contrast and luminance are those of WCAG 2.2.
func contrast(a, b colour) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func (c colour) luminance() float64 {
	var linear colour
	for i := range c {
		v := float64(round(c[i])) / 255 // what is written is what is measured
		if linear[i] = v / 12.92; v > 0.04045 {
			linear[i] = math.Pow((v+0.055)/1.055, 2.4)
		}
	}
	return 0.2126*linear[0] + 0.7152*linear[1] + 0.0722*linear[2]
}

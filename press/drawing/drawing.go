// Package drawing makes the pictures of the press: calm landscapes, harbours,
// halls, maps and charts, drawn by code in a title's colour.
//
// A picture is a function of its scene, colour and face, and always the same
// bytes for the same three. It reads nothing and keeps nothing but what a
// [Cache] holds. The press calls it.
package drawing

import (
	"bytes"
	"container/list"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"sync"
)

// Width and Height are the size of every picture in pixels.
const (
	Width  = 1200
	Height = 800
)

// Scene names what a picture shows.
type Scene string

// scenes are the painters by name.
func scenes() map[Scene]func(*canvas) {
	return map[Scene]func(*canvas){
		"harbour": harbour, "coast": coast, "skyline": skyline, "hills": hills, "storm": storm,
		"meadow": meadow, "map": chartMap, "chart": lineChart, "bars": barChart, "pitch": pitch,
		"field": field, "hall": hall, "rail": rail, "night": night, "market": market, "council": council,
	}
}

// Known says whether there is a scene of that name.
func Known(s Scene) bool { return scenes()[s] != nil }

// Scenes lists the scenes in alphabetical order.
func Scenes() []Scene {
	var all []Scene
	for s := range scenes() {
		all = append(all, s)
	}
	slices.Sort(all)
	return all
}

// JPEG draws a picture: scene must be known, colour is #RRGGBB, and each face
// of a scene is another picture.
func JPEG(scene Scene, colour string, face uint64) []byte {
	c := newCanvas(hex(colour), rand.New(rand.NewPCG(face, uint64(len(scene)))))
	scenes()[scene](c)
	c.finish()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, c.img, &jpeg.Options{Quality: 85}); err != nil {
		panic(err) // a buffer takes every byte and the size is a fixed one
	}
	return b.Bytes()
}

// Cache keeps the pictures asked for last. It may be used from many goroutines.
type Cache struct {
	limit int

	mu    sync.Mutex // held while drawing too, so that nothing is drawn twice
	order *list.List // of *kept, the one used last in front
	byKey map[key]*list.Element
}

type key struct {
	scene  Scene
	colour string
	face   uint64
}

type kept struct {
	key  key
	body []byte
}

// NewCache makes a cache of up to limit pictures, about 100 kB each.
func NewCache(limit int) *Cache {
	return &Cache{limit: limit, order: list.New(), byKey: map[key]*list.Element{}}
}

// JPEG returns the picture, drawn now if it is not kept. The bytes must not be changed.
func (c *Cache) JPEG(scene Scene, colour string, face uint64) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	k := key{scene, colour, face}
	if e := c.byKey[k]; e != nil {
		c.order.MoveToFront(e)
		return e.Value.(*kept).body
	}
	body := JPEG(scene, colour, face)
	c.byKey[k] = c.order.PushFront(&kept{k, body})
	if c.order.Len() > c.limit {
		last := c.order.Back()
		delete(c.byKey, c.order.Remove(last).(*kept).key)
	}
	return body
}

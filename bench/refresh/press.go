package main

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"understory/press"
)

// order asks the press for a change; the first one says how large it is.
type order struct {
	Size size
	Mix  press.Mix // zero changes nothing
}

// size is how large a press is.
type size struct {
	Feeds, Items, PerHost int
	ItemBytes             int // about
}

// account is the press's answer.
type account struct {
	Port  string
	Items int // of all feeds, old ones included
	Time  time.Duration
	Stats press.Stats
}

// servePress is the role of the press.
func servePress() error {
	in, out := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	var o order
	if err := in.Decode(&o); err != nil {
		return err
	}
	feeds := o.Size.Feeds
	s := press.NewScale(press.ScaleConfig{Feeds: feeds, Items: o.Size.Items, ItemBytes: o.Size.ItemBytes, PerHost: o.Size.PerHost, Seed: 1})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: s}
	s.Watch(srv)
	go func() { _ = srv.Serve(l) }() // ends with the process
	for {
		a := account{Port: port, Time: ownTime(), Stats: s.Stats()}
		for i := range feeds {
			a.Items += s.Items(i)
		}
		if err := out.Encode(a); err != nil {
			return err
		}
		o = order{}
		if err := in.Decode(&o); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if o.Mix != (press.Mix{}) {
			s.Bring(o.Mix)
		}
	}
}

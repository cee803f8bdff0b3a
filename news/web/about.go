package web

import "net/http"

func (s *site) about(*http.Request) (view, error) {
	return view{Page: "about", Heading: "About", Description: "What this reader is, and what it does not know about you."}, nil
}

package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"understory/news"
)

// errorPage says what happened, what was kept and what to do.
type errorPage struct {
	Heading string
	Text    string
	Notice  string    // the reason given for taking an article down
	Title   *masthead // whose it was
}

// errMethod is for a request that is neither GET nor HEAD.
var errMethod = errors.New("method not allowed")

// elsewhere answers every address and method that no other route does.
func (s *site) elsewhere(r *http.Request) (view, error) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return view{}, errMethod
	}
	return view{}, fmt.Errorf("page: %w", news.ErrNotFound)
}

// explain is the page for an error. Only what is the server's own fault is
// logged, by its route and not by its address.
func (s *site) explain(r *http.Request, err error) view {
	status := news.HTTPStatus(err)
	var p errorPage
	switch {
	case errors.Is(err, errMethod):
		status = http.StatusMethodNotAllowed
		p.Heading = "These pages are for reading"
		p.Text = "Nothing can be sent to this address, and nothing was changed."
	case status == http.StatusNotFound:
		p.Heading = "There is nothing at this address"
		p.Text = "It may have been mistyped, or what was here may have moved. Everything else is where it was."
	case status == http.StatusGone:
		p.Heading = "This article was taken down"
		p.Text = "It can no longer be read here. Nothing of its text was kept."
	case status == http.StatusBadRequest:
		p.Heading = "This address does not make sense here"
		p.Text = "Part of it could not be read. Starting again from the front page will help."
	default:
		status = max(status, http.StatusInternalServerError)
		p.Heading = "Something went wrong on our side"
		p.Text = "It is not your fault, and nothing was lost. Please try again in a moment."
		if !errors.Is(err, context.Canceled) {
			s.Log.Error("page failed", "route", r.Pattern, "error", err)
		}
	}
	return view{Page: "error", Status: status, Heading: p.Heading, Data: p}
}

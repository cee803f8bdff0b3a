package mail

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	stdmail "net/mail"
	"net/textproto"
	"time"
)

// Letter is a newsletter that arrived.
type Letter struct {
	MessageID   string // without brackets; made from the content where the mail has none
	Subject     string // plain text
	FromName    string // plain text, "" where the mail gives none
	FromAddress string
	Unsubscribe string // address that ends the subscription, http or mailto; "" for none
	Link        string // where everybody can read it on the web, from Archived-At; "" for none
	Language    string // as declared, "" where it is not
	Sent        time.Time
	HTML        string // not sanitised; made of the text where the mail has no HTML
	Text        string // "" where the mail has only HTML
}

// The errors of [Parse] beside those of its reader.
var (
	ErrTooLarge  = errors.New("the letter's text is too large")
	ErrMalformed = errors.New("no text was found in it")
)

const (
	maxHeader = 256 << 10 // bytes of a mail's header
	maxText   = 2 << 20   // bytes of all text that is kept of a mail
	maxParts  = 300       // parts of a mail
	maxDepth  = 10        // parts within parts
)

// Parse reads a mail (RFC 5322, MIME). It keeps no more than the text: what is
// attached flows by. A mail that is broken somewhere is read as far as that.
func Parse(r io.Reader) (Letter, error) {
	d, err := read(r)
	if err != nil {
		return Letter{}, err
	}
	return d.letter()
}

// draft is a mail that has arrived and is not yet understood, which is dear.
type draft struct {
	header  stdmail.Header
	content content
}

func read(r io.Reader) (draft, error) {
	in := &source{r: r, budget: unbounded}
	header, body, err := open(in)
	if in.err != nil {
		return draft{}, in.err
	}
	if err != nil {
		return draft{}, err
	}
	w := &walk{source: in, left: maxText}
	found, err := w.part(textproto.MIMEHeader(header), body, 0)
	if in.err != nil {
		return draft{}, in.err
	}
	return draft{header, found}, err
}

// errBounds is a mail that is built to be expensive. It is malformed.
var errBounds = fmt.Errorf("%w: too many parts, or too large headers", ErrMalformed)

// source is what a mail is read from. It remembers why it ended, to tell a
// mail that did not arrive from one that is broken, and bounds the headers of
// parts, which the MIME library does not.
type source struct {
	r      io.Reader
	budget int64 // bytes until a part's header must have ended
	err    error
}

const unbounded = 1 << 62

func (s *source) Read(p []byte) (int, error) {
	if s.budget <= 0 {
		s.err = errBounds
	}
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(p[:min(int64(len(p)), s.budget)])
	s.budget -= int64(n)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// open reads the header of a mail.
func open(r io.Reader) (stdmail.Header, io.Reader, error) {
	limit := &io.LimitedReader{R: r, N: maxHeader}
	buffered := bufio.NewReader(limit)
	m, err := stdmail.ReadMessage(buffered)
	if err != nil || (limit.N <= 0 && buffered.Buffered() == 0) {
		return nil, nil, fmt.Errorf("%w: its header is broken or too long", ErrMalformed)
	}
	return m.Header, io.MultiReader(m.Body, r), nil
}

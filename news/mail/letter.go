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
	ListID      string // of the mailing list, without brackets; "" for none
	Unsubscribe string // address that ends the subscription, http or mailto; "" for none
	Link        string // where the letter can be read on the web; "" where it does not clearly say
	Language    string // as declared, "" where it is not
	Sent        time.Time
	HTML        string // not sanitised; made of the text where the mail has no HTML
	Text        string // "" where the mail has only HTML
	Pictures    int    // pictures sent along, which are not kept
}

// The errors of [Parse] beside those of its reader.
var (
	ErrTooLarge  = errors.New("the letter's text is too large")
	ErrMalformed = errors.New("no text was found in it")
)

const (
	maxHeader = 256 << 10 // bytes of a mail's header
	maxText   = 4 << 20   // bytes of all text that is kept of a mail
	maxParts  = 300       // parts of a mail
	maxDepth  = 10        // parts within parts
)

// Parse reads a mail (RFC 5322, MIME). It keeps no more than the text: what is
// attached flows by. A mail that is broken somewhere is read as far as that.
func Parse(r io.Reader) (Letter, error) {
	source := &watched{r: r}
	header, body, err := open(source)
	if source.err != nil {
		return Letter{}, source.err
	}
	if err != nil {
		return Letter{}, err
	}
	w := &walk{left: maxText}
	found, err := w.part(textproto.MIMEHeader(header), body, 0)
	if source.err != nil {
		return Letter{}, source.err
	}
	if errors.Is(err, ErrTooLarge) || errors.Is(err, errBounds) {
		return Letter{}, err
	}
	l := letter(header, found, w.pictures)
	if l.HTML == "" {
		return Letter{}, ErrMalformed
	}
	return l, nil
}

// errBounds is a mail that is built to be expensive. It is malformed.
var errBounds = fmt.Errorf("%w: too many parts", ErrMalformed)

// watched remembers why its reader ended, to tell a mail that did not arrive
// from one that is broken.
type watched struct {
	r   io.Reader
	err error
}

func (w *watched) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
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

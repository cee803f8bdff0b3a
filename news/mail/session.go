package mail

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// sinkTime is how long the sink has for one question.
const sinkTime = 30 * time.Second

// session is one sender's conversation.
type session struct {
	server *Server

	mu     sync.Mutex // a mail in chunks is read beside the conversation
	tokens []string
}

func reply(code int, detail smtp.EnhancedCode, message string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: detail, Message: message}
}

func later() error {
	return reply(451, smtp.EnhancedCode{4, 3, 0}, "The letter cannot be stored now, come again")
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt takes a recipient if it is the address of a feed.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	at := strings.LastIndexByte(to, '@')
	if at < 1 || !strings.EqualFold(to[at+1:], s.server.cfg.Domain) {
		return reply(550, smtp.EnhancedCode{5, 7, 1}, "No mail is relayed here")
	}
	token := strings.ToLower(to[:at])
	ctx, cancel := context.WithTimeout(context.Background(), sinkTime)
	defer cancel()
	ok, err := s.server.sink.Accepts(ctx, token)
	if err != nil {
		s.server.cfg.Log.Error("mail: look up a feed's address", "error", err)
		return later()
	}
	if !ok {
		return reply(550, smtp.EnhancedCode{5, 1, 1}, "There is no such address here")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.tokens, token) {
		s.tokens = append(s.tokens, token)
	}
	return nil
}

// Data reads the mail and delivers it to each recipient. One that cannot be
// stored fails all: the sender comes again, and the sink knows what it has.
func (s *session) Data(r io.Reader) error {
	s.mu.Lock()
	tokens := slices.Clone(s.tokens)
	s.mu.Unlock()
	d, err := read(r)
	if err != nil {
		return refusal(err)
	}
	s.server.desk <- struct{}{}
	defer func() { <-s.server.desk }()
	l, err := d.letter()
	if err != nil {
		return refusal(err)
	}
	for _, token := range tokens {
		if err := s.deliver(token, l.without(token, s.server.cfg.Domain)); err != nil {
			s.server.cfg.Log.Error("mail: store a letter", "error", err)
			return later()
		}
	}
	return nil
}

// refusal is the answer to a mail that could not be read.
func refusal(err error) error {
	switch {
	case errors.Is(err, smtp.ErrDataTooLarge), errors.Is(err, ErrTooLarge):
		return smtp.ErrDataTooLarge
	case errors.Is(err, ErrMalformed):
		return reply(554, smtp.EnhancedCode{5, 6, 0}, "The letter cannot be read: "+err.Error())
	}
	return reply(451, smtp.EnhancedCode{4, 4, 2}, "The letter did not arrive whole")
}

func (s *session) deliver(token string, l Letter) error {
	ctx, cancel := context.WithTimeout(context.Background(), sinkTime)
	defer cancel()
	return s.server.sink.Deliver(ctx, token, l)
}

func (s *session) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens = nil
}

func (s *session) Logout() error { return nil }

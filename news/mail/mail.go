// Package mail takes newsletters in: an SMTP listener that gives each feed of
// that kind an address, TOKEN@DOMAIN, and turns a mail to it into a [Letter].
//
// It sends nothing, relays nothing, keeps nothing and sanitises nothing: it
// hands each letter to a [Sink], which news/ingest is, and tells the sender
// that the mail has arrived only when the sink has stored it. The token is
// the only thing that lets a mail in, so it must not be guessable. A
// newsletter's request to confirm the subscription arrives like any other
// letter: the operator finds it among the feed's articles, follows its link
// and takes the article down.
package mail

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-smtp"

	"understory/kit/config"
)

// Config says how mail is taken in. A zero field has its default; [Default] is
// the whole of them.
type Config struct {
	Listen string `toml:"listen" doc:"address that takes newsletters in, such as 0.0.0.0:25; empty takes none"`
	Domain string `toml:"domain" doc:"what follows the @ in the feeds' addresses"`

	Certificate string `toml:"certificate" doc:"file of the PEM chain for STARTTLS; empty offers none"`
	Key         string `toml:"key" doc:"file of its PEM key"`

	MaxBytes      config.Size   `toml:"max_bytes" doc:"largest mail with its attachments, 1 KiB to 100 MiB"`
	MaxRecipients int           `toml:"max_recipients" doc:"most recipients of a mail"`
	MaxConns      int           `toml:"max_conns" doc:"most connections at once, of which one address gets a fifth"`
	ReadTimeout   time.Duration `toml:"read_timeout" doc:"for a command, and for a whole mail, at least 1s"`

	Log *slog.Logger `toml:"-"` // for what the sink could not store; nil discards
}

// Default returns the defaults: nothing is listened on.
func Default() Config {
	return Config{MaxBytes: 25 << 20, MaxRecipients: 20, MaxConns: 50, ReadTimeout: 2 * time.Minute}
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	c = c.filled()
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf(format, args...))
		}
	}
	check(c.Listen == "" || c.Domain != "", "listen is set and domain is not")
	check(!strings.ContainsAny(c.Domain, "@ \t\r\n<>"), "domain %q is not a host name", c.Domain)
	check((c.Certificate == "") == (c.Key == ""), "certificate and key need each other")
	check(c.MaxBytes >= 1<<10 && c.MaxBytes <= 100<<20, "max_bytes %v is not within 1 KiB to 100 MiB", c.MaxBytes)
	check(c.MaxRecipients > 0, "max_recipients %d is negative", c.MaxRecipients)
	check(c.MaxConns > 0, "max_conns %d is negative", c.MaxConns)
	check(c.ReadTimeout >= time.Second, "read_timeout %v is under 1s", c.ReadTimeout)
	return errors.Join(errs...)
}

func (c Config) filled() Config {
	d := Default()
	c.MaxBytes = cmp.Or(c.MaxBytes, d.MaxBytes)
	c.MaxRecipients = cmp.Or(c.MaxRecipients, d.MaxRecipients)
	c.MaxConns = cmp.Or(c.MaxConns, d.MaxConns)
	c.ReadTimeout = cmp.Or(c.ReadTimeout, d.ReadTimeout)
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

// Sink is who the letters are for.
type Sink interface {
	// Accepts reports whether a token, in lower case, is a feed's. After an
	// error the sender is asked to come again.
	Accepts(ctx context.Context, token string) (bool, error)

	// Deliver stores a letter for good before it returns nil; after an error
	// the sender comes again. It may see a letter more than once: those with
	// one MessageID are one.
	Deliver(ctx context.Context, token string, l Letter) error
}

// Server is the listener.
type Server struct {
	cfg  Config
	sink Sink
	desk chan struct{} // has room for as many letters as are worked on at once
}

// deskRoom bounds the memory for letters: some are dear to take apart.
const deskRoom = 4

// New returns a server. It does no I/O; run [Config.Validate] first.
func New(cfg Config, sink Sink) *Server {
	return &Server{cfg: cfg.filled(), sink: sink, desk: make(chan struct{}, deskRoom)}
}

// Run listens and serves until ctx is done.
func (s *Server) Run(ctx context.Context) error {
	l, err := net.Listen("tcp", s.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen for mail: %w", err)
	}
	return s.Serve(ctx, l)
}

// Serve takes mail from a listener until ctx is done, and closes it. Mails
// that are under way then have 10 seconds.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{server: s}, nil
	}))
	server.Domain = s.cfg.Domain
	server.MaxRecipients = s.cfg.MaxRecipients
	server.MaxLineLength = 64 << 10 // mailers do not keep to the 1000 bytes they may send
	server.MaxMessageBytes = int64(s.cfg.MaxBytes)
	server.ReadTimeout = s.cfg.ReadTimeout
	server.WriteTimeout = s.cfg.ReadTimeout
	server.EnableSMTPUTF8 = true
	server.ErrorLog = libraryLog{s.cfg.Log}
	if s.cfg.Certificate != "" {
		pair, err := tls.LoadX509KeyPair(s.cfg.Certificate, s.cfg.Key)
		if err != nil {
			l.Close()
			return fmt.Errorf("certificate for mail: %w", err)
		}
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{pair}}
	}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if server.Shutdown(grace) != nil {
			server.Close()
		}
	})
	err := server.Serve(newDoor(l, s.cfg.MaxConns))
	if !stop() {
		<-stopped
		return nil
	}
	l.Close()
	return fmt.Errorf("take mail: %w", err)
}

// libraryLog is where the SMTP library reports broken connections and panics.
type libraryLog struct{ log *slog.Logger }

func (l libraryLog) Printf(format string, v ...any) { l.log.Warn("mail: " + fmt.Sprintf(format, v...)) }
func (l libraryLog) Println(v ...any)               { l.log.Warn("mail: " + fmt.Sprintln(v...)) }

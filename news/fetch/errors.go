package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"syscall"
)

// Kind is why a fetch brought no answer, in words for an operator. An [*Error]
// always has one: errors.Is(err, fetch.ErrTimeout).
type Kind string

// Error returns the words.
func (k Kind) Error() string { return string(k) }

// The kinds.
const (
	ErrAddress      Kind = "this is not an http or https address that can be fetched"
	ErrHeader       Kind = "a header to send is not allowed"
	ErrPrivate      Kind = "the address leads into a private network, which allow_private does not list"
	ErrName         Kind = "the host's name could not be looked up"
	ErrRefused      Kind = "the host refused the connection"
	ErrUnreachable  Kind = "the host cannot be reached"
	ErrCut          Kind = "the host cut the connection"
	ErrCertificate  Kind = "the host's certificate is not valid"
	ErrTLS          Kind = "no secure connection could be made"
	ErrTimeout      Kind = "the host took too long"
	ErrSlow         Kind = "the answer came too slowly"
	ErrTooLarge     Kind = "the answer is too large"
	ErrTruncated    Kind = "the answer ended before its announced length"
	ErrEncoding     Kind = "the answer's compression is broken or unknown"
	ErrNotHTTP      Kind = "the answer is not valid HTTP"
	ErrRedirect     Kind = "the redirect leads to no usable address"
	ErrRedirectLoop Kind = "the redirects go in a circle"
	ErrRedirects    Kind = "there are too many redirects"
	ErrStopped      Kind = "the fetch was stopped"
	ErrConnection   Kind = "the connection went wrong"
)

// Error is a fetch that brought no answer.
type Error struct {
	URL string // as asked for, which may hold a password: Error leaves that out
	Err error  // of one [Kind], with details
}

// Error names the address and the reason.
func (e *Error) Error() string { return fmt.Sprintf("fetch %q: %v", redact(e.URL), e.Err) }

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// Reason is the error in words for an operator, without the address.
func (e *Error) Reason() string { return e.Err.Error() }

// Kind is what kind of error this is.
func (e *Error) Kind() Kind {
	var k Kind
	errors.As(e.Err, &k)
	return k
}

// redact leaves a user and password out of an address, also of one that is no
// address.
func redact(address string) string {
	start := strings.Index(address, "//") + 2
	end := strings.LastIndexByte(address, '@')
	if u, err := url.Parse(address); err == nil && u.User == nil || start < 2 || end < start {
		return address
	}
	return address[:start] + "xxxxx" + address[end:]
}

// explain gives an error of the network its kind.
func explain(ctx context.Context, err error) error {
	var kind Kind
	if errors.As(context.Cause(ctx), &kind) {
		return kind
	}
	if errors.As(err, &kind) {
		return err
	}
	return fmt.Errorf("%w: %w", kindOf(ctx, err), err)
}

func kindOf(ctx context.Context, err error) Kind {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var timeout net.Error
	text := err.Error()
	switch {
	case ctx.Err() == context.DeadlineExceeded:
		return ErrTimeout
	case ctx.Err() != nil:
		return ErrStopped
	case errors.As(err, &name):
		return ErrName
	case errors.Is(err, syscall.ECONNREFUSED):
		return ErrRefused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EADDRNOTAVAIL):
		return ErrUnreachable
	case errors.As(err, &certificate):
		return ErrCertificate
	case errors.As(err, &record), errors.As(err, &alert), strings.Contains(text, "tls: "),
		strings.Contains(text, "HTTP response to HTTPS client"):
		return ErrTLS
	case errors.As(err, &timeout) && timeout.Timeout():
		return ErrTimeout
	case strings.Contains(text, "headers exceeded"):
		return ErrTooLarge
	case errors.Is(err, io.ErrUnexpectedEOF):
		return ErrTruncated
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return ErrCut
	case strings.Contains(text, "malformed"), strings.Contains(text, "HTTP/1.x transport"), strings.Contains(text, "chunk"):
		return ErrNotHTTP
	}
	return ErrConnection
}

package fetch

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"golang.org/x/net/http/httpguts"

	"understory/kit/config"
)

// Config says how to fetch. A zero field other than Pause has its default;
// [Default] is the whole of them.
type Config struct {
	UserAgent string `toml:"user_agent" doc:"sent with every request; name a page or a mail address where a publisher reaches you"`

	Timeout        time.Duration `toml:"timeout" doc:"for a fetch with its redirects, 1s to 5m"`
	ConnectTimeout time.Duration `toml:"connect_timeout" doc:"for the connection, and again for TLS"`
	HeaderTimeout  time.Duration `toml:"header_timeout" doc:"from the request to the end of the header"`

	MaxBytes       config.Size `toml:"max_bytes" doc:"largest body, as sent and again after decompression, 1 KiB to 256 MiB"`
	MaxHeaderBytes config.Size `toml:"max_header_bytes" doc:"largest header of an answer, 1 KiB to 1 MiB"`
	MinRate        config.Size `toml:"min_rate" doc:"what a body must bring each second, as sent"`
	MaxRedirects   int         `toml:"max_redirects" doc:"most redirects in a row, 1 to 20"`
	MaxIdle        int         `toml:"max_idle" doc:"most connections kept for later, over all hosts"`

	PerHost int           `toml:"per_host" doc:"most connections to one host (the authority of the address), 1 to 8"`
	Pause   time.Duration `toml:"pause" doc:"from one request to the next to one host, 0s to 1h"`

	AllowPrivate []netip.Prefix `toml:"allow_private" doc:"private networks that may be fetched from, such as a newsroom's own: [\"10.1.0.0/16\"]"`

	// Resolver answers for names; nil is the system's.
	Resolver *net.Resolver `toml:"-"`
}

// Default returns the defaults.
func Default() Config {
	return Config{
		UserAgent:      "Understory/1 (news reader; fetches feeds)",
		Timeout:        20 * time.Second,
		ConnectTimeout: 10 * time.Second,
		HeaderTimeout:  15 * time.Second,
		MaxBytes:       15 << 20,
		MaxHeaderBytes: 64 << 10,
		MinRate:        1 << 10,
		MaxRedirects:   7,
		MaxIdle:        100,
		PerHost:        2,
		Pause:          time.Second,
	}
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
	check(httpguts.ValidHeaderFieldValue(c.UserAgent), "user_agent %q holds control characters", c.UserAgent)
	check(c.Timeout >= time.Second && c.Timeout <= 5*time.Minute, "timeout %v is not within 1s to 5m", c.Timeout)
	check(c.ConnectTimeout > 0, "connect_timeout %v is negative", c.ConnectTimeout)
	check(c.HeaderTimeout > 0, "header_timeout %v is negative", c.HeaderTimeout)
	check(c.MaxBytes >= 1<<10 && c.MaxBytes <= 256<<20, "max_bytes %v is not within 1 KiB to 256 MiB", c.MaxBytes)
	check(c.MaxHeaderBytes >= 1<<10 && c.MaxHeaderBytes <= 1<<20, "max_header_bytes %v is not within 1 KiB to 1 MiB", c.MaxHeaderBytes)
	check(c.MinRate > 0, "min_rate %v is negative", c.MinRate)
	check(c.MaxRedirects >= 1 && c.MaxRedirects <= 20, "max_redirects %d is not within 1 to 20", c.MaxRedirects)
	check(c.MaxIdle > 0, "max_idle %d is negative", c.MaxIdle)
	check(c.PerHost >= 1 && c.PerHost <= 8, "per_host %d is not within 1 to 8", c.PerHost)
	check(c.Pause >= 0 && c.Pause <= time.Hour, "pause %v is not within 0 to 1h", c.Pause)
	for _, p := range c.AllowPrivate {
		check(p.IsValid(), "allow_private holds an invalid network")
	}
	return errors.Join(errs...)
}

func (c Config) filled() Config {
	d := Default()
	c.UserAgent = orElse(c.UserAgent, d.UserAgent)
	c.Timeout = cmp.Or(c.Timeout, d.Timeout)
	c.ConnectTimeout = cmp.Or(c.ConnectTimeout, d.ConnectTimeout)
	c.HeaderTimeout = cmp.Or(c.HeaderTimeout, d.HeaderTimeout)
	c.MaxBytes = cmp.Or(c.MaxBytes, d.MaxBytes)
	c.MaxHeaderBytes = cmp.Or(c.MaxHeaderBytes, d.MaxHeaderBytes)
	c.MinRate = cmp.Or(c.MinRate, d.MinRate)
	c.MaxRedirects = cmp.Or(c.MaxRedirects, d.MaxRedirects)
	c.MaxIdle = cmp.Or(c.MaxIdle, d.MaxIdle)
	c.PerHost = cmp.Or(c.PerHost, d.PerHost)
	return c
}

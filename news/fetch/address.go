package fetch

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
)

// dialer connects. It judges every address at the moment it connects, so that
// neither a redirect nor a name server's second answer leads inside.
type dialer struct {
	net.Dialer
	allow   []netip.Prefix
	special []netip.Prefix
	nat64   netip.Prefix
}

func newDialer(cfg Config) *dialer {
	d := &dialer{allow: cfg.AllowPrivate, special: special(), nat64: netip.MustParsePrefix("64:ff9b::/96")}
	d.Dialer = net.Dialer{
		Timeout:   cfg.ConnectTimeout,
		KeepAlive: -1,
		Resolver:  cfg.Resolver,
		Control:   func(_, address string, _ syscall.RawConn) error { return d.judge(address) },
	}
	return d
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	return d.DialContext(ctx, network, localhost(address))
}

// localhost turns a name that RFC 6761 ties to this machine into its address,
// without asking a name server.
func localhost(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err == nil && (host == "localhost" || strings.HasSuffix(host, ".localhost")) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return address
}

func (d *dialer) judge(address string) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w (%s)", ErrPrivate, address)
	}
	a := ap.Addr()
	if within(a.Unmap().WithZone(""), d.allow) || d.public(a.Unmap()) {
		return nil
	}
	return fmt.Errorf("%w (%s)", ErrPrivate, a)
}

// public reports whether an address belongs to the open internet. An address
// of a network's translator to IPv4 is judged by the IPv4 address inside.
func (d *dialer) public(a netip.Addr) bool {
	if d.nat64.Contains(a) {
		b := a.As16()
		a = netip.AddrFrom4([4]byte(b[12:]))
	}
	return a.Zone() == "" && !within(a, d.special)
}

func within(a netip.Addr, networks []netip.Prefix) bool {
	for _, n := range networks {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// special is what the IANA registries of special-purpose addresses set apart,
// and what clouds use to talk to their own machines.
func special() []netip.Prefix {
	var all []netip.Prefix
	for _, s := range []string{
		"0.0.0.0/8",            // this network
		"10.0.0.0/8",           // private
		"100.64.0.0/10",        // carriers' translators, a cloud's metadata
		"127.0.0.0/8",          // loopback
		"168.63.129.16/32",     // a cloud's metadata
		"169.254.0.0/16",       // link-local, clouds' metadata
		"172.16.0.0/12",        // private
		"192.0.0.0/24",         // protocols
		"192.0.2.0/24",         // documentation
		"192.88.99.0/24",       // 6to4 relays
		"192.168.0.0/16",       // private
		"198.18.0.0/15",        // benchmarks
		"198.51.100.0/24",      // documentation
		"203.0.113.0/24",       // documentation
		"224.0.0.0/3",          // multicast, reserved, broadcast
		"::/3",                 // loopback, IPv4 in IPv6, translators, discard
		"2001::/23",            // protocols: Teredo, benchmarks, identifiers
		"2001:db8::/32",        // documentation
		"2002::/16",            // 6to4: leads to any IPv4 address
		"3fff::/20",            // documentation
		"4000::/2", "8000::/1", // nothing yet; unique local, link-local, multicast
	} {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}

package news

import (
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// Host is the host that an address is fetched from, in the form in which hosts
// are told apart and spared: lower case, Punycode, with a port unless it is the
// scheme's own. The error is [ErrInvalid].
func Host(u *url.URL) (string, error) {
	host, err := hostname(u.Hostname())
	if err != nil {
		return "", err
	}
	if strings.Contains(host, ":") {
		ip, err := netip.ParseAddr(host)
		if err != nil {
			return "", fmt.Errorf("host %q: %w", host, ErrInvalid)
		}
		host = "[" + ip.String() + "]"
	}
	if u.Port() == "" {
		return host, nil
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || port == 0 {
		return "", fmt.Errorf("port %q: %w", u.Port(), ErrInvalid)
	}
	if u.Scheme == "http" && port == 80 || u.Scheme == "https" && port == 443 {
		return host, nil
	}
	return host + ":" + strconv.FormatUint(port, 10), nil
}

// hostname brings a host's name into ASCII, lower case, without dots at its
// end.
func hostname(name string) (string, error) {
	host := strings.ToLower(name)
	if strings.ContainsFunc(host, func(c rune) bool { return c > 0x7f }) {
		ascii, err := idna.Lookup.ToASCII(name)
		if err != nil {
			return "", fmt.Errorf("host %q: %w: %w", name, ErrInvalid, err)
		}
		host = ascii
	}
	host = strings.TrimRight(host, ".")
	if host == "" || len(host) > maxHost || strings.ContainsFunc(host, forbidden) {
		return "", fmt.Errorf("host %.300q: %w", name, ErrInvalid)
	}
	return host, nil
}

const maxHost = 253 // bytes, as the DNS has it

func forbidden(c rune) bool {
	return c <= ' ' || c >= 0x7f || strings.ContainsRune("\"#%/<>?@[\\]^`{|}", c)
}

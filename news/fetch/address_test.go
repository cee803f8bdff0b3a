package fetch

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

func prefixes(all ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, s := range all {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func TestPrivateAddresses(t *testing.T) {
	d := newDialer(Config{})
	for _, tt := range []struct {
		want  bool
		addrs string
	}{
		{true, "1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 192.169.0.1 223.255.255.255"},
		{true, "2606:4700::1111 2a00:1450::1 2001:200::1 2620:fe::fe 64:ff9b::8.8.8.8 ::ffff:8.8.8.8"},
		{false, "0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.255 168.63.129.16"},
		{false, "169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.192 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1"},
		{false, "198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255"},
		{false, ":: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:0:127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe"},
		{false, "64:ff9b:1::1 100::1 2001::1 2001:db8::1 2002:7f00:1::1 3fff::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0"},
		{false, "fec0::1 ff02::1 2606:4700::1111%eth0"},
	} {
		for s := range strings.FieldsSeq(tt.addrs) {
			err := d.judge(net.JoinHostPort(s, "80"))
			if (err == nil) != tt.want {
				t.Errorf("judge(%s) = %v; want allowed %v", s, err, tt.want)
			}
		}
	}
}

func TestAllowPrivate(t *testing.T) {
	d := newDialer(Config{AllowPrivate: prefixes("10.1.0.0/16", "fd00:1::/32", "fe80::/10")})
	for addr, want := range map[string]bool{
		"10.1.2.3": true, "::ffff:10.1.2.3": true, "10.2.0.1": false, "fd00:1::1": true, "fd00:2::1": false,
		"fe80::1%eth0": true, "64:ff9b::10.1.2.3": false,
	} {
		if err := d.judge(net.JoinHostPort(addr, "80")); (err == nil) != want {
			t.Errorf("judge(%s) = %v; want allowed %v", addr, err, want)
		}
	}
}

// names is a name server that answers for one name with the next of its
// addresses each time, and knows no other.
func names(t *testing.T, name string, addrs ...string) *net.Resolver {
	var asked atomic.Int32
	answer := func(query []byte) []byte {
		var m dnsmessage.Message
		if err := m.Unpack(query); err != nil || len(m.Questions) != 1 {
			t.Errorf("bad query: %v", err)
			return nil
		}
		q := m.Questions[0]
		m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
		switch {
		case q.Name.String() != name+".":
			m.RCode = dnsmessage.RCodeNameError
		case q.Type == dnsmessage.TypeA:
			addr := netip.MustParseAddr(addrs[(int(asked.Add(1))-1)%len(addrs)])
			m.Answers = []dnsmessage.Resource{{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
				Body:   &dnsmessage.AResource{A: addr.As4()},
			}}
		}
		out, err := m.Pack()
		if err != nil {
			t.Error(err)
		}
		return out
	}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() {
			defer there.Close()
			var size [2]byte
			for {
				if _, err := io.ReadFull(there, size[:]); err != nil {
					return
				}
				query := make([]byte, binary.BigEndian.Uint16(size[:]))
				if _, err := io.ReadFull(there, query); err != nil {
					return
				}
				out := answer(query)
				there.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(out))), out...))
			}
		}()
		return here, nil
	}}
}

func TestNameServerChangesItsMind(t *testing.T) {
	var asked atomic.Int32
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("Connection", "close")
	})
	c := local(t, func(c *Config) {
		c.AllowPrivate = prefixes("127.0.0.1/32")
		c.Resolver = names(t, "news.example", "127.0.0.1", "127.0.0.2")
	})
	address = strings.Replace(address, "127.0.0.1", "news.example", 1)
	get(t, c, Request{URL: address})
	_, err := c.Get(t.Context(), Request{URL: address})
	wantKind(t, err, ErrPrivate)
	if asked.Load() != 1 {
		t.Errorf("the server was reached %d times; want 1", asked.Load())
	}
}

func TestNames(t *testing.T) {
	address := serve(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.Host) })
	port := address[strings.LastIndex(address, ":"):]
	closed := New(Config{Resolver: names(t, "")})
	for host, want := range map[string]Kind{
		"nowhere.example": ErrName, "localhost": ErrPrivate, "press.localhost": ErrPrivate, "[::1]": ErrPrivate,
		"0x7f000001": ErrName, "2130706433": ErrName, "0.0.0.0": ErrPrivate,
	} {
		_, err := closed.Get(t.Context(), Request{URL: "http://" + host + port})
		wantKind(t, err, want)
	}
	open := local(t, func(c *Config) { c.Resolver = names(t, "") })
	for _, host := range []string{"localhost", "press.localhost", "LOCALHOST.", "bücher.localhost"} {
		res := get(t, open, Request{URL: "http://" + host + port})
		if strings.ToLower(string(res.Body)) != string(res.Body) || !strings.Contains(string(res.Body), "localhost:") {
			t.Errorf("Host = %q", res.Body)
		}
	}
}

func TestAuthority(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"http://Example.COM/a", "example.com"},
		{"https://example.com:443/", "example.com"},
		{"http://example.com.:80/", "example.com"},
		{"http://example.com:0080/", "example.com"},
		{"http://example.com:443/", "example.com:443"},
		{"http://example.com:08080/", "example.com:8080"},
		{" https://bücher.example/feed\n", "xn--bcher-kva.example"},
		{"http://BÜCHER。example", "xn--bcher-kva.example"},
		{"http://u:p@[2001:DB8::1]:8080/", "[2001:db8::1]:8080"},
		{"http://[2001:db8:0:0::0001]/", "[2001:db8::1]"},
		{"http://under_score.example", "under_score.example"},
		{"", ""}, {"/feed", ""}, {"ftp://example.com", ""}, {"file:///etc/passwd", ""}, {"javascript:1", ""},
		{"http://", ""}, {"http:///x", ""}, {"http://.", ""}, {"http:opaque", ""}, {"http://:80/", ""},
		{"http://a:0", ""}, {"http://a:65536", ""}, {"http://a:x", ""}, {"http://a b/", ""}, {"http://a\x00b/", ""},
		{"http://a<b>/", ""}, {"http://[::1", ""}, {"http://[v1.x:y]/", ""}, {"http://a\r\nb/", ""},
	} {
		got, err := Authority(tt.in)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("Authority(%q) = %q, %v; want %q", tt.in, got, err, tt.want)
		}
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = nil
	s.TLS = &tls.Config{}
	s.StartTLS()
	defer s.Close()
	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	c := local(t, nil)
	_, err := c.Get(t.Context(), Request{URL: s.URL})
	wantKind(t, err, ErrCertificate)
	_, err = c.Get(t.Context(), Request{URL: strings.Replace(plain, "http:", "https:", 1)})
	wantKind(t, err, ErrTLS)
}

func FuzzAuthority(f *testing.F) {
	f.Add("https://bücher.example:8443/a?b c#d")
	f.Add("http://u:p@[2001:DB8::1]:080/")
	f.Add("http://１２７.0.0.1。/")
	f.Fuzz(func(t *testing.T, address string) {
		host, err := Authority(address)
		if err != nil {
			return
		}
		if again, err := Authority("http://" + host + "/"); err != nil || again != host {
			if again+":80" != host {
				t.Errorf("Authority(%q) = %q, then %q, %v", address, host, again, err)
			}
		}
		if strings.ContainsAny(host, "@/?# \r\n\x00") || strings.ToLower(host) != host {
			t.Errorf("Authority(%q) = %q", address, host)
		}
	})
}

package mail

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/smtp"
	"net/textproto"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// box is a sink that keeps what it is given.
type box struct {
	mu       sync.Mutex
	lookup   error
	store    error
	letters  map[string][]string // subjects by token
	html     string
	deadline bool
}

func (b *box) Accepts(_ context.Context, token string) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.HasPrefix(token, "t0ken"), b.lookup
}

func (b *box) Deliver(ctx context.Context, token string, l Letter) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.store != nil {
		return b.store
	}
	if b.letters == nil {
		b.letters = map[string][]string{}
	}
	b.letters[token] = append(b.letters[token], l.Subject)
	b.html = l.HTML
	_, b.deadline = ctx.Deadline()
	return nil
}

func (b *box) got() map[string][]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.letters
}

// start serves mail on loopback for the test's time.
func start(t *testing.T, cfg Config, sink Sink) string {
	t.Helper()
	cfg.Domain = "news.example"
	if err := cfg.Validate(); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- New(cfg, sink).Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return l.Addr().String()
}

func wantCode(t *testing.T, err error, want int) {
	t.Helper()
	var e *textproto.Error
	if want == 250 && err == nil {
		return
	}
	if !errors.As(err, &e) || e.Code != want {
		t.Errorf("answer %v; want %d", err, want)
	}
}

func TestDelivery(t *testing.T) {
	letter := []byte(crlf(newsletter))
	for _, tt := range []struct {
		name          string
		to            []string
		lookup, store error
		mail          []byte
		code          int
		want          map[string][]string
	}{
		{name: "arrives", to: []string{"t0ken@news.example"}, mail: letter, code: 250, want: map[string][]string{"t0ken": {"Mörgen news folded"}}},
		{name: "case does not matter", to: []string{"T0Ken@NEWS.example"}, mail: letter, code: 250, want: map[string][]string{"t0ken": {"Mörgen news folded"}}},
		{name: "two feeds, one twice", to: []string{"t0ken1@news.example", "t0ken2@news.example", "T0KEN1@news.example"}, mail: letter, code: 250,
			want: map[string][]string{"t0ken1": {"Mörgen news folded"}, "t0ken2": {"Mörgen news folded"}}},
		{name: "unknown", to: []string{"x@news.example"}, mail: letter, code: 550},
		{name: "no relay", to: []string{"t0ken@other.example"}, mail: letter, code: 550},
		{name: "no domain", to: []string{"t0ken"}, mail: letter, code: 501},
		{name: "look-up fails", to: []string{"t0ken@news.example"}, lookup: io.ErrClosedPipe, mail: letter, code: 451},
		{name: "storage fails", to: []string{"t0ken@news.example"}, store: io.ErrClosedPipe, mail: letter, code: 451},
		{name: "too large", to: []string{"t0ken@news.example"}, mail: []byte("Subject: s\r\n\r\n" + strings.Repeat("words\r\n", 20_000)), code: 552},
		{name: "nothing in it", to: []string{"t0ken@news.example"}, mail: []byte("Subject: s\r\n\r\n"), code: 554},
		{name: "too deep", to: []string{"t0ken@news.example"}, mail: []byte(crlf("Subject: s\n" + nested(40))), code: 554},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sink := &box{lookup: tt.lookup, store: tt.store}
			address := start(t, Config{MaxBytes: 100_000}, sink)
			wantCode(t, smtp.SendMail(address, nil, "post@bla.example", tt.to, tt.mail), tt.code)
			if diff := cmp.Diff(tt.want, sink.got()); diff != "" {
				t.Error(diff)
			}
			if tt.want != nil && !sink.deadline {
				t.Error("the sink had no deadline")
			}
		})
	}
}

// dial greets a server.
func dial(t *testing.T, address string) *smtp.Client {
	t.Helper()
	c, err := smtp.Dial(address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestConversationGoesOnAfterARefusal(t *testing.T) {
	sink := &box{}
	c := dial(t, start(t, Config{MaxBytes: 10_000}, sink))
	send := func(to, mail string) error {
		if err := c.Mail("post@bla.example"); err != nil {
			return err
		}
		if err := c.Rcpt(to); err != nil {
			c.Reset()
			return err
		}
		w, err := c.Data()
		if err != nil {
			return err
		}
		io.WriteString(w, crlf(mail))
		return w.Close()
	}
	wantCode(t, send("t0ken1@news.example", "Subject: a\n\ntext"), 250)
	wantCode(t, send("x@news.example", "Subject: b\n\ntext"), 550)
	wantCode(t, send("t0ken2@news.example", "Subject: c\n\n"+strings.Repeat("MAIL FROM:<a@b>\n", 2000)), 552)
	wantCode(t, send("t0ken3@news.example", "Subject: d\n\ntext"), 250)
	want := map[string][]string{"t0ken1": {"a"}, "t0ken3": {"d"}}
	if diff := cmp.Diff(want, sink.got()); diff != "" {
		t.Error(diff)
	}
}

func TestTokenIsNotPublished(t *testing.T) {
	const token = "t0kenabcdefghijk"
	sink := &box{}
	mail := crlf("Subject: s\nContent-Type: text/html\n\n<p>Sent to T0KENabcdefghijk@news.example " +
		`<a href="https://a.example/?to=t0kenabcdefghijk%40news.example&amp;n=1">more</a></p>`)
	wantCode(t, smtp.SendMail(start(t, Config{}, sink), nil, "a@b.example", []string{token + "@news.example"}, []byte(mail)), 250)
	want := `<p>Sent to reader@news.example <a href="https://a.example/?to=reader%40news.example&amp;n=1">more</a></p>`
	if diff := cmp.Diff(want, strings.TrimSpace(sink.html)); diff != "" {
		t.Error(diff)
	}
	if l := (Letter{Text: "news to news@x.example"}).without("news", "x.example"); l.Text != "news to reader" {
		t.Errorf("a short token: %q", l.Text)
	}
}

func TestAnnouncedSize(t *testing.T) {
	address := start(t, Config{MaxBytes: 10_000}, &box{})
	conn, r := talk(t, address)
	ask(t, conn, r, "EHLO me", "250")
	ask(t, conn, r, "MAIL FROM:<a@b.example> SIZE=104857600", "552")
}

// talk opens a bare connection and reads the greeting.
func talk(t *testing.T, address string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	r := bufio.NewReader(conn)
	if line, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(line, "220") {
		t.Fatalf("greeting %q, %v", line, err)
	}
	return conn, r
}

// ask sends a line and wants an answer with that code.
func ask(t *testing.T, conn net.Conn, r *bufio.Reader, line, code string) {
	t.Helper()
	fmt.Fprintf(conn, "%s\r\n", line)
	for {
		answer, err := r.ReadString('\n')
		if err != nil || !strings.HasPrefix(answer, code) {
			t.Fatalf("%s: answer %q, %v; want %s", line, answer, err, code)
		}
		if len(answer) > 3 && answer[3] == ' ' {
			return
		}
	}
}

func TestMailInChunks(t *testing.T) {
	sink := &box{}
	conn, r := talk(t, start(t, Config{}, sink))
	ask(t, conn, r, "EHLO me", "250")
	ask(t, conn, r, "MAIL FROM:<a@b.example>", "250")
	ask(t, conn, r, "RCPT TO:<t0ken@news.example>", "250")
	ask(t, conn, r, "BDAT 12\r\nSubject: x", "250")
	ask(t, conn, r, "BDAT 8 LAST\r\n\r\ntext", "250")
	if diff := cmp.Diff(map[string][]string{"t0ken": {"x"}}, sink.got()); diff != "" {
		t.Error(diff)
	}
}

func TestSlowMailIsNoConversation(t *testing.T) {
	sink := &box{}
	conn, r := talk(t, start(t, Config{ReadTimeout: time.Second}, sink))
	ask(t, conn, r, "EHLO me", "250")
	ask(t, conn, r, "MAIL FROM:<a@b.example>", "250")
	ask(t, conn, r, "RCPT TO:<t0ken@news.example>", "250")
	ask(t, conn, r, "DATA", "354")
	io.WriteString(conn, "Subject: x\r\n\r\ntext\r\n")
	answer, err := r.ReadString('\n')
	if err != nil || !strings.HasPrefix(answer, "451") {
		t.Errorf("answer %q, %v; want 451", answer, err)
	}
	fmt.Fprintf(conn, "RCPT TO:<t0ken@news.example>\r\n")
	if rest, _ := io.ReadAll(r); strings.Contains(string(rest), "250") {
		t.Errorf("the conversation went on: %q", rest)
	}
	if len(sink.got()) > 0 {
		t.Errorf("delivered %v", sink.got())
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	address := start(t, Config{MaxConns: 10}, &box{}) // two of them for one address
	first, _ := talk(t, address)
	talk(t, address)
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	if answer, _ := io.ReadAll(conn); !strings.HasPrefix(string(answer), "421") {
		t.Errorf("third connection: %q; want 421", answer)
	}
	first.Close()
	for deadline := time.Now().Add(20 * time.Second); ; {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(deadline)
		line, _ := bufio.NewReader(conn).ReadString('\n')
		conn.Close()
		if strings.HasPrefix(line, "220") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the place that was left is not free")
		}
	}
}

func TestHugeMailIsRefusedWithoutMemory(t *testing.T) {
	address := start(t, Config{}, &box{})
	c := dial(t, address)
	if err := errors.Join(c.Mail("a@b.example"), c.Rcpt("t0ken@news.example")); err != nil {
		t.Fatal(err)
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	io.WriteString(w, crlf("Subject: s\n"+nested(8)+"\n"))
	io.Copy(w, &endless{text: strings.Repeat("QUJD", 18) + "\r\n", n: 30 << 20})
	err = w.Close()
	runtime.ReadMemStats(&after)
	wantCode(t, err, 552)
	if used := after.TotalAlloc - before.TotalAlloc; used > 40<<20 {
		t.Errorf("%d bytes allocated", used)
	}
}

func TestStartTLS(t *testing.T) {
	dir := t.TempDir()
	pool := x509.NewCertPool()
	cfg := Config{Certificate: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	certify(t, cfg, pool)
	sink := &box{}
	c := dial(t, start(t, cfg, sink))
	if err := c.StartTLS(&tls.Config{RootCAs: pool, ServerName: "news.example"}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.Mail("a@b.example"), c.Rcpt("t0ken@news.example")); err != nil {
		t.Fatal(err)
	}
	w, err := c.Data()
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, "Subject: x\r\n\r\ntext")
	wantCode(t, w.Close(), 250)
	if len(sink.got()) != 1 {
		t.Error("not delivered")
	}
}

func certify(t *testing.T, cfg Config, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"news.example"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, _ := x509.ParseCertificate(der)
	pool.AddCert(cert)
	secret, _ := x509.MarshalPKCS8PrivateKey(key)
	for file, block := range map[string]*pem.Block{cfg.Certificate: {Type: "CERTIFICATE", Bytes: der}, cfg.Key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestRunReportsItsErrors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := New(Config{Listen: l.Addr().String(), Domain: "news.example"}, &box{}).Run(t.Context()); err == nil {
		t.Error("no error for an address in use")
	}
	cfg := Config{Listen: "127.0.0.1:0", Domain: "news.example", Certificate: "none", Key: "none"}
	if err := New(cfg, &box{}).Run(t.Context()); err == nil {
		t.Error("no error for a certificate that is not there")
	}
}

func TestValidate(t *testing.T) {
	for _, tt := range []struct {
		name string
		cfg  Config
		ok   bool
	}{
		{"nothing", Config{}, true},
		{"usual", Config{Listen: ":25", Domain: "news.example"}, true},
		{"no domain", Config{Listen: ":25"}, false},
		{"odd domain", Config{Domain: "a@b"}, false},
		{"no key", Config{Certificate: "x"}, false},
		{"too large", Config{MaxBytes: 1 << 40}, false},
		{"negative", Config{MaxConns: -1}, false},
		{"impatient", Config{ReadTimeout: time.Millisecond}, false},
	} {
		if err := tt.cfg.Validate(); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

package mail

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// crlf writes a mail the way it travels.
func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

const newsletter = `From: =?utf-8?Q?The_Bl=C3=A5_Letter?= <post@bla.example>
To: t0ken@news.example
Subject: =?utf-8?B?TcO2cmdlbg==?= =?utf-8?Q?_news?=
 folded
Date: Mon, 23 Nov 2026 08:00:00 +0200
Message-ID: <abc.1@bla.example>
List-Id: The letter <letter.bla.example>
List-Unsubscribe: <mailto:leave@bla.example>, <https://bla.example/leave?me=1>
Content-Language: nb
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=out

preamble
--out
Content-Type: multipart/alternative; boundary="in"

--in
Content-Type: text/plain; charset=utf-8

Plain words
--in
Content-Type: multipart/related; boundary=rel

--rel
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

<html><head><title>x</title></head><body><div style=3D"display: none">Pre=
view</div><p>Gr=F8nn <b>news</b></p><img src=3D"cid:1"><img width=3D1 src=3D"https://t.example/p">
<a href=3D"https://bla.example/n/1">View in browser</a>
<a href=3D"https://bla.example/leave?me=3D1">stop</a> <a href=3D"https://bla.example/x">Unsubscribe here</a></body></html>
--rel
Content-Type: image/png
Content-ID: <1>
Content-Transfer-Encoding: base64

iVBORw0KGgo=
--rel--
--in--
--out
Content-Type: application/pdf
Content-Disposition: attachment; filename=a.pdf

%PDF
--out
Content-Type: text/plain

List footer
--out--
`

func TestParse(t *testing.T) {
	got, err := Parse(strings.NewReader(crlf(newsletter)))
	if err != nil {
		t.Fatal(err)
	}
	want := Letter{
		MessageID: "abc.1@bla.example", Subject: "Mörgen news folded", FromName: "The Blå Letter", FromAddress: "post@bla.example",
		Unsubscribe: "https://bla.example/leave?me=1", Language: "nb",
		Sent: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC), Text: "Plain words\n\nList footer",
		HTML: "<p>Grønn <b>news</b></p>\n<a>View in browser</a>\n" +
			"<a>stop</a> <a>Unsubscribe here</a><p>List footer</p>\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseForms(t *testing.T) {
	const head = "From: a@b.example\nSubject: s\n"
	for _, tt := range []struct {
		name, mail, html string
		err              error
	}{
		{name: "no MIME", mail: head + "\nHello\nthere\n\nhttps://a.example/x?y=1&z. End", html: "<p>Hello<br/>\nthere</p>\n" +
			"<p><a href=\"https://a.example/x?y=1&amp;z\">https://a.example/x?y=1&amp;z</a>. End</p>\n"},
		{name: "flowed", mail: head + "Content-Type: text/plain; format=flowed\n\nOne \nline\n\n>< \nnext\n-- \nAnna", html: "<p>One line</p>\n" +
			"<p>&gt;&lt; next<br/>\n-- <br/>\nAnna</p>\n"},
		{name: "flowed without the space", mail: head + "Content-Type: text/plain; format=flowed; delsp=yes\n\nwo \nrd\n", html: "<p>word</p>\n"},
		{name: "base64", mail: head + "Content-Type: text/html\nContent-Transfer-Encoding: BASE64\n\nPHA+aGVs\n bG88L3A+!\n", html: "<p>hello</p>"},
		{name: "broken quoted-printable", mail: head + "Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<p>a=zz =C3=A9=\nb= \nc 100=</p>=", html: "<p>a=zz ébc 100=</p>"},
		{name: "long line", mail: head + "Content-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<p>" + strings.Repeat("=C3=A9", 3000), html: "<p>" + strings.Repeat("é", 3000) + "</p>"},
		{name: "said to be ASCII", mail: head + "Content-Type: text/plain; charset=us-ascii\n\né", html: "<p>é</p>\n"},
		{name: "said to be UTF-8", mail: head + "Content-Type: text/plain; charset=utf-8\n\n\xe9", html: "<p>é</p>\n"},
		{name: "unknown charset", mail: head + "Content-Type: text/plain; charset=x-none\n\nh\xe9", html: "<p>hé</p>\n"},
		{name: "Japanese", mail: head + "Content-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B$3$s\x1b(B", html: "<p>こん</p>\n"},
		{name: "two texts of HTML", mail: head + "Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/html\n\n<p>a</p>\n--x\nContent-Type: image/png\n\nx\n--x\nContent-Type: text/html\n\n<p>b</p>\n--x--", html: "<p>a</p><p>b</p>"},
		{name: "forwarded", mail: head + "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nSee this\n--x\nContent-Type: message/rfc822\n\nSubject: inner\nContent-Type: text/html\n\n<p>news</p>\n--x--", html: "<p>See this</p>\n<p>news</p>"},
		{name: "attached page", mail: head + "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nbody\n--x\nContent-Type: text/html\nContent-Disposition: attachment\n\n<p>no</p>\n--x--", html: "<p>body</p>\n"},
		{name: "no end", mail: head + "Content-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/html\n\n<p>a</p>", html: "<p>a</p>"},
		{name: "broken part", mail: head + "Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x\nno header at all\n\nb\n--x--", html: "<p>a</p>\n"},
		{name: "broken type", mail: head + "Content-Type: ;;\n\na", html: "<p>a</p>\n"},
		{name: "no boundary", mail: head + "Content-Type: multipart/mixed\n\na", err: ErrMalformed},
		{name: "nothing", mail: "", err: ErrMalformed},
		{name: "no body", mail: head + "\n", err: ErrMalformed},
		{name: "only a picture", mail: head + "Content-Type: image/png\n\nx", err: ErrMalformed},
		{name: "huge header", mail: "X: " + strings.Repeat("x", maxHeader) + "\n" + head + "\na", err: ErrMalformed},
		{name: "huge text", mail: head + "\n" + strings.Repeat("words ", maxText/6+1), err: ErrTooLarge},
		{name: "huge header of a part", mail: head + "Content-Type: multipart/mixed; boundary=x\n\n--x\n\na\n--x\nX: " + strings.Repeat("x", maxHeader+8<<10) + "\n\nb\n--x--", err: errBounds},
		{name: "many parts", mail: head + "Content-Type: multipart/mixed; boundary=x\n\n" + strings.Repeat("--x\n\na\n", maxParts+1), err: errBounds},
		{name: "deep parts", mail: head + nested(maxDepth+2) + "\n\na", err: errBounds},
		{name: "mails in mails", mail: strings.Repeat("Content-Type: message/rfc822\n\n", maxDepth+2) + head + "\na", err: errBounds},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(strings.NewReader(crlf(tt.mail)))
			if !errors.Is(err, tt.err) {
				t.Fatalf("error = %v; want %v", err, tt.err)
			}
			if diff := cmp.Diff(tt.html, strings.ReplaceAll(got.HTML, "\r", "")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// nested is the start of a mail with parts in parts.
func nested(depth int) string {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
	}
	return b.String()
}

func TestHeaders(t *testing.T) {
	for _, tt := range []struct{ name, header, subject, from, address string }{
		{"encoded in Japanese", "Subject: =?iso-2022-jp?B?GyRCJDMkcxsoQg==?=\nFrom: =?utf-8?q?=C3=89?= <e@x.example>", "こん", "É", "e@x.example"},
		{"raw bytes", "Subject: caf\xe9\nFrom: Caf\xe9 <e@x.example>", "café", "Café", "e@x.example"},
		{"not quite correct", "Subject: a\tb  c\nFrom: News: All [of it] <e@x.example>", "a b c", "News: All [of it]", "e@x.example"},
		{"broken word", "Subject: =?utf-8?B?!!?=\nFrom: nobody", "=?utf-8?B?!!?=", "", "nobody"},
		{"control characters", "Subject: a\x00b\x07c\nFrom: e@x.example", "a b c", "", "e@x.example"},
		{"none", "To: a@b.example", "", "", ""},
	} {
		l, err := Parse(strings.NewReader(crlf(tt.header + "\n\ntext")))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		got := []string{l.Subject, l.FromName, l.FromAddress}
		if diff := cmp.Diff([]string{tt.subject, tt.from, tt.address}, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if l.MessageID == "" {
			t.Errorf("%s: no MessageID", tt.name)
		}
	}
}

// TestPersonalLinks holds that only a public archive's address becomes the
// letter's: one for this reader alone is no link any more.
func TestPersonalLinks(t *testing.T) {
	for _, tt := range []struct{ name, header, body, link, stays string }{
		{"view online", "", `<a href="https://a.example/1?me=7"><span>Having trouble reading this?</span> <i>Read it in your browser</i></a>`, "", ""},
		{"German", "", `<a href="http://a.example/1?me=7">Im Browser ansehen</a>`, "", ""},
		{"archive", "Archived-At: <https://a.example/2>\n", `<p>x</p>`, "https://a.example/2", ""},
		{"an article's link", "", `<a href="https://a.example/1">Why people read online newspapers less, and what their makers will do about it this year</a>`, "", "https://a.example/1"},
	} {
		l, err := Parse(strings.NewReader(crlf("Subject: s\n" + tt.header + "Content-Type: text/html\n\n" + tt.body)))
		if err != nil || l.Link != tt.link || strings.Contains(l.HTML, "href") != (tt.stays != "") || !strings.Contains(l.HTML, tt.stays) {
			t.Errorf("%s: link %q, %v; want %q; body %s", tt.name, l.Link, err, tt.link, l.HTML)
		}
	}
}

type broken struct{ r io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func TestLinksForTheSubscriberAlone(t *testing.T) {
	for _, tt := range []struct{ name, body, want string }{
		{"as its header says", `<a href="https://a.example/leave">stop</a>`, `<a>stop</a>`},
		{"by its words", `<a href="https://a.example/2"><b>Manage</b> preferences</a>`, `<a><b>Manage</b> preferences</a>`},
		{"an address", `<a href="https://a.example/leave">https://a.example/leave</a>.`, `.`},
		{"hidden text", `<div style="DISPLAY : none">preview</div>a`, `a`},
		{"a pixel", `<img src="https://a.example/p" height="1px">a`, `a`},
		{"sent along", `<img src="cid:1">a`, `a`},
		{"others stay", `<a href="https://a.example/3">news</a><img src="https://a.example/p.png"/>`, `<a href="https://a.example/3">news</a><img src="https://a.example/p.png"/>`},
	} {
		l, err := Parse(strings.NewReader("Subject: s\nList-Unsubscribe: <https://a.example/leave>\nContent-Type: text/html\n\n" + tt.body))
		if err != nil || l.HTML != tt.want {
			t.Errorf("%s: %q, %v; want %q", tt.name, l.HTML, err, tt.want)
		}
	}
}

func TestParseOfHalfAMail(t *testing.T) {
	for _, n := range []int{10, 600, 1100, len(newsletter) - 5} {
		if l, err := Parse(broken{strings.NewReader(newsletter[:n])}); err != io.ErrUnexpectedEOF {
			t.Errorf("%d bytes: %+v, %v", n, l, err)
		}
	}
}

// endless repeats its text for n bytes.
type endless struct {
	text string
	n    int64
	at   int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.n <= 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(int64(len(p)), e.n)], e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	e.n -= int64(n)
	return n, nil
}

func TestHugeMailsCostNoMemory(t *testing.T) {
	const size = 100 << 20
	attachment := "Subject: s\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\ntext\n--x\nContent-Type: application/zip\n\n"
	for _, tt := range []struct {
		name, start, repeat string
		err                 error
	}{
		{"attachment", attachment, strings.Repeat("QUJD", 19) + "\n", nil},
		{"one line", attachment, strings.Repeat("QUJD", 1000), nil},
		{"nested parts", attachment, "--x\n" + nested(8) + "\n", errBounds},
		{"deeper and deeper", "Subject: s\n", nested(1), errBounds},
		{"header", "Subject: s\n", "X-Y: z\n", ErrMalformed},
		{"text", "Subject: s\n\n", "words ", ErrTooLarge},
		{"header of a part", "Subject: s\nContent-Type: multipart/mixed; boundary=x\n\n--x\n", "X-Y: " + strings.Repeat("z", 1000) + "\n", errBounds},
		{"boundaries", attachment, "--x\n", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Parse(io.MultiReader(strings.NewReader(tt.start), &endless{text: tt.repeat, n: size}))
			runtime.ReadMemStats(&after)
			if !errors.Is(err, tt.err) {
				t.Errorf("error = %v; want %v", err, tt.err)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 32<<20 {
				t.Errorf("%d bytes allocated", used)
			}
		})
	}
}

func FuzzLetter(f *testing.F) {
	f.Add([]byte(newsletter))
	f.Add([]byte("Subject: s\nContent-Type: text/plain; format=flowed\n\na \nb"))
	f.Add([]byte(nested(3) + "Content-Transfer-Encoding: base64\n\nPHA+"))
	f.Add([]byte("Content-Type: message/rfc822\n\nSubject: x\n\n=\n="))
	f.Fuzz(func(t *testing.T, mail []byte) {
		l, err := Parse(strings.NewReader(string(mail)))
		if err != nil {
			if !errors.Is(err, ErrTooLarge) && !errors.Is(err, ErrMalformed) {
				t.Errorf("error %v is of no kind", err)
			}
			return
		}
		if l.MessageID == "" || l.HTML == "" {
			t.Errorf("empty: %+v", l)
		}
		for _, s := range []string{l.MessageID, l.Subject, l.FromName, l.FromAddress, l.Link, l.HTML, l.Text} {
			if !utf8.ValidString(s) {
				t.Errorf("not UTF-8: %q", s)
			}
		}
		if strings.ContainsAny(l.Subject+l.FromName, "\r\n\x00") {
			t.Errorf("control characters: %q %q", l.Subject, l.FromName)
		}
	})
}

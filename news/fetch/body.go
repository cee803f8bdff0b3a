package fetch

import (
	"bufio"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zlib"
)

const (
	acceptEncoding = "gzip, br, deflate" // not zstd, whose window costs megabytes an answer
	maxCodings     = 2                   // compressions on top of one another
	maxTold        = 2 << 10             // bytes kept of an answer that is not a success
	maxPooled      = 1 << 20
)

// coders keeps what decompressing needs between answers: its windows are
// dearer than most bodies.
type coders struct {
	gzip    sync.Pool // *gzip.Reader
	brotli  sync.Pool // *brotli.Reader
	buffers sync.Pool // *bytes.Buffer
}

func newCoders() *coders {
	return &coders{
		gzip:    sync.Pool{New: func() any { return new(gzip.Reader) }},
		brotli:  sync.Pool{New: func() any { return brotli.NewReader(nil) }},
		buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
}

// read returns the body, decompressed and within its limit.
func (c *Client) read(res *http.Response, limit int64) ([]byte, error) {
	if res.StatusCode == http.StatusNotModified || res.Body == http.NoBody {
		return nil, nil
	}
	if !success(res.StatusCode) {
		body, _ := c.coders.decode(&capped{r: res.Body, left: maxTold}, res.Header, maxTold)
		return body, nil
	}
	if res.ContentLength > limit {
		return nil, fmt.Errorf("%w: it announces %d bytes, the limit is %d", ErrTooLarge, res.ContentLength, limit)
	}
	sent := &capped{r: &paced{r: res.Body, rate: int64(c.cfg.MinRate), start: time.Now()}, left: limit}
	body, err := c.coders.decode(sent, res.Header, limit)
	if err != nil && sent.err == nil && err != io.ErrUnexpectedEOF && !errors.As(err, new(Kind)) {
		err = fmt.Errorf("%w: %w", ErrEncoding, err)
	}
	return body, err
}

// decode undoes the announced compressions, and gzip that nobody announced,
// and reads up to limit bytes. With an error it returns what came before it.
func (c *coders) decode(r io.Reader, h http.Header, limit int64) ([]byte, error) {
	names, err := codings(h)
	if err != nil {
		return nil, err
	}
	for _, name := range append(names, "gzip") {
		next, done, err := c.open(name, r)
		if err != nil {
			return nil, err
		}
		defer done()
		r = &capped{r: next, left: limit} // each by itself: an inner one may be large and say nothing
	}
	return c.all(r)
}

// codings returns the announced compressions, the outermost first.
func codings(h http.Header) ([]string, error) {
	var names []string
	for name := range strings.SplitSeq(strings.Join(h["Content-Encoding"], ","), ",") {
		switch name = strings.ToLower(strings.TrimSpace(name)); name {
		case "", "identity", "none", "binary", "utf-8", "utf8": // what servers say and mean nothing by
		case "gzip", "x-gzip", "br", "deflate":
			names = append([]string{strings.TrimPrefix(name, "x-")}, names...)
		default:
			return nil, fmt.Errorf("%w: %q", ErrEncoding, name)
		}
		if len(names) > maxCodings {
			return nil, fmt.Errorf("%w: more than %d on top of one another", ErrEncoding, maxCodings)
		}
	}
	return names, nil
}

func nothing() {}

// open starts to undo one compression. A body that is not gzip although its
// header says so is left as it is: servers forget to compress what they keep
// ready. Call done when all is read.
func (c *coders) open(name string, r io.Reader) (out io.Reader, done func(), err error) {
	if name == "br" {
		z := c.brotli.Get().(*brotli.Reader)
		return z, func() { c.brotli.Put(z) }, z.Reset(r)
	}
	b := bufio.NewReaderSize(r, 4<<10)
	head, _ := b.Peek(3)
	switch {
	case name == "gzip" && bytes.Equal(head, []byte{0x1f, 0x8b, 8}):
		z := c.gzip.Get().(*gzip.Reader)
		return z, func() { c.gzip.Put(z) }, z.Reset(b)
	case name == "deflate" && len(head) > 1 && head[0]&0x0f == 8 && (int(head[0])<<8|int(head[1]))%31 == 0:
		z, err := zlib.NewReader(b)
		return z, nothing, err
	case name == "deflate":
		return flate.NewReader(b), nothing, nil
	}
	return b, nothing, nil
}

func (c *coders) all(r io.Reader) ([]byte, error) {
	b := c.buffers.Get().(*bytes.Buffer)
	b.Reset()
	_, err := b.ReadFrom(r)
	body := bytes.Clone(b.Bytes())
	if b.Cap() <= maxPooled {
		c.buffers.Put(b)
	}
	if len(body) > 0 && errors.Is(err, gzip.ErrHeader) {
		err = nil // rubbish after the end of the compressed body
	}
	return body, err
}

// capped reads up to left bytes; one more is ErrTooLarge.
type capped struct {
	r    io.Reader
	left int64
	err  error // what ended it, other than the end
}

func (c *capped) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	if int64(len(p)) > c.left+1 {
		p = p[:c.left+1]
	}
	n, err := c.r.Read(p)
	if int64(n) > c.left {
		n, err = int(c.left), ErrTooLarge
	}
	c.left -= int64(n)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// paced ends a body that comes at less than rate bytes a second. One that
// stalls altogether ends with the fetch's time.
type paced struct {
	r     io.Reader
	rate  int64
	start time.Time
	n     int64
}

// grace is how long a body may be slow, as all are to begin with.
const grace = 5 * time.Second

func (p *paced) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.n += int64(n)
	took := time.Since(p.start)
	if err == nil && took > grace && float64(p.n) < took.Seconds()*float64(p.rate) {
		err = ErrSlow
	}
	return n, err
}

// discard reads the body of a redirect if it is short, so that its connection
// can be used again.
func discard(res *http.Response) {
	if res.ContentLength <= maxTold {
		io.CopyN(io.Discard, res.Body, max(res.ContentLength, 0))
	}
}

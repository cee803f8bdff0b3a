package mail

import (
	"io"
	"net"
	"sync"
	"time"
)

// maxVisit is how long a connection may last, whatever it does.
const maxVisit = 15 * time.Minute

// door is a listener that lets in so many at once, and of one address no more
// than a fifth of them. Who finds it full is told to come again.
type door struct {
	net.Listener
	max int

	mu     sync.Mutex
	inside map[string]int // connections by remote address
	total  int
}

func newDoor(l net.Listener, max int) *door {
	return &door{Listener: l, max: max, inside: map[string]int{}}
}

// Accept returns the next connection that there is room for.
func (d *door) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil {
			return nil, err
		}
		from, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
		if d.enter(from) {
			return &visit{Conn: conn, end: time.Now().Add(maxVisit), leave: sync.OnceFunc(func() { d.left(from) })}, nil
		}
		conn.SetDeadline(time.Now().Add(time.Second))
		io.WriteString(conn, "421 4.4.5 Too busy, come again\r\n")
		conn.Close()
	}
}

func (d *door) enter(from string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.total >= d.max || d.inside[from] >= max(1, d.max/5) {
		return false
	}
	d.total++
	d.inside[from]++
	return true
}

func (d *door) left(from string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.total--
	if d.inside[from]--; d.inside[from] == 0 {
		delete(d.inside, from)
	}
}

// visit is a connection that stays broken once a read failed. Without that,
// what remains of a mail that came too slowly would be taken for commands.
type visit struct {
	net.Conn
	end    time.Time
	leave  func()
	broken error
}

func (v *visit) Read(p []byte) (int, error) {
	if v.broken != nil {
		return 0, v.broken
	}
	n, err := v.Conn.Read(p)
	if err != nil {
		v.broken = io.EOF
	}
	return n, err
}

// SetReadDeadline sets a deadline within the time of the visit.
func (v *visit) SetReadDeadline(t time.Time) error {
	if t.After(v.end) {
		t = v.end
	}
	return v.Conn.SetReadDeadline(t)
}

func (v *visit) Close() error {
	v.leave()
	return v.Conn.Close()
}

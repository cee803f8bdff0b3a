// Package pgtest runs a real PostgreSQL for tests: one server for the test
// binary, an empty database for each test. The server listens on a socket in a
// folder of its own, keeps nothing, and ends with the test binary however that
// ends.
//
// Only tests and benchmarks import it. It needs the programs of the package postgresql; where
// they are not installed the test is skipped with a word.
package pgtest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// script starts the server in the folder $1 with the settings $2 and says
// "ready", or what went wrong. Then it waits for the end of its input, which comes with the end of
// the test binary, and removes everything.
const script = `
cd "$1" || exit
initdb -D data -U postgres -A trust -N -E UTF8 --locale=C >log 2>&1 &&
pg_ctl -D data -l log -w -t 60 -o "-k $1 -c listen_addresses='' -c fsync=off -c synchronous_commit=off
	-c full_page_writes=off -c max_connections=200 $2" start >>log 2>&1 </dev/null &&
echo ready || tail -n 1 log
cat >/dev/null
pg_ctl -D data -m immediate stop >/dev/null 2>&1
cd / && rm -rf "$1"
`

// server starts the server of this test binary, once.
var server = sync.OnceValues(func() (*Server, error) { return Start("") })

// Server is a running server. It ends with this process, and when nothing
// refers to it any more: the garbage collector then closes its input.
type Server struct {
	Folder string // of its socket and, in data, its files
	stdin  io.Closer
}

var databases atomic.Int64

// Open makes an empty database, and returns an address that the driver pgx
// understands. The database is dropped when the test ends.
func Open(t testing.TB) (address string) {
	t.Helper()
	running, err := server()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatalf("start PostgreSQL: %v", err)
	}
	name := fmt.Sprintf("test%d", databases.Add(1))
	address, err = running.Create(name)
	if err != nil {
		t.Error(err)
	}
	t.Cleanup(func() {
		if err := running.run("dropdb", "--force", name); err != nil {
			t.Error(err)
		}
	})
	return address
}

// Create makes an empty database and returns its address.
func (s *Server) Create(name string) (address string, err error) {
	query := url.Values{"host": {s.Folder}, "user": {"postgres"}, "sslmode": {"disable"}}
	return "postgres:///" + name + "?" + query.Encode(), s.run("createdb", "-T", "template0", name)
}

func (s *Server) run(program string, args ...string) error {
	out, err := exec.Command(find(program), append(args, "-h", s.Folder, "-U", "postgres")...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}

// Stop ends the server and removes its files, soon after it returns.
func (s *Server) Stop() error { return s.stdin.Close() }

// Start starts a server. What it promises about a power cut is off, unless the
// settings, such as "-c fsync=on", say otherwise. Where PostgreSQL is not
// installed the error is [errors.ErrUnsupported].
func Start(settings string) (*Server, error) {
	initdb := find("initdb")
	if initdb == "" {
		return nil, fmt.Errorf("%w: PostgreSQL is not installed here (no initdb)", errors.ErrUnsupported)
	}
	folder, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("sh", "-c", script, "sh", folder, settings)
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(initdb)+":"+os.Getenv("PATH"), "LC_ALL=C")
	// In a group of its own, so that an interrupt typed at the terminal leaves
	// it the time to clean up.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 {
		if cmd.SysProcAttr.Credential, err = unprivileged(folder); err != nil {
			return nil, err
		}
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if strings.TrimSpace(line) != "ready" {
		return nil, fmt.Errorf("%s (%w)", strings.TrimSpace(line), err)
	}
	return &Server{folder, stdin}, nil
}

// find returns the path of one of PostgreSQL's programs, or nothing. Debian
// keeps most of them out of the search path.
func find(program string) string {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + program); len(found) > 0 {
		return found[len(found)-1]
	}
	if path, err := exec.LookPath(program); err == nil {
		return path
	}
	return ""
}

// unprivileged gives the folder to a user without rights, because PostgreSQL
// refuses to run as root.
func unprivileged(folder string) (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(folder, int(uid), int(gid))
	}
	return nil, fmt.Errorf("%w: PostgreSQL does not run as root, and there is no user postgres or nobody", errors.ErrUnsupported)
}

// Package pgtest runs a real PostgreSQL for tests: one server for the test
// binary, an empty database for each test. The server listens on a socket in a
// folder of its own, keeps nothing, and ends with the test binary however that
// ends.
//
// Only tests import it. It needs the programs of the package postgresql; where
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

// script starts the server in the folder $1 and says "ready", or what went
// wrong. Then it waits for the end of its input, which comes with the end of
// the test binary, and removes everything.
const script = `
cd "$1" || exit
initdb -D data -U postgres -A trust -N -E UTF8 --locale=C >log 2>&1 &&
pg_ctl -D data -l log -w -t 60 -o "-k $1 -c listen_addresses='' -c fsync=off -c synchronous_commit=off
	-c full_page_writes=off -c max_connections=200" start >>log 2>&1 </dev/null &&
echo ready || tail -n 1 log
cat >/dev/null
pg_ctl -D data -m immediate stop >/dev/null 2>&1
cd / && rm -rf "$1"
`

// server starts the server of this test binary, once.
var server = sync.OnceValues(start)

// instance is a running server. It runs for as long as stdin is referred to:
// the garbage collector would close it.
type instance struct {
	folder string // of its socket
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
	run := func(program string, args ...string) {
		if out, err := exec.Command(find(program), append(args, "-h", running.folder, "-U", "postgres", name)...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", program, err, out)
		}
	}
	run("createdb", "-T", "template0")
	t.Cleanup(func() { run("dropdb", "--force") })
	query := url.Values{"host": {running.folder}, "user": {"postgres"}, "sslmode": {"disable"}}
	return "postgres:///" + name + "?" + query.Encode()
}

func start() (instance, error) {
	initdb := find("initdb")
	if initdb == "" {
		return instance{}, fmt.Errorf("%w: PostgreSQL is not installed here (no initdb)", errors.ErrUnsupported)
	}
	folder, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return instance{}, err
	}
	cmd := exec.Command("sh", "-c", script, "sh", folder)
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(initdb)+":"+os.Getenv("PATH"), "LC_ALL=C")
	// In a group of its own, so that an interrupt typed at the terminal leaves
	// it the time to clean up.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 {
		if cmd.SysProcAttr.Credential, err = unprivileged(folder); err != nil {
			return instance{}, err
		}
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return instance{}, err
	}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return instance{}, err
	}
	if err := cmd.Start(); err != nil {
		return instance{}, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if strings.TrimSpace(line) != "ready" {
		return instance{}, fmt.Errorf("%s (%w)", strings.TrimSpace(line), err)
	}
	return instance{folder, stdin}, nil
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

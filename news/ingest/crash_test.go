package ingest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http/httptest"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"understory/kit/count"
	"understory/kit/pgtest"
	"understory/kit/sqlkit"
	"understory/news"
	"understory/news/fetch"
	"understory/news/newsdb"
)

// crashLease is how long the feeds of a killed process are left alone.
const crashLease = 2 * time.Second

// victim is the environment of a process that is to be killed.
type victim struct {
	Driver        sqlkit.Dialect
	Path, Address string
	Life          int  // counted from 0
	Torn          bool // the fault that the test must find: states of feeds without their articles
}

const victimEnv = "UNDERSTORY_TEST_VICTIM"

func TestMain(m *testing.M) {
	if text := os.Getenv(victimEnv); text != "" {
		err := ingestUntilKilled(text)
		fmt.Fprintln(os.Stderr, "the process that was to be killed ended:", err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// ingestUntilKilled is what the killed process runs.
func ingestUntilKilled(text string) error {
	var v victim
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // which ends with the test
		os.Exit(0)
	}()
	db, err := newsdb.Open(context.Background(), v.store())
	if err != nil {
		return err
	}
	client := fetch.New(fetch.Config{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		UserAgent: strconv.Itoa(v.Life), Pause: 10 * time.Millisecond})
	cfg := Default()
	cfg.Workers, cfg.HostPause, cfg.Poll, cfg.LeaseTime = 6, 10*time.Millisecond, 10*time.Millisecond, crashLease
	cfg.FirstInterval, cfg.MinInterval, cfg.MaxInterval = 100*time.Millisecond, 100*time.Millisecond, 300*time.Millisecond
	return New(cfg, &telling{DB: db, torn: v.Torn, held: map[string]int64{}}, client, slog.New(slog.NewTextHandler(os.Stderr, nil)), count.New("test")).Run(context.Background())
}

func (v victim) store() sqlkit.Config {
	cfg := sqlkit.DefaultConfig(v.Path)
	cfg.Driver, cfg.Address = v.Driver, v.Address
	if v.Address != "" {
		cfg.Address += "&application_name=victim"
	}
	return cfg
}

// telling says when a commit begins, so that the test can kill in its middle,
// which checks it has committed with the time of the next, and that it was so
// slow that a lease of its own has lapsed: then it fetches again, and must.
type telling struct {
	*newsdb.DB
	torn bool

	mu   sync.Mutex
	held map[string]int64 // the tokens of hosts that are leased
}

func (s *telling) Lease(ctx context.Context, a news.Ask) ([]news.Lease, time.Time, error) {
	leases, next, err := s.DB.Lease(ctx, a)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range leases {
		if s.held[l.Host] != 0 {
			fmt.Println("lapsed")
		}
		s.held[l.Host] = l.Token
	}
	return leases, next, err
}

func (s *telling) released(back []news.Release) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range back {
		if s.held[r.Host] == r.Token {
			delete(s.held, r.Host)
		}
	}
}

func (s *telling) Commit(ctx context.Context, b news.Batch) (news.Committed, error) {
	fmt.Println("begin")
	if s.torn {
		s.tear(ctx, b)
	}
	done, err := s.DB.Commit(ctx, b)
	var told strings.Builder
	for _, r := range b.Results {
		fmt.Fprintln(&told, "done", r.FeedID, r.Next.UnixMilli())
	}
	if err == nil {
		s.released(b.Releases)
		fmt.Print(told.String())
	}
	return done, err
}

// tear commits the states of feeds, and waits to be killed before it would
// commit their articles.
func (s *telling) tear(ctx context.Context, b news.Batch) {
	torn := false
	for i := range b.Results {
		torn = torn || len(b.Results[i].Entries) > 0
		b.Results[i].Entries = nil
	}
	if _, err := s.DB.Commit(ctx, b); torn && err == nil {
		fmt.Println("torn")
		select {}
	}
}

// grave is a test that kills processes.
type grave struct {
	t     *testing.T
	v     victim
	press *restless
	ids   map[int64]int // number of a feed by its ID
	lives []*life
	wrong []string // what was found to be wrong
}

func (g *grave) problem(format string, args ...any) {
	g.wrong = append(g.wrong, fmt.Sprintf("life %d: ", len(g.lives)-1)+fmt.Sprintf(format, args...))
}

func newGrave(t *testing.T, v victim) *grave {
	g := &grave{t: t, v: v, press: newRestless(10), ids: map[int64]int{}}
	site := httptest.NewServer(g.press)
	t.Cleanup(site.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(site.URL, "http://"), ":")
	db := g.open()
	defer db.Close()
	for i := range g.press.feeds {
		host := fmt.Sprintf("http://h%d.localhost:%s", i/2, port) // hosts of two feeds
		title := must(db.PutTitle(t.Context(), news.Title{Slug: fmt.Sprint("t", i), Name: fmt.Sprint("Title ", i), Home: host, Section: "news"}))(t)
		f := must(db.PutFeed(t.Context(), news.Feed{TitleID: title.ID, URL: fmt.Sprintf("%s/%d", host, i)}, time.Now()))(t)
		g.ids[f.ID] = i
	}
	return g
}

func (g *grave) open() *newsdb.DB {
	g.t.Helper()
	cfg := g.v.store()
	cfg.Address = strings.TrimSuffix(cfg.Address, "&application_name=victim")
	return must(newsdb.Open(g.t.Context(), cfg))(g.t)
}

// live starts a process. It says when it begins a commit, and when it stands
// between the two that should be one.
func (g *grave) live() (kill func(), said <-chan string) {
	g.t.Helper()
	v := g.v
	v.Life = len(g.lives)
	text, err := json.Marshal(v)
	if err != nil {
		g.t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), victimEnv+"="+string(text))
	cmd.Stderr = g.t.Output()
	in := must(cmd.StdinPipe())(g.t)
	out := must(cmd.StdoutPipe())(g.t)
	if err := cmd.Start(); err != nil {
		g.t.Fatal(err)
	}
	g.t.Cleanup(func() { in.Close() })
	l := &life{next: map[int][]time.Time{}}
	g.lives = append(g.lives, l)
	words, read := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(read)
		defer close(words)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if lines.Text() == "lapsed" {
				l.lapsed = true
			} else if !g.committed(l, lines.Text()) {
				select {
				case words <- lines.Text():
				default: // nobody waits for it
				}
			}
		}
	}()
	return func() {
		_ = cmd.Process.Kill() // it cannot have ended
		<-read
		_ = cmd.Wait() // says that it was killed
		g.bury(l)
	}, words
}

// committed takes down a check that was committed.
func (g *grave) committed(l *life, line string) bool {
	var id, next int64
	if _, err := fmt.Sscanf(line, "done %d %d", &id, &next); err != nil {
		return false
	}
	i := g.ids[id]
	l.next[i] = append(l.next[i], time.UnixMilli(next))
	return true
}

// bury looks at what a killed process has left in the store.
func (g *grave) bury(l *life) {
	g.t.Helper()
	g.quiet()
	db := g.open()
	defer db.Close()
	l.left = make([]remains, len(g.ids))
	for _, f := range must(db.Feeds(g.t.Context(), 0))(g.t) {
		host := must(fetch.Authority(f.URL))(g.t)
		// Nothing is due so early: the store says when it will be, or when the lease ends.
		_, due, err := db.Lease(g.t.Context(), news.Ask{Now: time.UnixMilli(1), Host: host, Hosts: 1, PerHost: 1, For: time.Second})
		if err != nil {
			g.t.Fatal(err)
		}
		if f.State.Next.After(due) {
			due = f.State.Next
		}
		l.left[g.ids[f.ID]] = remains{checked: f.State.Checked, due: due}
		g.compare(db, f)
	}
}

// quiet waits until PostgreSQL has noticed the death: a statement that was on
// its way is still carried out.
func (g *grave) quiet() {
	if g.v.Driver != sqlkit.PostgreSQL {
		return
	}
	cfg := sqlkit.DefaultConfig("")
	cfg.Driver, cfg.Address = g.v.Driver, g.v.Address
	db := must(sqlkit.Open(g.t.Context(), cfg))(g.t)
	defer db.Close()
	for n := 1; n > 0; {
		if err := db.QueryRow(g.t.Context(), "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'victim' AND datname = current_database()").Scan(&n); err != nil {
			g.t.Fatal(err)
		}
	}
}

// compare holds the articles of a feed against what it carried when it was
// last read: the store knows that by its validator.
func (g *grave) compare(db *newsdb.DB, f news.Feed) {
	version, _ := strconv.Atoi(strings.Trim(f.State.ETag, `"`))
	var got []string
	for i, a := range must(db.Articles(g.t.Context(), news.List{TitleID: f.TitleID, Limit: 10000, Copies: true}))(g.t) {
		got = append(got, a.Headline)
		if i%5 != len(g.lives)%5 { // another fifth each time: texts are slow to read
			continue
		}
		whole := must(db.Article(g.t.Context(), a.ID))(g.t)
		if !strings.Contains(whole.Body, wordsOf(a.Headline)) {
			g.problem("%q has another revision's text", a.Headline)
		}
	}
	for _, p := range differences(got, g.press.headlines(g.ids[f.ID], version)) {
		g.problem("feed %d at version %d: %s", g.ids[f.ID], version, p)
	}
}

// settle lets the last process read everything.
func (g *grave) settle() {
	g.t.Helper()
	kill, _ := g.live()
	defer kill()
	db := g.open()
	defer db.Close()
	for deadline := time.Now().Add(time.Minute); ; {
		behind := 0
		for _, f := range must(db.Feeds(g.t.Context(), 0))(g.t) {
			if f.State.ETag != g.press.tag(g.ids[f.ID]) {
				behind++
			}
		}
		if behind == 0 {
			return
		}
		if time.Now().After(deadline) {
			g.t.Fatalf("%d feeds are not read to the end after a minute", behind)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// kills is how many processes are killed; UNDERSTORY_TEST_KILLS sets another
// number than 5 for each kind of database.
func kills() int {
	if n, err := strconv.Atoi(os.Getenv("UNDERSTORY_TEST_KILLS")); err == nil {
		return n
	}
	return 5
}

// TestKill kills the process at random points, half of them within a few
// milliseconds of the start of a commit, and starts another one.
func TestKill(t *testing.T) {
	for _, driver := range []sqlkit.Dialect{sqlkit.SQLite, sqlkit.PostgreSQL} {
		t.Run(string(driver), func(t *testing.T) {
			t.Parallel()
			v := victim{Driver: driver}
			if driver == sqlkit.PostgreSQL {
				v.Address = pgtest.Open(t)
			} else {
				v.Path = filepath.Join(t.TempDir(), "news.db")
			}
			g := newGrave(t, v)
			stop := g.press.publish()
			for i := range kills() {
				kill, said := g.live()
				<-time.After(300*time.Millisecond + rand.N(1200*time.Millisecond))
				if i%2 == 1 {
					<-said // an old word, if there is one
					<-said
					<-time.After(rand.N(5 * time.Millisecond))
				}
				kill()
			}
			stop()
			g.settle()
			g.report()
		})
	}
}

// report fails the test for everything that was wrong.
func (g *grave) report() {
	requests, again, items, slow := 0, 0, 0, 0
	for _, l := range g.lives {
		if l.lapsed {
			slow++
		}
	}
	for i := range g.press.feeds {
		asked := g.press.askedFor(i)
		problems, repeated := early(i, asked, g.lives)
		g.wrong = append(g.wrong, problems...)
		requests, again, items = requests+len(asked), again+repeated, items+len(g.press.headlines(i, -1))
	}
	for _, p := range g.wrong {
		g.t.Error(p)
	}
	g.t.Logf("%s: %d kills, %d articles in %d versions, %d requests, %d of them again because the fetch before was not committed, %d processes too slow for their leases",
		g.v.Driver, len(g.lives)-1, items, g.press.versions(), requests, again, slow)
	if requests < 4*len(g.press.feeds) || items < 4*len(g.press.feeds) {
		g.t.Error("too little happened to mean anything")
	}
}

// TestKillFindsTornCommits proves that the test above would find articles that
// are not committed together with their feed.
func TestKillFindsTornCommits(t *testing.T) {
	g := newGrave(t, victim{Driver: sqlkit.SQLite, Path: filepath.Join(t.TempDir(), "news.db"), Torn: true})
	defer g.press.publish()()
	kill, said := g.live()
	for word := range said {
		if word == "torn" {
			break
		}
	}
	kill()
	if len(g.wrong) == 0 {
		t.Error("lost articles were not found")
	}
}

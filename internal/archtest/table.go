package archtest

import "strings"

// A rule says what the packages of some folders may import. Of several rules
// that cover a package, the one with the longest folder holds alone.
//
// Each list is separated by spaces. A word is an import path, a path with /...
// for it and all below it, a group in capitals, or "any". Ours are paths
// inside this module; libraries are named by a path that covers what they use.
type rule struct {
	folders   string
	ours      string
	libraries string
	never     string // import paths, or uses such as time.Now and fmt.Print*
}

// rules is the table of docs/architecture.md; a test compares the two.
var rules = []rule{
	{folders: "cmd", ours: "any", libraries: "any", never: "SQL"},
	{folders: "news", ours: "news/... kit/...", libraries: "any", never: "SQL"},
	{folders: "news/fetch", ours: "news kit/...", libraries: "any", never: "SQL"},
	{folders: "news/newsdb", ours: "news kit/...", libraries: "any"},
	{folders: "news/feed news/extract news/sanitize news/cluster news/rank news/search", ours: "news PURE", libraries: "any", never: "SQL NET OS CLOCK log/..."},
	{folders: "news/foryou", ours: "news news/foryou/...", never: "SQL NET OS CLOCK log/..."},
	{folders: "press", ours: "press/... kit/... news", libraries: "any", never: "SQL"},
	{folders: "tipline", ours: "tipline/... seal/... kit/...", libraries: "any", never: "SQL log/..."},
	{folders: "tipline/tipdb", ours: "tipline kit/...", libraries: "any", never: "log/..."},
	{folders: "seal", ours: "seal/...", libraries: "golang.org/x/crypto/... golang.org/x/mod/...", never: "SQL NET OS CLOCK log/... fmt.Print* sync/... reflect"},
	{folders: "seal/internal/prim", ours: "seal/...", libraries: "golang.org/x/crypto/... github.com/cloudflare/circl/...", never: "SQL NET OS CLOCK log/... fmt.Print* sync/... reflect"},
	{folders: "app", ours: "app/... kit/... news news/newsclient news/foryou/... tipline/source/... tipline/newsroom/...", libraries: "any", never: "SQL"},
	{folders: "kit", ours: "kit/...", never: "SQL"},
	{folders: "kit/config", ours: "kit/...", libraries: "github.com/BurntSushi/toml", never: "SQL"},
	{folders: "kit/count", ours: "kit/...", libraries: "github.com/prometheus/client_golang/...", never: "SQL"},
	{folders: "kit/httpx", ours: "kit/...", libraries: "golang.org/x/sync/...", never: "SQL"},
	{folders: "kit/sqlkit", ours: "kit/...", libraries: "modernc.org/sqlite/... github.com/jackc/pgx/... github.com/pressly/goose/..."},
	{folders: "internal", never: "SQL"},
}

// groups are the words in capitals.
var groups = []struct{ name, members string }{
	{"PURE", "news/feed/... news/extract/... news/sanitize/... news/cluster/... news/rank/... news/search/..."},
	{"SQL", "database/sql/..."},
	{"NET", "net net/http/... net/smtp net/rpc/..."},
	{"OS", "os/... syscall"},
	{"CLOCK", "time.Now time.Since time.Until time.Sleep time.After time.AfterFunc time.NewTimer time.NewTicker time.Tick"},
}

// inTests holds what a test file may import besides what its package may:
// the invented press, the kit, and any library. The other columns do not bind
// tests, except that SQL stays in the SQL rooms.
const inTests = "press/... kit/..."

// testRooms are made for tests; no file that ships may import them.
const testRooms = "kit/pgtest news/extract/extracttest"

// lines is the table and the groups, as the lines of Markdown tables.
func lines() (table, legend []string) {
	cell := func(list string) string {
		switch list {
		case "":
			return "-"
		case "any":
			return "any"
		}
		return "`" + strings.Join(strings.Fields(list), "` `") + "`"
	}
	for _, r := range rules {
		table = append(table, "| "+cell(r.folders)+" | "+cell(r.ours)+" | "+cell(r.libraries)+" | "+cell(r.never)+" |")
	}
	for _, g := range groups {
		legend = append(legend, "| "+cell(g.name)+" | "+cell(g.members)+" |")
	}
	return table, legend
}

// ruleFor returns the rule for the package in folder, which is relative to the
// root of the module and uses slashes, and the folder of the rule.
func ruleFor(folder string) (best rule, covered string) {
	for _, r := range rules {
		for _, f := range strings.Fields(r.folders) {
			if matches(f+"/...", folder) && len(f) > len(covered) {
				best, covered = r, f
			}
		}
	}
	return best, covered
}

// covers reports whether a word of list covers path or use.
func covers(list, path string) bool {
	for _, word := range strings.Fields(list) {
		if word == "any" || matches(word, path) {
			return true
		}
		for _, g := range groups {
			if g.name == word && covers(g.members, path) {
				return true
			}
		}
	}
	return false
}

func matches(word, path string) bool {
	if prefix, open := strings.CutSuffix(word, "*"); open {
		return strings.HasPrefix(path, prefix)
	}
	base, deep := strings.CutSuffix(word, "/...")
	return path == base || deep && strings.HasPrefix(path, base+"/")
}

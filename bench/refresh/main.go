// Refresh measures how fast and how cheaply feeds are checked: the ingest
// pipeline on either database, before the invented press on the same
// processors, with Miniflux beside it.
//
// Press and pipeline run as processes of their own (this program again), so
// that processor time and memory are each one's own.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"time"

	"understory/kit/sqlkit"
	"understory/press"
)

// plan is what is measured.
type plan struct {
	feeds, items, runs, peerFeeds, small, large int
	profile                                     string
}

// kinds are the rounds; every feed is due in each. A zero mix changes nothing.
var kinds = []struct {
	name   string
	mix    press.Mix
	target string
}{
	{"all 304", press.Mix{}, ">= 3000/s, < 0.3 ms"},
	{"mixture", press.Mix{NotModified: 0.7, NothingNew: 0.2, NewItem: 0.1}, ">= 250/s"},
	{"all changed", press.Mix{NewItem: 1}, "< 20 ms"},
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "press" {
		exit(servePress())
	}
	if len(os.Args) == 2 && os.Args[1] == "ingest" {
		exit(ingestRounds())
	}
	var p plan
	flag.IntVar(&p.feeds, "feeds", 5000, "feeds of the main table")
	flag.IntVar(&p.items, "items", 30, "items in each of them, of 5000 bytes")
	flag.IntVar(&p.runs, "runs", 3, "rounds of each kind; the table has their medians")
	flag.IntVar(&p.peerFeeds, "peer", 300, "feeds for Miniflux; 0 leaves it out")
	flag.IntVar(&p.small, "small", 1000, "feeds of 10 items to begin with in the table of growth")
	flag.IntVar(&p.large, "large", 20000, "and to end with; 0 leaves it out")
	stores := flag.String("stores", "sqlite,postgresql", "databases to measure")
	flag.StringVar(&p.profile, "profile", "", "write a profile of the pipeline's processor time to this file, one for each store and kind of round")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exit(p.run(ctx, strings.Split(*stores, ",")))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "refresh:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (p plan) run(ctx context.Context, stores []string) error {
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Printf("%d processors, load before %.14s; wall times share them with the press and whatever else runs: processor time is the steadier figure\n\n", runtime.NumCPU(), load)
	fmt.Printf("%d feeds of %d items; medians of %d rounds. For each feed: processor ms, and kB that the pipeline itself writes to files;\n"+
		"free/s is what that time allows on %d processors, press included; new entries: published/handed to the store/taken by it\n",
		p.feeds, p.items, p.runs, runtime.NumCPU())
	fmt.Printf("%-11s %-12s %8s %8s %8s %8s %8s %7s %6s %8s %20s %8s  %s\n",
		"store", "round", "feeds/s", "free/s", "ingest", "database", "press", "MiB", "conns", "failed", "new entries", "kB wr.", "target")
	ours := map[string]line{}
	for _, store := range stores {
		lines, err := p.measure(ctx, sqlkit.Dialect(store), size{p.feeds, p.items, 1, 5000})
		if errors.Is(err, errors.ErrUnsupported) {
			fmt.Printf("%-11s left out: %v\n", store, err)
			continue
		}
		if err != nil {
			return err
		}
		ours[store] = lines["mixture"]
	}
	if err := crowd(ctx); err != nil {
		return err
	}
	if err := p.growth(ctx); err != nil {
		return err
	}
	if p.peerFeeds > 0 {
		return p.compare(ctx, ours)
	}
	return nil
}

// line is one round in figures, each for a feed where that makes sense.
type line struct {
	rate, ingest, database, press float64 // feeds a second; processor milliseconds
	peak                          float64 // MiB
	conns, failed                 int
	published, handed, added      int     // entries: by the press, to the store, taken by it
	written                       float64 // kB
}

func (l line) free() float64 {
	return float64(runtime.NumCPU()) * 1000 / (l.ingest + l.database + l.press)
}

func (l line) print(store, round, target string) {
	fmt.Printf("%-11s %-12s %8.0f %8.0f %8.3f %8.3f %8.3f %7.0f %6d %8d %20s %8.1f  %s\n", store, round,
		l.rate, l.free(), l.ingest, l.database, l.press, l.peak, l.conns, l.failed, fmt.Sprintf("%d/%d/%d", l.published, l.handed, l.added), l.written, target)
}

// measure fills a store and does the rounds.
func (p plan) measure(ctx context.Context, store sqlkit.Dialect, n size) (map[string]line, error) {
	b, err := open(ctx, store, n)
	if err != nil {
		return nil, err
	}
	defer b.close()
	first, err := b.round(press.Mix{}, p.profileOf(store, "first"))
	if err != nil {
		return nil, err
	}
	first.published = n.Feeds * n.Items
	first.print(string(store), "first", "< 300 MiB")
	lines := map[string]line{"first": first}
	for _, kind := range kinds {
		var all []line
		for range p.runs {
			l, err := b.round(kind.mix, p.profileOf(store, kind.name))
			if err != nil {
				return nil, err
			}
			all = append(all, l)
		}
		lines[kind.name] = middle(all)
		lines[kind.name].print(string(store), kind.name, kind.target)
	}
	return lines, nil
}

func (p plan) profileOf(store sqlkit.Dialect, round string) string {
	if p.profile == "" {
		return ""
	}
	return fmt.Sprintf("%s.%s.%s", p.profile, store, strings.ReplaceAll(round, " ", "-"))
}

// middle is the round with the median processor time; memory, connections and
// failures are the worst of all.
func middle(all []line) line {
	slices.SortFunc(all, func(x, y line) int { return cmp.Compare(x.ingest, y.ingest) })
	l := all[len(all)/2]
	for _, other := range all {
		l.peak, l.conns, l.failed = max(l.peak, other.peak), max(l.conns, other.conns), max(l.failed, other.failed)
	}
	return l
}

// crowd is many feeds of one host: there the host is spared.
func crowd(ctx context.Context) error {
	const feeds = 20
	b, err := open(ctx, sqlkit.SQLite, size{feeds, 10, feeds, 1000})
	if err != nil {
		return err
	}
	defer b.close()
	l, err := b.round(press.Mix{}, "")
	if err != nil {
		return err
	}
	l.published = feeds * 10
	l.print("sqlite", "one host", fmt.Sprintf("<= 2 conns; its %d feeds are asked one by one", feeds))
	return nil
}

// growth compares the cost of a feed in a small store and in a large one.
func (p plan) growth(ctx context.Context) error {
	if p.large == 0 {
		return nil
	}
	fmt.Printf("\nGrowth: feeds of 10 items of 1 kB, on SQLite\n")
	var cost [2]map[string]line
	for i, feeds := range []int{p.small, p.large} {
		fmt.Printf("%d feeds\n", feeds)
		lines, err := p.measure(ctx, sqlkit.SQLite, size{feeds, 10, 1, 1000})
		if err != nil {
			return err
		}
		cost[i] = lines
	}
	for _, kind := range kinds {
		small, large := cost[0][kind.name], cost[1][kind.name]
		fmt.Printf("%-12s a feed costs %.2f times as much processor time among %d as among %d; target <= 2\n",
			kind.name, large.ingest/small.ingest, p.large, p.small)
	}
	return nil
}

// published are the figures of the target, for where Miniflux cannot be run.
const published = "Miniflux 2.3.3 with PostgreSQL as published with the target: 230/s at all 304, 21 to 26/s at 65% 304 and 35% new, 187 ms for a changed feed"

func (p plan) compare(ctx context.Context, ours map[string]line) error {
	fmt.Printf("\nMiniflux 2.3.3 with PostgreSQL, %d feeds of %d items, the same press\n", p.peerFeeds, p.items)
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	lines, err := miniflux(ctx, size{p.peerFeeds, p.items, 1, 5000})
	if err != nil {
		fmt.Printf("not run here: %v\n%s\n", err, published)
		return ctx.Err()
	}
	for _, kind := range kinds {
		lines[kind.name].print("miniflux", kind.name, "")
	}
	for store, l := range ours {
		peer := lines["mixture"]
		fmt.Printf("mixture on %s: %.0f times as many feeds a second, %.0f times on free processors; target >= 10\n",
			store, l.rate/peer.rate, l.free()/peer.free())
	}
	return nil
}

// Crash kills the ingest process a hundred times on each kind of database. It
// runs the test of news/ingest that does so, and prints what it found.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

func main() {
	kills := flag.Int("kills", 100, "processes to kill on each database")
	flag.Parse()
	cmd := exec.Command("go", "test", "-count=1", "-v", "-timeout=60m", "-run=^TestKill$", "./news/ingest")
	cmd.Dir = ".." // bench is a folder of the module
	cmd.Env = append(os.Environ(), fmt.Sprint("UNDERSTORY_TEST_KILLS=", *kills))
	start := time.Now()
	out, err := cmd.CombinedOutput()
	fmt.Printf("%-11s %6s %9s %9s %9s %9s  %s\n", "store", "kills", "articles", "versions", "requests", "repeated", "target: nothing lost, doubled or early")
	found := regexp.MustCompile(`(sqlite|postgresql): (\d+) kills, (\d+) articles in (\d+) versions, (\d+) requests, (\d+) of them again`)
	for _, m := range found.FindAllStringSubmatch(string(out), -1) {
		fmt.Printf("%-11s %6s %9s %9s %9s %9s  %s\n", m[1], m[2], m[3], m[4], m[5], m[6], verdict(string(out), m[1]))
	}
	fmt.Printf("%.0f s; repeated are the requests whose fetch was not committed when the process died: each once, after its lease\n", time.Since(start).Seconds())
	if err != nil || strings.Contains(string(out), "SKIP") {
		fmt.Printf("%s\n", out)
	}
	if err != nil {
		os.Exit(1)
	}
}

func verdict(out, store string) string {
	if strings.Contains(out, "--- PASS: TestKill/"+store+" ") {
		return "held"
	}
	return "NOT held: see below"
}

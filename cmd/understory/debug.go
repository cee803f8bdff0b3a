package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

func newDebug() *cobra.Command {
	c := &cobra.Command{
		Use:     "debug",
		Short:   "Show what is understood of a feed or a page, as JSON",
		Example: "  understory debug feed https://news.example/feed.xml\n  understory debug extract page.html --url https://news.example/story",
	}
	c.AddCommand(newDebugFeed(), newDebugExtract())
	return c
}

// debugRows prints a line of JSON for each source, and fails at the end if one
// could not be read. row returns a line also where it returns an error.
func debugRows(to io.Writer, sources []string, row func(source string) (line any, err error)) error {
	out := bufio.NewWriter(to)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	bad := 0
	for _, source := range sources {
		line, err := row(source)
		if err != nil {
			bad++
		}
		if err := enc.Encode(line); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d could not be read", bad, len(sources))
	}
	return nil
}

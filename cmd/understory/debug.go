package main

import "github.com/spf13/cobra"

func newDebug() *cobra.Command {
	c := &cobra.Command{
		Use:     "debug",
		Short:   "Show what is understood of a feed or a page, as JSON",
		Example: "  understory debug feed https://news.example/feed.xml\n  understory debug extract page.html --url https://news.example/story",
	}
	c.AddCommand(newDebugFeed(), newDebugExtract())
	return c
}

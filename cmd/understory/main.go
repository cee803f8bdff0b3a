// Command understory is the server and its commands: one binary, one role per
// process.
//
// This package only puts rooms together: each file lists what to construct,
// to check and to run. Nothing imports it.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	os.Exit(run(os.Args[1:]))
}

// run executes one command and returns the exit code of the process.
func run(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// After the first signal its default comes back, so a second one ends the
	// process at once.
	context.AfterFunc(ctx, stop)

	root := newRoot()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err != nil {
		fmt.Fprintf(os.Stderr, "understory: %v\n", err)
		return 1
	}
	return 0
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "understory",
		Short: "All your news in one place",
		Long: "Understory collects the feeds of many titles and shows them as one front page.\n" +
			"Every command explains itself: understory COMMAND --help.",
		Example:       "  understory config check --config understory.toml",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	configFlag(root)
	root.AddCommand(
		newServe(),
		newDemo(),
		newTitle(),
		newFeed(),
		newArticle(),
		newDebug(),
		newConfig(),
		newVersion(),
	)
	return root
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  understory version",
		Args:    cobra.NoArgs,
		Run: func(cmd *cobra.Command, _ []string) {
			fmt.Fprintln(cmd.OutOrStdout(), "understory", version())
		},
	}
}

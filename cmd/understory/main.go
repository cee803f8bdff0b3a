// Command understory is the server and its commands: one binary, one role per
// process.
//
// This package only puts rooms together: each file lists what to construct,
// to check and to run. Nothing imports it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
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

	out, trouble := plain{os.Stdout}, plain{os.Stderr}
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(trouble)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		fmt.Fprintln(trouble, "understory: stopped")
		return 130
	}
	fmt.Fprintf(trouble, "understory: %v\n", err)
	return 1
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "understory",
		Short: "All your news in one place",
		Long: "Understory collects the feeds of many titles and shows them as one front page.\n" +
			"Every command explains itself: understory COMMAND --help.",
		Example:       "  understory demo\n  understory title import starter\n  understory serve news",
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
	explainMistakes(root)
	return root
}

// explainMistakes makes a command and those below it answer wrong words with
// how it is used.
func explainMistakes(c *cobra.Command) {
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w: see %s --help", err, c.CommandPath())
	})
	if c.HasSubCommands() {
		c.Args, c.RunE = cobra.ArbitraryArgs, noSuchCommand
	}
	if check := c.Args; check != nil {
		c.Args = func(c *cobra.Command, args []string) error {
			if check(c, args) != nil {
				return fmt.Errorf("it is used like this: %s", c.UseLine())
			}
			return nil
		}
	}
	for _, sub := range c.Commands() {
		explainMistakes(sub)
	}
}

// noSuchCommand is what a command that only holds others runs.
func noSuchCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return c.Help()
	}
	c.SuggestionsMinimumDistance = 2
	near := c.SuggestionsFor(args[0])
	if len(near) == 0 {
		return fmt.Errorf("there is no command %q: see %s --help", args[0], c.CommandPath())
	}
	return fmt.Errorf("there is no command %q: did you mean %s?", args[0], strings.Join(near, " or "))
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

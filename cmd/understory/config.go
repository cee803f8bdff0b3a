package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"understory/kit/config"
	"understory/kit/count"
	"understory/kit/sqlkit"
	"understory/news/fetch"
	"understory/news/ingest"
	"understory/news/mail"
	"understory/news/picture"
	"understory/news/web"
)

//go:generate sh -c "mkdir -p ../../bin && go run . config print --config /dev/null >../../bin/understory.toml && mv ../../bin/understory.toml ../../deploy/understory.toml"

// settings is the whole configuration: a line for each section.
type settings struct {
	News     newsSettings   `toml:"news"`
	Fetch    fetch.Config   `toml:"fetch"`
	Ingest   ingest.Config  `toml:"ingest"`
	Mail     mail.Config    `toml:"mail"`
	Picture  picture.Config `toml:"picture"`
	Operator count.Config   `toml:"operator"`
	Log      logSettings    `toml:"log"`

	demo bool // the titles are invented, and the pages say so
}

func defaults() settings {
	return settings{
		News:     newsSettings{Listen: "127.0.0.1:8080", DataDir: "data", Name: "understory", Database: sqlkit.DefaultConfig("news.db")},
		Fetch:    fetch.Default(),
		Ingest:   ingest.Default(),
		Picture:  picture.Default(),
		Mail:     mail.Default(),
		Operator: count.Default(),
		Log:      logSettings{Format: "text"},
	}
}

// newsSettings is for the role news.
type newsSettings struct {
	Listen    string        `toml:"listen" doc:"address where readers connect; give it a TLS proxy before opening it to the world"`
	PublicURL string        `toml:"public_url" doc:"the same as readers know it, such as https://news.example; WebSub hubs call back there, empty for none"`
	Name      string        `toml:"name" doc:"what the reader is called in page titles, at most 60 bytes"`
	DataDir   string        `toml:"data_dir" doc:"folder for the database and everything else that is kept; relative to where the process starts"`
	Database  sqlkit.Config `toml:"database"`
}

// Validate says what is wrong, or nothing.
func (n newsSettings) Validate() error {
	if _, _, err := net.SplitHostPort(n.Listen); err != nil {
		return fmt.Errorf("listen: %q is not an address such as 127.0.0.1:8080", n.Listen)
	}
	if n.DataDir == "" {
		return errors.New("data_dir: is empty")
	}
	return web.Config{Name: n.Name, PublicURL: n.PublicURL}.Validate()
}

// database is the database of the role, with its path in the data folder.
func (n newsSettings) database() sqlkit.Config {
	c := n.Database
	if !filepath.IsAbs(c.Path) {
		c.Path = filepath.Join(n.DataDir, c.Path)
	}
	return c
}

// logSettings says what is logged, to standard error.
type logSettings struct {
	Level  slog.Level `toml:"level" doc:"least important lines that are written: DEBUG, INFO, WARN or ERROR"`
	Format string     `toml:"format" doc:"text or json"`
}

// Validate says what is wrong, or nothing.
func (l logSettings) Validate() error {
	if l.Format != "text" && l.Format != "json" {
		return fmt.Errorf("format: %q is neither text nor json", l.Format)
	}
	return nil
}

// open returns the log, and makes it that of libraries too.
func (l logSettings) open(w io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: l.Level}
	log := slog.New(slog.NewTextHandler(w, options))
	if l.Format == "json" {
		log = slog.New(slog.NewJSONHandler(w, options))
	}
	slog.SetDefault(log)
	return log
}

// configFlag adds the flag --config, which every command has.
func configFlag(root *cobra.Command) {
	root.PersistentFlags().String("config", "", "configuration file (default: understory.toml here, else /etc/understory/understory.toml, else none)")
}

// load reads the file that the command line names, or the one in a usual
// place, or none. The path is empty where there is none.
func load(cmd *cobra.Command) (s settings, path string, err error) {
	path, err = cmd.Flags().GetString("config")
	if err != nil {
		return s, "", err
	}
	s = defaults()
	if path != "" {
		return s, path, config.Load(path, &s)
	}
	for _, path := range []string{"understory.toml", "/etc/understory/understory.toml"} {
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return s, path, config.Load(path, &s)
		}
	}
	return s, "", nil
}

func newConfig() *cobra.Command {
	c := &cobra.Command{
		Use:     "config",
		Short:   "Check or print the configuration",
		Example: "  understory config check --config understory.toml\n  understory config print >understory.toml",
	}
	c.AddCommand(&cobra.Command{
		Use:     "check",
		Short:   "Say what is wrong with the configuration",
		Example: "  understory config check --config understory.toml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, path, err := load(cmd)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: nothing is wrong\n", cmp.Or(path, "the defaults"))
			return err
		},
	}, &cobra.Command{
		Use:     "print",
		Short:   "Print every setting with its meaning, as a file that can be used",
		Example: "  understory config print >understory.toml",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, _, err := load(cmd)
			if err != nil {
				return err
			}
			return config.Print(cmd.OutOrStdout(), s, defaults())
		},
	})
	return c
}

package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"understory/kit/sqlkit"
	"understory/news/newsdb"
)

// store is the opened store of a command, with the configuration it came from.
type store struct {
	cfg settings
	db  *newsdb.DB
}

// openStore opens the store that the configuration names, creating its folder.
func openStore(ctx context.Context, cfg settings) (*store, error) {
	err := os.MkdirAll(cfg.News.DataDir, 0o700)
	if err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	db, err := newsdb.Open(ctx, cfg.News.database())
	if err != nil {
		return nil, err
	}
	return &store{cfg: cfg, db: db}, nil
}

// withStore makes a command read the configuration and open the store before
// it runs, and close it afterwards.
func withStore(c *cobra.Command, run func(ctx context.Context, s *store, args []string) error) {
	c.RunE = func(c *cobra.Command, args []string) error {
		cfg, _, err := load(c)
		if err != nil {
			return err
		}
		s, err := openStore(c.Context(), cfg)
		if err != nil {
			return err
		}
		defer s.db.Close()
		return run(c.Context(), s, args)
	}
}

// place says where the store is, without a secret.
func (s *store) place() string {
	if db := s.cfg.News.database(); db.Driver == sqlkit.SQLite {
		return db.Path
	}
	return "PostgreSQL"
}

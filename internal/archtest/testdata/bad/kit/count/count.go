// Package count wraps more than it is named for.
package count

import (
	"example/news"
	"github.com/BurntSushi/toml"
	"github.com/prometheus/client_golang/prometheus"
)

var (
	_ news.Title
	_ toml.Decoder
	_ prometheus.Counter
)

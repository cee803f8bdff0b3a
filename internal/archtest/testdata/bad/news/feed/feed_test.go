package feed_test

import (
	"database/sql"
	"os"
	"testing"

	"example/news/feed"
	"example/press"
	"example/tipline"
	"github.com/google/go-cmp/cmp"
)

var (
	_ sql.DB
	_ = os.Open
	_ testing.T
	_ feed.Document
	_ press.Press
	_ tipline.Envelope
	_ cmp.Option
)

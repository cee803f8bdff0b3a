package feed

import (
	"database/sql"
	"os"
	"testing"

	"example/press"
	"example/tipline"
	"github.com/google/go-cmp/cmp"
)

var (
	_ sql.DB
	_ = os.Open
	_ testing.T
	_ press.Press
	_ tipline.Envelope
	_ cmp.Option
)

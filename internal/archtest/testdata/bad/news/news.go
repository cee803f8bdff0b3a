// Package news has a comment and reaches across the wall.
package news

import (
	"example/kit/pgtest"
	"example/news/extract/extracttest"
	"example/press"
	"example/seal"
)

var (
	_ pgtest.Server
	_ extracttest.Page
	_ press.Press
	_ seal.Box
)

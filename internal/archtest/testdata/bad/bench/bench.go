package bench

import "example/seal"

var _ seal.Box

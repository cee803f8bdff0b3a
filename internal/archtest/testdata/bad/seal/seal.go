// Package seal prints.
package seal

import (
	"bytes"
	"fmt"
	"sync"
)

var (
	_ bytes.Buffer
	_ = fmt.Errorf
	_ = fmt.Println
	_ sync.Mutex
)

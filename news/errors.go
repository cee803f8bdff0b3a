package news

import "errors"

// The kinds of error that a caller can act on. Rooms wrap them with what they
// were doing; the web turns them into pages through [HTTPStatus].
var (
	ErrNotFound = errors.New("not found")
	ErrGone     = errors.New("taken down")
	ErrConflict = errors.New("already there")
	ErrInvalid  = errors.New("not valid")
)

// HTTPStatus is the one table from a kind of error to an HTTP status. An error
// of no kind is the server's own fault.
func HTTPStatus(err error) int {
	for _, row := range []struct {
		kind   error
		status int
	}{
		{ErrNotFound, 404},
		{ErrGone, 410},
		{ErrConflict, 409},
		{ErrInvalid, 400},
	} {
		if errors.Is(err, row.kind) {
			return row.status
		}
	}
	return 500
}

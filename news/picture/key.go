package picture

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// keyLen is the length in bytes of a key that [Key] makes.
const keyLen = 32

// Key reads the key from a file, which it makes if there is none. Servers that
// share their readers must share the key.
func Key(file string) ([]byte, error) {
	key, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(file)
	}
	if err == nil && len(key) < keyLen {
		err = fmt.Errorf("%s is shorter than %d bytes", file, keyLen)
	}
	if err != nil {
		return nil, fmt.Errorf("read the picture key: %w", err)
	}
	return key, nil
}

// makeKey links the finished file into place, so that of two processes that
// start at once both get the key of the first.
func makeKey(file string) ([]byte, error) {
	key := make([]byte, keyLen)
	rand.Read(key)
	temp, err := os.CreateTemp(filepath.Dir(file), ".key-*") // for the owner's eyes only
	if err != nil {
		return nil, fmt.Errorf("make the picture key: %w", err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(key)
	if err := errors.Join(err, temp.Close()); err != nil {
		return nil, fmt.Errorf("make the picture key: %w", err)
	}
	err = os.Link(temp.Name(), file)
	if errors.Is(err, fs.ErrExist) {
		return Key(file)
	}
	if err != nil {
		return nil, fmt.Errorf("make the picture key: %w", err)
	}
	return key, nil
}

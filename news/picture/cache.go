package picture

import (
	"cmp"
	"container/list"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// cache keeps files in a folder, up to a number of bytes. What was not asked
// for the longest goes first; after a restart, what was made the longest ago.
type cache struct {
	folder string
	limit  int64

	mu    sync.Mutex
	size  int64
	order *list.List               // of *kept, the latest asked for in front
	files map[string]*list.Element // by name
}

type kept struct {
	name string
	size int64
	made time.Time // only while the folder is read
}

// suffix is that of every file kept; others in the folder are left alone.
const suffix = ".jpg"

// name is the file of a picture in one width.
func name(key string, width int) string { return key + "-" + strconv.Itoa(width) + suffix }

func openCache(folder string, limit int64) (*cache, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	c := &cache{folder: folder, limit: limit, order: list.New(), files: map[string]*list.Element{}}
	var found []*kept
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if strings.HasPrefix(d.Name(), unfinished) {
			return os.Remove(path) // of a process that was killed
		}
		info, err := d.Info()
		if err == nil && strings.HasSuffix(path, suffix) {
			found = append(found, &kept{d.Name(), info.Size(), info.ModTime()})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b *kept) int { return cmp.Or(a.made.Compare(b.made), strings.Compare(a.name, b.name)) })
	for _, k := range found {
		c.add(k)
	}
	return c, c.evict()
}

// path spreads the files over folders, which some file systems need.
func (c *cache) path(name string) string { return filepath.Join(c.folder, name[:2], name) }

func (c *cache) get(name string) ([]byte, bool) {
	c.mu.Lock()
	e, ok := c.files[name]
	if ok {
		c.order.MoveToFront(e)
	}
	c.mu.Unlock()
	if !ok {
		return nil, false
	}
	body, err := os.ReadFile(c.path(name))
	return body, err == nil
}

// unfinished is how the name of a file begins until it is whole.
const unfinished = ".part-"

func (c *cache) put(name string, body []byte) error {
	path := c.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), unfinished+"*")
	if err != nil {
		return err
	}
	_, err = temp.Write(body)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.files[name]; ok { // it had gone from the disk
		c.drop(e)
	}
	c.add(&kept{name: name, size: int64(len(body))})
	return c.evict()
}

// add, drop and evict need the lock.
func (c *cache) add(k *kept) {
	c.files[k.name] = c.order.PushFront(k)
	c.size += k.size
}

func (c *cache) drop(e *list.Element) *kept {
	k := c.order.Remove(e).(*kept)
	delete(c.files, k.name)
	c.size -= k.size
	return k
}

// forget removes a picture in every width.
func (c *cache) forget(key string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var errs []error
	for _, width := range widths {
		e, ok := c.files[name(key, width)]
		if !ok {
			continue
		}
		if err := os.Remove(c.path(c.drop(e).name)); !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (c *cache) evict() error {
	for c.size > c.limit {
		k := c.drop(c.order.Back())
		if err := os.Remove(c.path(k.name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("make room: %w", err)
		}
	}
	return nil
}

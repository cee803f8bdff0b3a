// Package picture shows pictures of other servers through ours, so that a
// reader's address never reaches a publisher: it fetches, checks, makes
// smaller, encodes anew as JPEG and keeps the result on disk.
//
// Only addresses that this server signed are fetched. It knows no articles and
// does no network work of its own: the fetching is a [Fetcher]'s. news/web
// writes its addresses into pages, cmd opens it.
package picture

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"

	"understory/kit/config"
	"understory/news"
)

// Fetcher gets what is at an address: at most limit bytes, or an error. An
// answer other than 200 is an error.
type Fetcher interface {
	Fetch(ctx context.Context, address string, limit int64) (body []byte, contentType string, err error)
}

// Config says where pictures are kept and how large they may be. A zero limit
// has the default that stands beside it.
type Config struct {
	Folder    string        `toml:"-"` // where they are kept; made if missing
	Key       []byte        `toml:"-"` // signs addresses, at least 16 bytes; see [Key]
	CacheSize config.Size   `toml:"cache_size" doc:"most room on disk for pictures made smaller, at least 1 MB"`
	MaxBytes  config.Size   `toml:"max_bytes" doc:"largest picture that is fetched, 1 kB to 64 MB"`
	MaxPixels int64         `toml:"max_pixels" doc:"most pixels of a picture, width times height, up to 100000000"`
	Timeout   time.Duration `toml:"timeout" doc:"for fetching a picture, 1s to 5m"`
	Forget    time.Duration `toml:"forget" doc:"a picture that could not be had is not tried again for so long"`

	// Withheld reports whether the picture at address may not be shown any
	// more. It is asked before every answer; nil withholds none.
	Withheld func(ctx context.Context, address string) (bool, error) `toml:"-"`

	Now func() time.Time `toml:"-"` // nil for the clock
	Log *slog.Logger     `toml:"-"` // nil for the default one; gets errors of the disk, never an address
}

// Default returns the defaults.
func Default() Config {
	return Config{
		CacheSize: 1 << 30,
		MaxBytes:  12 << 20,
		MaxPixels: 24_000_000,
		Timeout:   20 * time.Second,
		Forget:    10 * time.Minute,
	}
}

// Validate says what is wrong with a configuration.
func (c Config) Validate() error {
	c = c.filled()
	switch {
	case c.CacheSize < 1<<20:
		return errors.New("cache_size: must be at least 1 MiB")
	case c.MaxBytes < 1<<10 || c.MaxBytes > 64<<20:
		return errors.New("max_bytes: must be from 1 KiB to 64 MiB")
	case c.MaxPixels < 1 || c.MaxPixels > 100_000_000:
		return errors.New("max_pixels: must be from 1 to 100,000,000")
	case c.Timeout < time.Second || c.Timeout > 5*time.Minute:
		return errors.New("timeout: must be from 1 s to 5 min")
	case c.Forget < 0:
		return errors.New("forget: must not be negative")
	}
	return nil
}

func (c Config) filled() Config {
	d := Default()
	c.CacheSize = cmp.Or(c.CacheSize, d.CacheSize)
	c.MaxBytes = cmp.Or(c.MaxBytes, d.MaxBytes)
	c.MaxPixels = cmp.Or(c.MaxPixels, d.MaxPixels)
	c.Timeout = cmp.Or(c.Timeout, d.Timeout)
	c.Forget = cmp.Or(c.Forget, d.Forget)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c
}

// widths are those a picture is made in, in pixels. One that is narrower
// already keeps its width.
var widths = []int{400, 800, 1600}

// Room is an [http.Handler] for the addresses that [Room.Address] returns.
type Room struct {
	cfg   Config
	fetch Fetcher
	cache *cache
	workshop
	flight singleflight.Group
	lanes  *semaphore.Weighted

	mu     sync.Mutex
	failed map[string]time.Time // by key, when to try again
}

// lanesLen is how many pictures are fetched at one time.
const lanesLen = 16

// Open makes the folder, and reads what it holds from earlier.
func Open(cfg Config, f Fetcher) (*Room, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if len(cfg.Key) < 16 {
		return nil, errors.New("picture: the key must have at least 16 bytes")
	}
	cfg = cfg.filled()
	cache, err := openCache(cfg.Folder, int64(cfg.CacheSize))
	if err != nil {
		return nil, fmt.Errorf("open the pictures: %w", err)
	}
	return &Room{
		cfg: cfg, fetch: f, cache: cache, workshop: newWorkshop(cfg.MaxPixels),
		lanes: semaphore.NewWeighted(lanesLen), failed: map[string]time.Time{},
	}, nil
}

// Address is the path of the picture at address, at most width pixels wide; ""
// for an address that cannot be fetched. A width that is not made is rounded
// up to one that is.
func (r *Room) Address(address string, width int) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || len(address) > 4096 {
		return ""
	}
	i, _ := slices.BinarySearch(widths, width)
	width = widths[min(i, len(widths)-1)]
	return "/picture/" + strconv.Itoa(width) + "/" + r.sign(address) + "?u=" + url.QueryEscape(address)
}

// sign is the first 96 bits of the HMAC of an address.
func (r *Room) sign(address string) string {
	mac := hmac.New(sha256.New, r.cfg.Key)
	mac.Write([]byte(address))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:12])
}

// ServeHTTP answers with a picture, or a quiet one in its place.
func (r *Room) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "Pictures can only be read.", http.StatusMethodNotAllowed)
		return
	}
	address, width, err := r.read(req)
	if err != nil {
		absent(w, req, news.HTTPStatus(err), 0)
		return
	}
	jpeg, err := r.get(req.Context(), address, width)
	if err != nil {
		status := http.StatusBadGateway
		if errors.Is(err, news.ErrGone) {
			status = http.StatusGone
		}
		absent(w, req, status, r.cfg.Forget)
		return
	}
	h.Set("Content-Type", "image/jpeg")
	h.Set("Cache-Control", "public, max-age=604800, immutable") // no longer, so that a picture withdrawn goes from caches too
	h.Set("Content-Length", strconv.Itoa(len(jpeg)))
	if req.Method == http.MethodGet {
		w.Write(jpeg) // a reader who went away is no error of ours
	}
}

// read takes the address and the width from a request, if we signed it.
func (r *Room) read(req *http.Request) (address string, width int, err error) {
	wide, signature, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/picture/"), "/")
	address = req.URL.Query().Get("u")
	width, err = strconv.Atoi(wide)
	if err != nil || !slices.Contains(widths, width) || !hmac.Equal([]byte(signature), []byte(r.sign(address))) {
		return "", 0, fmt.Errorf("picture: %w", news.ErrNotFound)
	}
	return address, width, nil
}

// keyOf names a picture on the disk.
func keyOf(address string) string {
	sum := sha256.Sum256([]byte(address))
	return hex.EncodeToString(sum[:16])
}

// get returns the picture from the disk, or has it fetched.
func (r *Room) get(ctx context.Context, address string, width int) ([]byte, error) {
	key := keyOf(address)
	withheld, err := r.withheld(ctx, address)
	if err != nil {
		return nil, err
	}
	if withheld {
		return nil, errors.Join(fmt.Errorf("picture: %w", news.ErrGone), r.cache.forget(key))
	}
	if jpeg, ok := r.cache.get(name(key, width)); ok {
		return jpeg, nil
	}
	if r.failedLately(key) {
		return nil, errors.New("it failed a moment ago")
	}
	// One fetch for all who ask, and for all widths: it goes on when the
	// reader who began it leaves, because others may wait for it.
	done := r.flight.DoChan(key, func() (any, error) {
		made, err := r.prepare(context.WithoutCancel(ctx), key, address)
		if err != nil {
			r.remember(key)
		}
		return made, err
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-done:
		if result.Err != nil {
			return nil, result.Err
		}
		return result.Val.(map[int][]byte)[width], nil
	}
}

func (r *Room) withheld(ctx context.Context, address string) (bool, error) {
	if r.cfg.Withheld == nil {
		return false, nil
	}
	return r.cfg.Withheld(ctx, address)
}

// prepare fetches a picture and keeps it in every width.
func (r *Room) prepare(ctx context.Context, key, address string) (map[int][]byte, error) {
	if err := r.lanes.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer r.lanes.Release(1)
	timed, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	body, contentType, err := r.fetch.Fetch(timed, address, int64(r.cfg.MaxBytes))
	if err != nil {
		return nil, err
	}
	if config.Size(len(body)) > r.cfg.MaxBytes {
		return nil, errTooLarge
	}
	made, err := r.resize(ctx, body, contentType)
	if err != nil {
		return nil, err
	}
	for width, jpeg := range made {
		if err := r.cache.put(name(key, width), jpeg); err != nil {
			r.cfg.Log.Warn("picture not kept", "error", err)
		}
	}
	return made, nil
}

// failuresLen is how many failed pictures are remembered.
const failuresLen = 10_000

func (r *Room) remember(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.failed) >= failuresLen {
		clear(r.failed) // trying a few again is better than growing
	}
	r.failed[key] = r.cfg.Now().Add(r.cfg.Forget)
}

func (r *Room) failedLately(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	until, ok := r.failed[key]
	if ok && !r.cfg.Now().Before(until) {
		delete(r.failed, key)
		return false
	}
	return ok
}

// blank is a picture of nothing, with the shape that pages reserve, in a grey
// that is quiet on paper and at night.
const blank = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 2"><path fill="#808078" fill-opacity=".12" d="M0 0h3v2H0z"/></svg>`

// absent answers with the blank picture, to be asked for again after a while.
func absent(w http.ResponseWriter, req *http.Request, status int, again time.Duration) {
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "public, max-age="+strconv.Itoa(int(again.Seconds())))
	h.Set("Content-Length", strconv.Itoa(len(blank)))
	w.WriteHeader(status)
	if req.Method == http.MethodGet {
		w.Write([]byte(blank))
	}
}

package ingest

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"understory/kit/count"
	"understory/news"
)

// slowQueue commits nothing before it may.
type slowQueue struct {
	news.Queue
	may     chan struct{}
	batches [][]news.Result
}

func (q *slowQueue) Commit(_ context.Context, b news.Batch) (news.Committed, error) {
	<-q.may
	q.batches = append(q.batches, b.Results)
	return news.Committed{}, nil
}

// TestBacklogIsBounded checks that workers wait when the store is slow, and
// that nothing is lost by it.
func TestBacklogIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &slowQueue{may: make(chan struct{})}
		c := newCommitter(q, slog.New(slog.DiscardHandler), time.Now, newCounts(count.New("test")))
		running := c.start()
		const all, size = 20, 3 << 20
		added := 0
		go func() {
			for range all {
				c.add(news.Result{WorkID: 1, Entries: []news.EntryChange{{Article: news.Article{Body: strings.Repeat("x", size)}}}})
				added++
			}
		}()
		<-time.After(time.Minute)
		synctest.Wait()
		if want := mostBytes / size; added == 0 || added > want {
			t.Errorf("%d results of %d MiB wait for the store, want 1 to %d", added, size>>20, want)
		}
		close(q.may)
		synctest.Wait()
		running.stop()
		committed := 0
		for _, b := range q.batches {
			committed += len(b)
			if len(b) > batchBytes/size+1 {
				t.Errorf("a batch has %d results of %d MiB", len(b), size>>20)
			}
		}
		if committed != all {
			t.Errorf("%d results were committed, want %d", committed, all)
		}
	})
}

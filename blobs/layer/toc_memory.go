package layer

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// mostTables is how many bytes of tables of contents, as they are written, are in
// memory at once, over all layers. What is held of a table takes less than that.
const mostTables = 64 << 20

var tables = semaphore.NewWeighted(mostTables)

// holdTable waits, in turn, for memory for a table of n bytes, or for the end of
// ctx. More than there is counts as all of it. The caller calls release when it
// is done with the table.
func holdTable(ctx context.Context, n int64) (release func(), err error) {
	n = min(n, mostTables)
	if tables.Acquire(ctx, n) != nil {
		return nil, context.Cause(ctx)
	}
	return func() { tables.Release(n) }, nil
}

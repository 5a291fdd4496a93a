package verify

import (
	"sync"

	"github.com/opencontainers/go-digest"
)

// Stats is how far a verification has come, and in the end its result.
type Stats struct {
	Indexes, Manifests, Configs, Layers int64 // blobs by what refers to them, each once; index.json not counted
	Blobs                               int64 // files that are blobs, referenced or not
	Bytes                               int64 // their bytes
	BytesRead                           int64 // bytes of blobs read so far
	BytesToRead                         int64 // bytes of blobs to read altogether, as far as known
	UnreferencedBlobs                   int64 // that no descriptor which was read names
	UnreferencedBytes                   int64
	// NotChecked are the blobs, absent ones included, whose bytes were not checked
	// against their digest, and those of which more than that would have to be: the
	// manifests of Docker's schema 1.
	NotChecked              int64
	TablesNotChecked        int64 // tables of contents of layers that lie in an image elsewhere
	DiffIDsNotChecked       int64 // diff ids of layers that cannot be unpacked here, or are absent
	NotFollowed             int64 // entries of indexes whose type is not known, and what they name
	Errors, Warnings, Infos int64 // findings
	// IndexDigest is the sha256 digest of index.json, which nothing in the layout
	// vouches for; "" where it could not be read.
	IndexDigest digest.Digest
	// Complete says that the run went to its end and that nothing which matters
	// at its level was left unchecked. It is false while the run lasts.
	Complete bool
}

// counters are Stats while the run lasts.
type counters struct {
	mu  sync.Mutex
	now Stats
	gap bool // something that matters was left unchecked
}

// count changes the stats. It may be called from any goroutine.
func (c *counters) count(change func(*Stats)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	change(&c.now)
}

// finish notes that the run has come to its end.
func (c *counters) finish() { c.count(func(s *Stats) { s.Complete = !c.gap }) }

func (c *counters) stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

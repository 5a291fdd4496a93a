package layer_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/opencontainers/go-digest"
)

// cancelReader cancels after some reads, and has always more.
type cancelReader struct {
	start  io.Reader
	chunk  []byte
	left   int
	cancel func()
}

func (c *cancelReader) Read(p []byte) (int, error) {
	if c.left--; c.left == 0 {
		c.cancel()
	}
	if n, err := c.start.Read(p); err == nil {
		return n, nil
	}
	return copy(p, c.chunk), nil
}

// A scan ends with ctx whatever stage it is at, and nothing of it goes on: the race
// detector would see that.
func TestScanCancelled(t *testing.T) {
	cause := errors.New("enough")
	zero, stored := make([]byte, 4096), bytes.Repeat([]byte{0, 0, 0, 0xff, 0xff}, 1<<10) // empty stored blocks
	for name, test := range map[string]struct {
		start string
		chunk []byte
	}{
		"zeros":                   {"", zero},
		"a stream of no bytes":    {"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", stored},
		"frames that are skipped": {"\x50\x2a\x4d\x18\xff\xff\xff\xff", zero},
	} {
		for _, reads := range []int{1, 2, 3, 10, 100, 1000} {
			ctx, cancel := context.WithCancelCause(t.Context())
			r := &cancelReader{bytes.NewReader([]byte(test.start)), test.chunk, reads, func() { cancel(cause) }}
			result, err := layer.Scan(ctx, r, layer.ScanOptions{Blob: digest.SHA256})
			if err != cause || result.Blob.Digest != "" {
				t.Errorf("%s, after %d reads: %v, %+v", name, reads, err, result.Blob)
			}
		}
	}
}

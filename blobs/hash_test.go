package blobs_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/opencontainers/go-digest"
)

// readerFunc is a reader that does what a test says.
type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestHash(t *testing.T) {
	content := large(8)
	readers := map[string]func(io.Reader) io.Reader{
		"plain":                     func(r io.Reader) io.Reader { return r },
		"one byte at a time":        iotest.OneByteReader,
		"half of what is asked for": iotest.HalfReader,
		"data together with EOF":    iotest.DataErrReader,
		"nothing now and then":      func(r io.Reader) io.Reader { return pausing(r, 99) },
	}
	for name, wrap := range readers {
		t.Run(name, func(t *testing.T) {
			for _, a := range []digest.Algorithm{digest.SHA256, digest.SHA384, digest.SHA512} {
				sum, err := blobs.Hash(t.Context(), wrap(bytes.NewReader(content)), a)
				if err != nil || sum.Digest != a.FromBytes(content) || sum.Size != int64(len(content)) {
					t.Errorf("Hash = %v, %v", sum, err)
				}
			}
			if sum, err := blobs.Hash(t.Context(), wrap(strings.NewReader("")), digest.SHA256); err != nil || sum.Digest != digest.FromString("") || sum.Size != 0 {
				t.Errorf("Hash of nothing = %v, %v", sum, err)
			}
		})
	}
}

// pausing gives n empty reads before each read of r.
func pausing(r io.Reader, n int) io.Reader {
	left := n
	return readerFunc(func(p []byte) (int, error) {
		if left > 0 {
			left--
			return 0, nil
		}
		left = n
		return r.Read(p)
	})
}

// A reader that breaks the rules of io.Reader gives an error, neither a panic
// nor an endless loop.
func TestHashBadReaders(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name string
		read func([]byte) (int, error)
		want error // nil: any
		size int64
	}{
		{"negative count", func([]byte) (int, error) { return -1, nil }, nil, 0},
		{"negative count at the end", func([]byte) (int, error) { return -1, io.EOF }, nil, 0},
		{"more than was asked for", func(p []byte) (int, error) { return len(p) + 1, nil }, nil, 0},
		{"nothing for ever", func([]byte) (int, error) { return 0, nil }, io.ErrNoProgress, 0},
		{"error", func([]byte) (int, error) { return 0, broken }, broken, 0},
		{"error together with data", func([]byte) (int, error) { return 5, broken }, broken, 5},
		{"an end that is none", func([]byte) (int, error) { return 3, io.ErrUnexpectedEOF }, io.ErrUnexpectedEOF, 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			within(t, func() {
				sum, err := blobs.Hash(t.Context(), readerFunc(test.read), digest.SHA256)
				if err == nil || test.want != nil && !errors.Is(err, test.want) || sum != (blobs.Sum{Size: test.size}) {
					t.Errorf("Hash = %v, %v, want %v after %d bytes", sum, err, test.want, test.size)
				}
			})
		})
	}
	if sum, err := blobs.Hash(t.Context(), pausing(strings.NewReader("x"), 100), digest.SHA256); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("after a hundred empty reads: %v, %v", sum, err)
	}
}

func TestHashUnsupported(t *testing.T) {
	for _, a := range []digest.Algorithm{"", "md5", "multihash+base58", "SHA256", "sha256 "} {
		unread := readerFunc(func([]byte) (int, error) { t.Errorf("%q: something was read", a); return 0, io.EOF })
		if sum, err := blobs.Hash(t.Context(), unread, a); !errors.Is(err, digest.ErrDigestUnsupported) || sum != (blobs.Sum{}) {
			t.Errorf("%q: %v, %v", a, sum, err)
		}
	}
}

func TestHashCancelled(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("the reason")
	reads := 0
	sum, err := blobs.Hash(ctx, readerFunc(func(p []byte) (int, error) {
		if reads++; reads == 3 {
			cancel(reason)
		}
		return 10, nil
	}), digest.SHA256)
	if !errors.Is(err, reason) || reads != 3 || sum != (blobs.Sum{Size: 30}) {
		t.Errorf("Hash = %v, %v after %d reads, want the reason after 3", sum, err, reads)
	}
	unread := readerFunc(func([]byte) (int, error) { t.Error("something was read"); return 0, io.EOF })
	if _, err := blobs.Hash(ctx, unread, digest.SHA256); !errors.Is(err, reason) {
		t.Errorf("Hash = %v", err)
	}
}

// The buffer is the same however long the input.
func TestHashMemory(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	left := 256 << 20
	most := 0
	sum, err := blobs.Hash(t.Context(), readerFunc(func(p []byte) (int, error) {
		most = max(most, len(p))
		if left == 0 {
			return 0, io.EOF
		}
		n := min(len(p), left)
		left -= n
		return n, nil
	}), digest.SHA512)
	if err != nil || sum.Size != 256<<20 || most > 1<<20 {
		t.Errorf("Hash = %v, %v in reads of up to %d bytes", sum, err, most)
	}
}

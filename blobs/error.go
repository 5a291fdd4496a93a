package blobs

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// What errors.Is finds in an [Error], beside what the file system says:
// fs.ErrNotExist for a blob that is absent, fs.ErrPermission, [model.ErrDigest] for
// what names no path, and digest.ErrDigestUnsupported for an algorithm that cannot
// be computed.
var (
	// ErrNotRegular: the path is a directory, FIFO, socket, device, or a symlink
	// that was not followed. It was not opened.
	ErrNotRegular = errors.New("not a regular file")
	// ErrTooLarge: the blob has more bytes than the caller wants to hold.
	ErrTooLarge = model.ErrTooLarge
	// ErrChanged: the file became another, or was changed, while it was read.
	ErrChanged = errors.New("changed while it was read")
)

// Error is the error of every method of [Store] that is given a digest.
type Error struct {
	Op     string // "stat", "open" or "read"
	Digest digest.Digest
	Err    error
}

// Error names the operation, the digest (quoted, as it may hold anything) and
// the cause.
func (e *Error) Error() string {
	return fmt.Sprintf("%s blob %s: %v", e.Op, strconv.QuoteToASCII(string(e.Digest)), e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

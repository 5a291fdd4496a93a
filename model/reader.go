package model

import (
	"errors"
	"fmt"
	"io"
	"math"
)

// ErrTooLarge is what errors.Is finds in the error of LoadReader where there is
// more to read than the limit allows.
var ErrTooLarge = errors.New("larger than the limit")

// defaultBytes is what LoadReader takes of a document where no limit is given.
const defaultBytes = 8 << 20

// LoadReader reads r to its end and loads what it holds; see [Load]. It reads
// at most limit bytes and one more; a limit of 0 or less is 8 MiB. The error is
// one of r, wrapped, or [ErrTooLarge], and there is no document then: what is
// wrong with the document itself is in the problems.
//
// The file, the connection or the archive that r stands for is the caller's to
// open and close.
func LoadReader[T any](r io.Reader, limit int64, limits Limits) (*T, Problems, error) {
	if limit <= 0 {
		limit = defaultBytes
	}
	limit = min(limit, math.MaxInt64-1)
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, nil, fmt.Errorf("model: reading a document: %w", err)
	}
	if int64(len(raw)) > limit {
		return nil, nil, fmt.Errorf("model: a document has more than %d bytes: %w", limit, ErrTooLarge)
	}
	doc, problems := Load[T](raw, limits)
	return doc, problems, nil
}

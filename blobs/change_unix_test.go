//go:build unix

package blobs_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/opencontainers/go-digest"
)

// Whatever happens to a real file between the look at it, opening and reading it,
// it has no digest that is not that of the bytes of one file.
func TestRealFileChanges(t *testing.T) {
	content := large(5)
	d := digest.FromBytes(content)
	other := bytes.ToUpper(large('x'))
	const (
		changed = "changed" // ErrChanged
		old     = "old"     // the digest of the file that was opened
		fresh   = "fresh"   // that of what it was rewritten with
	)
	changes := map[string]struct {
		do                    func(name string) error
		beforeOpen, afterRead string // what is to come of it
	}{
		"truncated": {func(name string) error { return os.Truncate(name, 200_000) }, changed, changed},
		"emptied":   {func(name string) error { return os.Truncate(name, 0) }, changed, changed},
		"grown": {func(name string) error {
			f, err := os.OpenFile(name, os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				return err
			}
			_, err = f.WriteString("more")
			return errors.Join(err, f.Close())
		}, changed, changed},
		"removed": {os.Remove, changed, old},
		"replaced": {func(name string) error {
			return errors.Join(os.WriteFile(name+"~", other, 0o644), os.Rename(name+"~", name))
		}, changed, old},
		"replaced by an equal": {func(name string) error {
			return errors.Join(os.WriteFile(name+"~", content, 0o644), os.Rename(name+"~", name))
		}, changed, old},
		"replaced by a directory": {func(name string) error { return errors.Join(os.Remove(name), os.Mkdir(name, 0o755)) }, changed, old},
		"rewritten": {func(name string) error {
			f, err := os.OpenFile(name, os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			_, err = f.Write(other)
			return errors.Join(err, f.Close())
		}, fresh, changed},
	}
	for name, change := range changes {
		for _, reading := range []bool{false, true} {
			onDisk(t, func(t *testing.T, s storage) {
				s.put(t, blobs.Path(d), content)
				file := filepath.Join(s.dir, blobs.Path(d))
				long := time.Now().Add(-time.Hour) // the clock of a file system may be coarse
				if err := os.Chtimes(file, long, long); err != nil {
					t.Fatal(err)
				}
				info, want, reads := s.stat(t, d), change.beforeOpen, 0
				if !reading {
					if err := change.do(file); err != nil {
						t.Fatal(err)
					}
				} else {
					want = change.afterRead
				}
				sum, err := s.store.Sum(t.Context(), d, info, func(int) {
					if reads++; reads == 1 && reading {
						if err := change.do(file); err != nil {
							t.Error(err)
						}
					}
				})
				got := sum.Digest.String()
				switch {
				case errors.Is(err, blobs.ErrChanged) && got == "":
					got = changed
				case err == nil && sum.Digest == d:
					got = old
				case err == nil && sum.Digest == digest.FromBytes(other):
					got = fresh
				}
				if got != want {
					t.Errorf("%s, while it was read: %t: %s, %v, want %s", name, reading, got, err, want)
				}
			})
		}
	}
}

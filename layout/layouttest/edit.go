package layouttest

import (
	"bytes"
	"fmt"

	"github.com/spf13/afero"
)

// Corrupt flips one bit of a file, the lowest of the byte at offset. The length
// of the file stays.
func Corrupt(fsys afero.Fs, name string, offset int) error {
	return edit(fsys, name, func(raw []byte) ([]byte, error) {
		if offset < 0 || offset >= len(raw) {
			return nil, fmt.Errorf("layouttest: %s has no byte %d, only %d bytes", name, offset, len(raw))
		}
		raw[offset] ^= 1
		return raw, nil
	})
}

// Truncate cuts a file off after n bytes. It is an error if the file has no more
// than that.
func Truncate(fsys afero.Fs, name string, n int) error {
	return edit(fsys, name, func(raw []byte) ([]byte, error) {
		if n < 0 || n >= len(raw) {
			return nil, fmt.Errorf("layouttest: cannot cut %s to %d bytes, it has %d", name, n, len(raw))
		}
		return raw[:n], nil
	})
}

// Append adds text to the end of a file.
func Append(fsys afero.Fs, name, text string) error {
	return edit(fsys, name, func(raw []byte) ([]byte, error) { return append(raw, text...), nil })
}

// Replace puts one text in the place of another in a file. It is an error if
// old does not stand there exactly once.
func Replace(fsys afero.Fs, name, old, new string) error {
	return edit(fsys, name, func(raw []byte) ([]byte, error) {
		if n := bytes.Count(raw, []byte(old)); n != 1 {
			return nil, fmt.Errorf("layouttest: %s holds %q %d times, not once", name, old, n)
		}
		return bytes.Replace(raw, []byte(old), []byte(new), 1), nil
	})
}

// Remove removes a file, or a directory with all that is in it. It is an error
// if there is none.
func Remove(fsys afero.Fs, name string) error {
	if _, err := fsys.Stat(name); err != nil {
		return err
	}
	return fsys.RemoveAll(name)
}

func edit(fsys afero.Fs, name string, change func([]byte) ([]byte, error)) error {
	raw, err := afero.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if raw, err = change(raw); err != nil {
		return err
	}
	return afero.WriteFile(fsys, name, raw, 0o644)
}

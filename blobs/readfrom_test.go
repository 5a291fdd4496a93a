package blobs_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// A part of a blob is read from any place on, whether the file can seek or not.
func TestReadFrom(t *testing.T) {
	content := bytes.Repeat([]byte("0123456789"), 20_000)
	d := digest.FromBytes(content)
	memory := afero.NewMemMapFs()
	if err := afero.WriteFile(memory, blobs.Path(d), content, 0o644); err != nil {
		t.Fatal(err)
	}
	failure := errors.New("told to fail")
	for name, fsys := range map[string]afero.Fs{"seeks": memory, "does not": noSeek{memory}} {
		store := blobs.New(fsys)
		info, err := store.Stat(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, offset := range []int64{0, 1, 150_001, int64(len(content)) - 1, int64(len(content))} {
			err := store.ReadFrom(t.Context(), d, info, offset, func(r io.Reader) error {
				got, err := io.ReadAll(r)
				if !bytes.Equal(got, content[offset:]) {
					t.Errorf("%s, from %d: %d bytes", name, offset, len(got))
				}
				return err
			})
			if err != nil {
				t.Errorf("%s, from %d: %v", name, offset, err)
			}
		}
		if err := store.ReadFrom(t.Context(), d, info, 5, func(io.Reader) error { return failure }); !errors.Is(err, failure) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// noSeek is a file system whose files cannot seek.
type noSeek struct{ afero.Fs }

func (f noSeek) Open(name string) (afero.File, error) {
	file, err := f.Fs.Open(name)
	return noSeekFile{file}, err
}

type noSeekFile struct{ afero.File }

func (noSeekFile) Seek(int64, int) (int64, error) { return 0, errors.New("it cannot seek") }

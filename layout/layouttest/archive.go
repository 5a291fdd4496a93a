package layouttest

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/spf13/afero"
)

// Entry is one entry of a tar archive: a header and what follows it. Of the
// header, Name is enough for a regular file: Size is that of Content, the time is
// 1970, and a Mode of 0 becomes what is usual for the type.
type Entry struct {
	tar.Header
	Content string
}

// File is a regular file.
func File(name, content string) Entry { return Entry{tar.Header{Name: name}, content} }

// Dir is a directory.
func Dir(name string) Entry { return Entry{Header: tar.Header{Name: name, Typeflag: tar.TypeDir}} }

// Symlink is a symbolic link.
func Symlink(name, target string) Entry {
	return Entry{Header: tar.Header{Name: name, Typeflag: tar.TypeSymlink, Linkname: target}}
}

// HardLink is a hard link.
func HardLink(name, target string) Entry {
	return Entry{Header: tar.Header{Name: name, Typeflag: tar.TypeLink, Linkname: target}}
}

// Archive returns a tar archive of the entries, in that order, with its end. It
// is as archive/tar writes it, so that there is no way to what that refuses.
func (b *Builder) Archive(entries ...Entry) []byte {
	raw, err := writeArchive(entries)
	if err != nil {
		b.fail(fmt.Errorf("layouttest: %w", err))
	}
	return raw
}

// Entries returns what lies in a file system as the entries of an archive, the
// directories included, sorted by path.
func Entries(fsys afero.Fs) ([]Entry, error) {
	var all []Entry
	err := afero.Walk(fsys, ".", func(name string, info fs.FileInfo, err error) error {
		switch {
		case err != nil || name == ".":
			return err
		case info.IsDir():
			all = append(all, Dir(filepath.ToSlash(name)+"/"))
			return nil
		}
		content, err := afero.ReadFile(fsys, name)
		all = append(all, File(filepath.ToSlash(name), string(content)))
		return err
	})
	return all, err
}

func writeArchive(entries []Entry) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		h := e.Header // w changes it
		if h.Typeflag == 0 {
			h.Typeflag = tar.TypeReg
		}
		if h.Mode == 0 {
			h.Mode = usualMode(h.Typeflag)
		}
		if e.Content != "" {
			h.Size = int64(len(e.Content))
		}
		if err := w.WriteHeader(&h); err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(e.Content)); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}

func usualMode(kind byte) int64 {
	switch kind {
	case tar.TypeDir:
		return 0o755
	case tar.TypeSymlink:
		return 0o777
	case tar.TypeXGlobalHeader:
		return 0 // which may have none
	}
	return 0o644
}

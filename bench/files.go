package main

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// file is one of this machine's, as far as it goes into a layer.
type file struct {
	path string
	name string // in the layer
	size int64  // bytes of it that are taken
}

// slice is what one layer holds.
type slice []file

// roots are the directories that hold what layers of installed systems hold: text,
// source, programs and libraries.
func roots(ctx context.Context) []string {
	all := []string{"/usr/lib", "/usr/share", "/usr/bin"}
	goroot, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if dir := strings.TrimSpace(string(goroot)); err == nil && dir != "" && !strings.HasPrefix(dir, "/usr/lib/") && !strings.HasPrefix(dir, "/usr/share/") {
		all = append(all, dir)
	}
	return all
}

// largest is the size of the largest file that is taken: some are larger than a
// layer is to be.
const largest = 32 * mib

// choose returns n slices of each bytes of files, which lie below a root that
// changes from slice to slice. Where there are not enough files, they are taken
// again, under other names.
func choose(roots []string, n int, each int64) ([]slice, error) {
	var lists []*list
	for _, root := range roots {
		l := &list{}
		if err := l.read(root); err != nil {
			return nil, err
		}
		if len(l.files) > 0 {
			lists = append(lists, l)
		}
	}
	if len(lists) == 0 {
		return nil, fmt.Errorf("no files in any of %s", strings.Join(roots, ", "))
	}
	slices := make([]slice, n)
	for i := range slices {
		for left := each; left > 0; {
			f := next(lists, i)
			f.size = min(f.size, left)
			left -= f.size
			slices[i] = append(slices[i], f)
		}
	}
	return slices, nil
}

// list is the files below a root, and how far they are used up.
type list struct {
	files []file
	used  int
	round int
}

func (l *list) read(root string) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // what cannot be read, or is not there, is not taken
		}
		info, err := d.Info()
		if err != nil || info.Size() == 0 || info.Size() > largest || !readable(path) {
			return nil
		}
		l.files = append(l.files, file{path, strings.TrimPrefix(filepath.ToSlash(path), "/"), info.Size()})
		return nil
	})
}

func readable(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	return f.Close() == nil
}

// next takes a file of the list of that turn, or of the one after it that has any
// left.
func next(lists []*list, turn int) file {
	for i := range lists {
		if l := lists[(turn+i)%len(lists)]; l.used < len(l.files) {
			f := l.files[l.used]
			l.used++
			if l.round > 0 {
				f.name = fmt.Sprintf("again-%d/%s", l.round, f.name)
			}
			return f
		}
	}
	for _, l := range lists {
		l.used, l.round = 0, l.round+1
	}
	return next(lists, turn)
}

// write writes the files as a tar archive. One that has become shorter since it
// was chosen ends in zeros.
func (s slice) write(w io.Writer) error {
	archive := tar.NewWriter(w)
	for _, f := range s {
		raw, err := f.read()
		if err != nil {
			return err
		}
		if err := archive.WriteHeader(&tar.Header{Name: f.name, Mode: 0o644, Size: f.size}); err != nil {
			return err
		}
		if _, err := archive.Write(raw); err != nil {
			return err
		}
	}
	return archive.Close()
}

func (f file) read() ([]byte, error) {
	raw := make([]byte, f.size)
	source, err := os.Open(f.path)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	_, err = io.ReadFull(source, raw)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, err
	}
	return raw, nil
}

package report

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

// refuseInside refuses to write a file that would be part of a layout, or that is one.
// asked is the flag that asks for it.
func refuseInside(layouts []string, asked, file string) error {
	for _, l := range layouts {
		if Within(l, file) {
			return exit.Usagef("%s %s lies in %s, into which nothing is written", asked, Value(file), Value(l))
		}
		if isArchive(l, file) {
			return exit.Usagef("%s %s is an archive to look into, which is never written to", asked, Value(file))
		}
	}
	return nil
}

// isArchive says whether a file is the archive that a layout comes in.
func isArchive(layout, file string) bool {
	at := os.Stdin.Stat
	if layout != "-" {
		at = func() (fs.FileInfo, error) { return os.Stat(layout) }
	}
	is, err := at()
	if err != nil || !is.Mode().IsRegular() {
		return false
	}
	info, err := os.Stat(file)
	return err == nil && os.SameFile(is, info)
}

// Within says whether file is, or would be, in the directory dir.
func Within(dir, file string) bool {
	dir, err := realPath(dir)
	if err != nil {
		return false
	}
	parent, err := realPath(filepath.Dir(file))
	if err != nil {
		return false
	}
	return parent == dir || strings.HasPrefix(parent, strings.TrimSuffix(dir, string(os.PathSeparator))+string(os.PathSeparator))
}

// realPath returns the one name of what is at path.
func realPath(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(absolute)
}

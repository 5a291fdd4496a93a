package cli

import (
	"errors"
	"io/fs"
	"os"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/layout"
)

// Address is what a LAYOUT argument names. Nothing is opened yet.
type Address struct {
	Given     string // the argument
	Path      string // "-" for standard input
	Stdin     bool
	Selector  layout.Selector
	otherTool string // what it names for another tool, which is not a layout; "" for nothing
}

// prefixes are those that layout.ParseReference knows, to complete words.
var prefixes = []string{"oci-layout://", "ocidir://", "oci-archive:", "oci-dir:", "oci:"}

const separators = "/" + string(os.PathSeparator)

// ParseAddress understands PATH, PATH:REF, PATH@DIGEST and PATH:REF@DIGEST. What
// exists as a path is a path, but for "-", which is standard input. The error is a
// usage error.
func ParseAddress(given string) (Address, error) {
	a := Address{Given: given, Path: given}
	there := exists
	switch {
	case given != fromStdin && exists(given):
		return a, nil
	case isStdin(given):
		a.Stdin, there = true, func(path string) bool { return path == fromStdin }
	default:
		if a.otherTool = otherTool(given); a.otherTool != "" {
			return a, nil
		}
	}
	var err error
	if a.Path, a.Selector, err = layout.SplitReference(given, there); err != nil {
		return Address{Given: given}, exit.Usagef("%v", err)
	}
	if a.Stdin && a.Path != fromStdin {
		return Address{Given: given}, exit.Usagef("%q: standard input is -, -:REF, -@DIGEST or -:REF@DIGEST", given)
	}
	return a, nil
}

// exists says whether there is anything at the path, be it out of reach.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil || errors.Is(err, fs.ErrPermission)
}

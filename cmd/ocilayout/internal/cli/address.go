package cli

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// Address is what a LAYOUT argument names. Nothing is opened yet.
type Address struct {
	Given     string // the argument
	Path      string // "-" for standard input
	Stdin     bool
	Selector  layout.Selector
	otherTool string // what it names for another tool, which is not a layout; "" for nothing
}

// prefixes are those that other tools write before a layout.
var prefixes = []string{"oci-layout://", "ocidir://", "oci-archive:", "oci-dir:", "oci:"}

// ParseAddress understands PATH, PATH:REF, PATH@DIGEST and PATH:REF@DIGEST. What
// exists as a path is a path, but for "-", which is standard input. The error is a
// usage error.
func ParseAddress(given string) (Address, error) {
	a := Address{Given: given, Path: given}
	if given != fromStdin && exists(given) {
		return a, nil
	}
	if isStdin(given) {
		return stdinAddress(given, strings.TrimPrefix(given, fromStdin))
	}
	if a.otherTool = otherTool(given); a.otherTool != "" {
		return a, nil
	}
	for _, prefix := range prefixes {
		if rest, ok := strings.CutPrefix(given, prefix); ok {
			a.Path = rest
			break
		}
	}
	if a.Path == "" {
		return a, exit.Usagef("%q names no layout", given)
	}
	if exists(a.Path) {
		return a, nil
	}
	if left, right, ok := cutLast(a.Path, '@'); ok && (exists(left) || !endsPath(a.Path)) {
		d, err := model.ParseDigest(right)
		if err != nil && meansDigest(a.Path, left, right) {
			return a, exit.Usagef("%q: what follows the @ is %v", given, err)
		}
		if err == nil {
			a.Selector.Digest, a.Path = d, left
			if exists(left) {
				return a, nil
			}
		}
	}
	path, ref, ok := splitReference(a.Path)
	switch {
	case ok && path == "":
		return a, exit.Usagef("%q names no layout", given)
	case ok && ref == "":
		return a, exit.Usagef("%q has nothing after the colon: a reference is LAYOUT:REF", given)
	case ok:
		a.Path, a.Selector.RefName = path, ref
	}
	return a, nil
}

// stdinAddress understands what follows the "-" of standard input: :REF, @DIGEST
// or :REF@DIGEST.
func stdinAddress(given, rest string) (Address, error) {
	a := Address{Given: given, Path: fromStdin, Stdin: true}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		left, right := rest[:i], rest[i+1:]
		d, err := model.ParseDigest(right)
		if err != nil && meansDigest(rest, left, right) || err != nil && left == "" {
			return a, exit.Usagef("%q: what follows the @ is %v", given, err)
		}
		if err == nil {
			a.Selector.Digest, rest = d, left
		}
	}
	if strings.HasPrefix(rest, "@") {
		_, err := model.ParseDigest(rest[1:])
		return a, exit.Usagef("%q: what follows the @ is %v", given, cmp.Or(err, digest.ErrDigestInvalidFormat))
	}
	if rest == ":" {
		return a, exit.Usagef("%q has nothing after the colon: a reference is LAYOUT:REF", given)
	}
	a.Selector.RefName = strings.TrimPrefix(rest, ":")
	return a, nil
}

// meansDigest says whether right, which is no digest, was meant to be one: it
// follows a path, or names an algorithm. Else the @ is part of a path or of a
// reference name.
func meansDigest(whole, left, right string) bool {
	if endsPath(whole) {
		return false
	}
	algorithm, _, ok := strings.Cut(right, ":")
	return exists(left) || ok && model.Computable(digest.Algorithm(algorithm))
}

// endsPath says whether the last colon ends a path that exists, so that an @ before
// it is part of that: a directory may be named me@home.
func endsPath(s string) bool {
	i := strings.LastIndexByte(s, ':')
	return i > 0 && exists(s[:i])
}

// splitReference divides PATH:REF at the last colon after the last separator. A
// reference may hold colons and slashes itself, as registry names do: where
// that path does not exist, the first colon that ends one which does is taken.
func splitReference(s string) (path, ref string, ok bool) {
	last := strings.LastIndexByte(s, ':')
	if last > strings.LastIndexAny(s, separators) {
		path, ref, ok = s[:last], s[last+1:], true
		if exists(path) {
			return path, ref, true
		}
	}
	for i := range len(s) {
		if s[i] == ':' && i > 0 && exists(s[:i]) {
			return s[:i], s[i+1:], true
		}
	}
	return path, ref, ok
}

const separators = "/" + string(os.PathSeparator)

func cutLast(s string, sep byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, sep); i > 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// exists says whether there is anything at the path, be it out of reach.
func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil || errors.Is(err, fs.ErrPermission)
}

package layout

import (
	"fmt"
	"os"
	"strings"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// prefixes are those that other tools write before a layout.
var prefixes = []string{"oci-layout://", "ocidir://", "oci-archive:", "oci-dir:", "oci:"}

// separators end the elements of a path.
const separators = "/" + string(os.PathSeparator)

// ParseReference divides PATH, PATH:REF, PATH@DIGEST and PATH:REF@DIGEST, and the same
// behind one of the prefixes with which other tools name a layout: oci:, oci-dir:,
// ocidir://, oci-layout:// and oci-archive:. REF is what follows the last colon after
// the last separator of paths. DIGEST may be the beginning of one with its algorithm, as
// sha256:6f586b8e; see [Selector]. The error quotes s and says what is wrong with it. No
// file is looked at: the path need not exist.
func ParseReference(s string) (path string, selector Selector, err error) {
	return SplitReference(s, func(string) bool { return false })
}

// SplitReference is [ParseReference] for callers who know which paths exist. What exists
// is a path, whatever characters are in it: all of s, or what stands before the last @,
// before the last colon, or else before the first colon of which that can be said. So
// REF may hold colons and slashes itself, as the names of registries do. Behind a path that
// exists, DIGEST may be short without its algorithm too, as 6f586b8e.
func SplitReference(s string, exists func(path string) bool) (path string, selector Selector, err error) {
	r := reference{whole: s, path: s, exists: exists}
	if err := r.split(); err != nil {
		return "", Selector{}, err
	}
	return r.path, r.selector, nil
}

// reference is what is being divided.
type reference struct {
	whole    string
	path     string // the rest of it
	selector Selector
	exists   func(string) bool
}

func (r *reference) split() error {
	if r.exists(r.whole) {
		return nil
	}
	for _, prefix := range prefixes {
		if rest, ok := strings.CutPrefix(r.whole, prefix); ok {
			r.path = rest
			break
		}
	}
	if r.path == "" {
		return r.noPath()
	}
	if r.exists(r.path) {
		return nil
	}
	if err := r.takeDigest(); err != nil || r.exists(r.path) {
		return err
	}
	return r.takeName()
}

func (r *reference) noPath() error { return fmt.Errorf("%q names no layout", r.whole) }

// takeDigest takes @DIGEST off the end. What follows the @ and is no digest is part of
// a path or of a reference name, unless it was meant to be one: it follows a path, or
// names an algorithm.
func (r *reference) takeDigest() error {
	at := strings.LastIndexByte(r.path, '@')
	if at <= 0 {
		return nil
	}
	left, right := r.path[:at], r.path[at+1:]
	within := r.exists(left)
	if isShort(right) && !strings.Contains(right, ":") {
		if within || r.beginsWithPath(left) {
			r.selector.Short, r.path = right, left
		}
		return nil
	}
	if r.endsPath() && !within {
		return nil
	}
	d, err := model.ParseDigest(right)
	if err == nil {
		r.selector.Digest, r.path = d, left
		return nil
	}
	if isShort(right) {
		r.selector.Short, r.path = right, left
		return nil
	}
	algorithm, digits, ok := strings.Cut(right, ":")
	if !ok {
		digits = right
	}
	if !r.endsPath() && (within || ok && model.Computable(digest.Algorithm(algorithm))) {
		if digits != "" && len(digits) < LeastShort && strings.Trim(digits, hexadecimal) == "" {
			return fmt.Errorf("%q: a short digest has %d digits or more", r.whole, LeastShort)
		}
		return fmt.Errorf("%q: what follows the @ is %w", r.whole, err)
	}
	return nil
}

// beginsWithPath says whether what stands before one of the colons of s is a path that
// exists, so that the rest is a reference name.
func (r *reference) beginsWithPath(s string) bool {
	for i := range len(s) {
		if s[i] == ':' && i > 0 && r.exists(s[:i]) {
			return true
		}
	}
	return false
}

// endsPath says whether the last colon ends a path that exists, so that an @ before
// it is part of that: a directory may be named me@home.
func (r *reference) endsPath() bool {
	i := strings.LastIndexByte(r.path, ':')
	return i > 0 && r.exists(r.path[:i])
}

// takeName takes :REF off the end.
func (r *reference) takeName() error {
	colon := strings.LastIndexByte(r.path, ':')
	if colon <= strings.LastIndexAny(r.path, separators) {
		colon = -1
	}
	if colon < 0 || !r.exists(r.path[:colon]) {
		for i := range len(r.path) {
			if r.path[i] == ':' && i > 0 && r.exists(r.path[:i]) {
				colon = i
				break
			}
		}
	}
	switch {
	case colon < 0:
		return nil
	case colon == 0:
		return r.noPath()
	case colon == len(r.path)-1:
		return fmt.Errorf("%q has nothing after the colon: a reference is LAYOUT:REF", r.whole)
	}
	r.path, r.selector.RefName = r.path[:colon], r.path[colon+1:]
	return nil
}

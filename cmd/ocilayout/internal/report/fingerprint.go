package report

import (
	"crypto/sha256"
	"fmt"
	"path/filepath"
)

// fingerprints distinguish findings by what stays the same from run to run and
// from machine to machine: rule, file, pointer and entry, and neither the place
// of the layout nor what was found.
type fingerprints struct{ seen map[string]int }

func newFingerprints() fingerprints { return fingerprints{make(map[string]int)} }

// of returns the fingerprint of a finding. The second of the same kind has
// another one, and so have those of the second layout.
func (p fingerprints) of(f placed, r Result) string {
	path := stablePath(f.Path)
	if r.Document {
		path = filepath.Base(f.Path)
	}
	key := fmt.Sprintf("%q %q %q %q %q %d", f.Rule, path, f.Pointer, digestOf(f.Finding), f.Entry, f.layout)
	p.seen[key]++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", key, p.seen[key]))
	return fmt.Sprintf("%x", sum[:16])
}

package verify_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// mutated returns content changed at a place: bits flipped, bytes replaced, put in
// or taken out, or all that comes after it cut off.
func mutated(content []byte, at int, kind uint8, with []byte) []byte {
	at %= len(content) + 1
	before, after := content[:at], content[at:]
	n := min(len(with), len(after))
	switch kind % 5 {
	case 0:
		flipped := bytes.Clone(after[:n])
		for i := range flipped {
			flipped[i] ^= with[i]
		}
		return slices.Concat(before, flipped, after[n:])
	case 1:
		return slices.Concat(before, with, after[n:])
	case 2:
		return slices.Concat(before, with, after)
	case 3:
		return slices.Concat(before, after[n:])
	}
	return bytes.Clone(before)
}

// FuzzMutate changes one file of a layout without a fault. Whatever the change, in
// a blob it is an error, and in oci-layout unless the version is still there.
// An index.json that is changed has another digest, is an error where the digest
// was expected, and is not valid where the second opinion objects.
func FuzzMutate(f *testing.F) {
	type place struct {
		files map[string][]byte
		name  string
	}
	var places []place
	for _, which := range slices.Sorted(maps.Keys(samples)) {
		files := filesOf(f, build(f, func(b *layouttest.Builder) { samples[which].make(f, b) }))
		for _, name := range slices.Sorted(maps.Keys(files)) {
			places = append(places, place{files, name})
		}
	}
	for i := range uint8(4 * len(places)) {
		f.Add(i, uint16(i)*31, i, []byte{1 << (i % 8)})
	}
	f.Add(uint8(0), uint16(0), uint8(3), bytes.Repeat([]byte("x"), 1000))
	f.Fuzz(func(t *testing.T, which uint8, at uint16, kind uint8, with []byte) {
		p := places[int(which)%len(places)]
		original := p.files[p.name]
		changed := mutated(original, int(at), kind, with)
		if bytes.Equal(original, changed) {
			return
		}
		files := maps.Clone(p.files)
		files[p.name] = changed
		fsys, _ := memory(t, files)
		r := verifyFs(t, fsys, verify.Options{Jobs: 1})
		switch {
		case p.name == model.IndexFile:
			mutatedIndex(t, fsys, files, original, r)
		case p.name == model.LayoutFile && r.valid():
			var version string
			if err := json.Unmarshal(members(changed)["imageLayoutVersion"], &version); err != nil || version != model.LayoutVersion {
				t.Errorf("valid with the oci-layout %q", changed)
			}
		case p.name != model.LayoutFile && r.stats.Errors == 0:
			t.Errorf("%s is changed to %q, and no error: %s", p.name, changed, describe(r.findings))
		}
	})
}

func mutatedIndex(t *testing.T, fsys afero.Fs, files map[string][]byte, original []byte, r result) {
	t.Helper()
	if want := digest.FromBytes(files[model.IndexFile]); r.stats.IndexDigest != want {
		t.Errorf("index.json is said to be %s, and is %s", r.stats.IndexDigest, want)
	}
	if faults := secondOpinion(files); r.valid() && len(faults) > 0 {
		t.Errorf("valid, and yet: %q", faults)
	}
	expected := verifyFs(t, fsys, verify.Options{Jobs: 1, Level: verify.LevelStructure, ExpectIndex: digest.FromBytes(original)})
	if expected.stats.Errors == 0 {
		t.Errorf("another index.json was expected than %q, and no error", files[model.IndexFile])
	}
}

package verify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// tiny builds a layout with a blob of every kind and as few bytes as can be: all
// of them can be damaged in every way. It returns the paths of the blobs.
func tiny(t *testing.T) (afero.Fs, []string) {
	var paths []string
	fsys := build(t, func(b *layouttest.Builder) {
		add := func(d model.Descriptor) model.Descriptor {
			paths = append(paths, blobs.Path(d.Digest))
			return d
		}
		end := layouttest.End() // an archive without entries
		zstd := add(b.Blob(model.MediaTypeLayerZstd, compressed(t, layer.Zstd, end)))
		gzip := add(b.Blob(model.MediaTypeLayerGzip, compressed(t, layer.Gzip, end)))
		config := add(b.Blob(model.MediaTypeImageConfig, fmt.Appendf(nil,
			`{"architecture":"arm","os":"linux","rootfs":{"type":"layers","diff_ids":[%q,%q]}}`, digest.FromBytes(end), digest.FromBytes(end))))
		b.Algorithm = digest.SHA512
		manifest := add(b.Document(model.MediaTypeManifest, model.NewManifest(config, zstd, gzip)))
		b.Algorithm = digest.SHA256
		b.Entry(add(b.Index(manifest)), "v1")
	})
	if r := verifyFs(t, fsys, without(t, verify.Options{}, rule.DigestNotSHA256)); len(r.findings) > 0 || !r.stats.Complete {
		t.Fatalf("before anything is damaged: %+v\n%s", r.stats, describe(r.findings))
	}
	return fsys, paths
}

// read returns the content of a file.
func read(t *testing.T, fsys afero.Fs, name string) []byte {
	t.Helper()
	content, err := afero.ReadFile(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// damage verifies the layout once for each version of one file.
func damage(t *testing.T, fsys afero.Fs, name string, o verify.Options, versions func(yield func(string, []byte) bool), judge func(version string, r result)) {
	t.Helper()
	n := 0
	for version, content := range versions {
		n++
		if err := afero.WriteFile(fsys, name, content, 0o644); err != nil {
			t.Fatal(err)
		}
		judge(version, verifyFs(t, fsys, o))
	}
	t.Logf("%s: %d versions", name, n)
	if n == 0 {
		t.Fatalf("%s was not damaged", name)
	}
}

// flips yields content with each single bit of it flipped.
func flips(content []byte) func(yield func(string, []byte) bool) {
	return func(yield func(string, []byte) bool) {
		for i := range content {
			for bit := range 8 {
				changed := slices.Clone(content)
				changed[i] ^= 1 << bit
				if !yield(fmt.Sprintf("bit %d of byte %d flipped", bit, i), changed) {
					return
				}
			}
		}
	}
}

// cuts yields content cut off at each length.
func cuts(content []byte) func(yield func(string, []byte) bool) {
	return func(yield func(string, []byte) bool) {
		for n := range content {
			if !yield(fmt.Sprintf("cut to %d bytes", n), content[:n]) {
				return
			}
		}
	}
}

// growths yields content with a byte put in at each place, and at the end.
func growths(content []byte) func(yield func(string, []byte) bool) {
	return func(yield func(string, []byte) bool) {
		for i := 0; i <= len(content); i++ {
			if !yield(fmt.Sprintf("a blank put in at %d", i), slices.Insert(slices.Clone(content), i, ' ')) {
				return
			}
		}
	}
}

// No bit of a blob, and none of oci-layout, can be flipped unnoticed; no byte can
// be cut off or put in.
func TestEveryDamageIsAnError(t *testing.T) {
	_, paths := tiny(t)
	for _, name := range append(paths, model.LayoutFile) {
		for what, versions := range map[string]func([]byte) func(func(string, []byte) bool){"flips": flips, "cuts": cuts, "growths": growths} {
			if name == model.LayoutFile && what == "growths" {
				continue // blanks between tokens change nothing
			}
			t.Run(what+" "+name, func(t *testing.T) {
				t.Parallel()
				fsys, _ := tiny(t)
				damage(t, fsys, name, verify.Options{Jobs: 1}, versions(read(t, fsys, name)), func(version string, r result) {
					if r.stats.Errors == 0 {
						t.Errorf("%s: no error, %+v", version, r.stats)
					}
				})
			})
		}
	}
}

// What is damaged in an index.json whose digest is known is always an error.
func TestEveryDamageOfAnExpectedIndexIsAnError(t *testing.T) {
	for what, versions := range map[string]func([]byte) func(func(string, []byte) bool){"flips": flips, "cuts": cuts, "growths": growths} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			fsys, _ := tiny(t)
			content := read(t, fsys, model.IndexFile)
			o := without(t, verify.Options{Jobs: 1, ExpectIndex: digest.SHA512.FromBytes(content)}, rule.DigestNotSHA256)
			if r := verifyFs(t, fsys, o); len(r.findings) > 0 {
				t.Fatal(describe(r.findings))
			}
			damage(t, fsys, model.IndexFile, o, versions(content), func(version string, r result) {
				if r.stats.Errors == 0 {
					t.Errorf("%s: no error, %+v", version, r.stats)
				}
			})
		})
	}
}

// Without that digest, a flipped bit in index.json goes unnoticed only where it
// makes another reference name, or an annotation that the specification does not
// know, or hides all annotations of the entry behind a name that it does not know.
func TestFlipsOfIndexThatGoUnnoticed(t *testing.T) {
	fsys, _ := tiny(t)
	content := read(t, fsys, model.IndexFile)
	text := string(content)
	silent := make([]bool, len(text))
	for _, part := range []string{model.AnnotationRefName, "v1"} {
		at := strings.Index(text, `"`+part+`"`) + 1
		if at == 0 {
			t.Fatalf("no %s in %s", part, text)
		}
		for i := range part {
			silent[at+i] = true
		}
	}
	unnoticed := 0
	o := without(t, verify.Options{Jobs: 1}, rule.DigestNotSHA256)
	damage(t, fsys, model.IndexFile, o, flips(content), func(version string, r result) {
		if len(r.findings) > 0 {
			return
		}
		unnoticed++
		var bit, at int
		if _, err := fmt.Sscanf(version, "bit %d of byte %d", &bit, &at); err != nil {
			t.Fatal(err)
		}
		if !silent[at] {
			t.Errorf("%s, in %q, goes unnoticed", version, text[max(0, at-10):min(len(text), at+10)])
		}
	})
	if most := 8 * len(model.AnnotationRefName+"v1"); unnoticed == 0 || unnoticed > most {
		t.Errorf("%d of %d flips go unnoticed, no more than %d may", unnoticed, 8*len(content), most)
	}
}

// Each file of a layout matters: without any one of them, verifying fails.
func TestEveryFileMatters(t *testing.T) {
	_, paths := tiny(t)
	for _, name := range append(paths, model.LayoutFile, model.IndexFile) {
		fsys, _ := tiny(t)
		if err := layouttest.Remove(fsys, name); err != nil {
			t.Fatal(err)
		}
		if r := run(t, layout.New(fsys), verify.Options{}); r.stats.Errors == 0 {
			t.Errorf("without %s: no error, %+v, %v", name, r.stats, r.err)
		}
	}
	// Two blobs of one length in each other's place.
	fsys := build(t, func(b *layouttest.Builder) {
		one, two := b.Blob("text/plain", []byte("1")), b.Blob("text/plain", []byte("2"))
		b.Entry(b.Document(model.MediaTypeManifest, model.NewManifest(one, two)), "v1")
		b.File(blobs.Path(one.Digest), []byte("2"))
		b.File(blobs.Path(two.Digest), []byte("1"))
	})
	if r := verifyFs(t, fsys, verify.Options{}); r.stats.Errors != 2 {
		t.Errorf("two blobs changed places: %s", describe(r.findings))
	}
}

package verify_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// A sample is a layout without a fault, to be damaged in every way.
type sample struct {
	make  func(t testing.TB, b *layouttest.Builder)
	blobs map[string]way // how each of its blobs is damaged
	root  map[string]way // and each of its root files
}

// samples are a layout with as few bytes as can be, and one with all that can be
// in one. Of the ways of which there are most, only a share is tried on blobs and
// on the second: that a byte is wrong shows in the digest, whatever is there
// instead of it.
var samples = map[string]sample{
	"tiny": {
		make:  tiny,
		blobs: map[string]way{"flips": flips, "cuts": cuts, "growths": growths, "deletions": deletions, "substitutions": thinned(8, substitutions)},
		root:  map[string]way{"flips": flips, "cuts": cuts, "growths": growths, "deletions": deletions, "substitutions": substitutions, "insertions": thinned(5, insertions)},
	},
	"family": {
		make:  family,
		blobs: map[string]way{"cuts": cuts, "growths": growths, "deletions": deletions, "flips": thinned(3, flips)},
		root:  map[string]way{"flips": flips, "cuts": cuts, "growths": growths, "deletions": deletions, "substitutions": thinned(17, substitutions)},
	},
}

// thinned leaves out all but each n-th version.
func thinned(n int, w way) way {
	return func(content []byte) iter.Seq2[string, []byte] { return every(n, w(content)) }
}

// image returns an image of one layer without entries.
func image(t testing.TB, b *layouttest.Builder, architecture string, layers ...model.Descriptor) model.Descriptor {
	diffIDs := bytes.Repeat(fmt.Appendf(nil, ",%q", digest.FromBytes(rawlayer.End())), len(layers))
	config := b.Blob(model.MediaTypeImageConfig, fmt.Appendf(nil,
		`{"architecture":%q,"os":"linux","rootfs":{"type":"layers","diff_ids":[%s]}}`, architecture, diffIDs[1:]))
	return b.Document(model.MediaTypeManifest, model.NewManifest(config, layers...))
}

// tiny has a blob of every kind and as few bytes as can be.
func tiny(t testing.TB, b *layouttest.Builder) {
	end := rawlayer.End() // an archive without entries
	zstd := b.Blob(model.MediaTypeLayerZstd, compressed(t, layer.Zstd, end))
	gzip := b.Blob(model.MediaTypeLayerGzip, compressed(t, layer.Gzip, end))
	b.Algorithm = digest.SHA512
	manifest := image(t, b, "arm", zstd, gzip)
	b.Algorithm = digest.SHA256
	b.Entry(b.Index(manifest), "v1")
}

// family has an index of two images, an image by sha512, and an artifact about
// one of them, of whose blobs one is embedded.
func family(t testing.TB, b *layouttest.Builder) {
	shared := b.Blob(model.MediaTypeLayerGzip, compressed(t, layer.Gzip, rawlayer.End()))
	arm, amd := image(t, b, "arm64", shared), image(t, b, "amd64", shared)
	arm.Platform, amd.Platform = &model.Platform{OS: "linux", Architecture: "arm64"}, &model.Platform{OS: "linux", Architecture: "amd64"}
	b.Entry(b.Index(arm, amd), "v1")
	b.Algorithm = digest.SHA512
	b.Entry(image(t, b, "arm", shared), "v2")
	b.Algorithm = digest.SHA256
	empty, note := b.Blob(model.MediaTypeEmptyJSON, []byte("{}")), b.Blob("text/plain", []byte("note"))
	empty.Data, note.Data = []byte("{}"), []byte("note")
	artifact := model.NewManifest(empty, note, b.Blob("text/plain", []byte("text")))
	artifact.ArtifactType, artifact.Subject = "application/vnd.example", &amd
	artifact.Annotations = map[string]string{"org.example": "a"}
	d := b.Document(model.MediaTypeManifest, artifact)
	d.ArtifactType, d.Annotations = artifact.ArtifactType, artifact.Annotations
	b.Entry(d, "")
}

// fresh returns a sample in memory and the paths of its blobs, and holds it to
// being without a finding.
func fresh(t *testing.T, s sample) (afero.Fs, []string) {
	t.Helper()
	fsys := build(t, func(b *layouttest.Builder) { s.make(t, b) })
	if r := verifyFs(t, fsys, unremarked(t, verify.Options{})); len(r.findings) > 0 || !r.stats.Complete {
		t.Fatalf("before anything is damaged: %+v\n%s", r.stats, describe(r.findings))
	}
	var paths []string
	for e, err := range blobs.New(fsys).All() {
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, e.Path)
	}
	return fsys, paths
}

// unremarked returns the options under which samples have no finding.
func unremarked(t *testing.T, o verify.Options) verify.Options {
	t.Helper()
	return without(t, o, rule.DigestNotSHA256, rule.LayerTypeUnknown)
}

// each runs a test for each way in which each sample may have a file damaged.
func each(t *testing.T, files func(s sample, blobs []string) map[string]map[string]way, test func(t *testing.T, s sample, name string, w way)) {
	for _, which := range slices.Sorted(maps.Keys(samples)) {
		s := samples[which]
		_, paths := fresh(t, s)
		for name, ways := range files(s, paths) {
			for what, w := range ways {
				t.Run(which+"/"+what+"/"+name, func(t *testing.T) {
					t.Parallel()
					test(t, s, name, w)
				})
			}
		}
	}
}

func inBlobs(s sample, paths []string) map[string]map[string]way {
	files := make(map[string]map[string]way)
	for _, name := range paths {
		files[name] = s.blobs
	}
	return files
}

func inRoot(name string) func(sample, []string) map[string]map[string]way {
	return func(s sample, _ []string) map[string]map[string]way { return map[string]map[string]way{name: s.root} }
}

// No bit of a blob can be flipped unnoticed, no byte cut off, put in, taken out or
// replaced.
func TestEveryDamageOfABlobIsAnError(t *testing.T) {
	each(t, inBlobs, func(t *testing.T, s sample, name string, w way) {
		fsys, _ := fresh(t, s)
		damage(t, fsys, name, verify.Options{Jobs: 1, Level: verify.LevelDigest}, w(read(t, fsys, name)), isError(t))
	})
}

// In oci-layout the only such damage is a blank between tokens.
func TestEveryDamageOfOCILayoutIsAnError(t *testing.T) {
	each(t, inRoot(model.LayoutFile), func(t *testing.T, s sample, name string, w way) {
		fsys, _ := fresh(t, s)
		original := read(t, fsys, name)
		blanks := 0
		damage(t, fsys, name, unremarked(t, verify.Options{Jobs: 1}), w(original), func(version string, content []byte, r result) {
			var compact bytes.Buffer
			if json.Compact(&compact, content) == nil && bytes.Equal(compact.Bytes(), original) {
				blanks++
				if len(r.findings) > 0 {
					t.Errorf("%s: %s", version, describe(r.findings))
				}
			} else if r.stats.Errors == 0 {
				t.Errorf("%s: no error, %+v", version, r.stats)
			}
		})
		if blanks > 0 {
			t.Logf("%d of them are blanks between tokens", blanks)
		}
	})
}

// What is damaged in an index.json whose digest is known is always an error.
func TestEveryDamageOfAnExpectedIndexIsAnError(t *testing.T) {
	files := func(sample, []string) map[string]map[string]way {
		return map[string]map[string]way{model.IndexFile: {"flips": flips, "cuts": cuts, "growths": growths, "deletions": deletions, "substitutions": thinned(16, substitutions)}}
	}
	each(t, files, func(t *testing.T, s sample, name string, w way) {
		fsys, _ := fresh(t, s)
		content := read(t, fsys, name)
		o := unremarked(t, verify.Options{Jobs: 1, Level: verify.LevelStructure, ExpectIndex: digest.SHA512.FromBytes(content)})
		if r := verifyFs(t, fsys, o); len(r.findings) > 0 {
			t.Fatal(describe(r.findings))
		}
		damage(t, fsys, name, o, w(content), isError(t))
	})
}

// Each file of a layout matters: without any one of them, and with a directory in
// its place, verifying fails. Where the bytes of a blob are embedded, its absence
// is still told.
func TestEveryFileMatters(t *testing.T) {
	n := 0
	for which, s := range samples {
		_, paths := fresh(t, s)
		for _, name := range append(paths, model.LayoutFile, model.IndexFile) {
			for _, put := range []func(afero.Fs) error{
				func(afero.Fs) error { return nil },
				func(fsys afero.Fs) error { return fsys.MkdirAll(name, 0o755) },
			} {
				n++
				fsys, _ := fresh(t, s)
				if err := layouttest.Remove(fsys, name); err != nil {
					t.Fatal(err)
				}
				if err := put(fsys); err != nil {
					t.Fatal(err)
				}
				embedded := which == "family" && (name == blobs.Path(digest.FromString("{}")) || name == blobs.Path(digest.FromString("note")))
				r := run(t, layout.New(fsys), unremarked(t, verify.Options{}))
				if r.stats.Errors == 0 && !(embedded && r.stats.Infos > 0) {
					t.Errorf("%s without %s: no error, %+v, %v", which, name, r.stats, r.err)
				}
			}
		}
	}
	t.Logf("%d layouts", n)
}

// Blobs of one length in each other's place are two errors.
func TestEverySwapIsAnError(t *testing.T) {
	var paths []string
	fsys := build(t, func(b *layouttest.Builder) {
		var layers []model.Descriptor
		for _, text := range []string{"1", "2", "3", "12", "21", "", "123", "321"} {
			layers = append(layers, b.Blob("text/plain", []byte(text)))
			paths = append(paths, blobs.Path(layers[len(layers)-1].Digest))
		}
		artifact := model.NewManifest(b.Blob(model.MediaTypeEmptyJSON, []byte("{}")), layers...)
		artifact.ArtifactType = "application/vnd.example"
		b.Entry(b.Document(model.MediaTypeManifest, artifact), "v1")
		for _, arch := range []string{"arm64", "amd64"} {
			b.Entry(image(t, b, arch, b.Blob(model.MediaTypeLayerGzip, compressed(t, layer.Gzip, rawlayer.End()))), arch)
		}
	})
	for e, err := range blobs.New(fsys).All() {
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(paths, e.Path) {
			paths = append(paths, e.Path)
		}
	}
	o := unremarked(t, verify.Options{})
	before := verifyFs(t, fsys, o)
	swaps := 0
	for i, one := range paths {
		for _, two := range paths[:i] {
			a, b := read(t, fsys, one), read(t, fsys, two)
			if len(a) != len(b) {
				continue
			}
			swaps++
			write := func(x, y []byte) {
				t.Helper()
				for name, content := range map[string][]byte{one: x, two: y} {
					if err := afero.WriteFile(fsys, name, content, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
			write(b, a)
			r := verifyFs(t, fsys, o)
			n := 0
			for _, f := range r.findings {
				if f.Rule == rule.BlobDigestMismatch && (f.Path == one || f.Path == two) {
					n++
				}
			}
			if n != 2 {
				t.Errorf("%s and %s changed places: %s", one, two, describe(r.findings))
			}
			write(a, b)
		}
	}
	if after := verifyFs(t, fsys, o); swaps < 9 || len(before.findings) > 0 || !reflect.DeepEqual(before, after) {
		t.Errorf("after %d swaps: %s", swaps, describe(after.findings))
	}
}

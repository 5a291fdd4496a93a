package verify_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/archive"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/internal/fixtures"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// packed returns an archive of the entries.
func packed(t testing.TB, entries []layouttest.Entry) []byte {
	t.Helper()
	b := layouttest.New(afero.NewMemMapFs())
	raw := b.Archive(entries...)
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	return raw
}

// verifyArchive verifies the layout in an archive, which may be compressed.
func verifyArchive(t *testing.T, raw []byte, o verify.Options) result {
	t.Helper()
	dir := t.TempDir()
	l, err := layout.ReadArchive(t.Context(), bytes.NewReader(raw), archive.Options{TempDir: func() (string, error) { return dir, nil }})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return run(t, l, o)
}

// A layout is judged the same in a directory and in an archive, however that is
// packed.
func TestArchiveIsLikeDirectory(t *testing.T) {
	compared := 0
	for _, f := range allFixtures() {
		if f.OnDisk != nil || f.Wrap != nil || f.Archive != nil {
			continue
		}
		turn := compared
		compared++
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			fsys := afero.NewMemMapFs()
			if err := f.Build(fsys); err != nil {
				t.Fatal(err)
			}
			want := verifyFs(t, fsys, f.Options)
			entries, err := layouttest.Entries(fsys)
			if err != nil {
				t.Fatal(err)
			}
			all := packings(t, entries)
			if !testrun.Exhaustive() { // each fixture in two ways
				ways := slices.Sorted(maps.Keys(all))
				way := ways[turn%len(ways)]
				plain := all["plain"]
				if all = map[string][]byte{way: all[way]}; !testing.Short() {
					all["plain"] = plain
				}
			}
			for way, raw := range all {
				got := verifyArchive(t, raw, f.Options)
				if got.err != nil {
					t.Fatalf("%s: %v", way, got.err)
				}
				if diff := gocmp.Diff(want.wants(), got.wants()); diff != "" {
					t.Errorf("%s: findings (-directory +archive):\n%s", way, diff)
				}
				if diff := gocmp.Diff(want.stats, got.stats); diff != "" {
					t.Errorf("%s: stats (-directory +archive):\n%s", way, diff)
				}
			}
		})
	}
	if compared < 100 {
		t.Errorf("only %d layouts were compared", compared)
	}
}

// packings packs entries in the ways that tools do, and in some more.
func packings(t *testing.T, entries []layouttest.Entry) map[string][]byte {
	shuffled := slices.Clone(entries)
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	first := slices.Clone(entries)
	slices.SortStableFunc(first, func(a, b layouttest.Entry) int {
		isRoot := func(e layouttest.Entry) int {
			if e.Name == model.IndexFile || e.Name == model.LayoutFile {
				return 0
			}
			return 1
		}
		return cmp.Compare(isRoot(a), isRoot(b))
	})
	last := slices.Clone(first)
	slices.Reverse(last)
	dotted := slices.Clone(entries)
	for i := range dotted {
		dotted[i].Name = "./" + dotted[i].Name
	}
	plain := packed(t, entries)
	return map[string][]byte{
		"plain": plain, "shuffled": packed(t, shuffled), "index first": packed(t, first), "index last": packed(t, last), "dotted": packed(t, dotted),
		"gzip": rawlayer.Gzip(plain[:100], plain[100:]), "compressed": gzipped(t, plain), "zstd": rawlayer.Zstd(plain),
	}
}

func gzipped(t *testing.T, raw []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(raw); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// An archive that is cut off anywhere is never taken for a sound one, unless all
// that is missing is from its end.
func TestArchiveCut(t *testing.T) {
	fsys := build(t, func(b *layouttest.Builder) {
		b.Entry(b.Image("linux/amd64", b.Layer(layouttest.Files{"etc/motd": "hello\n"})), "v1")
	})
	entries, err := layouttest.Entries(fsys)
	if err != nil {
		t.Fatal(err)
	}
	raw := packed(t, entries)
	content := len(raw) - len(bytes.TrimRight(raw, "\x00")) // zeros at the end
	for n := range len(raw) {
		if edge := (n + 1) % rawlayer.BlockSize; edge > 2 && n%testrun.OneOf(13, 101) > 0 {
			continue
		}
		a, err := archive.New(t.Context(), bytes.NewReader(raw[:n]), int64(n), archive.Limits{})
		if err != nil {
			if n >= rawlayer.BlockSize {
				t.Fatalf("%d bytes: %v", n, err)
			}
			continue
		}
		r := run(t, layout.NewArchive(a), verify.Options{})
		sound := r.err == nil && r.stats.Errors == 0 && r.stats.Complete
		if want := n >= len(raw)-content; sound != want {
			t.Fatalf("%d bytes of %d: sound is %t\n%s", n, len(raw), sound, describe(r.findings))
		}
		if sound && r.stats.Warnings != 1 {
			t.Fatalf("%d bytes of %d: %d warnings\n%s", n, len(raw), r.stats.Warnings, describe(r.findings))
		}
	}
}

// A file in an archive that is no file is not read, and is told as in a directory.
func TestArchiveIrregular(t *testing.T) {
	fsys := build(t, func(b *layouttest.Builder) {
		b.Entry(b.Image("linux/amd64", b.Layer(layouttest.Files{"etc/motd": "hello\n"})), "v1")
	})
	entries, err := layouttest.Entries(fsys)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range entries {
		if e.Content == "" {
			continue
		}
		for _, link := range []layouttest.Entry{layouttest.Symlink(e.Name, "/etc/passwd"), layouttest.HardLink(e.Name, "index.json"), layouttest.Dir(e.Name + "/")} {
			changed := slices.Clone(entries)
			changed[i] = link
			r := verifyArchive(t, packed(t, changed), verify.Options{})
			want := rule.BlobNotRegular
			if e.Name == model.IndexFile || e.Name == model.LayoutFile {
				want = rule.RootFileIrregular
			}
			if r.err != nil || !slices.ContainsFunc(r.findings, func(f verify.Finding) bool { return f.Rule == want && f.Path == e.Name }) {
				t.Errorf("%s as %c: %v\n%s", e.Name, link.Typeflag, r.err, describe(r.findings))
			}
		}
	}
}

// What docker save writes since Docker 25 is a sound layout.
func TestArchiveOfDocker(t *testing.T) {
	fsys := build(t, func(b *layouttest.Builder) {
		l := b.Pack(model.MediaTypeLayer, b.Archive(layouttest.File("etc/motd", "hello\n")))
		config := b.Document(model.MediaTypeImageConfig, model.Image{OS: "linux", Architecture: "amd64", RootFS: model.RootFS{Type: "layers", DiffIDs: []digest.Digest{l.DiffID}}})
		d := b.Document(model.MediaTypeManifest, model.NewManifest(config, l.Descriptor))
		d.Platform = &model.Platform{OS: "linux", Architecture: "amd64"}
		d.Annotations = map[string]string{"io.containerd.image.name": "docker.io/library/small:1.0"}
		b.Entry(d, "1.0")
		b.File("manifest.json", []byte(`[{"Config":"`+blobs.Path(config.Digest)+`","RepoTags":["small:1.0"],"Layers":["`+blobs.Path(l.Digest)+`"]}]`))
		b.File("repositories", []byte(`{"small":{"1.0":"0"}}`))
	})
	entries, err := layouttest.Entries(fsys)
	if err != nil {
		t.Fatal(err)
	}
	r := verifyArchive(t, packed(t, entries), verify.Options{})
	if diff := gocmp.Diff([]fixtures.Want(nil), r.wants()); diff != "" || r.err != nil || !r.stats.Complete {
		t.Errorf("%v (-want +got):\n%s", r.err, diff)
	}
}

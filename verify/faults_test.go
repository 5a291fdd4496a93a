package verify_test

import (
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/internal/fixtures"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/spf13/afero"
)

// oneImage builds an image, and names its files.
func oneImage(t *testing.T) (fsys afero.Fs, manifest, config, layer string) {
	fsys = build(t, func(b *layouttest.Builder) {
		l := b.Layer(layouttest.Files{"etc/motd": "hello\n"})
		d := b.Image("linux/amd64", l)
		b.Entry(d, "v1")
		layer, manifest = blobs.Path(l.Digest), blobs.Path(d.Digest)
	})
	doc, _ := model.LoadManifest(read(t, fsys, manifest))
	return fsys, manifest, blobs.Path(doc.Config.Digest), layer
}

// Whatever is refused is reported once, as not checked, and as no fault of the
// layout; all else is checked.
func TestRefused(t *testing.T) {
	_, manifest, config, layer := oneImage(t)
	files, directories := []string{model.LayoutFile, model.IndexFile, manifest, config, layer}, []string{".", "blobs", "blobs/sha256"}
	for _, name := range slices.Concat(files, directories) {
		kinds := []faultfs.OpKind{faultfs.OpStat, faultfs.OpOpen, faultfs.OpRead}
		if slices.Contains(directories, name) {
			kinds[2] = faultfs.OpList
		}
		for _, kind := range kinds {
			t.Run(string(kind)+" "+name, func(t *testing.T) {
				fsys, _, _, _ := oneImage(t)
				s := spy(fsys)
				s.Plan = refuse(kind, name, fs.ErrPermission)
				r := run(t, layout.New(s), verify.Options{})
				if s.Count(kind, name) == 0 {
					t.Fatal("nobody asks for that")
				}
				if r.err != nil {
					t.Fatal(r.err)
				}
				checkPlaces(t, r, "file-unreadable "+name)
				if r.stats.Complete {
					t.Errorf("%+v", r.stats)
				}
				if n := s.Count(faultfs.OpOpen, name); n > 1 {
					t.Errorf("opened %d times", n)
				}
			})
		}
	}
}

// What was there when it was looked at, and is gone when it is opened, has
// changed; it is not missing.
func TestVanishing(t *testing.T) {
	_, manifest, config, layer := oneImage(t)
	for _, name := range []string{model.LayoutFile, model.IndexFile, manifest, config, layer} {
		fsys, _, _, _ := oneImage(t)
		s := spy(fsys)
		s.Plan = refuse("open", name, fs.ErrNotExist)
		r := verifyFs(t, s, verify.Options{})
		checkPlaces(t, r, "file-changed "+name)
		if r.stats.Complete {
			t.Errorf("%s: %+v", name, r.stats)
		}
	}
	// A blob that nothing names vanishes after the directory was listed.
	var loose string
	s := spy(build(t, func(b *layouttest.Builder) {
		b.Entry(b.Image("linux/amd64", b.Layer(nil)), "")
		loose = blobs.Path(b.Blob("text/plain", nil).Digest)
	}))
	s.Plan = refuse("stat", loose, fs.ErrNotExist)
	r := verifyFs(t, s, verify.Options{})
	checkPlaces(t, r, "file-changed "+loose)
	if r.stats.Complete {
		t.Errorf("%+v", r.stats)
	}
}

// A file that another one replaces between the looks at it, one that grows and
// one that shrinks have changed.
func TestChanging(t *testing.T) {
	for name, change := range map[string]func(fsys afero.Fs, layer string) error{
		"grows":   func(fsys afero.Fs, layer string) error { return layouttest.Append(fsys, layer, "more") },
		"shrinks": func(fsys afero.Fs, layer string) error { return layouttest.Truncate(fsys, layer, 10) },
	} {
		for _, kind := range []faultfs.OpKind{faultfs.OpOpen, faultfs.OpRead} {
			t.Run(name+" before "+string(kind), func(t *testing.T) {
				fsys, _, _, layer := oneImage(t)
				s := spy(fsys)
				s.Plan = faultfs.At(faultfs.Op{Kind: kind, Name: layer}, faultfs.Do(func() {
					if err := change(fsys, layer); err != nil {
						t.Error(err)
					}
				}))
				r := verifyFs(t, s, verify.Options{})
				checkPlaces(t, r, "file-changed "+layer)
				if r.stats.Complete {
					t.Errorf("%+v", r.stats)
				}
			})
		}
	}
}

// A file that ends before its length is reached has changed as well.
func TestEndingEarly(t *testing.T) {
	_, manifest, _, layer := oneImage(t)
	for _, name := range []string{model.IndexFile, manifest, layer} {
		fsys, _, _, _ := oneImage(t)
		s := spy(fsys)
		s.Plan = refuse(faultfs.OpRead, name, io.EOF)
		checkPlaces(t, verifyFs(t, s, verify.Options{}), "file-changed "+name)
	}
}

// A blob that is longer by far than any descriptor says is not worth reading.
// What it holds is unknown then.
func TestFarTooLong(t *testing.T) {
	for _, tc := range []struct {
		actual, claimed, claimedToo int64
		opened                      int
	}{
		{3 << 30, 3, 3, 0},
		{3 << 30, 3, 4, 0},
		{3 << 30, 3, 3 << 30, 1},
		{3 << 30, 3 << 30, 3, 1},
		{3<<30 + 1, 3 << 30, 3, 1},
	} {
		d := model.Describe("text/plain", []byte("hello"))
		one, two := d, d
		one.Size, two.Size = tc.claimed, tc.claimedToo
		s := spy(build(t, func(b *layouttest.Builder) {
			b.Blob(d.MediaType, []byte("hello"))
			b.Entry(b.Document(model.MediaTypeManifest, model.NewManifest(one, two)), "")
		}))
		s.Plan = faultfs.On(faultfs.OpStat, blobs.Path(d.Digest), faultfs.Sized(tc.actual-d.Size))
		r := run(t, layout.New(s), verify.Options{})
		if r.err != nil {
			t.Fatal(r.err)
		}
		if n := s.Count(faultfs.OpOpen, blobs.Path(d.Digest)); n != tc.opened || r.stats.Complete || r.stats.NotChecked != 1 {
			t.Errorf("%+v: opened %d times, %+v\n%s", tc, n, r.stats, describe(r.findings))
		}
	}
}

// What could not be checked leaves a layout unproven, also when nobody wants to
// hear of it.
func TestIgnoredButUnproven(t *testing.T) {
	for r := range rule.All() {
		if !r.Unproven {
			continue
		}
		f := fixture(t, string(r.ID))
		for id := range rule.All() {
			if err := f.Options.Policy.Set(string(id.ID) + "=ignore"); err != nil {
				t.Fatal(err)
			}
		}
		l, err := f.Layout(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		got := run(t, l, f.Options)
		if err := errors.Join(got.err, l.Close()); err != nil {
			t.Fatal(err)
		}
		if len(got.findings) > 0 || got.stats.Complete {
			t.Errorf("%s: %+v\n%s", r.ID, got.stats, describe(got.findings))
		}
	}
}

func fixture(t *testing.T, name string) fixtures.Fixture {
	t.Helper()
	for _, f := range allFixtures() {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no fixture %s", name)
	panic("unreachable")
}

// Each file is opened once at most, directories twice, blobs that are wrong once more, and no byte of it read twice. Of a sound
// layout every blob is read to its end, and Stats says so.
func TestEachFileIsReadOnce(t *testing.T) {
	for name := range readAgain {
		if !fixtureNames()[name] {
			t.Errorf("no fixture %s", name)
		}
	}
	for _, f := range allFixtures() {
		wrong := func(w fixtures.Want) bool { return w.Rule == rule.BlobDigestMismatch }
		if f.OnDisk != nil || f.Wrap != nil || f.Archive != nil || readAgain[f.Name] != "" || slices.ContainsFunc(f.Want, wrong) {
			continue
		}
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			s := spy(afero.NewMemMapFs())
			if err := f.Build(s.base); err != nil {
				t.Fatal(err)
			}
			f.Options.Jobs = 3
			r := verifyFs(t, s, f.Options)
			for name, n := range s.Counts(faultfs.OpOpen) {
				info, err := s.base.Stat(name)
				if n == 2 && err == nil && info.IsDir() {
					continue // where a blob is missing, directories are listed once more
				}
				if n > 1 {
					t.Errorf("%s was opened %d times", name, n)
				}
			}
			var read int64
			for name := range s.Counts(faultfs.OpRead) {
				n := s.Bytes(name)
				info, err := s.base.Stat(name)
				if err != nil {
					t.Fatal(err)
				}
				if n > info.Size() {
					t.Errorf("of %s, %d bytes were read, which has %d", name, n, info.Size())
				}
				if strings.HasPrefix(name, "blobs/") || strings.HasPrefix(name, "sha256:") {
					read += n
				}
			}
			if r.stats.BytesRead != read {
				t.Errorf("%d bytes of blobs were read, Stats says %d", read, r.stats.BytesRead)
			}
			if r.stats.BytesToRead != r.stats.BytesRead {
				t.Errorf("in the end, %d bytes were read of %d", r.stats.BytesRead, r.stats.BytesToRead)
			}
			if len(f.Want) == 0 {
				checkAllRead(t, s, r)
			}
		})
	}
}

// readAgain are the fixtures of which something is read more than once, each with
// the reason.
var readAgain = map[string]string{
	"referrers-annotations-forgotten": "a list names a referrer that the walk has met and forgotten",
	"referrers-tag-algorithms":        "a list names a referrer that the walk has met and forgotten",
	"media-type-conflict-kind":        "one blob is read as both kinds of document",
	"config-user-unknown":             "files of the image are looked into, which is done only if it is asked for",
	"config-user-unknown-no-files":    "files of the image are looked into, which is done only if it is asked for",
	"good-estargz":                    byTable,
	"good-zstd-chunked":               byTable,
	"toc-mismatch":                    byTable,
	"toc-mismatch-digest":             byTable,
	"toc-mismatch-none":               byTable,
	"toc-mismatch-chunked":            byTable,
	"toc-mismatch-chunked-position":   byTable,
	"toc-mismatch-content":            byTable,
	"toc-mismatch-strict":             byTable,
	"toc-mismatch-external":           byTable,
	"toc-digest-missing":              byTable,
	"toc-not-checked":                 byTable,
	"limit-layer-toc":                 byTable,
}

const byTable = "a layer is read once more by the table of contents that is promised"

// checkAllRead makes sure that every byte of every blob was read.
func checkAllRead(t *testing.T, s *spied, r result) {
	t.Helper()
	var count, bytes int64
	err := afero.Walk(s.base, model.BlobsDir, func(name string, info fs.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		if name = path.Clean(name); s.Count(faultfs.OpOpen, name) != 1 || s.Bytes(name) != info.Size() {
			t.Errorf("%s was opened %d times, and %d of %d bytes were read", name, s.Count(faultfs.OpOpen, name), s.Bytes(name), info.Size())
		}
		count++
		bytes += info.Size()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if r.stats.Blobs != count || r.stats.Bytes != bytes || r.stats.BytesRead != bytes || r.stats.NotChecked != 0 {
		t.Errorf("of %d blobs of %d bytes, Stats says %+v", count, bytes, r.stats)
	}
}

// Blobs in a second directory serve where the layout has none.
func TestBlobDir(t *testing.T) {
	fsys, _, _, layer := oneImage(t)
	dir, shared := t.TempDir(), t.TempDir()
	copyTo := func(root, name string, content []byte) {
		b := layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), root))
		b.File(name, content)
	}
	for _, name := range []string{model.LayoutFile, model.IndexFile} {
		copyTo(dir, name, read(t, fsys, name))
	}
	for name, n := range spyOn(t, fsys) {
		if strings.HasPrefix(name, "blobs/") && n == 1 && name != layer {
			copyTo(dir, name, read(t, fsys, name))
		}
	}
	copyTo(shared, strings.TrimPrefix(layer, "blobs/"), read(t, fsys, layer))
	for _, with := range []bool{false, true} {
		l, err := layout.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if with {
			if err := l.AddBlobDir(shared); err != nil {
				t.Fatal(err)
			}
		}
		r := run(t, l, verify.Options{})
		if err := errors.Join(r.err, l.Close()); err != nil {
			t.Fatal(err)
		}
		var want []string
		if !with {
			want = []string{"blob-missing " + layer}
		}
		if diff := cmp.Diff(want, places(r)); diff != "" {
			t.Errorf("second directory %v: findings (-want +got):\n%s", with, diff)
		}
	}
}

// spyOn returns how often a verification reads each file.
func spyOn(t *testing.T, fsys afero.Fs) map[string]int {
	s := spy(fsys)
	verifyFs(t, s, verify.Options{})
	counts := make(map[string]int)
	for name := range s.Counts(faultfs.OpRead) {
		counts[name] = s.Count(faultfs.OpOpen, name)
	}
	return counts
}

package layouttest_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// write builds a layout that uses all that a Builder has.
func write(fsys afero.Fs) error {
	b := layouttest.New(fsys)
	base := b.Layer(layouttest.Files{"etc/": "", "etc/motd": "hello\n", "bin/sh": "#!"})
	amd64 := b.Image("linux/amd64", base)
	b.Algorithm = digest.SHA512
	arm64 := b.Image("linux/arm64/v8", base, b.Layer(nil))
	b.Entry(b.Index(amd64, arm64), "v1")
	b.Entry(b.Document("application/json", map[string]any{"b": "<&>", "a": 1}), "")
	b.Entry(b.Blob("text/plain", []byte("hello\n")), "hello")
	return b.Finish()
}

// files returns the content of every file below the root of fsys.
func files(t *testing.T, fsys afero.Fs) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := afero.Walk(fsys, ".", func(name string, info fs.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		content, err := afero.ReadFile(fsys, name)
		all[name] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// In memory and on disk, the same calls write the same sound layout.
func TestBuilder(t *testing.T) {
	memory := afero.NewMemMapFs()
	disk := afero.NewBasePathFs(afero.NewOsFs(), t.TempDir())
	for _, fsys := range []afero.Fs{memory, disk} {
		if err := write(fsys); err != nil {
			t.Fatal(err)
		}
		v := verify.New(layout.New(fsys), verify.Options{})
		for f, err := range v.Findings(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if f.Rule != "index-entry-type-unknown" && f.Rule != "digest-not-sha256" {
				t.Errorf("%s: %+v", fsys.Name(), f)
			}
		}
		if s := v.Stats(); !s.Complete || s.Indexes != 1 || s.Manifests != 2 || s.Configs != 2 || s.Layers != 2 || s.Blobs != 9 {
			t.Errorf("%s: %+v", fsys.Name(), s)
		}
	}
	if diff := cmp.Diff(files(t, memory), files(t, disk)); diff != "" {
		t.Errorf("on disk are other files than in memory (-memory +disk):\n%s", diff)
	}
}

// Digests that are written down somewhere stay true.
func TestBuilderIsStable(t *testing.T) {
	fsys := afero.NewMemMapFs()
	if err := write(fsys); err != nil {
		t.Fatal(err)
	}
	all := files(t, fsys)
	var list bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list.WriteString(name + "\n" + all[name])
	}
	const want = "sha256:37e1e212e839f44a330d60febba0f260adf8b17013af39008e041f18259b2592"
	if got := digest.FromBytes(list.Bytes()); got != want {
		t.Errorf("the layout has another digest than ever, %s, want %s", got, want)
	}
	if got, want := all["oci-layout"], `{"imageLayoutVersion":"1.0.0"}`; got != want {
		t.Errorf("oci-layout is %s, want %s", got, want)
	}
}

func TestLayer(t *testing.T) {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	layer := b.Layer(layouttest.Files{"b": "2", "a/": "", "a/c": ""})
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	raw, err := afero.ReadFile(fsys, blobs.Path(layer.Digest))
	if err != nil {
		t.Fatal(err)
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	archive, err := io.ReadAll(unzipped)
	if err != nil {
		t.Fatal(err)
	}
	if got := digest.FromBytes(archive); got != layer.DiffID {
		t.Errorf("the layer unpacks to %s, its diff id is %s", got, layer.DiffID)
	}
	if layer.MediaType != model.MediaTypeLayerGzip || layer.Size != int64(len(raw)) {
		t.Errorf("descriptor %+v of %d bytes", layer.Descriptor, len(raw))
	}
	var got []string
	r := tar.NewReader(bytes.NewReader(archive))
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(h.Typeflag)+h.Name+"="+string(content))
	}
	if want := []string{"5a/=", "0a/c=", "0b=2"}; !slices.Equal(got, want) {
		t.Errorf("entries %q, want %q", got, want)
	}
}

// An entry's reference name stays off the descriptor that was handed in.
func TestEntryLeavesItsDescriptorAlone(t *testing.T) {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	d := b.Blob("text/plain", nil)
	d.Annotations = map[string]string{"a": "b"}
	b.Entry(d, "v1")
	b.Entry(d, "")
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	if len(d.Annotations) != 1 {
		t.Errorf("annotations became %v", d.Annotations)
	}
	index, problems := model.LoadIndex([]byte(files(t, fsys)["index.json"]))
	if problems != nil {
		t.Fatal(problems)
	}
	want := []map[string]string{{"a": "b", model.AnnotationRefName: "v1"}, {"a": "b"}}
	for i, m := range index.Manifests {
		if !maps.Equal(m.Annotations, want[i]) {
			t.Errorf("entry %d has annotations %v, want %v", i, m.Annotations, want[i])
		}
	}
}

// The first error is kept, and nothing is written after it.
func TestBuilderErrors(t *testing.T) {
	for name, fail := range map[string]func(b *layouttest.Builder){
		"platform":  func(b *layouttest.Builder) { b.Image("linux") },
		"document":  func(b *layouttest.Builder) { b.Document("application/json", func() {}) },
		"algorithm": func(b *layouttest.Builder) { b.Algorithm = "md5"; b.Blob("text/plain", nil) },
		"tar name":  func(b *layouttest.Builder) { b.Layer(layouttest.Files{"\x00": ""}) },
	} {
		t.Run(name, func(t *testing.T) {
			fsys := afero.NewMemMapFs()
			b := layouttest.New(fsys)
			fail(b)
			before := len(files(t, fsys))
			b.Algorithm = digest.SHA256
			b.File("more", nil)
			first := b.Finish()
			if first == nil {
				t.Fatal("no error")
			}
			if after := len(files(t, fsys)); after != before {
				t.Errorf("%d files before Finish, %d after", before, after)
			}
			if again := b.Finish(); again != first {
				t.Errorf("first the error %v, then %v", first, again)
			}
		})
	}
	t.Run("file system", func(t *testing.T) {
		b := layouttest.New(afero.NewReadOnlyFs(afero.NewMemMapFs()))
		b.Blob("text/plain", nil)
		if err := b.Finish(); err == nil {
			t.Error("no error")
		}
	})
}

func TestEdits(t *testing.T) {
	const name = "blobs/file"
	for _, tc := range []struct {
		name string
		edit func(fsys afero.Fs) error
		want string // "" for a file that is gone
		err  bool
	}{
		{"corrupt first", func(f afero.Fs) error { return layouttest.Corrupt(f, name, 0) }, "`bcabc", false},
		{"corrupt last", func(f afero.Fs) error { return layouttest.Corrupt(f, name, 5) }, "abcabb", false},
		{"corrupt beyond", func(f afero.Fs) error { return layouttest.Corrupt(f, name, 6) }, "abcabc", true},
		{"corrupt before", func(f afero.Fs) error { return layouttest.Corrupt(f, name, -1) }, "abcabc", true},
		{"truncate", func(f afero.Fs) error { return layouttest.Truncate(f, name, 2) }, "ab", false},
		{"truncate all", func(f afero.Fs) error { return layouttest.Truncate(f, name, 6) }, "abcabc", true},
		{"truncate before", func(f afero.Fs) error { return layouttest.Truncate(f, name, -1) }, "abcabc", true},
		{"append", func(f afero.Fs) error { return layouttest.Append(f, name, "d") }, "abcabcd", false},
		{"replace", func(f afero.Fs) error { return layouttest.Replace(f, name, "ca", "-") }, "ab-bc", false},
		{"replace twice", func(f afero.Fs) error { return layouttest.Replace(f, name, "ab", "-") }, "abcabc", true},
		{"replace nothing", func(f afero.Fs) error { return layouttest.Replace(f, name, "x", "-") }, "abcabc", true},
		{"remove", func(f afero.Fs) error { return layouttest.Remove(f, name) }, "", false},
		{"remove directory", func(f afero.Fs) error { return layouttest.Remove(f, "blobs") }, "", false},
		{"remove nothing", func(f afero.Fs) error { return layouttest.Remove(f, "other") }, "abcabc", true},
		{"edit nothing", func(f afero.Fs) error { return layouttest.Append(f, "other", "d") }, "abcabc", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fsys := afero.NewMemMapFs()
			b := layouttest.New(fsys)
			b.File(name, []byte("abcabc"))
			if err := b.Finish(); err != nil {
				t.Fatal(err)
			}
			if err := tc.edit(fsys); (err != nil) != tc.err {
				t.Errorf("error %v, want one: %v", err, tc.err)
			}
			if got := files(t, fsys)[name]; got != tc.want {
				t.Errorf("the file holds %q, want %q", got, tc.want)
			}
			if got := files(t, fsys)["other"]; got != "" {
				t.Errorf("a file was made, with %q in it", got)
			}
		})
	}
}

package verify_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// checkPlaces compares findings with "rule path pointer" lines.
func checkPlaces(t *testing.T, r result, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, places(r)); diff != "" {
		t.Errorf("findings (-want +got):\n%s%s", diff, describe(r.findings))
	}
}

// Every descriptor is held against its blob, also where another one named the
// blob before.
func TestEveryDescriptorIsJudged(t *testing.T) {
	long := func(d model.Descriptor) model.Descriptor { d.Size += 1000; return d }
	short := func(d model.Descriptor) model.Descriptor { d.Size--; return d }
	t.Run("entries", func(t *testing.T) {
		r := verifyFs(t, build(t, func(b *layouttest.Builder) {
			d := b.Image("linux/amd64")
			for _, d := range []model.Descriptor{d, long(d), d, short(d)} {
				b.Entry(d, "")
			}
		}), terse(t, verify.Options{}))
		checkPlaces(t, r,
			"descriptor-size-mismatch index.json /manifests/1/size",
			"descriptor-size-mismatch index.json /manifests/3/size")
	})
	t.Run("roles", func(t *testing.T) {
		var outer, inner model.Descriptor
		r := verifyFs(t, build(t, func(b *layouttest.Builder) {
			blob := b.Blob("text/plain", []byte("hello\n"))
			manifest := model.NewManifest(blob, blob, long(blob))
			wrong := short(blob)
			manifest.Subject = &wrong
			inner = b.Document(model.MediaTypeManifest, manifest)
			outer = b.Index(inner, long(inner), long(blob))
			b.Entry(outer, "")
		}), terse(t, verify.Options{}))
		checkPlaces(t, r,
			"index-entry-type-unknown "+blobs.Path(outer.Digest)+" /manifests/2/mediaType",
			"descriptor-size-mismatch "+blobs.Path(inner.Digest)+" /layers/1/size",
			"descriptor-size-mismatch "+blobs.Path(inner.Digest)+" /subject/size",
			"descriptor-size-mismatch "+blobs.Path(outer.Digest)+" /manifests/1/size",
			"descriptor-size-mismatch "+blobs.Path(outer.Digest)+" /manifests/2/size")
	})
	t.Run("data", func(t *testing.T) {
		r := verifyFs(t, build(t, func(b *layouttest.Builder) {
			d := b.Image("linux/amd64")
			b.Entry(d, "")
			d.Data = make([]byte, d.Size)
			b.Entry(d, "")
		}), terse(t, verify.Options{}))
		checkPlaces(t, r, "data-mismatch index.json /manifests/1/data")
	})
	t.Run("kinds", func(t *testing.T) {
		var d model.Descriptor
		r := verifyFs(t, build(t, func(b *layouttest.Builder) {
			d = b.Blob(model.MediaTypeIndex, []byte(`{"schemaVersion":2,"manifests":[]}`))
			b.Entry(d, "")
			d.MediaType = model.MediaTypeManifest
			b.Entry(d, "")
		}), terse(t, verify.Options{}))
		path := blobs.Path(d.Digest)
		checkPlaces(t, r,
			"document-ambiguous "+path+" /manifests",
			"manifest-member-missing "+path+" /config",
			"manifest-member-missing "+path+" /layers",
			"media-type-conflict-kind index.json /manifests/1/mediaType")
	})
}

// A document of wrong bytes is followed, so that what it names is not called
// unreferenced; if a sound document names the same, all of it is judged.
func TestDamagedDocumentsAreFollowed(t *testing.T) {
	for _, damagedFirst := range []bool{true, false} {
		var image, damaged model.Descriptor
		fsys := build(t, func(b *layouttest.Builder) {
			image = b.Document(model.MediaTypeManifest, model.NewManifest(b.Blob("text/plain", nil), model.Describe("text/plain", []byte("gone"))))
			damaged = b.Index(image)
			entries := []model.Descriptor{damaged, image}
			if !damagedFirst {
				entries = []model.Descriptor{image, damaged}
			}
			b.Entry(b.Index(entries...), "")
		})
		if err := layouttest.Corrupt(fsys, blobs.Path(damaged.Digest), 20); err != nil {
			t.Fatal(err)
		}
		want := []string{"blob-digest-mismatch " + blobs.Path(damaged.Digest), "blob-missing " + blobs.Path(digest.FromString("gone"))}
		if !damagedFirst {
			want[0], want[1] = want[1], want[0]
		}
		checkPlaces(t, verifyFs(t, fsys, terse(t, verify.Options{})), want...)
	}
}

// chain builds n indexes, each of which lists the next as often as copies says,
// above one image.
func chain(t *testing.T, n, copies int) afero.Fs {
	return build(t, func(b *layouttest.Builder) {
		next := b.Image("linux/amd64", b.Layer(nil))
		for range n {
			entries := make([]model.Descriptor, copies)
			for i := range entries {
				entries[i] = next
			}
			next = b.Index(entries...)
		}
		b.Entry(next, "")
	})
}

// ends runs what has to come to an end: the time limit of the test binary says
// when it does not.
func ends(do func()) { do() }

func TestDeepChain(t *testing.T) {
	testrun.NotShort(t, "it goes down ten thousand documents one after another")
	ends(func() {
		r := verifyFs(t, chain(t, 10_000, 1), verify.Options{})
		if len(r.findings) != 1 || r.findings[0].Rule != "limit-depth" || r.findings[0].Pointer != "/manifests/0" {
			t.Errorf("findings:\n%s", describe(r.findings))
		} else if n := len(r.findings[0].Trail); n != 31 {
			t.Errorf("a trail of %d documents, want index.json and 30 indexes", n)
		}
		if r.stats.Complete || r.stats.Indexes != 32 {
			t.Errorf("%+v", r.stats)
		}
	})
	ends(func() {
		r := verifyFs(t, chain(t, 1000, 1), verify.Options{Limits: layout.Limits{Depth: 1002}})
		checkPlaces(t, r)
		if !r.stats.Complete || r.stats.Indexes != 1000 {
			t.Errorf("%+v", r.stats)
		}
	})
}

// There are 2^64 ways through this graph, and 67 blobs in it.
func TestWideGraph(t *testing.T) {
	s := spy(chain(t, 64, 2))
	ends(func() {
		r := verifyFs(t, s, terse(t, verify.Options{Limits: layout.Limits{Depth: 100}}))
		checkPlaces(t, r)
		if !r.stats.Complete || r.stats.Indexes != 64 || r.stats.Blobs != 67 {
			t.Errorf("%+v", r.stats)
		}
	})
	for name, n := range s.Counts(faultfs.OpOpen) {
		if n > 1 {
			t.Errorf("%s was opened %d times", name, n)
		}
	}
}

// The limit of descriptors counts those that lead nowhere new as well.
func TestDescriptorLimit(t *testing.T) {
	fsys := chain(t, 5, 2)
	// index.json names one, each index two, the manifest two.
	const all = 1 + 5*2 + 2
	if r := verifyFs(t, fsys, terse(t, verify.Options{Limits: layout.Limits{Descriptors: all}})); len(r.findings) > 0 || !r.stats.Complete {
		t.Errorf("%+v\n%s", r.stats, describe(r.findings))
	}
	r := verifyFs(t, fsys, terse(t, verify.Options{Limits: layout.Limits{Descriptors: all - 1}}))
	if len(r.findings) != 1 || r.findings[0].Rule != "limit-descriptors" || r.stats.Complete {
		t.Errorf("%+v\n%s", r.stats, describe(r.findings))
	}
}

// Indexes of wrong digests can name each other in a circle. That they are wrong
// is found, and the walk ends.
func TestCircle(t *testing.T) {
	const n = 5
	name := func(i int) digest.Digest { return digest.FromString(fmt.Sprint("index ", i%n)) }
	text := func(i int) string {
		// The size of each is what a descriptor with a size of three digits gives.
		next := model.Descriptor{MediaType: model.MediaTypeIndex, Digest: name(i + 1), Size: 264}
		raw, err := model.Encode(model.NewIndex(next))
		if err != nil {
			t.Fatal(err)
		}
		return string(raw) + strings.Repeat(" ", 264-len(raw))
	}
	var want []string
	fsys := build(t, func(b *layouttest.Builder) {
		for i := range n {
			b.File(blobs.Path(name(i)), []byte(text(i)))
			want = append(want, "blob-digest-mismatch "+blobs.Path(name(i)))
		}
		b.Entry(model.Descriptor{MediaType: model.MediaTypeIndex, Digest: name(0), Size: 264}, "")
	})
	r := verifyFs(t, fsys, verify.Options{})
	checkPlaces(t, r, want...)
}

func TestManyEntriesOverOneBlob(t *testing.T) {
	testrun.NotShort(t, "it goes over a hundred thousand descriptors one after another")
	const n = 100_000
	d := model.Describe("text/plain", []byte("hello\n"))
	entry, err := model.Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	s := spy(build(t, func(b *layouttest.Builder) { b.Blob(d.MediaType, []byte("hello\n")) }))
	index := `{"schemaVersion":2,"manifests":[` + strings.Repeat(string(entry)+",", n-1) + string(entry) + `]}`
	if err := afero.WriteFile(s.base, model.IndexFile, []byte(index), 0o644); err != nil {
		t.Fatal(err)
	}
	o := without(t, terse(t, verify.Options{}), rule.IndexEntryTypeUnknown)
	for name, selector := range map[string]layout.Selector{"all": {}, "selected": {Digest: d.Digest}} {
		t.Run(name, func(t *testing.T) {
			o.Select = selector
			opened := s.Count(faultfs.OpOpen, blobs.Path(d.Digest))
			ends(func() {
				r := verifyFs(t, s, o)
				checkPlaces(t, r)
				if !r.stats.Complete || r.stats.Blobs != 1 {
					t.Errorf("%+v", r.stats)
				}
			})
			if now := s.Count(faultfs.OpOpen, blobs.Path(d.Digest)); now != opened+1 {
				t.Errorf("the blob was opened %d times", now-opened)
			}
		})
	}
}

func TestSizes(t *testing.T) {
	for _, tc := range []struct{ size, rule string }{
		{"6", ""},
		{"-0", "descriptor-size-mismatch"},
		{"0", "descriptor-size-mismatch"},
		{"5", "descriptor-size-mismatch"},
		{"7", "descriptor-size-mismatch"},
		{"-1", "descriptor-size-negative"},
		{"-9223372036854775808", "descriptor-size-negative"},
		{"-9223372036854775809", "json-integer"},
		{"9007199254740993", "descriptor-size-mismatch"},
		{"4611686018427387904", "descriptor-size-mismatch"},
		{"9223372036854775807", "descriptor-size-mismatch"},
		{"9223372036854775808", "json-integer"},
		{strings.Repeat("9", 100_000), "json-integer"},
		{"6.0", "json-integer"},
		{"6e0", "json-integer"},
		{"06", "json-syntax"},
		{"+6", "json-syntax"},
		{"6 7", "json-syntax"},
		{`"6"`, "json-type"},
		{"null", "json-type"},
		{"[6]", "json-type"},
		{"true", "json-type"},
	} {
		t.Run(tc.size[:min(len(tc.size), 20)], func(t *testing.T) {
			hello := model.Describe("text/plain", []byte("hello\n"))
			manifest := fmt.Appendf(nil, `{"schemaVersion":2,"config":{"mediaType":"text/plain","digest":%q,"size":6},"layers":[{"mediaType":"text/plain","digest":%q,"size":%s}]}`,
				hello.Digest, hello.Digest, tc.size)
			fsys := build(t, func(b *layouttest.Builder) {
				b.Blob(hello.MediaType, []byte("hello\n"))
				b.Entry(b.Blob(model.MediaTypeManifest, manifest), "")
			})
			r := verifyFs(t, fsys, terse(t, verify.Options{}))
			place := " " + blobs.Path(digest.FromBytes(manifest)) + " /layers/0/"
			switch {
			case tc.rule == "":
				checkPlaces(t, r)
			case tc.rule == "descriptor-size-mismatch" && strings.Trim(tc.size, "-") == "0":
				checkPlaces(t, r, "descriptor-empty-blob"+place+"digest", tc.rule+place+"size")
			case tc.rule == "json-syntax":
				if len(r.findings) == 0 || string(r.findings[0].Rule) != tc.rule {
					t.Errorf("findings:\n%s", describe(r.findings))
				}
			default:
				checkPlaces(t, r, tc.rule+place+"size")
			}
			for _, f := range r.findings {
				if len(f.Message)+len(f.Actual)+len(f.Expected) > 1000 {
					t.Errorf("a finding of %d bytes", len(f.Message)+len(f.Actual)+len(f.Expected))
				}
			}
		})
	}
}

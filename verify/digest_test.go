package verify_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

const hex64 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// oddDigests are digests that no blob has. Those that keep the grammar name a
// blob that is missing; the others name nothing.
var oddDigests = []struct {
	name, digest string
	wellFormed   bool
}{
	{"empty", "", false},
	{"colon", ":", false},
	{"no colon", hex64, false},
	{"no encoded", "sha256:", false},
	{"no algorithm", ":" + hex64, false},
	{"upper hex", "sha256:" + strings.ToUpper(hex64), false},
	{"upper algorithm", "SHA256:" + hex64, false},
	{"63 digits", "sha256:" + hex64[1:], false},
	{"65 digits", "sha256:" + hex64 + "0", false},
	{"no hex", "sha256:" + hex64[1:] + "g", false},
	{"newline", "sha256:" + hex64 + "\n", false},
	{"newline within", "sha256:" + hex64[1:] + "\n", false},
	{"NUL", "sha256:" + hex64 + "\x00", false},
	{"blank", " sha256:" + hex64, false},
	{"two colons", "sha256:sha256:" + hex64, false},
	{"traversal", "sha256:../../../../etc/passwd", false},
	{"traversal of the right length", "sha256:" + strings.Repeat("../", 21) + "x", false},
	{"traversal in the algorithm", "../x:a", false},
	{"dots", "sha256:..", false},
	{"dots for algorithm", "..:..", false},
	{"absolute", "/etc/passwd:a", false},
	{"backslashes", `sha256:..\..\x`, false},
	{"separator at the end", "sha256+:" + hex64, false},
	{"letters beyond ASCII", "sha256:" + hex64[1:] + "\u0661", false},
	{"sha512 of 64 digits", "sha512:" + hex64, false},
	{"sha384 of 64 digits", "sha384:" + hex64, false},
	{"blake3 in upper case", "blake3:" + strings.ToUpper(hex64), false},
	{"a megabyte of sha256", "sha256:" + strings.Repeat("a", 1<<20), false},
	{"sha256", "sha256:" + hex64, true},
	{"sha384", "sha384:" + hex64 + hex64[:32], true},
	{"sha512", "sha512:" + hex64 + hex64, true},
	{"blake3", "blake3:" + hex64, true},
	{"md5", "md5:" + hex64[:32], true},
	{"unknown", "foo:bar", true},
	{"device", "con:aux", true},
	{"combined", "sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564", true},
	{"a megabyte of nothing known", "foo:" + strings.Repeat("a", 1<<20), true},
}

// A position is a place in a layout where a digest stands. write puts a layout
// with the digest, a JSON string, in that place into b and returns where the
// finding about it is to be.
type position struct {
	name  string
	write func(b *layouttest.Builder, quoted string) (path, pointer string)
	// missing is the rule for a blob that is not there, "" where a digest is that
	// of no blob.
	missing string
}

func descriptorText(mediaType, quoted string) string {
	return fmt.Sprintf(`{"mediaType":%q,"digest":%s,"size":6}`, mediaType, quoted)
}

var emptyText = descriptorText("text/plain", `"`+string(digest.FromString("hello\n"))+`"`)

// inDocument returns a position in a document. format has a %s for the odd
// descriptor, and may have another one before it for one of a blob that is there.
func inDocument(name, mediaType, odd, format, pointer, missing string) position {
	return position{name, func(b *layouttest.Builder, quoted string) (string, string) {
		b.Blob("text/plain", []byte("hello\n"))
		args := []any{emptyText, descriptorText(odd, quoted)}
		d := b.Blob(mediaType, fmt.Appendf(nil, format, args[2-strings.Count(format, "%s"):]...))
		b.Entry(d, "")
		return blobs.Path(d.Digest), pointer
	}, missing}
}

var positions = []position{
	{"index.json", func(b *layouttest.Builder, quoted string) (string, string) {
		return model.IndexFile, "/manifests/0/digest" // written by writeOdd
	}, "blob-missing"},
	inDocument("index of a manifest", model.MediaTypeIndex, model.MediaTypeManifest, `{"schemaVersion":2,"manifests":[%s]}`, "/manifests/0/digest", "blob-missing"),
	inDocument("index of an index", model.MediaTypeIndex, model.MediaTypeIndex, `{"schemaVersion":2,"manifests":[%s]}`, "/manifests/0/digest", "blob-missing"),
	inDocument("subject of an index", model.MediaTypeIndex, model.MediaTypeManifest, `{"schemaVersion":2,"manifests":[],"subject":%s}`, "/subject/digest", "blob-missing-excused"),
	inDocument("config", model.MediaTypeManifest, "text/plain", `{"schemaVersion":2,"layers":[%s],"config":%s}`, "/config/digest", "blob-missing"),
	inDocument("image config", model.MediaTypeManifest, model.MediaTypeImageConfig, `{"schemaVersion":2,"layers":[],"config":%s}`, "/config/digest", "blob-missing"),
	inDocument("layer", model.MediaTypeManifest, model.MediaTypeLayer, `{"schemaVersion":2,"config":%s,"layers":[%s]}`, "/layers/0/digest", "blob-missing"),
	inDocument("subject of a manifest", model.MediaTypeManifest, model.MediaTypeManifest, `{"schemaVersion":2,"config":%s,"layers":[],"subject":%s}`, "/subject/digest", "blob-missing-excused"),
	{"diff_ids", func(b *layouttest.Builder, quoted string) (string, string) {
		layer := b.Pack(model.MediaTypeLayer, rawlayer.End())
		config := b.Blob(model.MediaTypeImageConfig, fmt.Appendf(nil, `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[%s]}}`, quoted))
		b.Entry(b.Document(model.MediaTypeManifest, model.NewManifest(config, layer.Descriptor)), "")
		return blobs.Path(config.Digest), "/rootfs/diff_ids/0"
	}, ""},
}

// writeOdd writes the layout of a position, and returns what is to be found.
func writeOdd(t *testing.T, fsys afero.Fs, p position, d string, wellFormed bool) []string {
	t.Helper()
	quoted, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	b := layouttest.New(fsys)
	path, pointer := p.write(b, string(quoted))
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	if path == model.IndexFile {
		text := `{"schemaVersion":2,"manifests":[` + descriptorText(model.MediaTypeManifest, string(quoted)) + `]}`
		if err := afero.WriteFile(fsys, model.IndexFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	switch {
	case !wellFormed:
		id := "digest-grammar "
		if p.missing == "" {
			id = "diff-id-grammar "
		} else if algorithm, encoded, _ := strings.Cut(d, ":"); model.ValidAlgorithm(algorithm) && model.ValidEncoded(encoded) {
			id = "digest-encoding "
		}
		return []string{id + path + " " + pointer}
	case p.missing == "" && model.Computable(digest.Digest(d).Algorithm()):
		return []string{"diff-id-mismatch " + path + " " + pointer}
	case p.missing == "":
		return []string{"digest-algorithm-unsupported " + path + " " + pointer}
	}
	return []string{p.missing + " " + blobs.Path(digest.Digest(d))}
}

// safeNames are all that a verification may ever look at: what a layout is made
// of, named by the grammar of digests.
var safeNames = regexp.MustCompile(`^(\.|oci-layout|index\.json|manifest\.json|blobs(/[a-z0-9]+([+._-][a-z0-9]+)*(/[A-Za-z0-9=_-]+)?)?)$`)

// Odd digests in every place are reported, and lead nowhere.
func TestOddDigests(t *testing.T) {
	for _, p := range positions {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			for _, tc := range oddDigests {
				s := spy(afero.NewMemMapFs())
				want := writeOdd(t, s.base, p, tc.digest, tc.wellFormed)
				r := verifyFs(t, s, terse(t, verify.Options{}))
				if diff := cmp.Diff(want, places(r)); diff != "" {
					t.Errorf("%s: findings (-want +got):\n%.2000s", tc.name, diff)
				}
				for _, op := range s.Ops() {
					if !safeNames.MatchString(op.Name) {
						t.Errorf("%s: looked at %q", tc.name, op.Name)
					}
				}
				for _, f := range r.findings {
					if n := len(f.Message) + len(f.Expected) + len(f.Actual); n > 1000 {
						t.Errorf("%s: a finding of %d bytes", tc.name, n)
					}
				}
			}
		})
	}
}

// On disk it is the same, and what lies outside the layout stays there.
func TestOddDigestsOnDisk(t *testing.T) {
	testrun.NotShort(t, "it looks at one small layout after another")
	for _, tc := range oddDigests {
		t.Run(tc.name, func(t *testing.T) {
			outside := t.TempDir()
			for _, name := range []string{"x", "passwd", "a"} {
				if err := os.WriteFile(filepath.Join(outside, name), []byte("secret"), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, p := range positions {
				if p.name != "index.json" && p.name != "layer" && p.name != "subject of an index" {
					continue // as for these
				}
				dir, err := os.MkdirTemp(outside, "layout")
				if err != nil {
					t.Fatal(err)
				}
				want := writeOdd(t, afero.NewBasePathFs(afero.NewOsFs(), dir), p, tc.digest, tc.wellFormed)
				l, err := layout.Open(dir)
				if err != nil {
					t.Fatal(err)
				}
				r := run(t, l, terse(t, verify.Options{}))
				if err := errors.Join(r.err, l.Close()); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, places(r)); diff != "" {
					t.Errorf("%s: findings (-want +got):\n%.2000s", p.name, diff)
				}
			}
		})
	}
}

// Names in a directory of blobs are as odd as whoever made it likes.
func TestOddNames(t *testing.T) {
	for _, tc := range []struct{ name, rule string }{
		{"blobs/sha256/" + strings.ToUpper(hex64), "blob-name-encoding"},
		{"blobs/sha256/" + hex64[1:], "blob-name-encoding"},
		{"blobs/sha256/" + hex64 + "\n", "blob-name-grammar"},
		{"blobs/sha256/" + hex64 + "~", "blob-name-grammar"},
		{"blobs/sha256/a b", "blob-name-grammar"},
		{"blobs/sha256/\x1b[31m", "blob-name-grammar"},
		{"blobs/sha256/\xff\xfe", "blob-name-grammar"},
		{"blobs/sha256/..." + hex64, "blob-name-dotfile"},
		{"blobs/sha512/" + hex64, "blob-name-encoding"},
		{"blobs/blake3/" + hex64 + "0", "blob-name-encoding"},
		{"blobs/ sha256/" + hex64, "blobs-algorithm-name"},
		{"blobs/.sha256/" + hex64, "blobs-algorithm-name"},
		{"blobs/sha256-/" + hex64, "blobs-algorithm-name"},
		{"blobs/" + hex64, "blobs-stray-file"},
		{"oci-layout.bak", "root-file-extra"},
		{"\x1b]0;x\a", "root-file-extra"},
		{"Blobs/x", "root-file-extra"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fsys := build(t, func(b *layouttest.Builder) {
				b.Entry(b.Image("linux/amd64", b.Layer(nil)), "")
				b.File(tc.name, []byte("x"))
			})
			path := tc.name
			if tc.rule == "blobs-algorithm-name" || tc.rule == "root-file-extra" {
				path = strings.TrimSuffix(strings.TrimSuffix(path, "/"+hex64), "/x")
			}
			checkPlaces(t, verifyFs(t, fsys, verify.Options{}), tc.rule+" "+path)
		})
	}
}

// A layout that is none is an error of its own. One of which nothing may be
// looked at is not known to be none.
func TestNotALayout(t *testing.T) {
	fsys := afero.NewMemMapFs()
	if r := run(t, layout.New(fsys), verify.Options{}); !errors.Is(r.err, layout.ErrNotLayout) || len(r.findings) > 0 {
		t.Errorf("error %v, findings:\n%s", r.err, describe(r.findings))
	}
	if _, err := layout.Open(filepath.Join(t.TempDir(), "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	s := spy(fsys)
	s.Plan = func(op faultfs.Op) faultfs.Fault {
		if op.Kind == faultfs.OpStat {
			return faultfs.Fail(fs.ErrPermission)
		}
		return faultfs.Fault{}
	}
	r := verifyFs(t, s, verify.Options{})
	for _, name := range []string{model.LayoutFile, model.IndexFile, model.BlobsDir} {
		if !slices.Contains(places(r), "file-unreadable "+name) {
			t.Errorf("nothing is said of %s:\n%s", name, describe(r.findings))
		}
	}
	if r.stats.Complete || r.stats.Errors > 0 {
		t.Errorf("%+v\n%s", r.stats, describe(r.findings))
	}
}

// A digest can be longer than any name that a file can have: its blob is missing.
func TestDigestLongerThanAnyName(t *testing.T) {
	dir := t.TempDir()
	b := layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), dir))
	b.File("blobs/foo/bar", nil)
	long := model.Descriptor{MediaType: "text/plain", Digest: digest.Digest("foo:" + strings.Repeat("a", 1000)), Size: 6}
	manifest := b.Document(model.MediaTypeManifest, model.NewManifest(b.Blob("text/plain", nil), long))
	b.Entry(manifest, "")
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	l, err := layout.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := run(t, l, terse(t, verify.Options{}))
	checkPlaces(t, r, "blob-missing "+blobs.Path(long.Digest), "blob-unreferenced blobs/foo/bar", "blob-algorithm-unsupported blobs/foo/bar")
}

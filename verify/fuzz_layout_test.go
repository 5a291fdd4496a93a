package verify_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// FuzzLayout verifies layouts of any files. It ends with little work, tells the
// same for any Jobs, calls nothing valid to which the second opinion objects, and
// is not talked into it by a file that nothing names.
func FuzzLayout(f *testing.F) {
	for _, s := range samples {
		f.Add(folded(filesOf(f, build(f, func(b *layouttest.Builder) { s.make(f, b) }))))
	}
	addSmall(f, 4000, func(files map[string][]byte) { f.Add(folded(files)) })
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<16 {
			return
		}
		fsys, files := memory(t, unfolded(text))
		watched := new(faultfs.Faults)
		o := verify.Options{Jobs: 1, Limits: layout.Limits{Descriptors: 2_000}}
		first := run(t, layout.New(watched.Over(fsys)), o)
		bounded(t, watched, files)
		o.Jobs = 4
		if second := run(t, layout.New(fsys), o); !reflect.DeepEqual(first.findings, second.findings) || first.stats != second.stats {
			t.Errorf("jobs 1 and 4 differ: %+v\n%s\nand %+v\n%s", first.stats, describe(first.findings), second.stats, describe(second.findings))
		}
		if first.valid() {
			if faults := secondOpinion(files); len(faults) > 0 {
				t.Errorf("valid, and yet: %q\n%s", faults, describe(first.findings))
			}
			return
		}
		for _, name := range []string{"named by nothing", blobs.Path(digest.FromString("named by nothing"))} {
			if there, _ := afero.DirExists(fsys, model.BlobsDir); !there && strings.Contains(name, "/") {
				continue // the directory is a thing that may be missing
			}
			if err := afero.WriteFile(fsys, name, []byte("named by nothing"), 0o644); err != nil {
				return // a file lies where a directory is needed
			}
		}
		if third := run(t, layout.New(fsys), o); third.valid() {
			t.Errorf("what was not valid is so with files that nothing names:\n%s", describe(first.findings))
		}
	})
}

// bounded holds what was done to what there is: a file may be read as three kinds
// of document, and then again.
func bounded(t *testing.T, watched *faultfs.Faults, files map[string][]byte) {
	t.Helper()
	for _, kind := range []faultfs.OpKind{faultfs.OpOpen, faultfs.OpList} {
		for name, n := range watched.Counts(kind) {
			if n > 10 {
				t.Errorf("%d times %s of %s", n, kind, name)
			}
		}
	}
	for name := range watched.Counts(faultfs.OpRead) {
		if n := watched.Bytes(name); n > int64(10*len(files[name])) {
			t.Errorf("%d bytes read of %s, which has %d", n, name, len(files[name]))
		}
	}
}

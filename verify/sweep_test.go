package verify_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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
	"go.uber.org/goleak"
)

// varied is a small layout of all that there is: an index in index.json, images
// with layers of each compression, a blob that nothing names, and a blob that
// lies in a blob directory.
type varied struct {
	fs, shared afero.Fs
	index      digest.Digest     // of index.json
	names      map[string]string // what a file is, by its name
}

func newVaried(t *testing.T) varied {
	t.Helper()
	v := varied{fs: afero.NewMemMapFs(), shared: afero.NewMemMapFs(), names: map[string]string{
		".": "root", "blobs": "blobs", "blobs/sha256": "blobs/sha256", "sha256": "shared/sha256",
		model.LayoutFile: model.LayoutFile, model.IndexFile: model.IndexFile, "manifest.json": "manifest.json",
	}}
	b := layouttest.New(v.fs)
	note := func(name string, d model.Descriptor) { v.names[blobs.Path(d.Digest)] = name }
	pack := func(name, mediaType string) layouttest.Layer {
		l := b.Pack(mediaType, b.Archive(layouttest.File("etc/"+name, strings.Repeat(name+"\n", 20))))
		note(name, l.Descriptor)
		return l
	}
	gzip, zstd, plain := pack("gzip layer", model.MediaTypeLayerGzip), pack("zstd layer", model.MediaTypeLayerZstd), pack("plain layer", model.MediaTypeLayer)
	shared := pack("shared layer", model.MediaTypeLayerGzip)
	first, second := b.Image("linux/amd64", gzip, zstd), b.Image("linux/arm64", plain, shared)
	index := b.Index(first, second)
	note("manifest", first)
	note("manifest", second)
	note("index", index)
	note("loose blob", b.Blob("text/plain", []byte("nothing names this\n")))
	b.Entry(index, "v1")
	for _, d := range []model.Descriptor{first, second} {
		m, _ := model.LoadManifest(read(t, v.fs, blobs.Path(d.Digest)))
		note("config", m.Config)
	}
	name := blobs.Path(shared.Digest)
	content := read(t, v.fs, name)
	there := layouttest.New(v.shared)
	there.File(strings.TrimPrefix(name, "blobs/"), content)
	v.names[strings.TrimPrefix(name, "blobs/")] = "shared layer"
	v.names[name] = "absent shared layer"
	if err := v.fs.Remove(name); err != nil {
		t.Fatal(err)
	}
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	v.index = digest.FromBytes(read(t, v.fs, model.IndexFile))
	return v
}

// open returns the layout with the faults.
func (v varied) open(f *faultfs.Faults, lstat bool) *layout.Layout {
	fsys, shared := v.fs, v.shared
	if !lstat { // as many file systems are
		fsys, shared = struct{ afero.Fs }{fsys}, struct{ afero.Fs }{shared}
	}
	l := layout.New(f.Over(fsys))
	l.Blobs().Add(f.Over(shared), "shared")
	return l
}

func (v varied) options(level verify.Level, jobs int) verify.Options {
	return verify.Options{Level: level, Jobs: jobs, ExpectIndex: v.index}
}

// watched fails the test, and shows what every goroutine is at, where do takes
// longer than anything here can.
func watched(t *testing.T, what any, do func()) {
	t.Helper()
	timer := time.AfterFunc(time.Minute, func() {
		stacks := make([]byte, 1<<20)
		panic(fmt.Sprintf("%v hangs\n%s", what, stacks[:runtime.Stack(stacks, true)]))
	})
	defer timer.Stop()
	do()
}

// An injection is one fault at one operation.
type injection struct {
	fault string
	op    faultfs.Op
	plan  func(faultfs.Op) faultfs.Fault
}

// injections are all faults at all operations: once, and from then on, but for
// those that differ from EIO by number alone.
func injections(ops []faultfs.Op) (all []injection) {
	for _, op := range ops {
		faults := maps.Collect(faultfs.EveryFault(op.Kind))
		for _, name := range slices.Sorted(maps.Keys(faults)) {
			fault := faults[name]
			all = append(all, injection{name, op, faultfs.At(op, fault)})
			if name == "EIO" || name != "panic" && !slices.Contains(refusals, name) {
				all = append(all, injection{name + ", always", op, faultfs.From(op, fault)})
			}
		}
	}
	return all
}

// Whatever fails, and however it does, nothing panics, hangs or stays open, and
// the layout is called valid only where the fault changes nothing.
func TestSweep(t *testing.T) {
	v := newVaried(t)
	used := make(map[string]bool) // excuses
	operations, runs := 0, 0
	for _, level := range []verify.Level{verify.LevelStructure, verify.LevelDigest, verify.LevelContent} {
		for _, jobs := range []int{1, 4} {
			for _, lstat := range []bool{false, true} {
				if !lstat && (level == verify.LevelDigest || jobs == 4) {
					continue // nothing depends on both
				}
				o := v.options(level, jobs)
				clean := new(faultfs.Faults)
				want := run(t, v.open(clean, lstat), o)
				if !want.valid() || len(clean.Unclosed()) > 0 {
					t.Fatalf("%+v, %v\n%s", want.stats, want.err, describe(want.findings))
				}
				ops := clean.Ops()
				operations += len(ops)
				for n, i := range injections(ops) {
					if n%testrun.OneOf(3, 13) > 0 {
						continue
					}
					runs++
					v.inject(t, i, lstat, o, want, used)
				}
			}
		}
	}
	goleak.VerifyNone(t)
	if testrun.Exhaustive() {
		checkUsed(t, used)
	}
	t.Logf("%d operations, %d runs with a fault", operations, runs)
}

func (v varied) inject(t *testing.T, i injection, lstat bool, o verify.Options, want result, used map[string]bool) {
	name := v.names[i.op.Name]
	if name == "" {
		t.Fatalf("an operation on %s, which nobody knows", i.op.Name)
	}
	what := fmt.Sprintf("%s at %s %s (%d), level %s, jobs %d", i.fault, i.op.Kind, name, i.op.Turn, o.Level, o.Jobs)
	watched(t, what, func() {
		f := &faultfs.Faults{Plan: i.plan}
		r := run(t, v.open(f, lstat), o)
		if left := f.Unclosed(); len(left) > 0 {
			t.Errorf("%s: open are %v", what, left)
		}
		if _, defect := errors.AsType[*blobs.PanicError](r.err); r.err != nil && !defect {
			t.Errorf("%s: %v", what, r.err)
		}
		if !r.valid() {
			v.checkTold(t, what, i, want, r)
			return
		}
		e := excuseFor(i, name, used)
		if e == nil {
			t.Errorf("%s: the layout is called valid", what)
		} else if diff := cmp.Diff(places(want), places(r)); diff != "" && !e.hides {
			t.Errorf("%s: valid, and the findings are others (-want +got):\n%s", what, diff)
		}
	})
}

// checkTold makes sure that a refusal, or a panic, is told of the file that it
// befell, and of no other.
func (v varied) checkTold(t *testing.T, what string, i injection, want, r result) {
	t.Helper()
	if r.err == nil && len(r.findings) == 0 {
		t.Errorf("%s: no word of why the layout is not valid", what)
	}
	id := map[string]rule.ID{"EIO": rule.FileUnreadable, "panic": rule.InternalError}[i.fault]
	if id == "" {
		return
	}
	known := places(want)
	for _, f := range r.findings {
		here := strings.HasSuffix(f.Path, i.op.Name) || !strings.Contains(i.op.Name, "/") || i.op.Name == "blobs/sha256"
		if place := strings.TrimSpace(fmt.Sprintf("%s %s", f.Rule, f.Path)); (f.Rule != id || !here) && !slices.Contains(known, place) {
			t.Errorf("%s: told is %s", what, place)
		}
	}
}

// A panic at one blob leaves the others to be checked.
func TestPanicElsewhere(t *testing.T) {
	v := newVaried(t)
	var broken string
	for name, what := range v.names {
		if what == "zstd layer" {
			broken = name
		}
	}
	if err := layouttest.Corrupt(v.fs, broken, 100); err != nil {
		t.Fatal(err)
	}
	o := v.options(verify.LevelContent, 2)
	clean := new(faultfs.Faults)
	run(t, v.open(clean, true), o)
	for _, op := range clean.Ops() {
		if op.Name == broken {
			continue
		}
		watched(t, op, func() {
			f := &faultfs.Faults{Plan: faultfs.At(op, faultfs.Panic("a defect"))}
			r := run(t, v.open(f, true), o)
			if _, defect := errors.AsType[*blobs.PanicError](r.err); defect && op.Name == model.LayoutFile && op.Turn == 0 {
				return // whether there is a layout at all
			}
			told := make(map[rule.ID]bool)
			for _, f := range r.findings {
				told[f.Rule] = true
				if f.Rule == rule.InternalError && f.Path == broken {
					return // the way to it is looked at as well
				}
			}
			if r.err != nil || !told[rule.InternalError] || !told[rule.BlobDigestMismatch] || r.stats.Complete {
				t.Errorf("%v: %+v, %v\n%s", op, r.stats, r.err, describe(r.findings))
			}
		})
	}
}

// A panic of the loop over the findings is the caller's, at whatever stage.
func TestPanicOfTheCaller(t *testing.T) {
	v := newVaried(t)
	for name, what := range v.names {
		if what == "zstd layer" || what == "loose blob" {
			if err := layouttest.Corrupt(v.fs, name, 10); err != nil {
				t.Fatal(err)
			}
		}
	}
	there := layouttest.New(v.fs)
	there.File("extra", nil)
	clean := run(t, v.open(new(faultfs.Faults), true), verify.Options{})
	if len(clean.findings) < 4 {
		t.Fatal(describe(clean.findings))
	}
	for at := range clean.findings {
		n := 0
		err := blobs.Guard(func() error {
			for range verify.New(v.open(new(faultfs.Faults), true), verify.Options{Jobs: 2}).Findings(t.Context()) {
				if n++; n > at {
					panic("mine")
				}
			}
			return nil
		})
		if p, ok := errors.AsType[*blobs.PanicError](err); !ok || p.Value != "mine" || n != at+1 {
			t.Errorf("after %d findings: %v", n, err)
		}
	}
	goleak.VerifyNone(t)
}

// A run that is cancelled at any operation ends there, and tells why.
func TestCancelAtEveryOperation(t *testing.T) {
	v := newVaried(t)
	enough := errors.New("enough")
	runs := 0
	for _, level := range []verify.Level{verify.LevelStructure, verify.LevelDigest, verify.LevelContent} {
		for _, jobs := range []int{1, 4} {
			clean := new(faultfs.Faults)
			run(t, v.open(clean, true), v.options(level, jobs))
			for _, op := range clean.Ops() {
				runs++
				watched(t, op, func() {
					ctx, cancel := context.WithCancelCause(t.Context())
					f := &faultfs.Faults{Plan: faultfs.At(op, faultfs.Do(func() { cancel(enough) }))}
					r := runContext(t, ctx, v.open(f, true), v.options(level, jobs))
					if r.err != enough || r.stats.Complete || len(f.Unclosed()) > 0 {
						t.Errorf("%v, level %s, jobs %d: %v, %+v, open %v", op, level, jobs, r.err, r.stats, f.Unclosed())
					}
				})
			}
		}
	}
	goleak.VerifyNone(t)
	t.Logf("%d runs", runs)
}

// Reading that takes an hour ends with the context, at the next byte.
func TestSlow(t *testing.T) {
	v := newVaried(t)
	slow := faultfs.Reads(func(f io.Reader, p []byte) (int, error) {
		time.Sleep(time.Second)
		return f.Read(p[:1])
	})
	for _, cancelled := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			f := &faultfs.Faults{Plan: func(op faultfs.Op) faultfs.Fault {
				if op.Kind == faultfs.OpRead {
					return slow
				}
				return faultfs.Fault{}
			}}
			start, patience := time.Now(), 50*time.Minute
			if cancelled {
				time.AfterFunc(patience, cancel)
			}
			r := runContext(t, ctx, v.open(f, true), v.options(verify.LevelContent, 2))
			took := time.Since(start)
			switch {
			case !cancelled && (!r.valid() || took < time.Hour):
				t.Errorf("after %v: %v, %+v", took, r.err, r.stats)
			case cancelled && (r.err != context.Canceled || r.stats.Complete || took > patience+time.Second):
				t.Errorf("after %v: %v, %+v", took, r.err, r.stats)
			}
		})
	}
}

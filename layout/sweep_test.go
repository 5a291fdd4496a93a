package layout_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
	"go.uber.org/goleak"
)

// swept is a small layout for the entry points of the library: an index of images
// with layers of each compression, what refers to one of them, and a blob that
// nothing names.
func swept(t *testing.T) (fsys afero.Fs, index model.Descriptor, all []model.Descriptor) {
	t.Helper()
	s := newSite()
	pack := func(name, mediaType string) layouttest.Layer {
		l := s.Pack(mediaType, s.Archive(layouttest.File("etc/"+name, strings.Repeat(name+"\n", 20))))
		all = append(all, l.Descriptor)
		return l
	}
	gzip, zstd, plain := pack("gzip", model.MediaTypeLayerGzip), pack("zstd", model.MediaTypeLayerZstd), pack("plain", model.MediaTypeLayer)
	first, second := s.Image("linux/amd64", gzip, zstd), s.Image("linux/arm64", plain)
	index = s.Index(first, second)
	config := s.Document("application/vnd.example+json", map[string]string{})
	about := model.NewManifest(config, s.Blob("text/plain", []byte("about it\n")))
	about.ArtifactType, about.Subject = "application/vnd.example", &index
	artifact := s.Document(model.MediaTypeManifest, about)
	all = append(all, first, second, index, artifact)
	s.Entry(index, "v1")
	s.Entry(artifact, "about")
	s.Blob("text/plain", []byte("nothing names this\n"))
	s.open(t)
	return s.fs, index, all
}

// seen is what an entry point gave: all that it tells, and whether it says that
// something is missing.
type seen struct {
	view   any
	marked bool
	err    error
}

// entryPoints are all ways to read a layout, but for package verify.
func entryPoints(t *testing.T) (afero.Fs, map[string]func(context.Context, *layout.Layout) seen) {
	fsys, _, all := swept(t)
	return fsys, map[string]func(context.Context, *layout.Layout) seen{
		"Walk": func(ctx context.Context, l *layout.Layout) seen {
			var s seen
			var lines []string
			for v := range l.Walk(ctx, layout.WalkOptions{}) {
				lines = append(lines, fmt.Sprint(line(v), " ", v.Edge.Descriptor))
				s.marked = s.marked || v.Blob != nil && v.Blob.Err != nil
				if d := v.Document; d != nil {
					s.marked = s.marked || d.Err != nil || d.Problems.Err() != nil || v.Blob != nil && !v.Blob.Matches()
				}
			}
			s.view, s.err = lines, context.Cause(ctx)
			return s
		},
		"Images": func(ctx context.Context, l *layout.Layout) seen {
			images, err := l.Images(ctx, layout.Selector{})
			var digests []string
			for _, i := range images {
				digests = append(digests, fmt.Sprint(i.Descriptor.Digest, i.Platform))
			}
			return seen{digests, false, err}
		},
		"FS": func(ctx context.Context, l *layout.Layout) seen {
			images, err := l.Images(ctx, layout.Selector{})
			if err != nil {
				return seen{err: err}
			}
			files := make(map[string]string)
			for n, i := range images {
				root, err := i.FS(ctx, layer.Limits{})
				if err != nil {
					return seen{err: err}
				}
				if err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
					if err != nil || d.IsDir() {
						return err
					}
					content, err := fs.ReadFile(root, name)
					files[fmt.Sprint(n, name)] = string(content)
					return err
				}); err != nil {
					return seen{err: err}
				}
			}
			return seen{files, false, nil}
		},
		"Copy": func(ctx context.Context, l *layout.Layout) seen {
			var contents []string
			var errs []error
			for _, d := range all {
				var out bytes.Buffer
				errs = append(errs, l.Copy(ctx, &out, d.Digest))
				contents = append(contents, out.String())
			}
			return seen{contents, false, errors.Join(errs...)}
		},
		"Peek": func(ctx context.Context, l *layout.Layout) seen {
			var s seen
			var docs []any
			for i := range all {
				if doc, state := l.Peek(ctx, &all[i], layout.Limits{}); model.KindOf(all[i].MediaType).Document() {
					docs, s.marked = append(docs, doc), s.marked || state != layout.StateOK
				}
				s.marked = s.marked || l.StateOf(&all[i]) != layout.StateOK
			}
			raw, _ := json.Marshal(docs)
			s.view = string(raw)
			return s
		},
		"graph": func(ctx context.Context, l *layout.Layout) seen {
			g, err := l.Graph(ctx, layout.GraphOptions{Unreferenced: true})
			if err != nil {
				return seen{err: err}
			}
			s := seen{marked: len(g.Problems) > 0}
			var lines []string
			for _, n := range slices.Concat(g.Nodes, g.Unreferenced) {
				lines = append(lines, fmt.Sprint(n.Digest, n.Label(), n.ArtifactType, n.Platform, n.Roles, n.References, n.Size, len(n.Edges), len(n.Referrers), n.Opaque()))
				s.marked = s.marked || n.State != layout.StateOK
			}
			for _, e := range g.Entries {
				lines = append(lines, short(e.Summary()))
			}
			s.view = lines
			return s
		},
	}
}

// watched fails the test, and shows what every goroutine is at, where do takes
// longer than anything here can.
func watched(what any, do func()) {
	timer := time.AfterFunc(time.Minute, func() {
		stacks := make([]byte, 1<<20)
		panic(fmt.Sprintf("%v hangs\n%s", what, stacks[:runtime.Stack(stacks, true)]))
	})
	defer timer.Stop()
	do()
}

// Whatever fails, and however it does, nothing is left out without a word: there
// is an error, or a mark, or all that there is without the fault. A panic of the
// file system reaches the caller, in his own goroutine, or is a mark.
func TestSweep(t *testing.T) {
	fsys, points := entryPoints(t)
	runs := 0
	for name, look := range points {
		t.Run(name, func(t *testing.T) {
			cases, met := 0, make(map[string]bool)
			clean := new(faultfs.Faults)
			want := look(t.Context(), layout.New(clean.Over(fsys)))
			if want.err != nil || want.marked || len(clean.Unclosed()) > 0 {
				t.Fatalf("%+v, open %v", want, clean.Unclosed())
			}
			for _, op := range clean.Ops() {
				faults := maps.Collect(faultfs.EveryFault(op.Kind))
				for _, fault := range slices.Sorted(maps.Keys(faults)) {
					once := faults[fault]
					plans := []func(faultfs.Op) faultfs.Fault{faultfs.At(op, once)}
					if fault == "EIO" || !strings.HasPrefix(fault, "E") && fault != "panic" {
						plans = append(plans, faultfs.From(op, once)) // the other errors differ by number alone
					}
					for _, plan := range plans {
						// Each fault of each kind of operation at least once.
						kind := fmt.Sprint(op.Kind, fault)
						if cases++; met[kind] && cases%testrun.OneOf(11, 53) > 0 {
							continue
						}
						met[kind] = true
						runs++
						what := fmt.Sprintf("%s at %v", fault, op)
						watched(what, func() {
							f := &faultfs.Faults{Plan: plan}
							var got seen
							got.err = blobs.Guard(func() error { got = look(t.Context(), layout.New(f.Over(fsys))); return got.err })
							if p, ok := errors.AsType[*blobs.PanicError](got.err); ok && p.Value != "a file system that panics" {
								t.Fatalf("%s: %v\n%s", what, p, p.Stack)
							}
							if left := f.Unclosed(); len(left) > 0 {
								t.Errorf("%s: open are %v", what, left)
							}
							if got.err != nil || got.marked || mayDiffer(name, fault, op) {
								return
							}
							if diff := cmp.Diff(want.view, got.view); diff != "" {
								t.Errorf("%s: without a word, it tells otherwise (-want +got):\n%s", what, diff)
							}
						})
					}
				}
			}
			goleak.VerifyNone(t)
		})
	}
	t.Logf("%d runs with a fault", runs)
}

// mayDiffer says where nobody can know that something is left out, or wrong.
func mayDiffer(point, fault string, op faultfs.Op) bool {
	switch {
	case op.Kind == faultfs.OpRead && op.Name == model.IndexFile && strings.HasSuffix(fault, "bit flipped"):
		return true // no digest protects it
	case strings.HasPrefix(point, "inspect") && op.Kind == faultfs.OpLstat && (fault == "ENOENT" || fault == "another kind"):
		return true // what is not there, or is no file, refers to nothing
	case fault == "no names":
		return true // of what is in no listing, nobody knows
	case point == "graph" && op.Kind != faultfs.OpFstat && slices.Contains([]string{"a byte more", "a byte less", "a terabyte more", "less than nothing"}, fault):
		return true // it shows the length that the file system gives, beside the one that is claimed
	case point == "graph" && op.Name == "blobs/sha256" && fault == "another kind":
		return true // it shows no files that are no blobs
	}
	return false
}

package show_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
)

// swept is a small layout: an index of images with layers of each compression, what
// refers to it, and a blob that nothing names.
func swept(t *testing.T) afero.Fs {
	s := newSite()
	packed := func(name, mediaType string) layouttest.Layer {
		return s.Pack(mediaType, s.Archive(layouttest.File("etc/"+name, strings.Repeat(name+"\n", 20))))
	}
	index := s.Index(s.Image("linux/amd64", packed("gzip", model.MediaTypeLayerGzip), packed("zstd", model.MediaTypeLayerZstd)),
		s.Image("linux/arm64", packed("plain", model.MediaTypeLayer)))
	about := model.NewManifest(s.Document("application/vnd.example+json", map[string]string{}), s.Blob("text/plain", []byte("about it\n")))
	about.ArtifactType, about.Subject = "application/vnd.example", &index
	s.Entry(index, "v1")
	s.Entry(s.Document(model.MediaTypeManifest, about), "about")
	s.Blob("text/plain", []byte("nothing names this\n"))
	s.open(t)
	return s.fs
}

// view is what a view shows, and whether it says that something is missing.
type view struct {
	text   string
	marked bool
	err    error
}

func encoded(v any, err error) view {
	raw, failed := json.MarshalIndent(v, "", " ")
	if failed != nil {
		panic(failed)
	}
	marked := false
	for line := range strings.Lines(string(raw)) {
		name, value, _ := strings.Cut(strings.TrimRight(strings.TrimSpace(line), ","), ": ")
		marked = marked || name == `"state"` && !slices.Contains([]string{`""`, `"same"`, `"onlyInA"`, `"onlyInB"`}, value)
	}
	return view{string(raw), marked, err}
}

// Whatever fails in the file system, and however it does, nothing is left out in
// silence: there is an error, or a mark, or all that there is without the fault.
func TestSweep(t *testing.T) {
	fsys := swept(t)
	other := newSite()
	other.Entry(other.Index(other.Image("linux/amd64", other.Layer(layouttest.Files{"etc/other": "x"}))), "v1")
	v1 := layout.Selector{RefName: "v1"}
	diff := func(ctx context.Context, l, other *layout.Layout) view {
		r, err := show.Diff(ctx, show.Side{Layout: l}, show.Side{Layout: other}, show.DiffOptions{})
		if err != nil {
			return view{err: err}
		}
		v := encoded(r, nil)
		v.marked = !r.Complete
		return v
	}
	for name, look := range map[string]func(context.Context, *layout.Layout) view{
		"ls": func(ctx context.Context, l *layout.Layout) view {
			return encoded(show.List(ctx, l, layout.Selector{}, nil))
		},
		"inspect": func(ctx context.Context, l *layout.Layout) view {
			return encoded(show.Inspect(ctx, l, v1, show.InspectOptions{}))
		},
		"inspect a platform": func(ctx context.Context, l *layout.Layout) view {
			return encoded(show.Inspect(ctx, l, v1, show.InspectOptions{Platforms: []model.Platform{{OS: "linux", Architecture: "amd64"}}}))
		},
		"diff":             func(ctx context.Context, l *layout.Layout) view { return diff(ctx, l, other.open(t)) },
		"diff with itself": func(ctx context.Context, l *layout.Layout) view { return diff(ctx, l, layout.New(fsys)) },
	} {
		t.Run(name, func(t *testing.T) { sweep(t, fsys, name, look) })
	}
}

func sweep(t *testing.T, fsys afero.Fs, name string, look func(context.Context, *layout.Layout) view) {
	clean := new(faultfs.Faults)
	want := look(t.Context(), layout.New(clean.Over(fsys)))
	if want.err != nil || want.marked || len(clean.Unclosed()) > 0 {
		t.Fatalf("%+v, open %v", want, clean.Unclosed())
	}
	tried, runs, every := make(map[string]bool), 0, 29
	if testrun.Exhaustive() {
		every = 1
	}
	for _, op := range clean.Ops() {
		faults := maps.Collect(faultfs.EveryFault(op.Kind))
		for _, fault := range slices.Sorted(maps.Keys(faults)) {
			plans := []func(faultfs.Op) faultfs.Fault{faultfs.At(op, faults[fault])}
			if fault == "EIO" || !strings.HasPrefix(fault, "E") && fault != "panic" {
				plans = append(plans, faultfs.From(op, faults[fault])) // the other errors differ by number alone
			}
			for _, plan := range plans {
				// Each fault of each kind of operation at least once.
				kind := fmt.Sprint(op.Kind, fault)
				if runs++; tried[kind] && runs%every > 0 {
					continue
				}
				tried[kind] = true
				what := fmt.Sprintf("%s at %v", fault, op)
				hangs := time.AfterFunc(time.Minute, func() { panic(what + " hangs") })
				f := &faultfs.Faults{Plan: plan}
				var got view
				got.err = blobs.Guard(func() error { got = look(t.Context(), layout.New(f.Over(fsys))); return got.err })
				hangs.Stop()
				if p, ok := errors.AsType[*blobs.PanicError](got.err); ok && p.Value != "a file system that panics" {
					t.Fatalf("%s: %v\n%s", what, p, p.Stack)
				}
				if left := f.Unclosed(); len(left) > 0 {
					t.Errorf("%s: open are %v", what, left)
				}
				if got.err != nil || got.marked || mayDiffer(name, fault, op) {
					continue
				}
				if diff := cmp.Diff(want.text, got.text); diff != "" {
					t.Errorf("%s: in silence, it shows something else (-want +got):\n%s", what, diff)
				}
			}
		}
	}
}

// mayDiffer says where nobody can know that something is left out, or wrong.
func mayDiffer(point, fault string, op faultfs.Op) bool {
	return op.Kind == faultfs.OpRead && op.Name == model.IndexFile && strings.HasSuffix(fault, "bit flipped") || // no digest protects it
		strings.HasPrefix(point, "inspect") && op.Kind == faultfs.OpLstat && (fault == "ENOENT" || fault == "another kind") // what is absent, or no file, refers to nothing
}

package layout_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
	"go.uber.org/goleak"
)

// tell writes everything that a visit says.
func tell(v *layout.Visit) string {
	var b strings.Builder
	fmt.Fprintln(&b, line(v), v.Beneath)
	if v.Blob != nil {
		fmt.Fprintln(&b, v.Blob.ID, v.Blob.Digest, v.Blob.Info.Path, v.Blob.Info.Size, v.Blob.Info.Symlink, v.Blob.Err, v.Blob.Sum)
	}
	if d := v.Document; d != nil {
		fmt.Fprintf(&b, "%s %d %v %x %v %v\n", d.Path, d.Size, d.Err, d.Raw, d.Problems, d.Trail())
		if d.Doc != nil {
			fmt.Fprintf(&b, "%T of %d bytes\n", d.Doc, d.Doc.Memory())
		}
	}
	return b.String()
}

// saidOf walks, and returns everything that is said.
func saidOf(ctx context.Context, l *layout.Layout, o layout.WalkOptions) (all []string) {
	for v := range l.Walk(ctx, o) {
		all = append(all, tell(v))
	}
	return all
}

// wantAhead checks that a walk says the same and does the same, however far ahead it
// reads.
func wantAhead(t *testing.T, fsys afero.Fs, o layout.WalkOptions) {
	t.Helper()
	asked := func(ahead int) (said, ops []string) {
		f := new(faultfs.Faults)
		o := o
		o.Ahead = ahead
		said = saidOf(t.Context(), layout.New(f.Over(fsys)), o)
		for _, op := range f.Ops() {
			ops = append(ops, fmt.Sprint(op.Kind, " ", op.Name, " ", op.Turn))
		}
		slices.Sort(ops)
		return said, ops
	}
	said, ops := asked(0)
	for _, ahead := range []int{1, 3, 64} {
		saidAhead, opsAhead := asked(ahead)
		if diff := cmp.Diff(said, saidAhead); diff != "" {
			t.Errorf("%+v, with %d ahead: it tells otherwise (-want +got):\n%s", o, ahead, diff)
		}
		if diff := cmp.Diff(ops, opsAhead); diff != "" && o.Limits.Memory == 0 {
			t.Errorf("%+v, with %d ahead: it asks for other things (-want +got):\n%s", o, ahead, diff)
		}
	}
}

func TestAheadLayouts(t *testing.T) {
	for _, dir := range layoutDirs(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			t.Parallel()
			fsys := afero.NewBasePathFs(afero.NewOsFs(), dir)
			wantAhead(t, fsys, layout.WalkOptions{})
			wantAhead(t, fsys, layout.WalkOptions{Limits: layout.Limits{Depth: 1, Document: 600}})
			wantAhead(t, fsys, layout.WalkOptions{Only: []int{0}, Platforms: []model.Platform{{OS: "linux", Architecture: "arm64"}}})
		})
	}
}

// woven is a layout in which documents are named again and again: at other depths, as
// other kinds, by what is damaged, and around in circles.
func woven(t *testing.T) site {
	s := newSite()
	var images []model.Descriptor
	for i := range 40 {
		images = append(images, s.image(fmt.Sprint(i), s.layer(fmt.Sprint(i%7)), s.layer("base")))
	}
	about := model.NewManifest(s.Blob(model.MediaTypeEmptyJSON, []byte(model.EmptyJSON)), images[3])
	about.Subject = &images[7]
	as := func(mediaType string, d model.Descriptor) model.Descriptor {
		d.MediaType = mediaType
		return d
	}
	absent := model.Describe(model.MediaTypeManifest, []byte(`{"absent":true}`))
	embedded := model.Describe(model.MediaTypeIndex, []byte(`{"manifests":[]}`))
	embedded.Data = []byte(`{"manifests":[]}`)
	low := s.Index(images[:20]...)
	circle := s.damaged(model.MediaTypeIndex, "circle", model.NewIndex(images[30], named("circle"), low))
	s.Entry(s.Index(s.Index(s.Index(low, images[25]), images[30]), s.Document(model.MediaTypeManifest, about)), "deep")
	s.Entry(as(model.MediaTypeLayer, images[1]), "")
	s.Entry(as(model.MediaTypeManifest, low), "")
	s.Entry(absent, "")
	s.Entry(embedded, "")
	s.Entry(circle, "")
	s.Entry(s.Index(images[15:]...), "")
	s.Entry(low, "")
	s.Entry(absent, "")
	s.Entry(as(model.MediaTypeIndex, images[2]), "")
	s.Entry(s.Blob(model.MediaTypeManifest, []byte("garbage")), "")
	s.Entry(s.heavy("manifests", 3_000, images[39]), "")
	s.Entry(s.Document(model.MediaTypeManifest, map[string]any{"layers": images[38:], "x": strings.Repeat("x", 400_000)}), "")
	for _, d := range images {
		s.Entry(d, "")
	}
	s.open(t)
	return s
}

func TestAheadWoven(t *testing.T) {
	s := woven(t)
	for depth := range 6 {
		wantAhead(t, s.fs, layout.WalkOptions{Limits: layout.Limits{Depth: depth}})
	}
	for _, document := range []int64{300, 1_000, 5_000, 100_000} {
		wantAhead(t, s.fs, layout.WalkOptions{Limits: layout.Limits{Document: document}})
	}
	for memory := int64(1_000); memory < 2_000_000; memory = memory * 5 / 3 * int64(testrun.OneOf(1, 3)) {
		wantAhead(t, s.fs, layout.WalkOptions{Limits: layout.Limits{Memory: memory}})
	}
	for at := 0; at < 18; at += 3 {
		wantAhead(t, s.fs, layout.WalkOptions{Only: []int{at, 20}})
	}
}

// What goes wrong goes wrong in the same way, and in the same place.
func TestAheadFaults(t *testing.T) {
	s := newSite()
	one, two := s.image("one", s.layer("x")), s.image("two", s.layer("x"))
	s.Entry(s.Index(one, two), "")
	s.Entry(two, "")
	s.open(t)
	clean := new(faultfs.Faults)
	saidOf(t.Context(), layout.New(clean.Over(s.fs)), layout.WalkOptions{})
	for _, op := range clean.Ops() {
		if op.Name == model.BlobsDir || op.Name == model.BlobsDir+"/sha256" {
			continue // which of the blobs it is looked at for depends on who is first
		}
		for fault, once := range faultfs.EveryFault(op.Kind) {
			said := func(ahead int) []string {
				f := &faultfs.Faults{Plan: faultfs.At(op, once)}
				all := saidOf(t.Context(), layout.New(f.Over(s.fs)), layout.WalkOptions{Ahead: ahead})
				if left := f.Unclosed(); len(left) > 0 {
					t.Errorf("%s at %v, with %d ahead: open are %v", fault, op, ahead, left)
				}
				return all
			}
			if diff := cmp.Diff(said(0), said(8)); diff != "" {
				t.Errorf("%s at %v: ahead, it tells otherwise (-want +got):\n%s", fault, op, diff)
			}
		}
	}
	goleak.VerifyNone(t)
}

// However the loop is left, nothing goes on.
func TestAheadLeft(t *testing.T) {
	s := woven(t)
	n := len(saidOf(t.Context(), layout.New(s.fs), layout.WalkOptions{}))
	for at := 0; at < n; at += 1 + n/40 {
		f := new(faultfs.Faults)
		l := layout.New(f.Over(s.fs))
		ctx, cancel := context.WithCancelCause(t.Context())
		seen := 0
		for range l.Walk(ctx, layout.WalkOptions{Ahead: 16}) {
			if seen++; seen == at+1 {
				if at%2 == 0 {
					break
				}
				cancel(errors.New("enough"))
			}
		}
		if seen != at+1 {
			t.Errorf("%d visits, after it was left at %d", seen, at+1)
		}
		cancel(nil)
		if left := f.Unclosed(); len(left) > 0 {
			t.Errorf("left after %d visits: open are %v", seen, left)
		}
	}
	func() {
		defer func() { _ = blobs.Caught(recover()) }()
		for v := range layout.New(s.fs).Walk(t.Context(), layout.WalkOptions{Ahead: 16}) {
			if v.From != nil {
				panic("the caller's own")
			}
		}
	}()
	goleak.VerifyNone(t)
}

// All that may be read at once is read at once, and no more.
func TestAheadAtOnce(t *testing.T) {
	const ahead = 8
	s := newSite()
	for i := range 50 {
		s.Entry(s.image(fmt.Sprint(i), s.layer("x")), "")
	}
	s.open(t)
	meeting := faultfs.Meet(ahead)
	said := saidOf(t.Context(), layout.New(faulty(s.fs, func(op faultfs.Op) faultfs.Fault {
		if op.Kind == faultfs.OpOpen && op.Name != model.IndexFile {
			return meeting.Fault()
		}
		return faultfs.Fault{}
	})), layout.WalkOptions{Ahead: ahead})
	if diff := cmp.Diff(saidOf(t.Context(), layout.New(s.fs), layout.WalkOptions{}), said); diff != "" {
		t.Error(diff)
	}
	if most := meeting.Most(); most != ahead {
		t.Errorf("%d files were opened at once", most)
	}
}

// The memory of what is read ahead is bounded, whatever a document is made of.
func TestAheadMemory(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	s := newSite()
	for i := range 40 {
		s.Entry(s.Document(model.MediaTypeManifest, map[string]any{"n": i, "padding": strings.Repeat("x", 200_000)}), "")
		s.Entry(s.Blob(model.MediaTypeManifest, fmt.Appendf(nil, `{"n":%d,"layers":[%s{}]}`, i, strings.Repeat(`{},`, 5_000))), "")
		s.Entry(s.Blob(model.MediaTypeManifest, fmt.Appendf(nil, `{"n":%d,"layers":[%s{}]}`, i, strings.Repeat(`{"digest":1,"size":"x"},`, 5_000))), "")
	}
	l := s.open(t)
	most := func(ahead int) (most int64) {
		grown, n := held(), 0
		for range l.Walk(t.Context(), layout.WalkOptions{Ahead: ahead, Limits: layout.Limits{Descriptors: 2_000_000}}) {
			if n++; n%20_000 < 3 {
				most = max(most, grown())
			}
		}
		return most
	}
	without, with := most(0), most(64)
	t.Logf("%d MiB without, %d with 64 ahead", without, with)
	if with > without+20 {
		t.Errorf("%d MiB are held, where it is %d if nothing is read ahead", with, without)
	}
}

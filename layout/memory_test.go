package layout_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
)

const mib = 1 << 20

// held returns how many MiB more are in use on the heap than before, where it is
// called.
func held() func() int64 {
	live := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before := live()
	return func() int64 { return (live() - before) / mib }
}

// heavy writes a document of many tiny maps, which take far more memory than
// bytes, beside the descriptors given.
func (s site) heavy(member string, n int, to ...model.Descriptor) model.Descriptor {
	mediaType := model.MediaTypeIndex
	if member == "layers" {
		mediaType = model.MediaTypeManifest
	}
	var all strings.Builder
	for _, d := range to {
		fmt.Fprintf(&all, `{"mediaType":%q,"digest":%q,"size":%d},`, d.MediaType, d.Digest, d.Size)
	}
	all.WriteString(strings.Repeat(`{"annotations":{"":""},"urls":[""]},`, n))
	return s.Blob(mediaType, []byte(`{"schemaVersion":2,"`+member+`":[`+strings.TrimSuffix(all.String(), ",")+`]}`))
}

// However documents are nested, what is held of them at once is bounded.
func TestNestedMemory(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	s := newSite()
	end := s.heavy("layers", 20_000)
	for range 20 {
		end = s.heavy("manifests", 20_000, end)
	}
	s.Entry(end, "")
	l := s.open(t)
	limits := layout.Limits{Memory: 48 * mib}
	const most = 64

	t.Run("walk", func(t *testing.T) {
		grown, depth := held(), 0
		for v := range l.Walk(t.Context(), layout.WalkOptions{Limits: limits}) {
			if v.Document == nil || !v.First {
				continue
			}
			depth = max(depth, len(v.Trail()))
			if n := grown(); n > most {
				t.Fatalf("%d MiB are held at a depth of %d", n, depth)
			}
		}
		if depth < 3 || depth > 10 {
			t.Errorf("it went to a depth of %d", depth)
		}
	})
	t.Run("summary", func(t *testing.T) {
		if sum := s.summary(t, end, limits); sum.State != layout.StateUnreadable {
			t.Errorf("the state is %q", sum.State)
		}
	})
	t.Run("image", func(t *testing.T) {
		if _, err := l.Images(t.Context(), layout.Selector{}); err == nil {
			t.Error("no error")
		}
	})
}

// A document that is too much for what is left is told from one that is too large
// by itself.
func TestWalkMemoryLeft(t *testing.T) {
	s := newSite()
	small := s.image("small")
	large := s.Document(model.MediaTypeManifest, map[string]any{"layers": []any{small}, "x": strings.Repeat("x", 1000)})
	s.Entry(s.Index(large), "")
	s.Entry(small, "")
	l := s.open(t)
	limits := layout.Limits{Memory: 4_000}
	var errs []error
	for v := range l.Walk(t.Context(), layout.WalkOptions{Limits: limits}) {
		if v.Document != nil && v.Blob != nil && v.Blob.Digest == large.Digest {
			errs = append(errs, v.Document.Err)
		}
	}
	if len(errs) != 1 || errs[0] != nil {
		t.Fatalf("within the limit: %v", errs)
	}
	limits.Memory = 2_000
	errs = nil
	for v := range l.Walk(t.Context(), layout.WalkOptions{Limits: limits}) {
		if v.Document != nil && v.Blob != nil && v.Blob.Digest == large.Digest {
			errs = append(errs, v.Document.Err)
		}
	}
	if len(errs) != 1 || !errors.Is(errs[0], layout.ErrMemory) {
		t.Errorf("beyond the limit: %v", errs)
	}
}

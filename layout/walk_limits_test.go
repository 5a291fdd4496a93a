package layout_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// named returns the descriptor of an index that is written under a digest which
// is not its own, as it has to be to name what leads to it.
func named(name string) model.Descriptor {
	return model.Descriptor{MediaType: model.MediaTypeIndex, Digest: digest.FromString(name), Size: 1}
}

func TestWalkCycles(t *testing.T) {
	t.Run("to itself", func(t *testing.T) {
		s := newSite()
		s.Entry(s.damaged(model.MediaTypeIndex, "a", model.NewIndex(named("a"), named("a"))), "")
		wantWalk(t, s.open(t), layout.WalkOptions{},
			"/manifests/0 index damaged first",
			"/manifests/0 /manifests/0 index damaged cycle unjudged",
			"/manifests/0 /manifests/1 index damaged cycle unjudged")
	})
	t.Run("to itself as another kind", func(t *testing.T) {
		s := newSite()
		other := named("a")
		other.MediaType = model.MediaTypeManifest
		s.Entry(s.damaged(model.MediaTypeIndex, "a", model.NewIndex(other)), "")
		l, opened := s.noted(t)
		wantWalk(t, l, layout.WalkOptions{},
			"/manifests/0 index damaged first",
			"/manifests/0 /manifests/0 manifest damaged first unjudged")
		wantOpened(t, opened, 1)
	})
	t.Run("over another", func(t *testing.T) {
		s := newSite()
		s.damaged(model.MediaTypeIndex, "b", model.NewIndex(named("a")))
		s.Entry(s.damaged(model.MediaTypeIndex, "a", model.NewIndex(named("b"))), "")
		s.Entry(named("b"), "")
		wantWalk(t, s.open(t), layout.WalkOptions{},
			"/manifests/0 index damaged first",
			"/manifests/0 /manifests/0 index damaged first unjudged",
			"/manifests/0 /manifests/0 /manifests/0 index damaged cycle unjudged",
			"/manifests/1 index damaged first")
	})
	t.Run("by a subject", func(t *testing.T) {
		s := newSite()
		subject := named("m")
		subject.MediaType = model.MediaTypeManifest
		m := model.NewManifest(s.layer("config"))
		m.Subject = &subject
		s.Entry(s.damaged(model.MediaTypeManifest, "m", m), "")
		wantWalk(t, s.open(t), layout.WalkOptions{},
			"/manifests/0 manifest damaged first",
			"/manifests/0 /config layer first unjudged",
			"/manifests/0 /subject manifest damaged cycle unjudged")
	})
	t.Run("where no digest can be computed", func(t *testing.T) {
		s := newSite()
		d := model.Descriptor{MediaType: model.MediaTypeIndex, Digest: "foo:bar", Size: 1}
		s.File("blobs/foo/bar", []byte(`{"manifests":[{"mediaType":"`+model.MediaTypeIndex+`","digest":"foo:bar","size":1}]}`))
		s.Entry(d, "")
		wantWalk(t, s.open(t), layout.WalkOptions{}, "/manifests/0 index first", "/manifests/0 /manifests/0 index cycle")
	})
}

// chain writes indexes that each name the next, and returns the first.
func (s site) chain(n int, end model.Descriptor) model.Descriptor {
	for range n {
		end = s.Index(end)
	}
	return end
}

func TestWalkTooDeep(t *testing.T) {
	s := newSite()
	s.Entry(s.chain(3, s.layer("x")), "")
	l := s.open(t)
	wantWalk(t, l, layout.WalkOptions{Limits: layout.Limits{Depth: 4}},
		"/manifests/0 index first", "/manifests/0 /manifests/0 index first", "/manifests/0 /manifests/0 /manifests/0 index first",
		"/manifests/0 /manifests/0 /manifests/0 /manifests/0 layer first")
	wantWalk(t, l, layout.WalkOptions{Limits: layout.Limits{Depth: 3}},
		"/manifests/0 index first", "/manifests/0 /manifests/0 index first", "/manifests/0 /manifests/0 /manifests/0 index first deep")
	wantWalk(t, l, layout.WalkOptions{Limits: layout.Limits{Depth: 1}}, "/manifests/0 index first deep")

	// A document without descriptors is nowhere too deep.
	s = newSite()
	s.Entry(s.chain(2, s.Index()), "")
	for _, line := range walk(t, s.open(t), layout.WalkOptions{Limits: layout.Limits{Depth: 3}}) {
		if strings.Contains(line, "deep") {
			t.Error(line)
		}
	}
}

func TestWalkLongChain(t *testing.T) {
	s := newSite()
	s.Entry(s.chain(10_000, s.layer("x")), "")
	got := walk(t, s.open(t), layout.WalkOptions{})
	if len(got) != 1+32 || !strings.HasSuffix(got[32], " index first deep") {
		t.Errorf("%d visits, the last of them %q: want to end at a depth of 32", len(got), got[len(got)-1])
	}
	// Deeper, if that is asked for, and without a recursion for each.
	n := 0
	for v := range s.open(t).Walk(t.Context(), layout.WalkOptions{Limits: layout.Limits{Depth: 1 << 20}}) {
		if n++; !v.First || v.TooDeep || v.Cycle {
			t.Fatalf("%d visits, the last of them %q", n, line(v))
		}
	}
	if n != 1+10_000+1 {
		t.Errorf("%d visits, want all", n)
	}
}

// What was too deep on one way is walked on a shorter one.
func TestWalkTooDeepThenNot(t *testing.T) {
	s := newSite()
	end := s.image("end", s.layer("x"))
	s.Entry(s.Index(s.Index(end, end)), "")
	s.Entry(s.Index(s.Index(end)), "")
	s.Entry(end, "")
	s.Entry(end, "")
	l, opened := s.noted(t)
	wantWalk(t, l, layout.WalkOptions{Limits: layout.Limits{Depth: 3}},
		"/manifests/0 index first",
		"/manifests/0 /manifests/0 index first",
		"/manifests/0 /manifests/0 /manifests/0 manifest first deep",
		"/manifests/0 /manifests/0 /manifests/1 manifest",
		"/manifests/1 index first",
		"/manifests/1 /manifests/0 index first",
		"/manifests/1 /manifests/0 /manifests/0 manifest",
		"/manifests/2 manifest",
		// A document's trail stays the one by which it was met first.
		"/manifests/0 /manifests/0 /manifests/0 /config config first",
		"/manifests/0 /manifests/0 /manifests/0 /layers/0 layer first",
		"/manifests/3 manifest")
	wantOpened(t, opened, 2)
}

// What names the same again and again is read once, at any width.
func TestWalkWide(t *testing.T) {
	s := newSite()
	end := s.image("end")
	for range 20 { // 2^20 ways
		end = s.Index(end, end)
	}
	s.Entry(end, "")
	l, opened := s.noted(t)
	if got := walk(t, l, layout.WalkOptions{}); len(got) != 1+1+20*2+1 {
		t.Errorf("%d visits", len(got))
	}
	wantOpened(t, opened, 1)

	s = newSite()
	one := s.image("one", slices.Repeat([]model.Descriptor{s.layer("x")}, 5_000)...)
	for range 5_000 {
		s.Entry(one, "")
	}
	l, opened = s.noted(t)
	if got := walk(t, l, layout.WalkOptions{}); len(got) != 1+5_000+1+5_000 {
		t.Errorf("%d visits", len(got))
	}
	wantOpened(t, opened, 1)
}

// Documents that cannot be followed are not read for each descriptor either.
func TestWalkWideFaults(t *testing.T) {
	for name, write := range map[string]func(site) model.Descriptor{
		"too deep": func(s site) model.Descriptor { return s.Index(s.Index(s.layer("x"))) },
		"damaged": func(s site) model.Descriptor {
			return s.damaged(model.MediaTypeManifest, "m", model.NewManifest(s.layer("x")))
		},
		"garbage":      func(s site) model.Descriptor { return s.Blob(model.MediaTypeManifest, []byte("garbage")) },
		"an array":     func(s site) model.Descriptor { return s.Blob(model.MediaTypeIndex, []byte("[]")) },
		"no bytes":     func(s site) model.Descriptor { return s.Blob(model.MediaTypeIndex, nil) },
		"no children":  func(s site) model.Descriptor { return s.Index() },
		"too large":    func(s site) model.Descriptor { return s.Blob(model.MediaTypeManifest, make([]byte, 10_000)) },
		"damaged, too": func(s site) model.Descriptor { return s.damaged(model.MediaTypeImageConfig, "c", "garbage") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite()
			d := write(s)
			for range 100 {
				s.Entry(d, "")
			}
			for depth := range 3 {
				l, opened := s.noted(t)
				limits := layout.Limits{Depth: depth + 1, Document: 9_999}
				if got := walk(t, l, layout.WalkOptions{Limits: limits}); len(got) < 1+100 || len(got) > 1+100+2 {
					t.Errorf("%d visits", len(got))
				}
				wantOpened(t, opened, 1)
			}
		})
	}
}

func TestWalkTooMany(t *testing.T) {
	s := newSite()
	s.Entry(s.image("one", s.layer("a"), s.layer("b")), "")
	s.Entry(s.image("two"), "")
	l := s.open(t)
	all := walk(t, l, layout.WalkOptions{})
	for n := 1; n < len(all)-1; n++ {
		got := walk(t, l, layout.WalkOptions{Limits: layout.Limits{Descriptors: n}})
		if len(got) != n+2 || !slices.Equal(got[:n+1], all[:n+1]) || !strings.HasSuffix(got[n+1], " many") {
			t.Errorf("with %d descriptors: %q", n, got)
		}
	}
	if got := walk(t, l, layout.WalkOptions{Limits: layout.Limits{Descriptors: len(all) - 1}}); !slices.Equal(got, all) {
		t.Errorf("with as many as there are: %q", got)
	}
}

// A document's content is let go once it was walked, so that a walk holds no
// more than the documents on the way down.
func TestWalkReleases(t *testing.T) {
	s := newSite()
	s.Entry(s.chain(2, s.image("one", s.layer("x"))), "")
	s.Entry(s.Blob(model.MediaTypeManifest, []byte("garbage")), "")
	s.Entry(s.Blob(model.MediaTypeManifest, []byte(`{"x":1,"x":2}`)), "")
	damaged := s.damaged(model.MediaTypeManifest, "damaged", model.NewManifest(s.layer("x")))
	s.Entry(damaged, "")
	s.Entry(damaged, "")
	s.Entry(s.chain(4, s.layer("deep")), "")
	missing := model.Describe(model.MediaTypeManifest, []byte(`{"missing":true}`))
	missing.Data = []byte(`{"missing":true}`)
	s.Entry(missing, "")
	l := s.open(t)
	var met []*layout.Document
	for v := range l.Walk(t.Context(), layout.WalkOptions{Limits: layout.Limits{Depth: 4}}) {
		if v.Document == nil {
			continue
		}
		if v.First && v.Document.Raw == nil {
			t.Errorf("%s: its first visit is without content", line(v))
		}
		if v.From != nil && (v.From.Raw == nil || v.From.Doc == nil) {
			t.Errorf("%s: the document that names it is without content", line(v))
		}
		met = append(met, v.Document)
	}
	if len(met) < 12 {
		t.Fatalf("only %d documents", len(met))
	}
	for _, d := range met {
		if d.Raw != nil || d.Doc != nil || d.Problems != nil {
			t.Errorf("%s keeps its content", d.Path)
		}
	}
}

// The memory of a walk does not grow with what the documents hold.
func TestWalkMemory(t *testing.T) {
	testrun.NotShort(t, "it measures memory")
	const mib = 1 << 20
	s := newSite()
	padding := strings.Repeat("x", mib)
	for i := range 12 {
		s.Entry(s.Document(model.MediaTypeManifest, map[string]any{"n": i, "padding": padding}), "")
		broken := s.Blob(model.MediaTypeManifest, fmt.Appendf(nil, "%d%s", i, padding))
		s.Entry(broken, "")
		damaged := s.damaged(model.MediaTypeIndex, fmt.Sprint(i), map[string]any{"n": i, "padding": padding, "manifests": []any{s.layer("x")}})
		s.Entry(damaged, "")
		s.Entry(damaged, "")
	}
	l := s.open(t)
	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	n := 0
	for range l.Walk(t.Context(), layout.WalkOptions{}) {
		if n++; n%15 == 0 {
			runtime.GC()
			runtime.ReadMemStats(&during)
			if grown := int64(during.HeapAlloc) - int64(before.HeapAlloc); grown > 8*mib {
				t.Fatalf("after %d visits, %d MiB are held", n, grown/mib)
			}
		}
	}
	if n < 1+4*12 {
		t.Errorf("%d visits", n)
	}
}

package show_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
)

// windows returns the descriptor of an image of its own for an os.version.
func (s site) windows(version string) model.Descriptor {
	d := s.Image("windows/amd64", s.Layer(layouttest.Files{"Files/" + version: ""}))
	d.Platform.OSVersion = version
	return d
}

func (s site) image(platform, file string) model.Descriptor {
	return s.Image(platform, s.Layer(layouttest.Files{file: ""}))
}

// about returns an artifact about an image.
func (s site) about(d model.Descriptor, content string) model.Descriptor {
	s.Blob(model.MediaTypeEmptyJSON, []byte(model.EmptyJSON))
	m := model.NewManifest(model.EmptyDescriptor(), s.Blob("text/plain", []byte(content)))
	m.ArtifactType, m.Subject = "application/vnd.example", &d
	return s.Document(model.MediaTypeManifest, m)
}

// Images are paired by name and platform where there is a choice.
func TestPairs(t *testing.T) {
	for _, test := range []struct {
		name  string
		build func(a, b site)
		pairs []string
		onlyA []string
		onlyB []string
	}{
		{name: "usual variant", build: func(a, b site) {
			a.Entry(a.Index(a.image("linux/amd64", "1"), a.image("linux/arm64", "2")), "v1")
			b.Entry(b.Index(b.image("linux/arm64/v8", "3"), b.image("linux/amd64", "4")), "v1")
		}, pairs: []string{"linux/amd64 linux/amd64", "linux/arm64 linux/arm64/v8"}},
		{name: "another variant", build: func(a, b site) {
			a.Entry(a.Index(a.image("linux/arm/v6", "1"), a.image("linux/amd64", "2")), "v1")
			b.Entry(b.Index(b.image("linux/arm/v7", "3"), b.image("linux/amd64", "2")), "v1")
		}, pairs: []string{"linux/amd64 linux/amd64"}, onlyA: []string{"linux/arm/v6"}, onlyB: []string{"linux/arm/v7"}},
		{name: "one and one", build: func(a, b site) {
			a.Entry(a.image("linux/amd64", "1"), "v1")
			b.Entry(b.image("linux/s390x", "1"), "v2")
		}, pairs: []string{"linux/amd64 linux/s390x"}},
		{name: "one of two", build: func(a, b site) {
			a.Entry(a.image("linux/amd64", "1"), "v1")
			b.Entry(b.Index(b.image("linux/amd64", "2"), b.image("linux/arm64", "2")), "v2")
		}, pairs: []string{"linux/amd64 linux/amd64"}, onlyB: []string{"linux/arm64"}},
		{name: "by name", build: func(a, b site) {
			a.Entry(a.image("linux/amd64", "1"), "v1")
			a.Entry(a.image("linux/amd64", "2"), "v2")
			b.Entry(b.image("linux/amd64", "3"), "v2")
			b.Entry(b.image("linux/amd64", "4"), "v3")
			b.Entry(b.image("linux/amd64", "5"), "v4")
		}, pairs: []string{"linux/amd64 (v2) linux/amd64 (v2)"}, onlyA: []string{"linux/amd64 (v1)"}, onlyB: []string{"linux/amd64 (v3)", "linux/amd64 (v4)"}},
		{name: "by digest", build: func(a, b site) {
			a.Entry(a.image("linux/amd64", "1"), "v1")
			a.Entry(a.image("linux/amd64", "2"), "v2")
			b.Entry(b.image("linux/amd64", "3"), "v3")
			b.Entry(b.image("linux/amd64", "2"), "v4")
		}, pairs: []string{"linux/amd64 (v1) linux/amd64 (v3)", "linux/amd64 (v2) linux/amd64 (v4)"}},
		{name: "os.version", build: func(a, b site) {
			a.Entry(a.Index(a.windows("10.0.17763.1"), a.windows("10.0.20348.1")), "v1")
			b.Entry(b.Index(b.windows("10.0.20348.2"), b.windows("10.0.17763.2"), b.windows("10.0.26100.1")), "v2")
		}, pairs: []string{"windows/amd64 10.0.17763.1 windows/amd64 10.0.17763.2", "windows/amd64 10.0.20348.1 windows/amd64 10.0.20348.2"}, onlyB: []string{"windows/amd64 10.0.26100.1"}},
		{name: "artifacts by what they are about", build: func(a, b site) {
			one, two := a.image("linux/amd64", "1"), a.image("linux/arm64", "1")
			a.Entry(a.Index(one, two, a.about(one, "1"), a.about(two, "2")), "v1")
			one, two = b.image("linux/amd64", "2"), b.image("linux/arm64", "2")
			b.Entry(b.Index(one, two, b.about(two, "3")), "v1")
		}, pairs: []string{"linux/amd64 linux/amd64", "linux/arm64 linux/arm64", "artifact artifact"}, onlyA: []string{"artifact"}},
		{name: "under another name", build: func(a, b site) {
			shared := a.image("linux/amd64", "1")
			a.Entry(a.Index(shared), "v1")
			a.Entry(a.Index(shared, a.image("linux/arm64", "1")), "v2")
			b.Entry(b.Index(b.image("linux/amd64", "2")), "v1")
			b.Entry(b.Index(b.image("linux/amd64", "1"), b.image("linux/arm64", "1")), "v2")
		}, pairs: []string{"linux/amd64 (v1) linux/amd64 (v1)", "linux/arm64 (v2) linux/arm64 (v2)", "linux/amd64 (v1) linux/amd64 (v2)"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := newSite(), newSite()
			test.build(a, b)
			r := compared(t, a, b, show.DiffOptions{NoFiles: true})
			withNames := len(test.pairs) > 0 && test.pairs[0][len(test.pairs[0])-1] == ')'
			var pairs []string
			for _, p := range r.Pairs {
				pairs = append(pairs, label(p.A, withNames)+" "+label(p.B, withNames))
			}
			if diff := cmp.Diff(test.pairs, pairs); diff != "" {
				t.Error(diff)
			}
			for _, one := range []struct {
				want  []string
				items []show.Item
			}{{test.onlyA, r.OnlyInA}, {test.onlyB, r.OnlyInB}} {
				var got []string
				for _, it := range one.items {
					got = append(got, label(it, withNames))
				}
				if diff := cmp.Diff(one.want, got); diff != "" {
					t.Error(diff)
				}
			}
			if !r.Differs {
				t.Error("no difference")
			}
		})
	}
}

func label(it show.Item, withNames bool) string {
	text := it.Platform
	if it.OSVersion != "" {
		text += " " + it.OSVersion
	}
	if it.Kind == show.KindArtifact {
		return it.Kind
	}
	if withNames && len(it.References) == 1 {
		text += " (" + it.References[0] + ")"
	}
	return text
}

// Entries are compared by name where layouts are, and as they are selected else.
func TestEntries(t *testing.T) {
	a, b := newSite(), newSite()
	same := a.image("linux/amd64", "1")
	b.image("linux/amd64", "1")
	a.Entry(same, "same")
	b.Entry(same, "same")
	a.Entry(same, "moved")
	b.Entry(b.image("linux/amd64", "2"), "moved")
	a.Entry(same, "old")
	noted := same
	noted.Annotations = map[string]string{"k": "v"}
	a.Entry(same, "noted")
	b.Entry(noted, "noted")
	b.Entry(b.image("linux/amd64", "3"), "")
	one, two := a.open(t), b.open(t)
	e := selected(t, show.Side{Layout: one}, show.Side{Layout: two}, show.DiffOptions{}).Entries
	if len(e.OnlyInA) != 1 || e.OnlyInA[0].Reference != "old" || len(e.OnlyInB) != 1 || e.OnlyInB[0].Reference != "" || len(e.Changed) != 2 {
		t.Fatalf("%+v", e)
	}
	if diff := cmp.Diff([]string{"/annotations/k  \"v\""}, members(e.Changed[1].Members)); diff != "" || e.Changed[0].A.Reference != "moved" {
		t.Errorf("%+v %s", e.Changed, diff)
	}
	for name, changed := range map[string]int{"same": 0, "moved": 1, "noted": 0} {
		s := layout.Selector{RefName: name}
		r := selected(t, show.Side{Layout: one, Selector: s}, show.Side{Layout: two, Selector: s}, show.DiffOptions{})
		if len(r.Entries.Changed) != changed || r.Differs != (changed > 0) {
			t.Errorf("%s: %+v", name, r.Entries)
		}
	}
}

// Members of indexes and of their entries are differences too.
func TestIndexMembers(t *testing.T) {
	a, b := newSite(), newSite()
	one, two := a.image("linux/amd64", "1"), b.image("linux/amd64", "1")
	two.Annotations = map[string]string{"k": "v"}
	x, y := model.NewIndex(one), model.NewIndex(two)
	y.ArtifactType = "application/x"
	a.Entry(a.Document(model.MediaTypeIndex, x), "v1")
	b.Entry(b.Document(model.MediaTypeIndex, y), "v1")
	s := layout.Selector{RefName: "v1"}
	r := selected(t, show.Side{Layout: a.open(t), Selector: s}, show.Side{Layout: b.open(t), Selector: s}, show.DiffOptions{})
	if diff := cmp.Diff([]string{`/artifactType  "application/x"`}, members(r.Entries.Index)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{`/annotations/k  "v"`}, members(only(t, r).Descriptor)); diff != "" {
		t.Error(diff)
	}
}

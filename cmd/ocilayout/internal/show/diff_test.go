package show_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
)

// A layout is the same as itself, in one Layout or in two.
func TestItself(t *testing.T) {
	s := newSite()
	one := s.Image("linux/amd64", s.Layer(layouttest.Files{"a": "a"}))
	s.Entry(s.Index(one, s.Image("linux/arm64/v8", s.Layer(layouttest.Files{"b": "b"}))), "v1")
	s.Entry(one, "")
	l := s.open(t)
	for _, other := range []*layout.Layout{l, layout.New(s.fs)} {
		r := selected(t, show.Side{Layout: l}, show.Side{Layout: other}, show.DiffOptions{})
		if r.Differs || !r.Complete || len(r.Pairs) != 2 {
			t.Errorf("%+v", r)
		}
		for _, p := range r.Pairs {
			if !p.Same || p.Files.Verdict != show.FilesSame {
				t.Errorf("%+v", p)
			}
		}
	}
}

// Configurations are compared member by member.
func TestConfig(t *testing.T) {
	for _, test := range []struct {
		name string
		a, b model.ImageConfig
		want []string
	}{
		{name: "variables", a: model.ImageConfig{Env: []string{"A=1", "B=2", "PATH=/bin"}}, b: model.ImageConfig{Env: []string{"PATH=/bin", "B=3", "C=<"}},
			want: []string{`/config/Env/A "1" `, `/config/Env/B "2" "3"`, `/config/Env/C  "<"`}},
		{name: "order of variables", a: model.ImageConfig{Env: []string{"A=1", "B=2"}}, b: model.ImageConfig{Env: []string{"B=2", "A=1"}},
			want: []string{`/config/Env ["A=1","B=2"] ["B=2","A=1"]`}},
		{name: "first variable", b: model.ImageConfig{Env: []string{"A=1"}}, want: []string{`/config/Env/A  "1"`}},
		{name: "labels", a: model.ImageConfig{Labels: map[string]string{"a/b": "1", "c": "2"}}, b: model.ImageConfig{Labels: map[string]string{"c": "3"}},
			want: []string{`/config/Labels/a~1b "1" `, `/config/Labels/c "2" "3"`}},
		{name: "arrays", a: model.ImageConfig{Cmd: []string{"sh", "-c"}}, b: model.ImageConfig{Cmd: []string{"sh"}}, want: []string{`/config/Cmd ["sh","-c"] ["sh"]`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, b := newSite(), newSite()
			a.configured("v1", func(c *model.Image, _ *model.Manifest) { c.Config = test.a })
			b.configured("v1", func(c *model.Image, _ *model.Manifest) { c.Config = test.b })
			r := compared(t, a, b, show.DiffOptions{})
			p := only(t, r)
			if diff := cmp.Diff(test.want, members(p.Config.Members)); diff != "" {
				t.Error(diff)
			}
			if !r.Differs || p.Files.Verdict != show.FilesSame || p.Config.A == p.Config.B {
				t.Errorf("%+v", p)
			}
		})
	}
}

// Manifests are compared without what is told of layers and configuration.
func TestManifest(t *testing.T) {
	a, b := newSite(), newSite()
	a.configured("v1", func(_ *model.Image, m *model.Manifest) { m.Annotations = map[string]string{"k": "1"} }, a.Layer(nil))
	b.configured("v1", func(c *model.Image, m *model.Manifest) { m.MediaType, c.Author = "", "me" }, b.Layer(nil))
	p := only(t, compared(t, a, b, show.DiffOptions{}))
	if diff := cmp.Diff([]string{`/annotations/k "1" `, `/mediaType "application/vnd.oci.image.manifest.v1+json" `}, members(p.Manifest)); diff != "" {
		t.Error(diff)
	}
}

// Layers are paired by what is in them, wherever they stand.
func TestLayers(t *testing.T) {
	a, b := newSite(), newSite()
	one, two, three := layouttest.Files{"1": ""}, layouttest.Files{"2": ""}, layouttest.Files{"3": ""}
	a.Entry(a.Image("linux/amd64", a.Layer(one), a.Layer(two)), "v1")
	b.Entry(b.Image("linux/amd64", b.Layer(two), b.Layer(three), b.Layer(two)), "v1")
	var got []string
	for _, l := range only(t, compared(t, a, b, show.DiffOptions{})).Layers {
		text := l.State
		if l.A != nil {
			text += " " + string(rune('0'+l.A.Place))
		}
		if l.B != nil {
			text += " " + string(rune('0'+l.B.Place))
		}
		got = append(got, text)
	}
	if diff := cmp.Diff([]string{"onlyInA 0", "same 1 0", "onlyInB 1", "onlyInB 2"}, got); diff != "" {
		t.Error(diff)
	}
}

// A side that is damaged or lacks something is told, and nothing is made up about
// its files.
func TestDamaged(t *testing.T) {
	build := func() (site, layouttest.Layer, model.Descriptor) {
		s := newSite()
		l := s.Layer(layouttest.Files{"f": "content"})
		d := s.Image("linux/amd64", l)
		s.Entry(d, "v1")
		return s, l, d
	}
	for _, test := range []struct {
		name   string
		damage func(site, layouttest.Layer, model.Descriptor) error
		state  layout.State
	}{
		{"layer flipped", func(s site, l layouttest.Layer, _ model.Descriptor) error {
			return layouttest.Corrupt(s.fs, blobs.Path(l.Digest), 600)
		}, layout.StateDamaged},
		{"layer missing", func(s site, l layouttest.Layer, _ model.Descriptor) error {
			return layouttest.Remove(s.fs, blobs.Path(l.Digest))
		}, layout.StateMissing},
		{"manifest missing", func(s site, _ layouttest.Layer, d model.Descriptor) error {
			return layouttest.Remove(s.fs, blobs.Path(d.Digest))
		}, layout.StateMissing},
		{"manifest flipped", func(s site, _ layouttest.Layer, d model.Descriptor) error {
			return layouttest.Corrupt(s.fs, blobs.Path(d.Digest), 30)
		}, layout.StateDamaged},
	} {
		t.Run(test.name, func(t *testing.T) {
			sound, _, _ := build()
			other := newSite()
			other.Entry(other.Image("linux/amd64", other.Layer(layouttest.Files{"g": ""})), "v1")
			broken, l, d := build()
			bl := broken.open(t)
			if err := test.damage(broken, l, d); err != nil {
				t.Fatal(err)
			}
			for _, s := range []site{sound, other} {
				r := selected(t, show.Side{Layout: s.open(t)}, show.Side{Layout: bl}, show.DiffOptions{})
				if r.Complete || len(r.Problems) != 1 || r.Problems[0].In != "b" || r.Problems[0].State != test.state {
					t.Errorf("%+v", r.Problems)
				}
				if p := only(t, r); p.Files.Verdict != show.FilesUnknown || p.Same != (s == sound) {
					t.Errorf("%+v", p)
				}
			}
		})
	}
}

// A configuration that lies about what a layer unpacks to is found out.
func TestDiffIDWrong(t *testing.T) {
	a, b := newSite(), newSite()
	l := a.Layer(layouttest.Files{"f": "1"})
	a.Entry(a.Image("linux/amd64", l), "v1")
	lie := b.Layer(layouttest.Files{"f": "2"})
	lie.DiffID = l.DiffID
	b.Entry(b.Image("linux/amd64", lie), "v1")
	r := compared(t, a, b, show.DiffOptions{})
	p := only(t, r)
	if p.Files.Verdict != show.FilesDifferent || len(p.Layers) != 2 || r.Complete || len(r.Problems) != 1 || r.Problems[0].State != layout.StateDamaged {
		t.Errorf("%+v %+v", p, r.Problems)
	}
	if quick := only(t, compared(t, a, b, show.DiffOptions{Quick: true})); quick.Files.Verdict != show.FilesAssumed {
		t.Errorf("%+v", quick.Files)
	}
}

// Errors say which side they are about.
func TestErrors(t *testing.T) {
	s := newSite()
	s.Entry(s.Image("linux/amd64"), "v1")
	l := s.open(t)
	_, err := show.Diff(t.Context(), show.Side{Layout: l}, show.Side{Layout: l, Selector: layout.Selector{RefName: "v2"}}, show.DiffOptions{})
	if e, ok := errors.AsType[*show.SideError](err); !ok || e.In != "b" || !errors.Is(err, layout.ErrNoEntry) {
		t.Errorf("%v", err)
	}
	arm, _ := model.ParsePlatform("linux/arm64")
	_, err = show.Diff(t.Context(), show.Side{Layout: l}, show.Side{Layout: l}, show.DiffOptions{Platforms: []model.Platform{arm}})
	if !errors.Is(err, show.ErrNothing) {
		t.Errorf("%v", err)
	}
	stopped := errors.New("stopped")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(stopped)
	if _, err = show.Diff(ctx, show.Side{Layout: l}, show.Side{Layout: l}, show.DiffOptions{}); !errors.Is(err, stopped) {
		t.Errorf("%v", err)
	}
	if _, err = show.Diff(t.Context(), show.Side{Layout: layout.New(newSite().fs)}, show.Side{Layout: l}, show.DiffOptions{}); err == nil || !strings.Contains(err.Error(), "not an OCI image layout") {
		t.Errorf("%v", err)
	}
}

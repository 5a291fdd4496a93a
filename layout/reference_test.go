package layout_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

var (
	digestA = digest.FromString("a")
	digestB = digest.FromString("b")
)

func entry(refName string, d digest.Digest) model.Descriptor {
	e := model.Descriptor{MediaType: model.MediaTypeManifest, Digest: d, Size: 1}
	if refName != "" {
		e.Annotations = map[string]string{model.AnnotationRefName: refName}
	}
	return e
}

// The name by which containerd and Docker know an image is a reference as well, where
// no entry has it as its reference name.
func TestResolveContainerdName(t *testing.T) {
	known := func(d digest.Digest, refName, name string) model.Descriptor {
		e := entry(refName, d)
		e.Annotations[model.AnnotationContainerdName] = name
		return e
	}
	const a, b = "docker.io/library/a:1", "docker.io/library/b:1"
	x := model.NewIndex(known(digestA, "1", a), known(digestB, "1", b), known(digestB, "2", "1"), entry(b, digestA))
	for name, want := range map[string][]int{a: {0}, b: {3}, "2": {2}, "c": nil} {
		if got, err := layout.Resolve(x, layout.Selector{RefName: name}); !slices.Equal(got, want) || (err == nil) != (want != nil) {
			t.Errorf("%s: places %v, %v, want %v", name, got, err, want)
		}
	}
	_, err := layout.Resolve(x, layout.Selector{RefName: "1"})
	if err == nil || !strings.Contains(err.Error(), a+" @"+string(digestA)) || !strings.Contains(err.Error(), b+" @"+string(digestB)) {
		t.Errorf("%v does not say how the entries can be told apart", err)
	}
}

func TestResolve(t *testing.T) {
	x := model.NewIndex(entry("v1", digestA), entry("v2", digestB), entry("", digestA), entry("twice", digestA), entry("twice", digestA),
		entry("both", digestA), entry("both", digestB), entry("V1", digestB))
	tests := []struct {
		selector  layout.Selector
		want      []int
		ambiguous []digest.Digest
	}{
		{layout.Selector{}, []int{0, 1, 2, 3, 4, 5, 6, 7}, nil},
		{layout.Selector{RefName: "v1"}, []int{0}, nil},
		{layout.Selector{RefName: "V1"}, []int{7}, nil},
		{layout.Selector{RefName: "v2"}, []int{1}, nil},
		{layout.Selector{Digest: digestA}, []int{0, 2, 3, 4, 5}, nil},
		{layout.Selector{RefName: "v1", Digest: digestA}, []int{0}, nil},
		{layout.Selector{RefName: "twice"}, []int{3, 4}, nil},
		{layout.Selector{RefName: "both"}, nil, []digest.Digest{digestA, digestB}},
		{layout.Selector{RefName: "both", Digest: digestB}, []int{6}, nil},
		{layout.Selector{RefName: "v1", Digest: digestB}, nil, nil},
		{layout.Selector{RefName: "v3"}, nil, nil},
		{layout.Selector{RefName: "v"}, nil, nil},
		{layout.Selector{Digest: digest.FromString("c")}, nil, nil},
	}
	for _, test := range tests {
		t.Run(test.selector.String(), func(t *testing.T) {
			got, err := layout.Resolve(x, test.selector)
			if !slices.Equal(got, test.want) {
				t.Errorf("places %v, want %v", got, test.want)
			}
			ambiguous, isAmbiguous := errors.AsType[*layout.AmbiguousError](err)
			switch {
			case test.want != nil:
				if err != nil {
					t.Error(err)
				}
			case test.ambiguous == nil:
				if !errors.Is(err, layout.ErrNoEntry) {
					t.Errorf("error %v, want ErrNoEntry", err)
				}
				for _, there := range []string{"v1", "v2", "@" + string(digestA), "twice", "both"} {
					if err != nil && !strings.Contains(err.Error(), there) {
						t.Errorf("%q does not say that there is %s", err, there)
					}
				}
			case !isAmbiguous || !slices.Equal(ambiguous.Digests, test.ambiguous) || ambiguous.Selector != test.selector:
				t.Errorf("error %v, want an AmbiguousError of %v", err, test.ambiguous)
			default:
				for _, d := range test.ambiguous {
					if !strings.Contains(err.Error(), string(d)) {
						t.Errorf("%q does not name %s", err, d)
					}
				}
			}
		})
	}
	if got, err := layout.Resolve(model.NewIndex(), layout.Selector{}); err != nil || got != nil {
		t.Errorf("all of no entries: %v, %v", got, err)
	}
	if _, err := layout.Resolve(model.NewIndex(), layout.Selector{RefName: "v1"}); !errors.Is(err, layout.ErrNoEntry) {
		t.Errorf("one of no entries: %v", err)
	}
}

// The messages are for a terminal, and index.json may hold anything.
func TestResolveMessages(t *testing.T) {
	const hostile = "\x1b[31m\nok \u202e\u009b"
	long := strings.Repeat("x", 20_000)
	many := make([]model.Descriptor, 0, 100)
	for i := range 100 {
		e := entry(long, digest.Digest(long[i:]))
		if i == 0 {
			e = entry("a"+hostile, "")
		}
		many = append(many, e)
	}
	for name, test := range map[string]struct {
		index    *model.Index
		selector layout.Selector
	}{
		"what there is":     {model.NewIndex(entry(hostile, ""), entry("", hostile)), layout.Selector{RefName: "x"}},
		"what is asked for": {model.NewIndex(entry("x", "")), layout.Selector{RefName: hostile, Digest: hostile}},
		"what it could be":  {model.NewIndex(entry("x", hostile), entry("x", hostile+hostile)), layout.Selector{RefName: "x"}},
		"very much there":   {model.NewIndex(many...), layout.Selector{RefName: "x"}},
		"very ambiguous":    {model.NewIndex(many...), layout.Selector{RefName: long}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := layout.Resolve(test.index, test.selector)
			if err == nil {
				t.Fatal("no error")
			}
			for _, r := range err.Error() {
				if r < ' ' || r > '~' {
					t.Fatalf("%q holds %q", err, r)
				}
			}
			if n := len(err.Error()); n > 40_000 {
				t.Errorf("the message has %d bytes", n)
			}
		})
	}
}

func TestSelector(t *testing.T) {
	for _, test := range []struct {
		selector layout.Selector
		want     string
	}{
		{layout.Selector{}, ""},
		{layout.Selector{RefName: "v1"}, "v1"},
		{layout.Selector{Digest: "a:b"}, "@a:b"},
		{layout.Selector{RefName: "v1", Digest: "a:b"}, "v1@a:b"},
		{layout.Selector{RefName: "a b"}, "a b"},
		{layout.Selector{RefName: `a"b`}, `"a\"b"`},
		{layout.Selector{RefName: "ä\n"}, `"\u00e4\n"`},
	} {
		if got := test.selector.String(); got != test.want {
			t.Errorf("String of %+v is %s, want %s", test.selector, got, test.want)
		}
		if test.selector.All() != (test.want == "") {
			t.Errorf("All of %+v is %t", test.selector, test.selector.All())
		}
	}
	d := entry("v1", digestA)
	for selector, want := range map[layout.Selector]bool{
		{}: true, {RefName: "v1"}: true, {Digest: digestA}: true, {RefName: "v1", Digest: digestA}: true,
		{RefName: "v2"}: false, {Digest: digestB}: false, {RefName: "v2", Digest: digestA}: false, {RefName: "v1", Digest: digestB}: false,
	} {
		if selector.Match(&d) != want {
			t.Errorf("%q matches: %t", selector, !want)
		}
	}
}

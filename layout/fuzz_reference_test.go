package layout_test

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// FuzzSelector looks for any name and digest among entries with any names. What
// it finds are the entries that a plain comparison finds, all of one digest; what
// it says otherwise is one line of printable ASCII, and not a long one.
func FuzzSelector(f *testing.F) {
	for i, s := range []string{"", "v1", "a b", "\x1b[31m", "x\nocilayout: y", "é", `"`, "@", "v1@sha256:00", strings.Repeat("n", 1000), "\u202e##[error]"} {
		f.Add(s, s, "", uint8(i))
		f.Add("v1", s, string(digestA), uint8(i))
		f.Add(s, "v1", s, uint8(i+3))
	}
	f.Fuzz(func(t *testing.T, asked, there, hash string, many uint8) {
		index := model.NewIndex(entry("v1", digestA), entry(there, digest.Digest(hash)), entry("", digestB), entry(there, digestB))
		index.Manifests[1].Platform = &model.Platform{OS: there, Architecture: hash}
		for i := range many {
			index.Manifests = append(index.Manifests, entry(there, digest.Digest(fmt.Sprint(hash, i))))
		}
		s := layout.Selector{RefName: asked, Digest: digest.Digest(hash)}
		if many%3 == 0 {
			s.Digest = ""
		}
		var want []int
		digests := make(map[digest.Digest]bool)
		for i, d := range index.Manifests {
			if (s.RefName == "" || d.Annotations["org.opencontainers.image.ref.name"] == s.RefName) && (s.Digest == "" || d.Digest == s.Digest) {
				want = append(want, i)
				digests[d.Digest] = true
			}
		}
		got, err := layout.Resolve(index, s)
		if err == nil {
			if !slices.Equal(got, want) || !s.All() && (len(want) == 0 || len(digests) > 1) {
				t.Errorf("%s picks %v, want %v", s, got, want)
			}
		} else {
			_, ambiguous := errors.AsType[*layout.AmbiguousError](err)
			if len(got) > 0 || ambiguous != (len(digests) > 1) || errors.Is(err, layout.ErrNoEntry) != (len(want) == 0) {
				t.Errorf("%s picks %v, %v, want %v", s, got, err, want)
			}
			oneLine(t, err.Error(), 40_000)
		}
		// What is said of a selector is the name itself, or a way to write it.
		text := s.String()
		oneLine(t, text, 4*(len(asked)+len(hash))+10)
		if back, err := strconv.Unquote(text); err == nil && strings.HasPrefix(text, `"`) {
			text = back
		}
		if plain := asked + "@" + string(s.Digest); text != strings.TrimSuffix(plain, "@") && text != plain {
			t.Errorf("%+v is written %s", s, text)
		}
	})
}

func oneLine(t *testing.T, s string, most int) {
	t.Helper()
	if len(s) > most {
		t.Errorf("%d bytes, more than %d", len(s), most)
	}
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			t.Fatalf("byte %#x in %q", s[i], s)
		}
	}
}

package verify_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
)

// loadAs loads a document as its kind, whatever that is.
func loadAs(kind model.Kind, raw []byte) (any, model.Problems) {
	switch kind {
	case model.KindIndex:
		return model.LoadIndex(raw)
	case model.KindManifest:
		return model.LoadManifest(raw)
	case model.KindImage:
		return model.LoadImage(raw)
	case model.KindDescriptor:
		return model.LoadDescriptor(raw)
	default:
		return model.LoadImageLayout(raw)
	}
}

// sameMembers compares what an object held beyond its fields: the unknown
// members, and which of all names that documents use were there.
func sameMembers(names []string) cmp.Option {
	return cmp.Comparer(func(a, b model.Members) bool {
		if a.Loaded() != b.Loaded() {
			return false
		}
		for _, name := range names {
			if a.Has(name) != b.Has(name) || a.Wrong(name) != b.Wrong(name) {
				return false
			}
		}
		return slices.Equal(unknown(a), unknown(b))
	})
}

func unknown(m model.Members) []string {
	var all []string
	for name, value := range m.Unknown() {
		var compact bytes.Buffer
		if err := json.Compact(&compact, value); err != nil {
			compact.WriteString(err.Error())
		}
		all = append(all, name+"="+compact.String())
	}
	return all
}

// sortedProblems makes problems comparable that come in the order of members.
func sortedProblems(all model.Problems) model.Problems {
	return slices.SortedFunc(slices.Values(all), func(a, b model.Problem) int { return strings.Compare(a.Error(), b.Error()) })
}

// What Encode makes of a document that a test vector or a producer has loads to
// the same document, and is encoded to the same bytes again.
func TestEncodeLoadsTheSame(t *testing.T) {
	all := producerSpecimens(t)
	for _, v := range upstreamVectors(t) {
		if !v.fail {
			all = append(all, specimen{name: v.name, kind: v.kind, raw: v.raw})
		}
	}
	for kind, raw := range valid {
		all = append(all, specimen{name: "valid " + kind.String(), kind: kind, raw: raw})
	}
	var names []string
	for _, raw := range valid {
		for _, pointer := range pointers(t, raw) {
			names = append(names, pointer[strings.LastIndexByte(pointer, '/')+1:])
		}
	}
	slices.Sort(names)
	same := sameMembers(slices.Compact(names))
	for _, s := range all {
		first, problems := loadAs(s.kind, []byte(s.raw))
		encoded, err := model.Encode(first)
		if err != nil {
			t.Errorf("%s %s: %v", s.kind, s.name, err)
			continue
		}
		second, again := loadAs(s.kind, encoded)
		if diff := cmp.Diff(sortedProblems(problems), sortedProblems(again)); diff != "" {
			t.Errorf("%s %s: other problems (-read +encoded):\n%s", s.kind, s.name, diff)
		}
		if diff := cmp.Diff(first, second, same); diff != "" {
			t.Errorf("%s %s: another document (-read +encoded):\n%s", s.kind, s.name, diff)
		}
		if twice, err := model.Encode(second); err != nil || !bytes.Equal(twice, encoded) {
			t.Errorf("%s %s: encoded again it is %s, %v; want %s", s.kind, s.name, twice, err, encoded)
		}
		// Null counts as absent, so it is not written.
		if image, ok := second.(*model.Image); ok {
			for p := range image.Nulls() {
				t.Errorf("%s %s: null is written at %s", s.kind, s.name, p.Pointer)
			}
		}
	}
}

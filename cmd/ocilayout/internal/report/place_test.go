package report

import (
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

func TestPlace(t *testing.T) {
	for _, test := range []struct {
		place Place
		want  string
	}{
		{Place{Layer: -1}, ""},
		{Place{Reference: "1.0", Layer: -1}, "1.0"},
		{Place{Role: "config", Layer: -1}, "config"},
		{Place{Role: "layer", Layer: 0}, "layer 0"},
		{Place{Reference: "1.0", Platform: "linux/arm64", Role: "layer", Layer: 2, History: "COPY root/ /"}, "1.0 linux/arm64, layer 2 (COPY root/ /)"},
		{Place{Reference: "\x1b[31m", Platform: "a\nb", Layer: 1, History: "RUN \u202e" + strings.Repeat("x", 99)},
			`"\x1b[31m" "a\nb", layer 1 (RUN \u202e` + strings.Repeat("x", 33) + `...)`},
	} {
		if got := test.place.String(); got != test.want {
			t.Errorf("%+v is %s, not %s", test.place, got, test.want)
		}
	}
}

func TestPlaceOf(t *testing.T) {
	manifest, config := []string{"index.json#/manifests/0"}, []string{"index.json#/manifests/0", "blobs/sha256/aa#/config"}
	for _, test := range []struct {
		f    verify.Finding
		want string
	}{
		{verify.Finding{Path: "index.json", Pointer: "/manifests/0/size"}, ""},
		{verify.Finding{Path: "oci-layout"}, ""},
		{verify.Finding{Trail: manifest}, "manifest"},
		{verify.Finding{Trail: manifest, Pointer: "/layers/2/size"}, "layer 2"},
		{verify.Finding{Trail: manifest, Pointer: "/config"}, "config"},
		{verify.Finding{Trail: manifest, Pointer: "/subject/digest"}, "subject"},
		{verify.Finding{Trail: manifest, Pointer: "/layers/x"}, "manifest"},
		{verify.Finding{Trail: manifest, Pointer: "/layers/99999999999999999999"}, "manifest"},
		{verify.Finding{Trail: manifest, Pointer: "/layers/+1"}, "manifest"},
		{verify.Finding{Trail: config, Pointer: "/config/Env"}, "config"}, // the member of that name
		{verify.Finding{Trail: config, Pointer: "/rootfs/diff_ids/1"}, "layer 1"},
		{verify.Finding{Trail: append(manifest, "blobs/sha256/aa#/layers/3")}, "layer 3"},
		{verify.Finding{Trail: []string{""}}, ""},
	} {
		if got := placeOf(test.f).String(); got != test.want {
			t.Errorf("%v %s is at %q, not %q", test.f.Trail, test.f.Pointer, got, test.want)
		}
	}
}

// Where all places of a few findings say enough, they stand beside the message.
func TestJoined(t *testing.T) {
	g := &group{count: 1, kept: []member{{Finding: verify.Finding{Trail: []string{"index.json#/manifests/0"}}}}}
	if got, ok := joined(g, false); ok {
		t.Errorf("%q, of which image nobody knows", got)
	}
}

// A flag is named where verify names it, and only for what was not checked.
func TestLifts(t *testing.T) {
	for _, test := range []struct {
		f    verify.Finding
		want string
	}{
		{verify.Finding{Rule: rule.LimitDepth, Expected: "max-depth 32"}, "--max-depth"},
		{verify.Finding{Rule: rule.LimitDocument, Path: "oci-layout", Expected: "at most 65536 bytes"}, ""},
		{verify.Finding{Rule: rule.FileUnreadable}, ""},
		{verify.Finding{Rule: rule.RefNameGrammar, Expected: "max-depth 32"}, ""},
	} {
		if got := lifts(test.f); got != test.want {
			t.Errorf("%+v is lifted by %q, not %q", test.f, got, test.want)
		}
	}
}

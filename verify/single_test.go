package verify_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// A document that is broken off anywhere has one fault: nothing is known of what
// is not there.
func TestDocumentBrokenOff(t *testing.T) {
	for _, test := range []struct {
		name, raw string
		kind      model.Kind
	}{
		{"a", valid[model.KindIndex], model.KindIndex},
		{"index.json", valid[model.KindIndex], model.KindIndex},
		{"a", valid[model.KindManifest], model.KindManifest},
		{"a", `{"layers":[` + anyBlob + `],"config":` + anyBlob + `,"schemaVersion":2,"mediaType":"` + model.MediaTypeManifest + `"}`, model.KindManifest},
		{"a", valid[model.KindImage], model.KindImage},
		{"a", `{"history":[{"created_by":"b"}],"rootfs":{"diff_ids":[` + someDigest + `],"type":"layers"},"os":"linux","architecture":"arm64"}`, model.KindImage},
		{"a", valid[model.KindDescriptor], model.KindDescriptor},
		{"oci-layout", valid[model.KindLayout], model.KindLayout},
	} {
		o := verify.DocumentOptions{Kind: test.kind, Policy: rule.NewPolicy(rule.ProfileStrict)}
		whole := make(map[rule.ID]bool)
		for _, f := range documentFindings(t, test.name, test.raw, o) {
			whole[f.Rule] = true
		}
		for n := range len(test.raw) {
			syntax := 0
			for _, f := range documentFindings(t, test.name, test.raw[:n], o) {
				if f.Rule == rule.JSONSyntax {
					syntax++
				} else if !whole[f.Rule] {
					t.Errorf("%s: %s at %q", test.raw[:n], f.Rule, f.Pointer)
				}
			}
			if syntax != 1 {
				t.Errorf("%s: %d findings about syntax", test.raw[:n], syntax)
			}
		}
	}
}

func documentFindings(t *testing.T, name, raw string, o verify.DocumentOptions) []verify.Finding {
	t.Helper()
	report, err := verify.Document(name, []byte(raw), o)
	if err != nil {
		t.Fatal(err)
	}
	return report.Findings
}

// A document beyond its limit is not looked at, and index.json has a limit of its
// own.
func TestDocumentLimit(t *testing.T) {
	raw := []byte(valid[model.KindIndex])
	size := int64(len(raw))
	for _, test := range []struct {
		name     string
		limits   layout.Limits
		expected string // "" where it is within the limit
	}{
		{"a.json", layout.Limits{}, ""},
		{"a.json", layout.Limits{Document: size, Index: 1}, ""},
		{"a.json", layout.Limits{Document: 10, Index: size}, "max-document 10"},
		{"dir/index.json", layout.Limits{Document: 10, Index: size}, ""},
		{"dir/index.json", layout.Limits{Document: size, Index: 10}, "max-index 10"},
	} {
		report, err := verify.Document(test.name, raw, verify.DocumentOptions{Limits: test.limits})
		if err != nil {
			t.Fatal(err)
		}
		if test.expected == "" {
			if report.Kind != model.KindIndex || !report.Stats.Complete {
				t.Errorf("%s within %+v: a %s, complete %v", test.name, test.limits, report.Kind, report.Stats.Complete)
			}
			continue
		}
		if len(report.Findings) != 1 || report.Findings[0].Rule != rule.LimitDocument || report.Findings[0].Path != test.name ||
			report.Findings[0].Expected != test.expected || report.Stats.Complete || report.Kind != model.KindOpaque {
			t.Errorf("%s beyond %+v: %+v", test.name, test.limits, report)
		}
	}
}

// What a document is, its content says before its name does.
func TestDocumentKind(t *testing.T) {
	for _, test := range []struct {
		name, raw string
		want      model.Kind
		err       error
	}{
		{"a.json", valid[model.KindImage], model.KindImage, nil},
		{"index.json", valid[model.KindManifest], model.KindManifest, nil},
		{"index.json", `{}`, model.KindIndex, nil},
		{"dir/oci-layout", `{}`, model.KindLayout, nil},
		{"a.json", `{}`, model.KindOpaque, verify.ErrKind},
		{"a.json", `[]`, model.KindOpaque, nil},
		{"index.json", `[]`, model.KindIndex, nil},
		{"a.json", ``, model.KindOpaque, nil},
	} {
		report, err := verify.Document(test.name, []byte(test.raw), verify.DocumentOptions{})
		if report.Kind != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s with %q is a %s, %v", test.name, test.raw, report.Kind, err)
		}
	}
	if _, err := verify.Document("a", []byte(`{}`), verify.DocumentOptions{Kind: model.KindLayer}); !errors.Is(err, verify.ErrKind) {
		t.Errorf("a layer is judged as a document: %v", err)
	}
}

// An oci-layout file is judged as the one in a layout is.
func TestDocumentMarker(t *testing.T) {
	raw := `{"imageLayoutVersion":"1.0.0","more":1}` + strings.Repeat(" ", 4<<10)
	var got []string
	for _, f := range documentFindings(t, "a", raw, verify.DocumentOptions{Kind: model.KindLayout}) {
		got = append(got, string(f.Rule)+" "+f.Pointer)
	}
	if diff := cmp.Diff([]string{"oci-layout-large ", "root-member-unknown /more"}, got); diff != "" {
		t.Error(diff)
	}
	report, err := verify.Document("a", []byte(raw[:20]), verify.DocumentOptions{Kind: model.KindLayout})
	if err != nil || report.Stats.Complete {
		t.Errorf("one that is broken off is complete: %+v, %v", report, err)
	}
}

// Manifests of kinds that there are no more are known by their media types.
func TestDocumentOlder(t *testing.T) {
	for raw, want := range map[string]model.Kind{
		`{"mediaType":"` + model.MediaTypeORASArtifactManifest + `","blobs":[]}`:               model.KindArtifact,
		`{"mediaType":"` + model.MediaTypeArtifactManifest + `"}`:                              model.KindArtifact,
		`{"schemaVersion":1,"mediaType":"` + model.MediaTypeDockerSchema1 + `","fsLayers":[]}`: model.KindSchema1,
	} {
		report, err := verify.Document("blob", []byte(raw), verify.DocumentOptions{})
		if err != nil || report.Kind != want || report.Stats.Errors > 0 {
			t.Errorf("%s: %v as %v: %s", raw, err, report.Kind, describe(report.Findings))
		}
	}
}

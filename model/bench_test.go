package model_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// entries writes n descriptors as tools do, each of another blob.
func entries(mediaType string, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"mediaType":%q,"digest":%q,"size":%d,"annotations":{%q:"v%d"},"platform":{"architecture":"amd64","os":"linux"}}`,
			mediaType, digest.FromString(fmt.Sprint(i)), i, model.AnnotationRefName, i)
	}
	return b.String()
}

func BenchmarkLoadManifest(b *testing.B) {
	raw := []byte(`{"schemaVersion":2,"mediaType":"` + model.MediaTypeManifest + `","config":` + entries(model.MediaTypeImageConfig, 1) +
		`,"layers":[` + entries(model.MediaTypeLayerGzip, 10) + `]}`)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := model.LoadManifest(raw); problems != nil {
			b.Fatal(problems)
		}
	}
}

func BenchmarkLoadIndex(b *testing.B) {
	raw := []byte(`{"schemaVersion":2,"manifests":[` + entries(model.MediaTypeManifest, 10_000) + `]}`)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := model.LoadIndex(raw); problems != nil {
			b.Fatal(problems)
		}
	}
}

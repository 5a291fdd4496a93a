package model_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

func TestArtifactKind(t *testing.T) {
	const image, empty, tar = model.MediaTypeImageConfig, model.MediaTypeEmptyJSON, model.MediaTypeLayerGzip
	for _, test := range []struct {
		artifact, config string
		layers           []string
		want             string
	}{
		{"", image, []string{tar}, ""},
		{"", image, nil, ""},
		{"", "application/vnd.cncf.helm.config.v1+json", []string{"application/vnd.cncf.helm.chart.content.v1.tar+gzip"}, "Helm chart"},
		{"application/spdx+json", empty, []string{"application/json"}, "SBOM (SPDX)"},
		{"application/vnd.cyclonedx+xml", empty, nil, "SBOM (CycloneDX)"},
		{"application/vnd.syft+json", empty, nil, "SBOM (Syft)"},
		{"", image, []string{"text/spdx+json"}, "SBOM (SPDX)"},
		{"", image, []string{"application/vnd.dev.cosign.simplesigning.v1+json"}, "signature (cosign)"},
		{"", "application/vnd.cncf.notary.signature", []string{"application/jose+json"}, "signature (notation)"},
		{"application/vnd.dev.sigstore.bundle.v0.3+json", empty, nil, "Sigstore bundle"},
		{"", image, []string{"application/vnd.in-toto+json"}, "in-toto attestation"},
		{"application/vnd.docker.attestation.manifest.v1+json", empty, []string{"application/vnd.in-toto+json"}, "in-toto attestation"},
		{"", image, []string{"application/vnd.in-toto+json", tar}, ""}, // an image, whatever else is in it
		{"", "application/vnd.wasm.config.v0+json", []string{"application/wasm"}, "WASM module"},
		{"application/vnd.cncf.model.manifest.v1+json", "application/vnd.cncf.model.config.v1+json", nil, "model"},
		{"", "application/vnd.kitops.modelkit.config.v1+json", nil, "model"},
		{"", model.MediaTypeDockerImageConfig, []string{"application/vnd.ollama.image.license", "application/vnd.ollama.image.model"}, "model"},
		{"", "application/vnd.cncf.openpolicyagent.config.v1+json", []string{tar}, "OPA bundle"},
		{"", "application/vnd.cncf.flux.config.v1+json", nil, "Flux artifact"},
		{"", "application/vnd.buildkit.cacheconfig.v0", []string{tar}, "BuildKit cache"},
		{"", "application/vnd.docker.plugin.v1+json", []string{tar}, "Docker plugin"},
		{"application/vnd.unknown.artifact.v1", empty, []string{"application/wasm"}, "WASM module"},
		// A type of one's own counts before what is in the artifact.
		{"application/vnd.example.report", empty, []string{"application/spdx+json"}, ""},
		{"", "application/vnd.example.config", []string{"application/spdx+json"}, ""},
		{"application/spdx+jsonx", empty, nil, ""},
	} {
		if got := model.ArtifactKind(test.artifact, test.config, test.layers...); got != test.want {
			t.Errorf("ArtifactKind(%q, %q, %q) = %q, want %q", test.artifact, test.config, test.layers, got, test.want)
		} else if got != "" && !slices.Contains(model.ArtifactKinds(), got) {
			t.Errorf("ArtifactKinds does not list %q", got)
		}
	}
}

// The documents that other tools write are known.
func TestArtifactKindOfRealDocuments(t *testing.T) {
	for name, want := range map[string]string{
		"buildkit-attestation-manifest": "in-toto attestation", "buildkit-attestation-artifact": "in-toto attestation",
		"cosign-signature": "signature (cosign)", "cosign-attestation": "in-toto attestation", "cosign-bundle": "Sigstore bundle",
		"cosign-sbom": "SBOM (SPDX)", "helm-chart": "Helm chart", "oras-attached": "SBOM (SPDX)", "oras-artifact": "",
		"notation-signature": "signature (notation)", "wasm-component": "WASM module", "flux-artifact": "Flux artifact",
		"buildkit-cache-manifest": "BuildKit cache", "sif-artifact": "Singularity image", "windows-manifest": "", "docker-manifest": "", "buildah-manifest": "",
	} {
		m, _ := model.LoadManifest(realDocument(t, name))
		if got := m.ArtifactKind(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{
		"homebrew-list": "Homebrew bottle", "buildkit-cache-list": "BuildKit cache", "buildkit-list": "", "docker-list": "", "oras-layout-index": "",
	} {
		x, _ := model.LoadIndex(realDocument(t, name))
		if got := x.ArtifactKind(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func realDocument(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "verify", "testdata", "documents", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

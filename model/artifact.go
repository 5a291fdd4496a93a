package model

import (
	"strings"
	"sync"
)

// artifactKinds are the media types by which the kinds of artifacts are known. A
// type that ends in "*" stands for all that begin with the rest.
var artifactKinds = []struct {
	kind  string
	types []string
}{
	{"Helm chart", []string{"application/vnd.cncf.helm.*"}},
	{"SBOM (SPDX)", []string{"application/spdx+json", "application/spdx+xml", "text/spdx", "text/spdx+json", "text/spdx+xml"}},
	{"SBOM (CycloneDX)", []string{"application/vnd.cyclonedx*"}},
	{"SBOM (Syft)", []string{"application/vnd.syft+json"}},
	{"SBOM", []string{"application/vnd.dev.cosign.artifact.sbom.v1+json"}},
	{"signature (cosign)", []string{"application/vnd.dev.cosign.simplesigning.v1+json", "application/vnd.dev.cosign.artifact.sig.v1+json"}},
	{"signature (notation)", []string{"application/vnd.cncf.notary.signature"}},
	{"Sigstore bundle", []string{"application/vnd.dev.sigstore.bundle*"}},
	{"in-toto attestation", []string{
		"application/vnd.in-toto*", "application/vnd.dsse.envelope.v1+json",
		"application/vnd.dev.cosign.artifact.att.v1+json", "application/vnd.docker.attestation.manifest.v1+json",
	}},
	{"VEX document", []string{"application/vnd.openvex*"}},
	{"WASM module", []string{"application/vnd.wasm.*", "application/vnd.bytecodealliance.wasm.*", "application/vnd.module.wasm.*", "application/wasm"}},
	{"model", []string{"application/vnd.cncf.model.*", "application/vnd.kitops.modelkit.*", "application/vnd.ollama.image.*", "application/vnd.docker.ai.*"}},
	{"OPA bundle", []string{"application/vnd.cncf.openpolicyagent.*", "application/vnd.opa.*"}},
	{"Flux artifact", []string{"application/vnd.cncf.flux.*"}},
	{kindBuildKitCache, []string{"application/vnd.buildkit.cacheconfig.v0"}},
	{"Docker plugin", []string{"application/vnd.docker.plugin.*"}},
	{"Compose project", []string{"application/vnd.docker.compose.*"}},
	{"dev container", []string{"application/vnd.devcontainers*"}},
	{"CNAB bundle", []string{"application/vnd.cnab.*"}},
	{"Singularity image", []string{"application/vnd.sylabs.sif.*"}},
	{"OpenTofu package", []string{"application/vnd.opentofu.*"}},
	{"Falco artifact", []string{"application/vnd.cncf.falco.*"}},
	{"Trivy database", []string{"application/vnd.aquasec.trivy.*"}},
	{"SOCI index", []string{"application/vnd.amazon.soci.*"}},
}

const (
	homebrewBottle    = "Homebrew bottle"
	kindBuildKitCache = "BuildKit cache"
)

// unknownTypes are what ORAS writes where nobody gave a type.
var unknownTypes = map[string]bool{
	"": true, MediaTypeEmptyJSON: true, "application/vnd.unknown.artifact.v1": true,
	"application/vnd.unknown.config.v1+json": true,
}

// ArtifactKind returns the kind of artifact that the types of a manifest are
// known by, such as "Helm chart" or "SBOM (SPDX)": [ArtifactKinds] lists them. It
// is "" for an image, and for an artifact that is not known. The artifact type
// counts before the configuration's, and that before the layers'. An image's
// configuration leaves it to the layers, as cosign and BuildKit have it, unless
// one of them is an image's too.
func ArtifactKind(artifactType, configType string, layerTypes ...string) string {
	if !unknownTypes[artifactType] {
		return kindOfType(artifactType)
	}
	image := KindOf(configType) == KindImage
	if !unknownTypes[configType] && !image {
		return kindOfType(configType)
	}
	kind := ""
	for _, t := range layerTypes {
		if image && IsLayer(t) {
			return ""
		}
		if kind == "" {
			kind = kindOfType(t)
		}
	}
	return kind
}

// typeTable is artifactKinds to look up in: it is asked for every layer that is no
// archive. Numbers are places in artifactKinds, of which the first counts.
type typeTable struct {
	exact map[string]int
	open  []openType
}

type openType struct {
	prefix string
	place  int
}

var typesOfKinds = sync.OnceValue(func() typeTable {
	table := typeTable{exact: make(map[string]int)}
	for place, row := range artifactKinds {
		for _, t := range row.types {
			if prefix, open := strings.CutSuffix(t, "*"); open {
				table.open = append(table.open, openType{prefix, place})
			} else if _, known := table.exact[t]; !known {
				table.exact[t] = place
			}
		}
	}
	return table
})

func kindOfType(mediaType string) string {
	table := typesOfKinds()
	first, known := table.exact[mediaType]
	for _, t := range table.open {
		if known && t.place >= first {
			break
		}
		if strings.HasPrefix(mediaType, t.prefix) {
			first, known = t.place, true
		}
	}
	if !known {
		return ""
	}
	return artifactKinds[first].kind
}

// ArtifactKinds returns every kind that ArtifactKind knows, and the one that is
// known by annotations alone.
func ArtifactKinds() []string {
	kinds := []string{homebrewBottle}
	for _, row := range artifactKinds {
		kinds = append(kinds, row.kind)
	}
	return kinds
}

// ArtifactKind returns the kind of artifact that the manifest is, "" for an
// image and for what is not known; see the function of that name.
func (m *Manifest) ArtifactKind() string {
	if kind := annotatedKind(m.Annotations); kind != "" {
		return kind
	}
	types := make([]string, 0, len(m.Layers))
	for i := range m.Layers {
		types = append(types, m.Layers[i].MediaType)
	}
	return ArtifactKind(m.ArtifactType, m.Config.MediaType, types...)
}

// ArtifactKind returns the kind of artifact that the index holds as a whole, ""
// for an index of images and for what is not known.
func (x *Index) ArtifactKind() string {
	if kind := annotatedKind(x.Annotations); kind != "" {
		return kind
	}
	if x.ArtifactType != "" {
		return ArtifactKind(x.ArtifactType, "")
	}
	for i := range x.Manifests { // BuildKit lists the cache's configuration last
		if d := &x.Manifests[i]; KindOf(d.MediaType) == KindOpaque && kindOfType(d.MediaType) == kindBuildKitCache {
			return kindBuildKitCache
		}
	}
	return ""
}

// annotatedKind knows what Homebrew writes, whose media types are an image's.
func annotatedKind(annotations map[string]string) string {
	if annotations["com.github.package.type"] == "homebrew_bottle" || annotations["sh.brew.bottle.digest"] != "" {
		return homebrewBottle
	}
	return ""
}

// LooksLikeArtifact says whether a manifest with the configuration of an image looks
// like that of an artifact, by an artifact type or by layers of which none is one.
// Only the configuration tells whether it is one: an image has an operating system, and
// a diff id for each layer. What is known to
// come in this form does not count: BuildKit's attestations, and what cosign writes.
func (m *Manifest) LooksLikeArtifact() bool {
	if KindOf(m.Config.MediaType) != KindImage || m.attests() {
		return false
	}
	others := 0
	for i := range m.Layers {
		switch t := m.Layers[i].MediaType; {
		case KindOf(t) == KindLayer || strings.HasPrefix(t, layerPrefix) || !ValidMediaType(t) || caseVariant(t) != "":
		case ArtifactKind("", "", t) != "":
			return false
		default:
			others++
		}
	}
	return m.ArtifactType != "" || others > 0 && others == len(m.Layers) && !m.IsCut()
}

// attests says whether the manifest is one of BuildKit's, which hold statements under
// the configuration of an image.
func (m *Manifest) attests() bool {
	for i := range m.Layers {
		for key := range m.Layers[i].Annotations {
			if strings.HasPrefix(key, "in-toto.io/") {
				return true
			}
		}
	}
	return false
}

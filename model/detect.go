package model

// Detect returns what kind of document raw is, by its own media type and its
// members: KindIndex, KindManifest, KindImage, KindDescriptor or KindLayout; by its
// media type alone KindArtifact or KindSchema1; and KindOpaque where it is no JSON object, or one that fits none of them. It reads
// raw once. A blob of a layout is never judged by this: what it is, its
// descriptor says (image-layout.md, Content).
func Detect(raw []byte) Kind {
	type probe struct {
		MediaType string `json:"mediaType"`
		Members
	}
	p, _ := Load[probe](raw, Limits{})
	if p == nil {
		return KindOpaque
	}
	has := func(names ...string) bool {
		for name := range p.Unknown() {
			for _, n := range names {
				if name == n {
					return true
				}
			}
		}
		return false
	}
	kind := KindOf(p.MediaType)
	switch {
	case has("digest", "size") && !has("schemaVersion", "manifests", "layers", "rootfs"):
		return KindDescriptor
	case kind.Graph():
		return kind
	case has("manifests"):
		return KindIndex
	case has("rootfs"), has("architecture", "os", "history") && !has("fsLayers"): // which Docker's schema 1 has
		return KindImage
	case has("layers", "config", "subject", "artifactType"):
		return KindManifest
	case has("imageLayoutVersion"):
		return KindLayout
	case has("data", "urls"):
		return KindDescriptor
	}
	return KindOpaque
}

package model

import (
	"strings"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// entryType judges what an entry of an index is. inCache says that the index is one
// of BuildKit's for a cache, which lists layers and the cache's configuration.
func (c *checker) entryType(d *Descriptor, inCache bool) {
	switch kind := KindOf(d.MediaType); {
	case kind == KindSchema1:
		c.report(rule.DockerSchema1, "mediaType", "manifests of Docker's schema 1 are not supported; the layers that it names were looked for, and the rest was verified as plain bytes", "", d.MediaType)
	case kind.Graph() || caseVariant(d.MediaType) != "" || !ValidMediaType(d.MediaType):
	case inCache && (kind == KindLayer || kindOfType(d.MediaType) == kindBuildKitCache):
	case kind != KindOpaque || d.MediaType == MediaTypeEmptyJSON:
		c.misplaced(d, "an index lists manifests and indexes", MediaTypeManifest)
	default:
		c.report(rule.IndexEntryTypeUnknown, "mediaType",
			"the entry is neither an index nor a manifest that is known here, and was verified as plain bytes", "", clip(d.MediaType))
	}
}

// misplaced reports a known media type in a place where another belongs.
func (c *checker) misplaced(d *Descriptor, message, expected string) {
	c.report(rule.MediaTypeRole, "mediaType", message, expected, d.MediaType)
}

// configType judges what the configuration of a manifest is.
func (c *checker) configType(d *Descriptor, inDocker bool) {
	switch kind := KindOf(d.MediaType); {
	case d.MediaType == MediaTypeDockerImageConfig && !inDocker:
		c.report(rule.DockerDocument, "mediaType", "the configuration is Docker's, in a manifest that is not", MediaTypeImageConfig, d.MediaType)
	case kind == KindImage || d.MediaType == MediaTypeEmptyJSON || d.MediaType == "" || caseVariant(d.MediaType) != "":
	case kind != KindOpaque:
		c.misplaced(d, "what stands as the configuration is something else", MediaTypeImageConfig)
	case ValidMediaType(d.MediaType) && kindOfType(d.MediaType) == "":
		c.report(rule.ConfigTypeUnknown, "mediaType", "the configuration is of a type that is not known here, and was verified as plain bytes", "", clip(d.MediaType))
	}
	if d.MediaType != "" && d.MediaType != MediaTypeEmptyJSON && isEmptyJSON(d.Digest) {
		c.report(rule.EmptyAsOther, "mediaType", "the configuration is the empty JSON, under another media type than that has", MediaTypeEmptyJSON, clip(d.MediaType))
	}
	if d.Size == 0 && d.Has("size") && !d.Wrong("size") {
		c.report(rule.ConfigZeroSize, "size", "the configuration is a blob of no bytes, which not every registry takes", "", "0")
	}
}

// layerPrefix begins the media types of layers, also those of extensions such as
// encryption, with which an image is still an image.
const layerPrefix = "application/vnd.oci.image.layer."

// layerTypes judges the layers of a manifest: each by itself, then all of them
// together with the configuration.
func (c *checker) layerTypes(m *Manifest, inDocker bool) {
	tars, sized := 0, 0
	for i := range m.Layers {
		d := &m.Layers[i]
		if KindOf(d.MediaType) == KindLayer || strings.HasPrefix(d.MediaType, layerPrefix) {
			tars++
		}
		if d.Size != 0 || d.Loaded() && (!d.Has("size") || d.Wrong("size")) {
			sized++
		}
	}
	isImage := KindOf(m.Config.MediaType) == KindImage
	mixed := false
	c.each("layers", len(m.Layers), func(i int) {
		d := &m.Layers[i]
		d.validate(c, RoleLayer)
		c.layerType(d, isImage && tars > 0)
		if isTar := KindOf(d.MediaType) == KindLayer; isTar && !mixed && docker(d.MediaType) != inDocker {
			mixed = true
			c.report(rule.MediaTypeMixed, "mediaType", "the layer's media type is of the other family than the manifest", "", d.MediaType)
		}
		if inDocker {
			c.dockerDescriptor(d, false)
		}
	})
	if inDocker {
		c.in("config", func() { c.dockerDescriptor(&m.Config, true) })
	}
	switch {
	case len(m.Layers) == 0 && (!m.Loaded() || m.Has("layers") && !m.Wrong("layers")):
		c.report(rule.ManifestLayersEmpty, "layers", "the manifest lists no layers, which some registries and tools refuse", "at least one", "")
	case len(m.Layers) > 0 && sized == 0 && !m.IsCut():
		c.report(rule.ArtifactLayersEmpty, "layers", "all layers are blobs of no bytes, which not every registry takes", "one layer that is not empty", "")
	}
}

// layerType judges what one layer is.
func (c *checker) layerType(d *Descriptor, inImage bool) {
	switch kind := KindOf(d.MediaType); {
	case kind == KindLayer || d.MediaType == "" || d.MediaType == MediaTypeEmptyJSON || caseVariant(d.MediaType) != "" || !ValidMediaType(d.MediaType):
	case kind != KindOpaque:
		c.misplaced(d, "what stands among the layers is something else", MediaTypeLayerGzip)
	case kindOfType(d.MediaType) != "" && !inImage:
	case inImage && !strings.HasPrefix(d.MediaType, layerPrefix):
		c.report(rule.LayerTypeInImage, "mediaType", "nobody can unpack a layer of this type, and the image needs it", MediaTypeLayerGzip, clip(d.MediaType))
	default:
		c.report(rule.LayerTypeUnknown, "mediaType", "the layer is of a type that is not known here, and was verified as plain bytes", "", clip(d.MediaType))
	}
}

// subject judges the descriptor of what a manifest or index refers to.
func (c *checker) subject(d *Descriptor) {
	if d == nil {
		return
	}
	c.in("subject", func() {
		d.validate(c, RoleSubject)
		switch KindOf(d.MediaType) {
		case KindLayer, KindImage, KindLayout, KindDescriptor:
			c.report(rule.SubjectType, "mediaType", "a subject is a manifest or an index, and this is neither", MediaTypeManifest, d.MediaType)
		case KindOpaque:
			if d.MediaType == MediaTypeEmptyJSON {
				c.report(rule.SubjectType, "mediaType", "a subject is a manifest or an index, and this is neither", MediaTypeManifest, d.MediaType)
			}
		}
	})
}

// dockerDocument reports an index or manifest of Docker's, with the members that
// only OCI documents have, and says whether it is one.
func (c *checker) dockerDocument(m *Members, kind Kind, own string) bool {
	declared, mediaType := c.as.MediaType, own
	if own == "" {
		mediaType = declared
	}
	if mediaType != mediaTypes[kind][1] || declared != "" && declared != mediaType {
		return false // or that the two differ is reported already
	}
	c.report(rule.DockerDocument, "mediaType", "the document is Docker's, which not every tool for OCI layouts reads", "", mediaType)
	for _, member := range []string{"artifactType", "subject", "annotations"} {
		c.dockerMember(m, member)
	}
	return true
}

func (c *checker) dockerDescriptor(d *Descriptor, urlsToo bool) {
	c.dockerMember(&d.Members, "annotations")
	if urlsToo {
		c.dockerMember(&d.Members, "urls")
	}
}

func (c *checker) dockerMember(m *Members, member string) {
	if m.Has(member) {
		c.report(rule.DockerMember, member, "Docker's documents have no such member, so Docker's tools pass over it", "", "")
	}
}

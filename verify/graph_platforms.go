package verify

import (
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// platformRules compare the platforms that entries of indexes name with those of the
// images' configurations.
type platformRules struct {
	common
	distinct  map[string]*model.Platform // of configurations, each once
	manifests map[*layout.Document]int   // IDs of images whose configuration is still to come
	choices   map[*layout.Document]*choice
}

// platformClaim is the platform of an entry that names an image.
type platformClaim struct {
	platform *model.Platform
	place    layout.Place
}

// shared returns one copy of each platform, however many configurations have it.
func (c *platformRules) shared(p model.Platform) *model.Platform {
	key := strings.Join(append([]string{p.OS, p.Architecture, p.Variant, p.OSVersion}, p.OSFeatures...), "\x00")
	if p, ok := c.distinct[key]; ok {
		return p
	}
	c.distinct[key] = &p
	return &p
}

// ofEntry checks whether an entry that names an image says where it runs,
// and notes what it says until the configuration is known.
func (c *platformRules) ofEntry(v *layout.Visit, n *node) {
	if _, ok := v.From.Doc.(*model.Index); !ok || v.Edge.Role != model.RoleManifest || n.document == nil || !n.document.image {
		return
	}
	d := v.Edge.Descriptor
	switch {
	case d.Platform != nil && !d.Platform.IsUnknown():
		claim := platformClaim{d.Platform, v.Place()}
		if n.document.config == nil {
			n.document.platforms = append(n.document.platforms, claim)
		} else {
			c.compare(n.ID, claim)
		}
	case d.Platform == nil && model.Runnable(d):
		if _, named := d.Annotations[model.AnnotationRefName]; named && v.From.Path == model.IndexFile {
			c.choose(v, nil) // the name tells it apart
			return
		}
		c.choose(v, new(onDescriptor(v, "/platform", Finding{Rule: rule.PlatformMissing, Message: "clients choose among the entries by platform, and this one has none"})))
		return
	}
	if model.Runnable(d) {
		c.choose(v, nil)
	}
}

// choice is what is known of the images that an index has so far.
type choice struct {
	first digest.Digest
	among bool     // there is another
	waits *Finding // that the first has no platform, in case that there is another
}

// choose notes an image of an index, and reports that it has no platform once there
// are several among which a client chooses. Artifacts are no images, whatever their
// entries say.
func (c *platformRules) choose(v *layout.Visit, without *Finding) {
	d := v.Edge.Descriptor.Digest
	found := c.choices[v.From]
	switch {
	case found == nil:
		c.choices[v.From] = &choice{first: d, waits: without}
		return
	case !found.among && d == found.first:
		return
	}
	if found.among = true; found.waits != nil {
		c.emit(*found.waits)
		found.waits = nil
	}
	if without != nil {
		c.emit(*without)
	}
}

// ofConfig compares the entries that name an image with its configuration, to which the
// walk has just come.
func (c *platformRules) ofConfig(v *layout.Visit, n *node) {
	manifest, ok := c.manifests[v.From]
	if !ok || v.Edge.Role != model.RoleConfig {
		return
	}
	delete(c.manifests, v.From)
	facts := c.rows.At(manifest).document
	facts.config = n.blobFacts
	for _, claim := range facts.platforms {
		c.compare(manifest, claim)
	}
	facts.platforms = nil
}

func (c *platformRules) compare(manifest int, claim platformClaim) {
	facts := c.rows.At(manifest).document.config.document
	if facts == nil || facts.platform == nil {
		return
	}
	config := facts.platform
	if member := claim.platform.Differs(*config); member != "" {
		c.emit(Finding{Rule: rule.PlatformMismatch, Path: claim.place.From.Path, Pointer: claim.place.Pointer() + "/platform/" + member,
			Digest: c.nodes.At(manifest).Digest, Trail: claim.place.From.Trail(),
			Message: "the entry is for another platform than the image's configuration", Expected: config.String(), Actual: claim.platform.String()})
	}
}

// platformError says that nothing runs on the platforms that were asked for, and what
// there is. It is a layout.ErrNoEntry.
type platformError struct {
	wanted    string
	available []string
}

func (e *platformError) Error() string {
	there := "none"
	if len(e.available) > 0 {
		there = strings.Join(e.available, ", ")
	}
	return "no image for " + e.wanted + "; available: " + there
}

func (e *platformError) Is(target error) bool { return target == layout.ErrNoEntry }

// addPlatform adds a platform to those that a message lists.
func addPlatform(all []string, p *model.Platform) []string {
	const most = 20
	if p == nil || p.IsUnknown() || len(all) == most || slices.Contains(all, p.String()) {
		return all
	}
	return append(all, p.String())
}

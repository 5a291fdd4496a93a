package layout

import (
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/model"
)

// What many nodes and edges have in common is there once: a layout repeats the same few
// types and platforms in every descriptor.

// remark returns r for an edge to share.
func (b *graphBuilder) remark(r Remarks) *Remarks {
	switch {
	case r == Remarks{}:
		return b.noRemarks
	case b.remarks == nil || *b.remarks != r:
		b.remarks = &r
	}
	return b.remarks
}

// platform returns a platform, which may be nil, as one for all that are equal.
func (b *graphBuilder) platform(p *model.Platform) *model.Platform {
	if p == nil {
		return nil
	}
	key := strings.Join(append([]string{p.OS, p.Architecture, p.Variant, p.OSVersion}, p.OSFeatures...), "\x00")
	known := b.platforms[key]
	if known == nil {
		known = &model.Platform{OS: b.text(p.OS), Architecture: b.text(p.Architecture), Variant: b.text(p.Variant), OSVersion: b.text(p.OSVersion)}
		for _, feature := range p.OSFeatures[:min(len(p.OSFeatures), maxTypes)] {
			known.OSFeatures = append(known.OSFeatures, b.text(feature))
		}
		if len(key) <= maxText {
			b.platforms[key] = known
		}
	}
	return known
}

// namingStep is a Naming that another descriptor adds to.
type namingStep struct {
	before    *Naming
	mediaType string
	role      Role
}

// maxTypes is how many media types are noted of a blob.
const maxTypes = 16

// naming returns what a blob is named by once another descriptor names it.
func (b *graphBuilder) naming(before *Naming, mediaType string, role Role) *Naming {
	newType := len(before.MediaTypes) < maxTypes && !slices.Contains(before.MediaTypes, mediaType)
	newRole := !slices.Contains(before.Roles, role)
	if !newType && !newRole {
		return before
	}
	step := namingStep{before, mediaType, role}
	next := b.namings[step]
	if next == nil {
		next = &Naming{slices.Clip(before.MediaTypes), slices.Clip(before.Roles)}
		if newType {
			next.MediaTypes = append(next.MediaTypes, mediaType)
		}
		if newRole {
			next.Roles = append(next.Roles, role)
		}
		b.namings[step] = next
	}
	return next
}

// maxText is how many bytes are noted of what has no reason to be longer.
const maxText = 1024

// text returns s, cut off, as one string for all that are equal.
func (b *graphBuilder) text(s string) string {
	if s == "" {
		return ""
	}
	s = s[:min(len(s), maxText)]
	if known, ok := b.texts[s]; ok {
		return known
	}
	s = strings.Clone(s)
	b.texts[s] = s
	return s
}

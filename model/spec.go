package model

import (
	"fmt"
	"time"

	"github.com/opencontainers/image-spec/specs-go"
	spec "github.com/opencontainers/image-spec/specs-go/v1"
)

// DescriptorFromSpec returns a descriptor of image-spec's type as one of this
// package, as if it were made in Go. The two share URLs, annotations and data.
// For the other way, and what is lost there, see [Descriptor.Spec].
func DescriptorFromSpec(d spec.Descriptor) Descriptor {
	converted := Descriptor{MediaType: d.MediaType, Digest: d.Digest, Size: d.Size, URLs: d.URLs,
		Annotations: d.Annotations, Data: d.Data, ArtifactType: d.ArtifactType}
	if d.Platform != nil {
		converted.Platform = new(PlatformFromSpec(*d.Platform))
	}
	return converted
}

// Spec returns the descriptor as image-spec's type. The two share URLs,
// annotations and data. What that type has no place for is lost: unknown members,
// Raw, and what [Members] knows of members that are missing, empty or of a wrong
// type. So the result is encoded to other bytes, with another digest.
func (d *Descriptor) Spec() spec.Descriptor {
	converted := spec.Descriptor{MediaType: d.MediaType, Digest: d.Digest, Size: d.Size, URLs: d.URLs,
		Annotations: d.Annotations, Data: d.Data, ArtifactType: d.ArtifactType}
	if d.Platform != nil {
		converted.Platform = new(d.Platform.Spec())
	}
	return converted
}

// PlatformFromSpec is [DescriptorFromSpec] for a platform.
func PlatformFromSpec(p spec.Platform) Platform {
	return Platform{Architecture: p.Architecture, OS: p.OS, OSVersion: p.OSVersion, OSFeatures: p.OSFeatures, Variant: p.Variant}
}

// Spec is [Descriptor.Spec] for a platform.
func (p *Platform) Spec() spec.Platform {
	return spec.Platform{Architecture: p.Architecture, OS: p.OS, OSVersion: p.OSVersion, OSFeatures: p.OSFeatures, Variant: p.Variant}
}

// IndexFromSpec is [DescriptorFromSpec] for an index.
func IndexFromSpec(x spec.Index) *Index {
	return &Index{SchemaVersion: int64(x.SchemaVersion), MediaType: x.MediaType, ArtifactType: x.ArtifactType,
		Manifests: each(x.Manifests, DescriptorFromSpec), Subject: pointed(x.Subject, DescriptorFromSpec), Annotations: x.Annotations}
}

// Spec is [Descriptor.Spec] for an index.
func (x *Index) Spec() spec.Index {
	return spec.Index{Versioned: specs.Versioned{SchemaVersion: int(x.SchemaVersion)}, MediaType: x.MediaType, ArtifactType: x.ArtifactType,
		Manifests: each(x.Manifests, specOf), Subject: pointed(x.Subject, specOf), Annotations: x.Annotations}
}

// ManifestFromSpec is [DescriptorFromSpec] for a manifest.
func ManifestFromSpec(m spec.Manifest) *Manifest {
	return &Manifest{SchemaVersion: int64(m.SchemaVersion), MediaType: m.MediaType, ArtifactType: m.ArtifactType, Config: DescriptorFromSpec(m.Config),
		Layers: each(m.Layers, DescriptorFromSpec), Subject: pointed(m.Subject, DescriptorFromSpec), Annotations: m.Annotations}
}

// Spec is [Descriptor.Spec] for a manifest.
func (m *Manifest) Spec() spec.Manifest {
	return spec.Manifest{Versioned: specs.Versioned{SchemaVersion: int(m.SchemaVersion)}, MediaType: m.MediaType, ArtifactType: m.ArtifactType, Config: m.Config.Spec(),
		Layers: each(m.Layers, specOf), Subject: pointed(m.Subject, specOf), Annotations: m.Annotations}
}

// ImageFromSpec is [DescriptorFromSpec] for an image configuration. Times become
// text as encoding/json writes them.
func ImageFromSpec(i spec.Image) *Image {
	return &Image{Created: timeText(i.Created), Author: i.Author, Architecture: i.Architecture, Variant: i.Variant,
		OS: i.OS, OSVersion: i.OSVersion, OSFeatures: i.OSFeatures,
		Config: ImageConfig{User: i.Config.User, ExposedPorts: emptyValues[Empty](i.Config.ExposedPorts), Env: i.Config.Env,
			Entrypoint: i.Config.Entrypoint, Cmd: i.Config.Cmd, Volumes: emptyValues[Empty](i.Config.Volumes), WorkingDir: i.Config.WorkingDir,
			Labels: i.Config.Labels, StopSignal: i.Config.StopSignal,
			//lint:ignore SA1019 the conversions leave nothing out
			ArgsEscaped: i.Config.ArgsEscaped},
		RootFS: RootFS{Type: i.RootFS.Type, DiffIDs: i.RootFS.DiffIDs},
		History: each(i.History, func(h spec.History) History {
			return History{Created: timeText(h.Created), CreatedBy: h.CreatedBy, Author: h.Author, Comment: h.Comment, EmptyLayer: h.EmptyLayer}
		})}
}

// Spec is [Descriptor.Spec] for an image configuration. Lost are also the members
// that Docker adds, and how a time was written. The error is for a time that
// encoding/json cannot read.
func (i *Image) Spec() (spec.Image, error) {
	created, err := timeOf(i.Created)
	if err != nil {
		return spec.Image{}, fmt.Errorf("model: created of the image: %w", err)
	}
	converted := spec.Image{Created: created, Author: i.Author, Platform: new(i.Platform()).Spec(),
		Config: spec.ImageConfig{User: i.Config.User, ExposedPorts: emptyValues[struct{}](i.Config.ExposedPorts), Env: i.Config.Env,
			Entrypoint: i.Config.Entrypoint, Cmd: i.Config.Cmd, Volumes: emptyValues[struct{}](i.Config.Volumes), WorkingDir: i.Config.WorkingDir,
			Labels: i.Config.Labels, StopSignal: i.Config.StopSignal,
			//lint:ignore SA1019 the conversions leave nothing out
			ArgsEscaped: i.Config.ArgsEscaped},
		RootFS: spec.RootFS{Type: i.RootFS.Type, DiffIDs: i.RootFS.DiffIDs}}
	if i.History != nil {
		converted.History = make([]spec.History, len(i.History))
	}
	for n, h := range i.History {
		created, err := timeOf(h.Created)
		if err != nil {
			return spec.Image{}, fmt.Errorf("model: created of history entry %d: %w", n, err)
		}
		converted.History[n] = spec.History{Created: created, CreatedBy: h.CreatedBy, Author: h.Author, Comment: h.Comment, EmptyLayer: h.EmptyLayer}
	}
	return converted, nil
}

func specOf(d Descriptor) spec.Descriptor { return d.Spec() }

// each converts a list, and keeps a nil one from becoming an empty one.
func each[A, B any](list []A, convert func(A) B) []B {
	if list == nil {
		return nil
	}
	converted := make([]B, len(list))
	for i, value := range list {
		converted[i] = convert(value)
	}
	return converted
}

func pointed[A, B any](value *A, convert func(A) B) *B {
	if value == nil {
		return nil
	}
	return new(convert(*value))
}

// emptyValues converts a map whose values are objects without known members.
func emptyValues[B, A any](from map[string]A) map[string]B {
	if from == nil {
		return nil
	}
	converted := make(map[string]B, len(from))
	for name := range from {
		converted[name] = *new(B)
	}
	return converted
}

func timeOf(text string) (*time.Time, error) {
	if text == "" {
		return nil, nil
	}
	t := new(time.Time)
	return t, t.UnmarshalText([]byte(text))
}

func timeText(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

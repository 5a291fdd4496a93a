package show

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

func (i *inspector) fullIndex(ctx context.Context, e *layout.Edge) *Index {
	b := i.brief(e)
	x := &Index{
		MediaType: b.MediaType, Digest: b.Digest, Size: b.Size, TotalSize: b.TotalSize, References: b.References,
		ArtifactType: b.ArtifactType, ArtifactKind: b.ArtifactKind, Annotations: map[string]string{}, Referrers: i.referrers(ctx, e.To),
	}
	doc, state := i.layout.Peek(ctx, e.Descriptor(), i.options.Limits)
	x.State = state
	if doc, ok := doc.(*model.Index); ok {
		x.Annotations = annotations(doc.Annotations)
		x.Subject = i.blob(doc.Subject)
	}
	return x
}

func (i *inspector) fullManifest(ctx context.Context, e *layout.Edge) *Manifest {
	b := i.brief(e)
	m := &Manifest{
		Kind: b.Kind, ArtifactType: b.ArtifactType, ArtifactKind: b.ArtifactKind, MediaType: b.MediaType, Digest: b.Digest,
		Size: b.Size, TotalSize: b.TotalSize, References: b.References, Platform: platformOf(e.Platform),
		Annotations: map[string]string{}, Layers: []InspectedLayer{}, History: []History{}, Files: []TitledFile{}, Referrers: i.referrers(ctx, e.To), Notes: []string{},
	}
	doc, state := i.layout.Peek(ctx, e.Descriptor(), i.options.Limits)
	m.State = state
	read, ok := doc.(*model.Manifest)
	if !ok {
		return m
	}
	m.Annotations = annotations(read.Annotations)
	m.Subject = i.blob(read.Subject)
	for n := range read.Layers {
		i.layer(m, n, &read.Layers[n])
	}
	if read.Config.Digest != "" || read.Config.MediaType != "" {
		i.config(ctx, m, &read.Config)
	}
	return m
}

func (i *inspector) layer(m *Manifest, n int, d *model.Descriptor) {
	layer := InspectedLayer{
		MediaType: d.MediaType, Compression: model.Compression(d.MediaType), Digest: string(d.Digest), Size: d.Size,
		URLs: list(d.URLs), Annotations: annotations(d.Annotations), State: i.layout.StateOf(d),
	}
	if layer.Compression == "" && model.IsLayer(d.MediaType) {
		layer.Compression = "none"
	}
	m.Layers = append(m.Layers, layer)
	if title, ok := d.Annotations[model.AnnotationTitle]; ok {
		m.Files = append(m.Files, TitledFile{title, d.MediaType, string(d.Digest), d.Size, n})
	}
}

// config adds what the configuration says. That of an artifact is not looked
// into.
func (i *inspector) config(ctx context.Context, m *Manifest, d *model.Descriptor) {
	m.Config = i.blob(d)
	if model.KindOf(d.MediaType) != model.KindImage {
		return
	}
	doc, state := i.layout.Peek(ctx, d, i.options.Limits)
	if state != layout.StateOK {
		m.Config.State = state
	}
	config, ok := doc.(*model.Image)
	if !ok {
		return
	}
	if p := config.Platform(); m.Platform == nil && (p.OS != "" || p.Architecture != "") {
		m.Platform = platformOf(&p)
	}
	c := &config.Config
	m.Image = &Image{
		ID: string(config.ID()), Created: config.Created, Author: config.Author, User: c.User, Env: list(c.Env), Entrypoint: list(c.Entrypoint),
		Cmd: list(c.Cmd), WorkingDir: c.WorkingDir, ExposedPorts: names(c.ExposedPorts), Volumes: names(c.Volumes),
		Labels: annotations(c.Labels), StopSignal: c.StopSignal,
	}
	m.diffIDs(config.RootFS.DiffIDs)
	m.history(config.History)
}

// diffIDs puts each layer beside what it unpacks to, and nothing where the counts
// differ: any guess could be wrong.
func (m *Manifest) diffIDs(ids []digest.Digest) {
	if len(ids) != len(m.Layers) {
		m.Notes = append(m.Notes, fmt.Sprintf("the config has %d diff ids and the manifest %d layers: they are not matched", len(ids), len(m.Layers)))
		return
	}
	var chain []digest.Digest
	for n, id := range ids {
		chain = []digest.Digest{model.ChainID(append(chain, id))}
		m.Layers[n].DiffID, m.Layers[n].ChainID = string(id), string(chain[0])
	}
}

// history puts each layer beside what made it, unless the counts differ.
func (m *Manifest) history(entries []model.History) {
	making := 0
	for _, h := range entries {
		if !h.EmptyLayer {
			making++
		}
	}
	matched := making == len(m.Layers)
	if !matched && len(entries) > 0 {
		m.Notes = append(m.Notes, fmt.Sprintf("the history tells of %d layers and the manifest has %d: they are not matched", making, len(m.Layers)))
	}
	next := 0
	for _, h := range entries {
		entry := History{Created: h.Created, CreatedBy: h.CreatedBy, Author: h.Author, Comment: h.Comment, EmptyLayer: h.EmptyLayer, Layer: -1}
		if matched && !h.EmptyLayer {
			entry.Layer = next
			made := entry
			m.Layers[next].History = &made
			next++
		}
		m.History = append(m.History, entry)
	}
}

// blob is nil for no descriptor.
func (i *inspector) blob(d *model.Descriptor) *Blob {
	if d == nil {
		return nil
	}
	return &Blob{MediaType: d.MediaType, ArtifactType: d.ArtifactType, Digest: string(d.Digest), Size: d.Size, State: i.layout.StateOf(d)}
}

func platformOf(p *model.Platform) *Platform {
	if p == nil {
		return nil
	}
	return &Platform{OS: p.OS, Architecture: p.Architecture, Variant: p.Variant, OSVersion: p.OSVersion, OSFeatures: list(p.OSFeatures)}
}

// String returns "os/architecture", with the variant and the version of the
// operating system where there are any.
func (p *Platform) String() string {
	s := model.Platform{OS: p.OS, Architecture: p.Architecture, Variant: p.Variant}.String()
	if p.OSVersion != "" {
		s += " " + p.OSVersion
	}
	return s
}

func list(items []string) []string { return append([]string{}, items...) }

func names(set map[string]model.Empty) []string {
	return append([]string{}, slices.Sorted(maps.Keys(set))...)
}

func annotations(all map[string]string) map[string]string {
	if all == nil {
		return map[string]string{}
	}
	return all
}

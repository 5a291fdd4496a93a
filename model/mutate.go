package model

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/opencontainers/go-digest"
)

// ErrRefused is what errors.Is finds in the error of a method that changes a
// document, where the change would break the document, or where the list or map
// to change could not be loaded whole: [Unset] removes that. The document is then
// as it was.
var ErrRefused = errors.New("refused")

func refused(format string, args ...any) error {
	return fmt.Errorf("model: %w: %w", ErrRefused, fmt.Errorf(format, args...))
}

// sound returns an error for a descriptor that is not to get into a document:
// Validate finds an error in it, or in what Encode writes of it. The latter tells
// of a value that could not be loaded whether it was set since.
func sound(what string, d *Descriptor) error {
	raw, err := Encode(d)
	if err != nil {
		return refused("%s: %w", what, err)
	}
	written, problems := LoadDescriptor(raw)
	problems = slices.AppendSeq(slices.AppendSeq(problems, d.Validate()), written.Validate())
	if err := problems.Err(); err != nil {
		return refused("%s: %w", what, err)
	}
	return nil
}

// setString puts a name and value into values, the map of a member, which it
// makes if need be.
func (m *Members) setString(values *map[string]string, member, what, name, value string) error {
	switch {
	case name == "":
		return refused("%s has no name", what)
	case !utf8.ValidString(name) || !utf8.ValidString(value):
		return refused("%s %q is not UTF-8", what, clip(name))
	}
	if err := m.changeable(member); err != nil {
		return err
	}
	if *values == nil {
		*values = make(map[string]string)
	}
	(*values)[name] = value
	m.set(member)
	return nil
}

// SetAnnotation sets an annotation, and replaces one with that key. An empty key,
// and text that is not UTF-8, is [ErrRefused].
func (d *Descriptor) SetAnnotation(key, value string) error {
	if err := d.setString(&d.Annotations, "annotations", "an annotation", key, value); err != nil {
		return err
	}
	return nil
}

// SetData embeds a copy of data, and makes digest and size fit it. The digest
// keeps its algorithm if that can be computed here, and becomes sha256 if not.
func (d *Descriptor) SetData(data []byte) {
	name, _, _ := strings.Cut(string(d.Digest), ":")
	algorithm := digest.Algorithm(name)
	h, err := NewHash(algorithm)
	if err != nil {
		algorithm, h = digest.Canonical, digest.Canonical.Hash()
	}
	h.Write(data)
	d.Data, d.Digest, d.Size = bytes.Clone(data), digest.NewDigest(algorithm, h), int64(len(data))
	for _, name := range []string{"data", "digest", "size"} {
		d.set(name)
	}
}

// SetConfig sets the configuration. A descriptor in which Validate finds an
// error is [ErrRefused].
func (m *Manifest) SetConfig(config Descriptor) error {
	if err := sound("a config", &config); err != nil {
		return err
	}
	m.Config = config
	m.set("config")
	return nil
}

// AddLayer adds a layer on top of those there are. A descriptor in which
// Validate finds an error is [ErrRefused].
func (m *Manifest) AddLayer(layer Descriptor) error {
	if err := sound("a layer", &layer); err != nil {
		return err
	}
	if err := m.changeable("layers"); err != nil {
		return err
	}
	m.Layers = append(m.Layers, layer)
	m.set("layers")
	return nil
}

// SetSubject sets the manifest that this one says something about. A descriptor
// in which Validate finds an error is [ErrRefused].
func (m *Manifest) SetSubject(subject Descriptor) error {
	if err := sound("a subject", &subject); err != nil {
		return err
	}
	m.Subject = &subject
	m.set("subject")
	return nil
}

// SetAnnotation is [Descriptor.SetAnnotation] for the manifest.
func (m *Manifest) SetAnnotation(key, value string) error {
	if err := m.setString(&m.Annotations, "annotations", "an annotation", key, value); err != nil {
		return err
	}
	return nil
}

// AddManifest adds an entry after those there are. A descriptor in which
// Validate finds an error is [ErrRefused].
func (x *Index) AddManifest(entry Descriptor) error {
	if err := sound("an entry", &entry); err != nil {
		return err
	}
	if err := x.changeable("manifests"); err != nil {
		return err
	}
	x.Manifests = append(x.Manifests, entry)
	x.set("manifests")
	return nil
}

// SetSubject is [Manifest.SetSubject] for the index.
func (x *Index) SetSubject(subject Descriptor) error {
	if err := sound("a subject", &subject); err != nil {
		return err
	}
	x.Subject = &subject
	x.set("subject")
	return nil
}

// SetAnnotation is [Descriptor.SetAnnotation] for the index.
func (x *Index) SetAnnotation(key, value string) error {
	if err := x.setString(&x.Annotations, "annotations", "an annotation", key, value); err != nil {
		return err
	}
	return nil
}

package model_test

import (
	"fmt"
	"strconv"
)

// The documents as most programs declare them, for encoding/json to fill.
type (
	plainHead struct {
		SchemaVersion int64             `json:"schemaVersion"`
		MediaType     string            `json:"mediaType"`
		ArtifactType  string            `json:"artifactType"`
		Annotations   map[string]string `json:"annotations"`
	}
	plainIndex struct {
		plainHead
		Manifests []plainDescriptor `json:"manifests"`
		Subject   *plainDescriptor  `json:"subject"`
	}
	plainManifest struct {
		plainHead
		Config  *plainDescriptor  `json:"config"`
		Layers  []plainDescriptor `json:"layers"`
		Subject *plainDescriptor  `json:"subject"`
	}
	plainDescriptor struct {
		MediaType    string            `json:"mediaType"`
		Digest       string            `json:"digest"`
		Size         int64             `json:"size"`
		URLs         []string          `json:"urls"`
		Annotations  map[string]string `json:"annotations"`
		Data         []byte            `json:"data"`
		Platform     *plainPlatform    `json:"platform"`
		ArtifactType string            `json:"artifactType"`
	}
	plainPlatform struct {
		Architecture string `json:"architecture"`
		OS           string `json:"os"`
		OSVersion    string `json:"os.version"`
		Variant      string `json:"variant"`
	}
	plainImage struct {
		Architecture string `json:"architecture"`
		OS           string `json:"os"`
		Created      string `json:"created"`
		Variant      string `json:"variant"`
		RootFS       struct {
			Type    string   `json:"type"`
			DiffIDs []string `json:"diff_ids"`
		} `json:"rootfs"`
		Config struct {
			Env         []string
			Cmd         []string
			Labels      map[string]string
			ArgsEscaped bool
		} `json:"config"`
		History []struct {
			CreatedBy  string `json:"created_by"`
			EmptyLayer bool   `json:"empty_layer"`
		} `json:"history"`
	}
)

func (h plainHead) head() string {
	return fmt.Sprintf("%d %q %q %q", h.SchemaVersion, h.MediaType, h.ArtifactType, h.Annotations)
}

func (d plainDescriptor) line(pointer string) string {
	line := fmt.Sprintf("%s %q %q %d %q %q %q %q", pointer, d.MediaType, d.Digest, d.Size, d.URLs, d.Annotations, d.Data, d.ArtifactType)
	if d.Platform != nil {
		line += fmt.Sprintf(" %q", *d.Platform)
	}
	return line
}

func lines(pointer string, descriptors []plainDescriptor) []string {
	var out []string
	for i, d := range descriptors {
		out = append(out, d.line(pointer+strconv.Itoa(i)))
	}
	return out
}

func (x plainIndex) edges() []string {
	out := lines("/manifests/", x.Manifests)
	if x.Subject != nil {
		out = append(out, x.Subject.line("/subject"))
	}
	return out
}

func (m plainManifest) edges() []string {
	var out []string
	if m.Config != nil {
		out = append(out, m.Config.line("/config"))
	}
	out = append(out, lines("/layers/", m.Layers)...)
	if m.Subject != nil {
		out = append(out, m.Subject.line("/subject"))
	}
	return out
}

func (i plainImage) lines() []string {
	out := []string{
		fmt.Sprintf("%q %q %q %q", i.Architecture, i.OS, i.Created, i.Variant),
		fmt.Sprintf("%q %q", i.RootFS.Type, i.RootFS.DiffIDs),
		fmt.Sprintf("%q %q %q %t", i.Config.Env, i.Config.Cmd, i.Config.Labels, i.Config.ArgsEscaped),
	}
	for _, h := range i.History {
		out = append(out, fmt.Sprintf("%q %t", h.CreatedBy, h.EmptyLayer))
	}
	return out
}

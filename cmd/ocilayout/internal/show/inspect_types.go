package show

import (
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
)

// Inspection is what Inspect finds. Lists are never nil.
type Inspection struct {
	Entries   []Brief   `json:"entries"`   // the selected entries of index.json, each digest once
	Index     *Index    `json:"index"`     // the one selected entry, if it is an index
	Manifests []Brief   `json:"manifests"` // what the entries lead to and runs on the platforms, each digest once
	Manifest  *Manifest `json:"manifest"`  // in full: the only one, or the only image
}

// Brief is an entry or a manifest in one line.
type Brief struct {
	Kind         string       `json:"kind"` // image, artifact, index, or what else the media type says
	ArtifactType string       `json:"artifactType"`
	ArtifactKind string       `json:"artifactKind"` // see model.ArtifactKind
	MediaType    string       `json:"mediaType"`
	Digest       string       `json:"digest"`
	Size         int64        `json:"size"`      // bytes of the document
	TotalSize    int64        `json:"totalSize"` // bytes of it and of all below it
	References   []string     `json:"references"`
	Platforms    []string     `json:"platforms"`
	OSVersion    string       `json:"osVersion"`
	Created      string       `json:"created"`
	State        layout.State `json:"state"` // the worst of it and of all below it

	all []*model.Platform
}

// Index is what an index says itself.
type Index struct {
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int64             `json:"size"`
	TotalSize    int64             `json:"totalSize"`
	References   []string          `json:"references"`
	ArtifactType string            `json:"artifactType"`
	ArtifactKind string            `json:"artifactKind"`
	Annotations  map[string]string `json:"annotations"`
	Subject      *Blob             `json:"subject"`
	Referrers    []Referrer        `json:"referrers"`
	State        layout.State      `json:"state"` // of the document alone
}

// Manifest is an image or an artifact in full.
type Manifest struct {
	Kind         string            `json:"kind"` // image or artifact
	ArtifactType string            `json:"artifactType"`
	ArtifactKind string            `json:"artifactKind"`
	MediaType    string            `json:"mediaType"`
	Digest       string            `json:"digest"`
	Size         int64             `json:"size"`
	TotalSize    int64             `json:"totalSize"`
	References   []string          `json:"references"`
	Platform     *Platform         `json:"platform"`
	Annotations  map[string]string `json:"annotations"`
	Config       *Blob             `json:"config"`
	Image        *Image            `json:"image"` // what the configuration says, if it is an image's
	Layers       []InspectedLayer  `json:"layers"`
	History      []History         `json:"history"`
	Files        []TitledFile      `json:"files"` // the layers that have a title
	Subject      *Blob             `json:"subject"`
	Referrers    []Referrer        `json:"referrers"`
	Notes        []string          `json:"notes"` // why something was left out
	State        layout.State      `json:"state"` // of the document alone
}

// Platform is what an image runs on.
type Platform struct {
	OS           string   `json:"os"`
	Architecture string   `json:"architecture"`
	Variant      string   `json:"variant"`
	OSVersion    string   `json:"osVersion"`
	OSFeatures   []string `json:"osFeatures"`
}

// Blob is a descriptor and the state of what it describes.
type Blob struct {
	MediaType    string       `json:"mediaType"`
	ArtifactType string       `json:"artifactType"`
	Digest       string       `json:"digest"`
	Size         int64        `json:"size"`
	State        layout.State `json:"state"`
}

// Image is what an image's configuration says.
type Image struct {
	ID           string            `json:"id"`
	Created      string            `json:"created"`
	Author       string            `json:"author"`
	User         string            `json:"user"`
	Env          []string          `json:"env"`
	Entrypoint   []string          `json:"entrypoint"`
	Cmd          []string          `json:"cmd"`
	WorkingDir   string            `json:"workingDir"`
	ExposedPorts []string          `json:"exposedPorts"`
	Volumes      []string          `json:"volumes"`
	Labels       map[string]string `json:"labels"`
	StopSignal   string            `json:"stopSignal"`
}

// InspectedLayer is a layer, beside what made it.
type InspectedLayer struct {
	MediaType   string            `json:"mediaType"`
	Compression string            `json:"compression"` // none, gzip or zstd as the media type says; "" where it is no layer's
	Digest      string            `json:"digest"`
	Size        int64             `json:"size"`
	DiffID      string            `json:"diffId"`
	ChainID     string            `json:"chainId"`
	URLs        []string          `json:"urls"`
	Annotations map[string]string `json:"annotations"`
	History     *History          `json:"history"` // nil where it is not known
	State       layout.State      `json:"state"`   // damaged where the size is wrong; the bytes are not read
}

// History is an entry of a configuration's history.
type History struct {
	Created    string `json:"created"`
	CreatedBy  string `json:"createdBy"`
	Author     string `json:"author"`
	Comment    string `json:"comment"`
	EmptyLayer bool   `json:"emptyLayer"`
	Layer      int    `json:"layer"` // that it made; -1 for none, or where it is not known
}

// TitledFile is a layer of an artifact that has a title.
type TitledFile struct {
	Title     string `json:"title"`
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"`
	Layer     int    `json:"layer"`
}

// Referrer is what refers to a manifest or index.
type Referrer struct {
	MediaType    string            `json:"mediaType"`
	ArtifactType string            `json:"artifactType"`
	ArtifactKind string            `json:"artifactKind"`
	Digest       string            `json:"digest"`
	Size         int64             `json:"size"`
	References   []string          `json:"references"`
	Annotations  map[string]string `json:"annotations"`
	// FoundBy are the ways that lead to it: "subject", "referrers tag", "cosign
	// tag" and "attestation", which is BuildKit's annotation.
	FoundBy []string     `json:"foundBy"`
	State   layout.State `json:"state"`
}

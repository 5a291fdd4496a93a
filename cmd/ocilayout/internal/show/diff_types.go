package show

import (
	"encoding/json"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
)

// Comparison is what differs between A and B. Its slices are never nil.
type Comparison struct {
	// Differs: something of what is compared is not the same on both sides.
	Differs bool `json:"differs"`
	// Complete is false where something could not be read or is not what its
	// digest says: there is a Problem for it.
	Complete bool      `json:"complete"`
	Entries  Entries   `json:"entries"`
	Pairs    []Pair    `json:"pairs"`
	OnlyInA  []Item    `json:"onlyInA"` // without a counterpart in B; their layers are not read
	OnlyInB  []Item    `json:"onlyInB"`
	Problems []Problem `json:"problems"`
}

// Entries is what differs between the entries of index.json, by reference name:
// of all of them if both selectors are zero, and else of the selected ones,
// whatever their names.
type Entries struct {
	Index   []Member      `json:"index"` // members of index.json itself, or of the selected index, its manifests aside
	OnlyInA []Entry       `json:"onlyInA"`
	OnlyInB []Entry       `json:"onlyInB"`
	Changed []EntryChange `json:"changed"`
}

// Entry is one entry of index.json.
type Entry struct {
	Reference string `json:"reference"` // "" for none
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"` // bytes
}

// EntryChange is an entry that leads elsewhere in B, or says something else.
type EntryChange struct {
	A       Entry    `json:"a"`
	B       Entry    `json:"b"`
	Members []Member `json:"members"` // of the descriptors; empty for selected entries
}

// The kinds of an Item.
const (
	KindImage    = "image"
	KindArtifact = "artifact" // a manifest that is no image: no files are compared
	KindUnknown  = "unknown"  // its manifest could not be read
)

// Item is an image or artifact of one side.
type Item struct {
	Kind         string   `json:"kind"`
	ArtifactType string   `json:"artifactType"` // "" for images
	References   []string `json:"references"`   // of the entries that lead to it
	Platform     string   `json:"platform"`     // of the descriptor, or else of the configuration; "" for none
	OSVersion    string   `json:"osVersion"`
	MediaType    string   `json:"mediaType"`
	Digest       string   `json:"digest"`
	Size         int64    `json:"size"` // of the manifest, in bytes
}

// Pair is an image of A and its counterpart in B.
type Pair struct {
	A    Item `json:"a"`
	B    Item `json:"b"`
	Same bool `json:"same"` // one digest: nothing but Descriptor can differ
	// SamePlatform: each runs where the other does, an absent variant being the
	// usual one.
	SamePlatform bool        `json:"samePlatform"`
	Descriptor   []Member    `json:"descriptor"` // of the index entries, where both are within an index blob
	Manifest     []Member    `json:"manifest"`   // layers, and the digest of the configuration, aside
	Config       Config      `json:"config"`
	Layers       []LayerPair `json:"layers"` // in the order of A, those only in B at the end
	Files        Files       `json:"files"`
}

// Config is what differs between two configurations. Members are those of the
// documents; rootfs.diff_ids are left to the layers. Environment variables are
// compared by name, as /config/Env/NAME, unless only their order differs.
type Config struct {
	A       string   `json:"a"` // digest, "" if the manifest could not be read
	B       string   `json:"b"`
	Members []Member `json:"members"`
}

// Member is a member of a document that is not the same in both. Objects are
// compared member by member, arrays as a whole.
type Member struct {
	Pointer string          `json:"pointer"`
	A       json.RawMessage `json:"a,omitempty"` // nil: absent
	B       json.RawMessage `json:"b,omitempty"`
}

// The states of a LayerPair.
const (
	LayerSame     = "same"     // the same blob
	LayerRepacked = "repacked" // the same diff id, compressed otherwise
	LayerOnlyInA  = "onlyInA"
	LayerOnlyInB  = "onlyInB"
)

// LayerPair is a layer of A with the layer of B that has the same content.
type LayerPair struct {
	State   string         `json:"state"`
	A       *ComparedLayer `json:"a,omitempty"`
	B       *ComparedLayer `json:"b,omitempty"`
	Members []Member       `json:"members"` // of the descriptors, media type, digest and size aside
}

// ComparedLayer is a layer of one image.
type ComparedLayer struct {
	Place     int    `json:"place"` // from 0, the base
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	DiffID    string `json:"diffId"` // what it unpacks to where it was read, else what the configuration says; "" for neither
	Size      int64  `json:"size"`   // of the blob, in bytes
}

// The verdicts about Files.
const (
	FilesSame      = "same"      // read and verified
	FilesDifferent = "different" // read and verified
	FilesAssumed   = "assumed"   // DiffOptions.Quick: the diff ids are the same, no layer was read
	FilesUnknown   = "unknown"   // something could not be read
	FilesSkipped   = "skipped"   // DiffOptions.NoFiles
	FilesNone      = "none"      // not two images
)

// Files is what differs between the file systems that two images unpack to.
// The counts speak of all files, List holds at most DiffOptions.MaxFiles of them.
type Files struct {
	Verdict       string       `json:"verdict"`
	Added         int          `json:"added"`
	AddedBytes    int64        `json:"addedBytes"`
	Removed       int          `json:"removed"`
	RemovedBytes  int64        `json:"removedBytes"`
	Changed       int          `json:"changed"`
	ChangedBytesA int64        `json:"changedBytesA"`
	ChangedBytesB int64        `json:"changedBytesB"`
	List          []FileChange `json:"list"` // by path
	Omitted       int          `json:"omitted"`
	// What there is to say of the layers' entries, of each side.
	DoubtsA layer.Doubts `json:"-"`
	DoubtsB layer.Doubts `json:"-"`
}

// The changes of a FileChange.
const (
	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// FileChange is a path that is not the same in both.
type FileChange struct {
	Path   string    `json:"path"`
	Change string    `json:"change"`
	What   []string  `json:"what"` // members of FileInfo that differ; empty unless it changed
	A      *FileInfo `json:"a,omitempty"`
	B      *FileInfo `json:"b,omitempty"`
}

// FileInfo is a file of an image.
type FileInfo struct {
	Type     string            `json:"type"`
	Mode     string            `json:"mode"` // four octal digits
	UID      int               `json:"uid"`
	GID      int               `json:"gid"`
	Size     int64             `json:"size"`
	Digest   string            `json:"digest"`   // sha256 of a regular file's content
	Link     string            `json:"link"`     // target of a symlink
	HardLink string            `json:"hardLink"` // the first path of the same file, "" where that is this one
	Device   string            `json:"device"`   // "MAJOR:MINOR" of a device
	Modified string            `json:"modified"` // RFC 3339, in UTC
	Xattrs   map[string][]byte `json:"xattrs"`
	Layer    int               `json:"layer"` // that it comes from; -1 for a directory that no layer has an entry for
}

// Problem is something that could not be compared because it could not be read,
// or is not what it should be.
type Problem struct {
	In      string       `json:"in"` // "a" or "b"
	State   layout.State `json:"state"`
	Digest  string       `json:"digest"` // of the blob
	Message string       `json:"message"`
}

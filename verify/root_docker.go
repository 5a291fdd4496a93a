package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// dockerFile is what docker save writes beside index.json. Docker's classic store loads
// by it, and everyone else by index.json, so that the two have to agree.
const dockerFile = "manifest.json"

// dockerImage is an image in it. Paths are those of files in the layout.
type dockerImage struct {
	Config   string   `json:"Config"`
	RepoTags []string `json:"RepoTags" oci:"nullable"`
	Layers   []string `json:"Layers" oci:"nullable"`
	model.Members
}

type dockerList struct {
	Images []dockerImage `json:"images"`
	model.Members
}

// dockerManifest reads manifest.json, where it is Docker's, and checks what can be
// checked before the walk.
func (c *rootCheck) dockerManifest() {
	if !c.options.Select.All() {
		return
	}
	c.names, c.namesErr = c.layout.ExtraFiles()
	if !slices.Contains(c.names, dockerFile) {
		return
	}
	switch f := c.layout.Root(dockerFile); {
	case f.Err != nil:
		c.emitUnreadable(f.Err, Finding{Path: dockerFile})
		return
	case !f.Regular:
		return
	}
	// Docker reads it, however large it is.
	limit := c.options.Limits.Document
	raw, ok := c.read(dockerFile, limit, Finding{Message: "the file is larger than the limit, and was not compared with index.json", Expected: fmt.Sprintf("max-document %d", limit)})
	if !ok {
		return
	}
	trimmed := bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if !json.Valid(trimmed) || !bytes.HasPrefix(bytes.TrimLeft(trimmed, " \t\r\n"), []byte("[")) {
		return // of another program
	}
	list, problems := model.Load[dockerList](slices.Concat([]byte(`{"images":`), trimmed, []byte("}")), c.options.Limits.OfDocument(int64(len(raw))))
	if list == nil || !isDocker(list.Images) {
		return
	}
	for _, p := range problems {
		c.emit(Finding{Rule: rule.DockerManifestMismatch, Path: dockerFile, Pointer: strings.TrimPrefix(p.Pointer, "/images"),
			Message: "programs may read it in different ways: " + p.Message, Expected: p.Expected, Actual: p.Actual})
	}
	c.docker = list.Images
}

// isDocker says whether a list is Docker's: each element has a Config, and some Layers.
func isDocker(images []dockerImage) bool {
	layers := false
	for i := range images {
		if !images[i].Has("Config") && !images[i].Has("Layers") {
			return false
		}
		layers = layers || images[i].Has("Layers")
	}
	return layers
}

// blobOfPath returns the digest of the blob that a path is that of.
func blobOfPath(name string) (digest.Digest, bool) {
	algorithm, encoded, ok := strings.Cut(strings.TrimPrefix(path.Clean(name), model.BlobsDir+"/"), "/")
	if !ok {
		return "", false
	}
	d, err := model.ParseDigest(algorithm + ":" + encoded)
	return d, err == nil && blobs.Path(d) == path.Clean(name)
}

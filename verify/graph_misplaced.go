package verify

import (
	"fmt"
	"path"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// misplacement is a way in which blobs lie elsewhere than where their digests lead. A
// writer that is wrong is so with all of them: that is one finding.
type misplacement struct {
	way   string
	first int // ID of the first blob
	count int
}

// mostWays bounds how many of them are distinguished.
const mostWays = 20

// misplacedRules collect the blobs that were found elsewhere than where their digests
// lead.
type misplacedRules struct {
	common
	root        *rootFacts
	ways        []misplacement
	directories map[string]bool // of misplaced blobs
}

// add notes a blob that was found elsewhere.
func (c *misplacedRules) add(n *node) {
	if !n.reported.add(rule.BlobMissing) {
		return
	}
	for dir := path.Dir(n.Info.Path); dir != "." && dir != "/" && dir != model.BlobsDir && !c.directories[dir]; dir = path.Dir(dir) {
		c.addDirectory(dir)
	}
	for i, char := range n.Info.Path {
		if char == '\\' {
			c.addDirectory(n.Info.Path[:i])
		}
	}
	way := wayOf(n.Info.Path, n.Digest)
	for i := range c.ways {
		if m := &c.ways[i]; m.way == way || i == mostWays-1 {
			m.count++
			return
		}
	}
	c.ways = append(c.ways, misplacement{way, n.ID, 1})
}

// addDirectory notes a directory of which it is known why it is there.
func (c *misplacedRules) addDirectory(dir string) {
	c.directories[dir] = true
}

// wayOf says how the place of a file differs from that of the blob that it is.
func wayOf(name string, d digest.Digest) string {
	want, dir, base := blobs.Path(d), path.Dir(name), path.Base(name)
	encoded := d.Encoded()
	switch rest, extended := strings.CutPrefix(strings.ToLower(base), encoded); {
	case strings.Contains(base, `\`):
		return "under a name with backslashes, as programs for Windows write archives"
	case strings.HasPrefix(dir, path.Dir(want)+"/"), dir != "." && isShard(path.Base(dir), encoded), base == "data":
		return "in directories by the first digits, as registries and Git divide them"
	case extended && rest != "":
		return "under a name with an extension"
	case base == encoded && dir == model.BlobsDir:
		return "one level too high, directly in " + model.BlobsDir
	case base == encoded && dir == ".":
		return "in the root of the layout"
	case base == encoded:
		return "in the directory " + dir
	case base == strings.ToUpper(encoded) || base != strings.ToLower(base) && extended:
		return "under a name in upper case"
	}
	where := "in the directory " + dir
	if dir == "." {
		where = "in the root of the layout"
	}
	return where + ", under a name with the algorithm"
}

func isShard(dir, encoded string) bool {
	return len(dir) == 2 && (strings.HasPrefix(encoded, dir) || len(encoded) > 2 && strings.HasPrefix(encoded[2:], dir))
}

// end reports the blobs that lie elsewhere.
func (c *misplacedRules) end() {
	if c.root.noBlobs {
		return // which is said with the directory that is missing
	}
	for _, m := range c.ways {
		n := c.at(m.first)
		message := "the blob is not in its place, but lies " + m.way
		if m.count > 1 {
			message = fmt.Sprintf("%d blobs are not in their places, but lie %s; this is the first", m.count, m.way)
		}
		c.emit(Finding{Rule: rule.BlobMissing, Path: blobs.Path(n.Digest), Digest: n.Digest, Trail: n.place.Trail(), Message: message,
			Expected: blobs.Path(n.Digest), Actual: n.Info.Path})
	}
}

// explains says whether it is known of a path why it is there: a misplaced blob that
// descriptors name, or a directory with some in it.
func (c *misplacedRules) explains(name string) bool {
	if c.directories[name] {
		return true
	}
	if len(c.ways) == 0 {
		return false
	}
	algorithm := path.Base(path.Dir(name))
	if !model.Computable(digest.Algorithm(algorithm)) {
		algorithm = ""
	}
	d, ok := blobs.Misnamed(path.Base(name), algorithm)
	if !ok {
		return false
	}
	id, ok := c.nodes.Find(d)
	return ok && c.nodes.At(id).Info.Path == name
}

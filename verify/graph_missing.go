package verify

import (
	"fmt"
	"path"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

const (
	mostPending = 1000 // findings that wait for the end of the walk
	mostPresent = 8    // platforms that one of them names
)

// missingRules report blobs that are not there. Copies and docker save keep the index of
// all platforms and the images of some: then what is missing is named by its platform,
// and so is what is whole, which is not known before the end of the walk.
type missingRules struct {
	common
	pending    []pendingMissing
	incomplete map[string]bool  // paths of manifests of which something is missing
	of         *layout.Document // the index that present is about
	present    []platformEntry
}

// platformEntry is an entry that names a platform and whose manifest is there.
type platformEntry struct{ platform, path string }

// pendingMissing is the finding about an image that is missing, with the entries of its
// index that are there.
type pendingMissing struct {
	finding Finding
	present []platformEntry
}

// report reports a blob that is not there and has to be.
func (c *missingRules) report(v *layout.Visit, n *node) {
	f := Finding{Rule: rule.BlobMissing, Trail: v.Trail(), Message: "the blob is missing", Expected: sizeOf(v.Edge.Descriptor)}
	index, ofIndex := v.From.Doc.(*model.Index)
	d := v.Edge.Descriptor
	switch {
	case !ofIndex || v.Edge.Role != model.RoleManifest:
		if len(c.incomplete) < mostPending {
			c.incomplete[v.From.Path] = true
		}
	case !model.Runnable(d):
		f.Message = "the blob is missing, a manifest that is about another one"
	case d.Platform != nil:
		f.Message = "the image for " + d.Platform.String() + " is missing"
		if len(c.pending) < mostPending {
			if n.reported.add(f.Rule) {
				f.Path, f.Digest = n.Info.Path, n.Digest
				c.pending = append(c.pending, pendingMissing{f, c.presentIn(v.From, index)})
			}
			return
		}
	}
	c.emitOnce(n, f)
}

// presentIn returns entries of an index that are there. It is asked while they are walked.
func (c *missingRules) presentIn(from *layout.Document, index *model.Index) []platformEntry {
	if c.of == from {
		return c.present
	}
	var present []platformEntry
	for i := range index.Manifests {
		d := &index.Manifests[i]
		if d.Platform == nil || !model.Runnable(d) || model.KindOf(d.MediaType) != model.KindManifest {
			continue
		}
		if _, err := model.ParseDigest(string(d.Digest)); err != nil || c.layout.StateOf(d) != layout.StateOK {
			continue
		}
		if present = append(present, platformEntry{d.Platform.String(), blobs.Path(d.Digest)}); len(present) == mostPresent {
			break
		}
	}
	c.of, c.present = from, present
	return c.present
}

// end reports what has waited for the end of the walk.
func (c *missingRules) end() {
	for _, m := range c.pending {
		var whole []string
		for _, p := range m.present {
			if !c.incomplete[p.path] {
				whole = append(whole, "--platform "+p.platform)
			}
		}
		if len(whole) > 0 && len(c.incomplete) < mostPending {
			m.finding.Message += "; nothing is missing for " + strings.Join(whole, " and ")
		}
		c.emit(m.finding)
	}
	c.pending = nil
}

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
		c.directories[dir] = true
	}
	for i, char := range n.Info.Path {
		if char == '\\' {
			c.directories[n.Info.Path[:i]] = true
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

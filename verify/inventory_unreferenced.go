package verify

import (
	"fmt"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// Among the blobs that nothing refers to may be manifests: of images whose entries are
// gone from index.json, or of artifacts that only a referrer's subject ties to the rest.
// What hangs on one of them is no finding of its own.

const (
	smallestManifest = 2
	largestManifest  = 1 << 20
	mostManifests    = 10_000   // blobs that are looked at for being manifests
	mostOfManifests  = 64 << 20 // their bytes together
)

// orphan is a blob that nothing refers to.
type orphan struct {
	id       uint32
	manifest *orphanManifest // nil for any other blob
	claimed  bool            // it hangs on a manifest
	read     bool            // to its end, or as far as err let it
	sum      blobs.Sum
	err      error
}

// orphanManifest is what is known of a manifest, or of an index, that nothing refers to.
type orphanManifest struct {
	kind     model.Kind
	artifact string   // its type; "" for an image
	refs     []uint32 // IDs of blobs that it names, of those that nothing else refers to
	subject  digest.Digest
	named    bool // by another one
	below    int  // blobs that hang on it
	bytes    int64
}

// unreferenced checks the blobs that nothing refers to, by path, once all are known.
func (c *inventoryCheck) unreferenced() {
	if len(c.orphans) == 0 {
		return
	}
	c.readManifests()
	if !c.partial {
		c.gather()
	}
	for i := range c.orphans {
		o := &c.orphans[i]
		n := c.at(int(o.id))
		c.guard(onBlob(n, Finding{}), func() { c.unreferencedBlob(n, o) })
		if c.ended() {
			return
		}
	}
	c.orphans = nil
}

func (c *inventoryCheck) unreferencedBlob(n *node, o *orphan) {
	switch {
	case c.partial || o.claimed:
	case o.manifest != nil:
		c.emit(onBlob(n, Finding{Rule: rule.BlobUnreferenced, Message: o.manifest.String(), Actual: o.manifest.artifact}))
	default:
		c.emit(onBlob(n, Finding{Rule: rule.BlobUnreferenced, Message: "nothing refers to the blob"}))
	}
	if n.Info.Symlink {
		c.emit(onBlob(n, Finding{Rule: rule.BlobSymlink, Message: "the blob is a symlink, which other tools may refuse to follow"}))
	}
	switch {
	case !model.Computable(n.Digest.Algorithm()):
		c.notChecked()
		c.emit(onBlob(n, Finding{Rule: rule.BlobAlgorithmUnsupported, Message: "the algorithm cannot be computed here, so the bytes were not held against the name", Actual: string(n.Digest.Algorithm())}))
	case !o.read:
		c.add(int(o.id), n.Info.Size)
	case o.err != nil:
		c.notChecked()
		c.unproven()
		c.emitUnreadable(o.err, onBlob(n, Finding{}))
	case o.sum.Digest != n.Digest:
		c.emit(onBlob(n, mismatch(n.Digest, o.sum.Digest, c.causes.ofBlob(n, o.sum))))
	}
}

// String says what the manifest is, and what hangs on it.
func (m *orphanManifest) String() string {
	what := "an image"
	switch {
	case m.kind == model.KindIndex && m.artifact == "":
		what = "an index of images"
	case m.artifact != "":
		what = "an artifact"
	}
	text := "no entry of index.json leads to this manifest of " + what
	if m.kind == model.KindIndex {
		text = "no entry of index.json leads to " + what
	}
	switch {
	case m.below == 1:
		text += fmt.Sprintf(", nor to a blob of %d bytes that hangs on it", m.bytes)
	case m.below > 1:
		text += fmt.Sprintf(", nor to %d blobs of %d bytes that hang on it", m.below, m.bytes)
	}
	if m.subject != "" {
		text += "; it refers to " + string(m.subject)
	}
	return text
}

// readManifests reads what may be manifests of the orphans, several at once, and looks
// at what they name. Each is hashed in the same reading.
func (c *inventoryCheck) readManifests() {
	if c.options.Level < LevelDigest {
		return // which reads no blob that nothing refers to
	}
	var candidates []int
	total := int64(0)
	for i, o := range c.orphans {
		size := c.nodes.Size(int(o.id))
		if size < smallestManifest || size > largestManifest || !model.Computable(c.nodes.Algorithm(int(o.id))) {
			continue
		}
		if total += size; total > mostOfManifests || len(candidates) == mostManifests {
			break
		}
		candidates = append(candidates, i)
	}
	c.options.parallel(len(candidates), func(i int) bool {
		o := &c.orphans[candidates[i]]
		o.read, o.err = true, blobs.Guard(func() error { return c.readManifest(o) })
		return c.ctx.Err() == nil
	}).Wait()
	for _, i := range candidates {
		o := &c.orphans[i]
		c.count(func(s *Stats) { s.BytesToRead += c.nodes.Size(int(o.id)); s.BytesRead += o.sum.Size })
	}
}

// readManifest reads one, and looks into it if its bytes are right. It runs beside others.
func (c *inventoryCheck) readManifest(o *orphan) error {
	n := c.nodes.At(int(o.id))
	raw, sum, err := c.layout.Blobs().ReadAll(c.ctx, n.Digest, n.Info, largestManifest)
	if o.sum = sum; err != nil || sum.Digest != n.Digest {
		return err
	}
	kind := model.Detect(raw)
	mediaType := map[model.Kind]string{model.KindIndex: model.MediaTypeIndex, model.KindManifest: model.MediaTypeManifest}[kind]
	if mediaType == "" {
		return nil
	}
	doc, _ := model.Decode(mediaType, raw, c.options.Limits.OfDocument(int64(len(raw))))
	m := &orphanManifest{kind: kind}
	switch doc := doc.(type) {
	case *model.Manifest:
		if !doc.Has("config") || !doc.Has("layers") {
			return nil
		}
		if model.KindOf(doc.Config.MediaType) != model.KindImage || doc.ArtifactType != "" {
			m.artifact = doc.EffectiveArtifactType()
		}
	case *model.Index:
		m.artifact = doc.ArtifactType
	default:
		return nil
	}
	if subject := model.SubjectOf(doc); subject != nil {
		if d, err := model.ParseDigest(string(subject.Digest)); err == nil {
			m.subject = d
		}
	}
	for edge := range doc.Edges() {
		d, err := model.ParseDigest(string(edge.Descriptor.Digest))
		if err != nil || edge.Role == model.RoleSubject {
			continue
		}
		if id, ok := c.nodes.Find(d); ok && id >= c.firstOrphan {
			m.refs = append(m.refs, uint32(id))
		}
	}
	o.manifest = m
	return nil
}

// gather finds what hangs on each manifest. Orphans have IDs in a row.
func (c *inventoryCheck) gather() {
	at := func(id uint32) *orphan { return &c.orphans[int(id)-c.firstOrphan] }
	for i := range c.orphans {
		if m := c.orphans[i].manifest; m != nil {
			for _, id := range m.refs {
				if below := at(id).manifest; below != nil && below != m {
					below.named = true
				}
			}
		}
	}
	claim := func(top *orphan) {
		for stack := append([]uint32(nil), top.manifest.refs...); len(stack) > 0; {
			o := at(stack[len(stack)-1])
			stack = stack[:len(stack)-1]
			if o.claimed || o == top {
				continue
			}
			o.claimed = true
			top.manifest.below++
			top.manifest.bytes += c.nodes.Size(int(o.id))
			if o.manifest != nil {
				stack = append(stack, o.manifest.refs...)
			}
		}
	}
	for _, named := range []bool{false, true} { // those that only name one another come last
		for i := range c.orphans {
			if o := &c.orphans[i]; o.manifest != nil && o.manifest.named == named && !o.claimed {
				claim(o)
			}
		}
	}
}

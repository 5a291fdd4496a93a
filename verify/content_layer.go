package verify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// layerCheck reads blobs as layers, and checks what each shows by itself.
type layerCheck struct {
	common
	spool *layer.Spool
	// tables are the blobs that hold the table of contents of a layer and nothing else,
	// by the layer's digest.
	tables map[digest.Digest]*node
}

// layerPlan is what is to be found out about a blob because images have it as a layer.
type layerPlan struct {
	algorithms []digest.Algorithm // of the diff ids that are promised for it
	uses       []layerUse         // one for each media type
	claims     []*layer.TOCClaim  // one for each table of contents
	image      uint32             // the first image that has it
	images     uint32             // that need the facts, and were not checked yet
	job        int                // its place among the jobs and 1, 0 where it is none
	facts      *layerFacts        // once it was scanned
	embedded   *embedded          // where it is absent, and a descriptor embeds it
}

// layerUse is a descriptor that names the blob as a layer of a media type.
type layerUse struct {
	place     layout.Place
	mediaType stringKey
	ofImage   bool
	declared  layer.Compression // by the media type
}

// layerFacts is what a scan found out about a layer, and images need.
type layerFacts struct {
	diffIDs map[digest.Algorithm]digest.Digest
	// changes are the entries that could be read, or nil where too many bytes of names
	// would have had to be remembered.
	changes  *layer.Changes
	whole    bool // the archive was read to its end
	reported bool // what the layer has wrong by itself, wherever it is applied
}

// free gives back what the recorded entries take.
func (f *layerFacts) free() {
	if f != nil && f.changes != nil {
		f.changes.Free()
		f.changes = nil
	}
}

// layerOutcome is what reading a blob as a layer gave.
type layerOutcome struct {
	facts       *layerFacts
	compression layer.Compression
	contents    string    // what the blob is, where it is nothing that a layer can be
	findings    []Finding // about the layer, without its place
}

// maxClaims is how many different promises of a table of contents are looked into for
// one layer. A layer that tools write fulfils one of them at most.
const maxClaims = 8

// want adds what one descriptor wants to know of a layer.
func (p *layerPlan) want(v *layout.Visit, mediaType stringKey, diffID digest.Digest, ofImage bool) error {
	d := v.Edge.Descriptor
	if parsed, err := model.ParseDigest(string(diffID)); err == nil && model.Computable(parsed.Algorithm()) {
		if a := parsed.Algorithm(); !slices.Contains(p.algorithms, a) {
			p.algorithms = append(p.algorithms, a)
		}
	}
	at := slices.IndexFunc(p.uses, func(u layerUse) bool { return u.mediaType == mediaType })
	switch {
	case at < 0:
		p.uses = append(p.uses, layerUse{v.Place(), mediaType, ofImage, layer.Declared(d.MediaType)})
	case ofImage && !p.uses[at].ofImage:
		p.uses[at].place, p.uses[at].ofImage = v.Place(), true
	}
	claim, err := layer.ClaimedTOC(d.Annotations)
	if err != nil || claim == nil {
		return err
	}
	same := func(c *layer.TOCClaim) bool { return *c == *claim }
	if slices.ContainsFunc(p.claims, same) {
		return nil
	}
	if len(p.claims) == maxClaims {
		return errors.New("descriptors promise more different tables of contents for one layer than are checked")
	}
	p.claims = append(p.claims, claim)
	return nil
}

// scan reads the blob once, as the layer that it is. It runs beside others.
func (c *layerCheck) scan(ctx context.Context, n *node) (blobs.Sum, *layerOutcome, error) {
	var result layer.ScanResult
	entries := &entryCheck{changes: layer.NewChanges(c.spool, c.options.LayerLimits)}
	options := layer.ScanOptions{
		Blob:     n.Digest.Algorithm(),
		DiffIDs:  n.layer.algorithms,
		Limits:   c.options.LayerLimits,
		Progress: func(read int) { c.count(func(s *Stats) { s.BytesRead += int64(read) }) },
		Entry:    entries.entry,
	}
	if n.layer.embedded != nil {
		options.Progress = nil // no file is read
	}
	err := c.readLayer(n, func(blob io.Reader) (int64, error) {
		var err error
		result, err = layer.Scan(ctx, blob, options)
		return result.Blob.Size, err
	})
	if err != nil {
		entries.changes.Free()
		return result.Blob, nil, err
	}
	o := c.outcome(n, &result, entries)
	if o.facts.whole && (result.Blob.Digest == n.Digest || result.Blob.Digest == "") {
		if err := c.tablesOfContents(ctx, n, &result, o); err != nil {
			o.facts.free()
			return blobs.Sum{Size: result.Blob.Size}, nil, err
		}
	}
	return result.Blob, o, nil
}

// actual names what the layer is.
func (o *layerOutcome) actual() string {
	if o.compression == layer.Unknown && o.contents != "" {
		return o.contents
	}
	return o.compression.String()
}

// report emits what a scan found wrong with a layer by itself, and leaves the rest to the
// images.
func (c *layerCheck) report(n *node, o *layerOutcome) {
	unknown, opaque := false, len(n.layer.uses) > 0
	for _, u := range n.layer.uses {
		isTar := u.ofImage || u.declared != layer.None || o.compression == layer.None
		if opaque = opaque && !isTar; !isTar {
			c.emit(Finding{Rule: rule.ArtifactLayerNotTar, Path: u.place.From.Path, Pointer: u.place.Pointer() + "/mediaType", Digest: n.Digest, Trail: u.place.From.Trail(),
				Message: "the file of an artifact has the media type of a tar layer, and is not a tar archive", Actual: o.compression.String()})
			continue
		}
		if u.declared == o.compression || u.declared == layer.None && o.compression == layer.Empty {
			continue
		}
		if u.declared == layer.None && o.compression == layer.Unknown {
			if unknown {
				continue
			}
			unknown = true
			c.emit(Finding{Rule: rule.TarInvalid, Path: n.Info.Path, Digest: n.Digest, Trail: u.place.Trail(),
				Message: "the layer is not a tar archive, nor one that is compressed in a known way, but " + o.contents})
			continue
		}
		c.emit(Finding{Rule: rule.LayerMediaType, Path: u.place.From.Path, Pointer: u.place.Pointer() + "/mediaType", Digest: n.Digest, Trail: u.place.From.Trail(),
			Message: "the bytes of the layer are not what its media type says", Expected: u.declared.String(), Actual: o.actual()})
	}
	if opaque {
		o.facts.free()
		return // it need not be an archive
	}
	for _, f := range o.findings {
		f.Path, f.Digest, f.Trail = n.Info.Path, n.Digest, n.layer.uses[0].place.Trail()
		if c.emit(f); c.stopped {
			break
		}
	}
	if n.layer.images > 0 {
		n.layer.facts = o.facts
	} else {
		c.alone(n, o.facts)
	}
}

// readLayer reads the bytes of a layer, wherever they are.
func (c *layerCheck) readLayer(n *node, read func(io.Reader) (int64, error)) error {
	if e := n.layer.embedded; e != nil && e.data != nil {
		_, err := read(bytes.NewReader(e.data))
		return err
	}
	return c.layout.Blobs().Read(n.Digest, n.Info, read)
}

// alone emits what a layer that no image has, or that is in a descriptor, has wrong
// by itself, and gives back what that took.
func (c *layerCheck) alone(n *node, facts *layerFacts) {
	if facts.changes != nil && !c.stopped {
		f := Finding{Path: n.Info.Path, Digest: n.Digest, Trail: n.layer.uses[0].place.Trail()}
		c.apply(f, facts, layer.NewSkeleton(c.options.LayerLimits), false, true)
	}
	facts.free()
}

// embedded is what is known of a layer whose blob is absent and whose bytes stand in
// a descriptor. They are there only while the document is, so that they are looked
// into during the walk.
type embedded struct {
	data []byte // while it is read
	uses int    // that were checked
}

// embedded reads a layer that the descriptor embeds, once for all descriptors that
// want nothing new of it. Of what is in it nothing is remembered for the layers above,
// as there can be any number of such layers before the first image is checked.
func (c *layerCheck) embedded(v *layout.Visit, n *node) {
	plan := n.layer
	first := plan.embedded == nil
	if first {
		plan.embedded = new(embedded)
	}
	unknown := func(a digest.Algorithm) bool { return plan.facts == nil || plan.facts.diffIDs[a] == "" }
	if !first && len(plan.uses) == plan.embedded.uses && !(plan.images > 0 && slices.ContainsFunc(plan.algorithms, unknown)) {
		return
	}
	plan.embedded.data = v.Edge.Descriptor.Data
	_, outcome, err := c.scan(c.ctx, n)
	plan.embedded.data = nil
	if err != nil {
		c.emitUnreadable(err, Finding{Path: n.Info.Path, Digest: n.Digest, Trail: v.Trail()})
		return
	}
	facts := outcome.facts
	outcome.facts = &layerFacts{diffIDs: facts.diffIDs}
	if first {
		c.report(n, outcome)
		c.alone(n, facts)
	} else {
		facts.free()
		outcome.findings = nil
		all := plan.uses
		plan.uses = all[plan.embedded.uses:]
		c.report(n, outcome)
		plan.uses = all
	}
	plan.embedded.uses = len(plan.uses)
}

// outcome says what a scan shows of the layer by itself.
func (c *layerCheck) outcome(n *node, result *layer.ScanResult, entries *entryCheck) *layerOutcome {
	o := &layerOutcome{compression: result.Compression, contents: result.Contents, facts: &layerFacts{diffIDs: make(map[digest.Algorithm]digest.Digest)}}
	for i, d := range result.DiffIDs {
		o.facts.diffIDs[n.layer.algorithms[i]] = d
	}
	o.findings = append(c.streamFindings(result), entries.all()...)
	if err := entries.changes.Done(); err != nil {
		entries.changes.Free()
		o.findings = append(o.findings, c.tooManyNames(err))
	} else {
		o.facts.changes = entries.changes
	}
	o.facts.whole = (result.Stream == nil || trailingOnly(result.Stream)) && (result.Tar.Err == nil || errors.Is(result.Tar.Err, result.Stream))
	return o
}

// streamFindings checks the compressed stream, and the archive in it as a whole.
func (c *layerCheck) streamFindings(result *layer.ScanResult) []Finding {
	var findings []Finding
	add := func(id rule.ID, message, expected, actual string) {
		findings = append(findings, Finding{Rule: id, Message: message, Expected: expected, Actual: actual})
	}
	limits := c.options.LayerLimits.WithDefaults()
	stream, archive := result.Stream, result.Tar
	switch {
	case stream == nil:
	case errors.Is(stream, layer.ErrTrailingZeros):
		add(rule.LayerTrailingZeros, "zeros follow the last gzip member, which some tools take for damage", "", "")
	case errors.Is(stream, layer.ErrTrailingData):
		add(rule.LayerTrailingData, "bytes that are no gzip member follow the last one", "", "")
	case errors.Is(stream, layer.ErrBytes):
		add(rule.LimitLayerBytes, "the layer unpacks to more than the limit, and was not unpacked further", fmt.Sprintf("max-layer-bytes %d", limits.Bytes), "")
	case errors.Is(stream, layer.ErrRatio):
		add(rule.LimitLayerRatio, "the layer unpacks to more than the limit's multiple of its size, and was not unpacked further", fmt.Sprintf("max-layer-ratio %d", limits.Ratio), "")
	case errors.Is(stream, layer.ErrWindow):
		add(rule.LimitLayerWindow, "the layer needs more memory to unpack than is allowed", fmt.Sprintf("a window of at most %d bytes", layer.MaxWindow), reason(stream))
	case errors.Is(stream, layer.ErrFormat): // the media type's finding says it
	default:
		add(rule.LayerStream, "the compressed stream is corrupt", "", stream.Error())
	}
	switch {
	case stream != nil && !trailingOnly(stream):
		return findings
	case errors.Is(archive.Err, layer.ErrEntries):
		add(rule.LimitLayerEntries, "more entries than the limit; the rest was not looked at", "max-layer-entries "+strconv.Itoa(limits.Entries), "")
	case errors.Is(archive.Err, layer.ErrTar):
		add(rule.TarInvalid, notTar(result), "", fmt.Sprintf("after %d entries: %v", archive.Entries, archive.Err))
	case result.Unpacked == 0:
		add(rule.TarEmpty, "the layer unpacks to nothing, where even an empty tar archive has an end", "", "")
	case archive.EndBlocks < 2:
		add(rule.TarUnterminated, "the archive ends without the two blocks of zeros that mark its end", "2 blocks", strconv.Itoa(archive.EndBlocks))
	}
	if archive.Trailing {
		add(rule.TarTrailing, "bytes follow the end of the archive, which no tool unpacks", "", "")
	}
	return findings
}

// notTar says what a layer holds in place of a sound tar archive.
func notTar(result *layer.ScanResult) string {
	switch {
	case result.Tar.Entries > 0 || result.Inner == "a tar archive":
		return "what the layer unpacks to is not a sound tar archive"
	case result.Compression == layer.None:
		return "the layer is not a tar archive, but " + result.Inner
	case result.Compression.String()+" data" == result.Inner:
		return "the layer was compressed twice: what it unpacks to is " + result.Inner + " again, and not a tar archive"
	}
	return "what the layer unpacks to is not a tar archive, but " + result.Inner
}

func trailingOnly(err error) bool {
	return errors.Is(err, layer.ErrTrailingZeros) || errors.Is(err, layer.ErrTrailingData)
}

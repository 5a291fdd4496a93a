package verify

import (
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

// layerPlan is what is to be found out about a blob because images have it as a
// layer.
type layerPlan struct {
	algorithms []digest.Algorithm // of the diff ids that are promised for it
	uses       []layerUse         // one for each media type
	claims     []*layer.TOCClaim  // one for each table of contents
	image      uint32             // the first image that has it
	images     uint32             // that need what it told, and are not judged yet
	job        int                // its place among the jobs and 1, 0 where it is none
	told       *layerFacts        // what the scan told, once it is over
	embedded   *embedded          // where it is absent, and a descriptor holds its bytes
}

// layerUse is a descriptor that names the blob as a layer of a media type.
type layerUse struct {
	place     layout.Place
	mediaType word
	ofImage   bool
	declared  layer.Compression // by the media type
}

// layerFacts is what a scan of a layer told, and images need.
type layerFacts struct {
	diffIDs map[digest.Algorithm]digest.Digest
	// changes are the entries that could be read, or nil where too many bytes of names
	// would have had to be kept.
	changes *layer.Changes
	whole   bool // the archive was read to its end
	told    bool // what the layer has wrong by itself, wherever it is applied
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
	findings    []Finding // about the layer, without its place
}

// maxClaims is how many different promises of a table of contents are looked into for
// one layer. At most one of them is kept by a layer that tools write.
const maxClaims = 8

// maxTOCProblems is how many problems with one table of contents are told.
const maxTOCProblems = 10_000

// want adds what one descriptor wants to know of a layer.
func (p *layerPlan) want(v *layout.Visit, mediaType word, diffID digest.Digest, ofImage bool) error {
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
func (r *run) scan(ctx context.Context, n *node) (blobs.Sum, *layerOutcome, error) {
	var result layer.ScanResult
	judge := &entries{changes: layer.NewChanges(r.spool, r.options.LayerLimits)}
	options := layer.ScanOptions{
		Blob:     n.Digest.Algorithm(),
		DiffIDs:  n.layer.algorithms,
		Limits:   r.options.LayerLimits,
		Progress: func(read int) { r.counters.bytesRead.Add(int64(read)) },
		Entry:    judge.entry,
	}
	if n.layer.embedded != nil {
		options.Progress = nil // no file is read
	}
	err := r.readLayer(n, func(blob io.Reader) (int64, error) {
		var err error
		result, err = layer.Scan(ctx, blob, options)
		return result.Blob.Size, err
	})
	if err != nil {
		judge.changes.Free()
		return result.Blob, nil, err
	}
	o := r.layerOutcome(n, &result, judge)
	if o.facts.whole && (result.Blob.Digest == n.Digest || result.Blob.Digest == "") {
		if err := r.tables(ctx, n, &result, o); err != nil {
			o.facts.free()
			return blobs.Sum{Size: result.Blob.Size}, nil, err
		}
	}
	return result.Blob, o, nil
}

// layerOutcome judges what a scan told of the layer by itself.
func (r *run) layerOutcome(n *node, result *layer.ScanResult, judge *entries) *layerOutcome {
	o := &layerOutcome{compression: result.Compression, facts: &layerFacts{diffIDs: make(map[digest.Algorithm]digest.Digest)}}
	for i, d := range result.DiffIDs {
		o.facts.diffIDs[n.layer.algorithms[i]] = d
	}
	o.findings = append(r.streamFindings(result), judge.told()...)
	if err := judge.changes.Done(); err != nil {
		judge.changes.Free()
		o.findings = append(o.findings, r.tooManyNames(err))
	} else {
		o.facts.changes = judge.changes
	}
	whole := result.Stream == nil || trailingOnly(result.Stream)
	if whole && result.Tar.Err == nil || whole && errors.Is(result.Tar.Err, result.Stream) {
		o.facts.whole = true
	}
	return o
}

func trailingOnly(err error) bool {
	return errors.Is(err, layer.ErrTrailingZeros) || errors.Is(err, layer.ErrTrailingData)
}

// streamFindings judges the compressed stream, and the archive in it as a whole.
func (r *run) streamFindings(result *layer.ScanResult) []Finding {
	var findings []Finding
	add := func(id rule.ID, message, expected, actual string) {
		findings = append(findings, Finding{Rule: id, Message: message, Expected: expected, Actual: actual})
	}
	limits := r.options.LayerLimits.WithDefaults()
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
		add(rule.TarInvalid, "what the layer unpacks to is not a sound tar archive", "", fmt.Sprintf("after %d entries: %v", archive.Entries, archive.Err))
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

// layer emits what a scan told of a layer by itself, and keeps the rest for the
// images.
func (r *run) layer(n *node, o *layerOutcome) {
	unknown, opaque := false, len(n.layer.uses) > 0
	for _, u := range n.layer.uses {
		isTar := u.ofImage || u.declared != layer.None || o.compression == layer.None
		if opaque = opaque && !isTar; !isTar {
			r.emit(Finding{Rule: rule.ArtifactLayerNotTar, Path: u.place.From.Path, Pointer: u.place.Pointer() + "/mediaType", Digest: n.Digest, Trail: u.place.From.Trail(),
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
			r.emit(Finding{Rule: rule.TarInvalid, Path: n.Info.Path, Digest: n.Digest, Trail: u.place.Trail(),
				Message: "the layer is not a tar archive, nor one that is compressed in a known way"})
			continue
		}
		r.emit(Finding{Rule: rule.LayerMediaType, Path: u.place.From.Path, Pointer: u.place.Pointer() + "/mediaType", Digest: n.Digest, Trail: u.place.From.Trail(),
			Message: "the bytes of the layer are not what its media type says", Expected: u.declared.String(), Actual: o.compression.String()})
	}
	if opaque {
		o.facts.free()
		return // it need not be an archive
	}
	for _, f := range o.findings {
		f.Path, f.Digest, f.Trail = n.Info.Path, n.Digest, n.layer.uses[0].place.Trail()
		if r.emit(f); r.stopped {
			break
		}
	}
	if n.layer.images > 0 {
		n.layer.told = o.facts
	} else {
		r.alone(n, o.facts)
	}
}

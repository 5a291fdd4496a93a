package verify

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// outcome says what a scan shows of the layer by itself.
func (c *layerCheck) outcome(n *node, result *layer.ScanResult, judge *entries) *layerOutcome {
	o := &layerOutcome{compression: result.Compression, contents: result.Contents, facts: &layerFacts{diffIDs: make(map[digest.Algorithm]digest.Digest)}}
	for i, d := range result.DiffIDs {
		o.facts.diffIDs[n.layer.algorithms[i]] = d
	}
	o.findings = append(c.streamFindings(result), judge.all()...)
	if err := judge.changes.Done(); err != nil {
		judge.changes.Free()
		o.findings = append(o.findings, c.tooManyNames(err))
	} else {
		o.facts.changes = judge.changes
	}
	whole := result.Stream == nil || trailingOnly(result.Stream)
	if whole && result.Tar.Err == nil || whole && errors.Is(result.Tar.Err, result.Stream) {
		o.facts.whole = true
	}
	return o
}

// streamFindings checks the compressed stream, and the archive in it as a whole.
func (c *layerCheck) streamFindings(result *layer.ScanResult) []Finding {
	var findings []Finding
	add := func(id rule.ID, message, expected, actual string) {
		findings = append(findings, Finding{Rule: id, Message: message, Expected: expected, Actual: actual})
	}
	limits := c.limits.WithDefaults()
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

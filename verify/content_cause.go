package verify

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// Most blobs with wrong bytes were not damaged by chance. What became of them can often
// be undone, and then they match: that is tried in a second reading, of the first few
// that are wrong and not too large.
const (
	mostCauses   = 100
	mostToRepeat = 512 << 20 // bytes of all these blobs
	mostToTry    = 4 << 20   // bytes of a blob with which everything is tried
	mostUnpacked = 256 << 20
	mostJSON     = 1 << 20
)

// causes looks for why the bytes of blobs do not match their digests.
type causes struct {
	common
	tried int   // blobs
	bytes int64 // that were read a second time for that
}

// ofBlob says why the blob's bytes do not match its digest, as far as that can be seen,
// and "" where it cannot.
func (c *causes) ofBlob(n *node, sum blobs.Sum) string {
	if id, ok := c.nodes.Find(sum.Digest); ok && sum.Size > 0 {
		return "they are those of another blob, " + c.nodes.At(id).Info.Path
	}
	if c.tried++; c.tried > mostCauses {
		return ""
	}
	claimed := int64(-1)
	if n.hasSize {
		claimed = n.size
	}
	if c.bytes += sum.Size; c.bytes > mostToRepeat {
		return short(claimed, sum.Size)
	}
	t, again := newTries(n.Digest, claimed, sum.Size), digest.Digest("")
	err := c.layout.Blobs().Read(n.Digest, n.Info, func(blob io.Reader) (int64, error) {
		result, err := layer.Scan(c.ctx, io.TeeReader(blob, t), layer.ScanOptions{
			Blob: n.Digest.Algorithm(), DiffIDs: []digest.Algorithm{n.Digest.Algorithm()},
			Limits: layer.Limits{Bytes: mostUnpacked, Floor: mostUnpacked, Ratio: c.options.LayerLimits.WithDefaults().Ratio, Entries: 1},
		})
		if result.Compression != layer.None && len(result.DiffIDs) > 0 && result.DiffIDs[0] == n.Digest {
			t.found = "the digest is that of the unpacked bytes, and the blob is compressed with " + result.Compression.String() + ": the descriptor is wrong, or the blob was compressed after it was named"
		}
		if result.Compression == layer.None && n.layer != nil && slices.ContainsFunc(n.layer.uses, func(u layerUse) bool { return u.declared == layer.Gzip || u.declared == layer.Zstd }) {
			t.otherwise = "the blob is plain tar where its media type says that it is compressed, so the digest may be that of the compressed bytes"
		}
		again = result.Blob.Digest
		return result.Blob.Size, err
	})
	if err != nil || again != sum.Digest {
		return ""
	}
	return t.cause()
}

// ofDocument is ofBlob for a document that was read already.
func (c *causes) ofDocument(n *node, d *model.Descriptor, raw []byte) string {
	if c.tried++; c.tried > mostCauses || len(raw) == 0 {
		return ""
	}
	claimed := int64(-1)
	if hasSize(d) {
		claimed = d.Size
	}
	t := newTries(n.Digest, claimed, int64(len(raw)))
	t.Write(raw)
	return t.cause()
}

// tries is what the bytes of one blob may have been before something was done to them.
type tries struct {
	want      digest.Digest
	claimed   int64     // size that a descriptor claims, -1 for none
	size      int64     // that the blob has
	raw       []byte    // all of it where that is not too much, and else its beginning
	n         int64     // bytes that came
	prefix    hash.Hash // of the bytes that are claimed, where there are more
	zeros     bool      // there is nothing else
	found     string    // what is known without trying
	otherwise string    // what is likely where nothing matches
}

func newTries(want digest.Digest, claimed, size int64) *tries {
	t := &tries{want: want, claimed: claimed, size: size, zeros: true}
	if claimed >= 0 && claimed < size {
		t.prefix, _ = model.NewHash(want.Algorithm())
	}
	return t
}

func (t *tries) Write(p []byte) (int, error) {
	if left := t.claimed - t.n; t.prefix != nil && left > 0 {
		t.prefix.Write(p[:min(left, int64(len(p)))])
	}
	t.n += int64(len(p))
	most := layer.ContentsLength
	if t.size <= mostToTry {
		most = mostToTry
	}
	t.raw = append(t.raw, p[:min(most-len(t.raw), len(p))]...)
	for _, b := range p {
		t.zeros = t.zeros && b == 0
	}
	return len(p), nil
}

// matches says whether the parts together have the digest that is wanted.
func (t *tries) matches(parts ...[]byte) bool {
	h, err := model.NewHash(t.want.Algorithm())
	if err != nil {
		return false // which cannot be, as it was computed
	}
	for _, p := range parts {
		h.Write(p)
	}
	return digest.NewDigest(t.want.Algorithm(), h) == t.want
}

// changed says which small change makes the bytes match.
func (t *tries) changed() string {
	raw, cr, lf, crlf, bom := t.raw, []byte("\r"), []byte("\n"), []byte("\r\n"), []byte("\xef\xbb\xbf")
	switch {
	case t.matches(raw, lf), t.matches(raw, crlf):
		return "a line end is missing at the end"
	case bytes.HasSuffix(raw, lf) && t.matches(raw[:len(raw)-len(lf)]), bytes.HasSuffix(raw, crlf) && t.matches(raw[:len(raw)-len(crlf)]):
		return "a line end was added at the end"
	case t.matches(bytes.TrimSuffix(bytes.ReplaceAll(raw, crlf, lf), cr)):
		return "line ends were converted from LF to CRLF"
	case t.matches(bytes.ReplaceAll(raw, lf, crlf)):
		return "line ends were converted from CRLF to LF"
	case t.matches(raw[min(len(bom), len(raw)):]):
		return "a byte order mark was added"
	case t.matches(bom, raw):
		return "a byte order mark is missing"
	}
	return ""
}

// cause says which of the tries matches, or else what the bytes are.
func (t *tries) cause() string {
	if t.found != "" {
		return t.found
	}
	if t.n == int64(len(t.raw)) && t.size <= mostToTry {
		if cause := t.changed(); cause != "" {
			return cause
		}
	}
	if t.prefix != nil && digest.NewDigest(t.want.Algorithm(), t.prefix) == t.want {
		return "bytes follow those that match"
	}
	if t.n <= mostJSON {
		if cause := t.reencoded(); cause != "" {
			return cause
		}
	}
	start := t.raw[:min(len(t.raw), layer.ContentsLength)]
	switch what := layer.Contents(start); {
	case t.size == 0:
		return ""
	case t.zeros:
		return "they are all zero"
	case strings.HasPrefix(what, "a Git LFS pointer"):
		if strings.Contains(string(start), t.want.Encoded()) {
			return "the blob is the Git LFS pointer to the content, which 'git lfs pull' fetches"
		}
		return "the blob is " + what
	case strings.HasPrefix(what, "HTML"):
		return "the blob is " + what
	case t.otherwise != "":
		return t.otherwise
	}
	return short(t.claimed, t.size)
}

// short says that the blob was cut off.
func short(claimed, size int64) string {
	if size < claimed {
		return fmt.Sprintf("%d bytes are missing of %d", claimed-size, claimed)
	}
	return ""
}

// reencoded says whether a text that means the same matches.
func (t *tries) reencoded() string {
	raw := t.raw
	if text, ok := fromUTF16(raw); ok {
		for _, p := range [][]byte{text, bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), bytes.TrimRight(text, "\r\n")} {
			if t.matches(p) {
				return "it was converted from UTF-8 to UTF-16"
			}
		}
		return ""
	}
	if trimmed := bytes.TrimSpace(raw); len(trimmed) == 0 || trimmed[0] != '{' && trimmed[0] != '[' || !json.Valid(raw) {
		return ""
	}
	var compact bytes.Buffer
	if json.Compact(&compact, raw) != nil {
		return ""
	}
	forms := [][]byte{compact.Bytes()}
	for _, indent := range []string{"  ", "   ", "    ", "\t"} {
		var out bytes.Buffer
		if json.Indent(&out, raw, "", indent) != nil {
			return ""
		}
		forms = append(forms, out.Bytes())
	}
	if canonical, err := model.Canonical(raw); err == nil {
		forms = append(forms, canonical)
	}
	for _, form := range forms {
		var escaped bytes.Buffer
		json.HTMLEscape(&escaped, form)
		for _, p := range [][]byte{form, escaped.Bytes()} {
			p = bytes.TrimRight(p, "\n")
			if t.matches(p) || t.matches(p, []byte("\n")) {
				return "the JSON was written again in another form: the same values with other spaces, order or escapes"
			}
		}
	}
	return ""
}

// fromUTF16 returns text in UTF-16 with its mark as UTF-8.
func fromUTF16(raw []byte) ([]byte, bool) {
	if len(raw) < 4 || len(raw)%2 != 0 {
		return nil, false
	}
	low, high := 0, 1
	switch {
	case raw[0] == 0xfe && raw[1] == 0xff:
		low, high = 1, 0
	case raw[0] != 0xff || raw[1] != 0xfe:
		return nil, false
	}
	var units []uint16
	for i := 2; i < len(raw); i += 2 {
		units = append(units, uint16(raw[i+low])|uint16(raw[i+high])<<8)
	}
	return []byte(string(utf16.Decode(units))), true
}

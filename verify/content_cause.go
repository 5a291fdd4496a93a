package verify

import (
	"bytes"
	"context"
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
	ctx    context.Context
	table  *blobTable
	store  *blobs.Store
	limits layer.Limits
	count  int   // of blobs that were looked into
	bytes  int64 // that were read a second time for that
}

// ofBlob says why the blob's bytes do not match its digest, as far as that can be seen,
// and "" where it cannot.
func (c *causes) ofBlob(n *node, sum blobs.Sum) string {
	if id, ok := c.table.nodes.Find(sum.Digest); ok && sum.Size > 0 {
		return "they are those of another blob, " + c.table.nodes.At(id).Info.Path
	}
	if c.count++; c.count > mostCauses {
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
	err := c.store.Read(n.Digest, n.Info, func(blob io.Reader) (int64, error) {
		result, err := layer.Scan(c.ctx, io.TeeReader(blob, t), layer.ScanOptions{
			Blob: n.Digest.Algorithm(), DiffIDs: []digest.Algorithm{n.Digest.Algorithm()},
			Limits: layer.Limits{Bytes: mostUnpacked, Floor: mostUnpacked, Ratio: c.limits.WithDefaults().Ratio, Entries: 1},
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
	return t.cause(sum.Size)
}

// ofDocument is ofBlob for a document that was read already.
func (c *causes) ofDocument(n *node, d *model.Descriptor, raw []byte) string {
	if c.count++; c.count > mostCauses || len(raw) == 0 {
		return ""
	}
	claimed := int64(-1)
	if hasSize(d) {
		claimed = d.Size
	}
	t := newTries(n.Digest, claimed, int64(len(raw)))
	t.Write(raw)
	return t.cause(int64(len(raw)))
}

// tries hash what the bytes may have been before something was done to them.
type tries struct {
	want      digest.Digest
	size      int64  // that a descriptor claims, -1 for none
	start     []byte // all of them, where they are few
	found     string // what is known without trying
	otherwise string // what is likely where nothing matches

	all   []*try
	n     int64
	tail  []byte // the last two of them
	zeros bool
}

// try is one way in which the bytes may have been changed. write gets them in pieces.
type try struct {
	hash  hash.Hash
	cause string
	write func(h hash.Hash, p []byte)
	end   func(h hash.Hash)
	tail  string // that the bytes have to end in
}

func newTries(want digest.Digest, claimed, size int64) *tries {
	t := &tries{want: want, size: claimed, zeros: true}
	if size <= mostToTry {
		t.addAll()
	}
	if claimed >= 0 && claimed < size {
		left := claimed
		t.add("bytes follow those that match", func(h hash.Hash, p []byte) {
			n := min(int64(len(p)), left)
			h.Write(p[:n])
			left -= n
		}, nil)
	}
	return t
}

// addAll adds what takes a hash of its own each.
func (t *tries) addAll() {
	as := func(h hash.Hash, p []byte) { h.Write(p) }
	const bom = "\xef\xbb\xbf"
	after := func(text string) func(hash.Hash) {
		return func(h hash.Hash) { io.WriteString(h, text) }
	}
	t.add("a line end is missing at the end", as, after("\n"))
	t.add("a line end is missing at the end", as, after("\r\n"))
	for _, tail := range []string{"\n", "\r\n"} {
		t.add("a line end was added at the end", except(len(tail)), nil)
		t.last(tail)
	}
	t.add("line ends were converted from LF to CRLF", withoutCR(), nil)
	t.add("line ends were converted from CRLF to LF", func(h hash.Hash, p []byte) { h.Write(bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n"))) }, nil)
	t.add("a byte order mark was added", skipping(len(bom)), nil)
	t.add("a byte order mark is missing", following(bom), nil)
}

func (t *tries) add(cause string, write func(hash.Hash, []byte), end func(hash.Hash)) {
	h, err := model.NewHash(t.want.Algorithm())
	if err != nil {
		return // which cannot be, as it was computed
	}
	t.all = append(t.all, &try{h, cause, write, end, ""})
}

// following puts a text before the bytes.
func following(text string) func(hash.Hash, []byte) {
	return func(h hash.Hash, p []byte) {
		io.WriteString(h, text)
		text = ""
		h.Write(p)
	}
}

// last has the try that was added last count only for bytes that end so.
func (t *tries) last(tail string) {
	if n := len(t.all); n > 0 {
		t.all[n-1].tail = tail
	}
}

// except leaves the last n bytes out.
func except(n int) func(hash.Hash, []byte) {
	var held []byte
	return func(h hash.Hash, p []byte) {
		if len(p) >= n {
			h.Write(held)
			h.Write(p[:len(p)-n])
			held = append(held[:0], p[len(p)-n:]...)
			return
		}
		held = append(held, p...)
		if extra := len(held) - n; extra > 0 {
			h.Write(held[:extra])
			held = append(held[:0], held[extra:]...)
		}
	}
}

// skipping leaves the first n bytes out.
func skipping(n int) func(hash.Hash, []byte) {
	return func(h hash.Hash, p []byte) {
		skip := min(n, len(p))
		n -= skip
		h.Write(p[skip:])
	}
}

// withoutCR leaves each CR out that an LF follows.
func withoutCR() func(hash.Hash, []byte) {
	held := false
	return func(h hash.Hash, p []byte) {
		if len(p) == 0 {
			return
		}
		if held && p[0] != '\n' {
			h.Write([]byte("\r"))
		}
		if held = p[len(p)-1] == '\r'; held {
			p = p[:len(p)-1]
		}
		h.Write(bytes.ReplaceAll(p, []byte("\r\n"), []byte("\n")))
	}
}

func (t *tries) Write(p []byte) (int, error) {
	t.n += int64(len(p))
	t.tail = append(t.tail, p[max(0, len(p)-2):]...)
	t.tail = t.tail[max(0, len(t.tail)-2):]
	for _, try := range t.all {
		try.write(try.hash, p)
	}
	for _, b := range p {
		t.zeros = t.zeros && b == 0
	}
	if left := mostJSON + 1 - len(t.start); left > 0 {
		t.start = append(t.start, p[:min(left, len(p))]...)
	}
	return len(p), nil
}

// cause says which of the tries matches, or else what the bytes are.
func (t *tries) cause(size int64) string {
	if t.found != "" {
		return t.found
	}
	for _, try := range t.all {
		if try.end != nil {
			try.end(try.hash)
		}
		if digest.NewDigest(t.want.Algorithm(), try.hash) == t.want && bytes.HasSuffix(t.tail, []byte(try.tail)) {
			return try.cause
		}
	}
	if t.n <= mostJSON {
		if cause := reencoded(t.start, t.want); cause != "" {
			return cause
		}
	}
	start := t.start[:min(len(t.start), layer.ContentsLength)]
	switch what := layer.Contents(start); {
	case size == 0:
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
	return short(t.size, size)
}

// short says that the blob was cut off.
func short(claimed, size int64) string {
	if size < claimed {
		return fmt.Sprintf("%d bytes are missing of %d", claimed-size, claimed)
	}
	return ""
}

// reencoded says whether a text that means the same matches.
func reencoded(raw []byte, want digest.Digest) string {
	matches := func(p []byte) bool {
		d, err := model.FromBytes(want.Algorithm(), p)
		return err == nil && d == want
	}
	if text, ok := fromUTF16(raw); ok {
		for _, p := range [][]byte{text, bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), bytes.TrimRight(text, "\r\n")} {
			if matches(p) {
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
			if matches(p) || matches(append(p[:len(p):len(p)], '\n')) {
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

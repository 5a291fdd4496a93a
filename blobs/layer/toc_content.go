package layer

import (
	"fmt"
	"hash"
	"io"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// tocFile compares the content of one regular file with its chunks in the table, as it
// goes by.
type tocFile struct {
	c      *tocCheck
	e      *Entry
	t      tocEntry // of the file, which is the first chunk as well
	whole  tocSum
	done   int64 // bytes of the chunks so far
	bad    bool  // the chunks do not fit, which was said
	failed bool  // the archive could not be read further
}

// content reads a regular file chunk by chunk, as the table has them from a place on.
func (c *tocCheck) content(e *Entry, at uint32) {
	if c.buffer == nil {
		c.buffer = make([]byte, 32<<10)
	}
	f := &tocFile{c: c, e: e, t: c.table.at(at)}
	f.whole = newTOCSum(f.t.text(fieldDigest))
	first := true
	for chunk := range c.table.from(at) {
		if !first && chunk.kind != kindChunk || !f.chunk(&chunk, first) {
			break
		}
		first = false
	}
	f.end()
}

// chunk takes the next one, and says whether it makes sense to go on.
func (f *tocFile) chunk(t *tocEntry, first bool) bool {
	if first && f.e.Size == 0 {
		return true
	}
	at, n, left := t.number(fieldChunkOffset), t.number(fieldChunkSize), f.e.Size-f.done
	if n == 0 {
		n = left
	}
	switch {
	case left == 0 || n < 0 || n > left:
		return f.wrong("the table of contents has chunks beyond the end of the content", fmt.Sprint(f.e.Size), fmt.Sprint(uint64(f.done)+uint64(n)))
	case at != f.done:
		return f.wrong("a chunk in the table of contents does not begin where the one before it ends", fmt.Sprint(f.done), fmt.Sprint(at))
	case !first && t.is(fieldName) && Clean(t.text(fieldName)) != f.e.Path:
		return f.wrong("a chunk in the table of contents has another name than the file before it", f.t.text(fieldName), t.text(fieldName))
	}
	return f.read(t, n)
}

func (f *tocFile) wrong(message, expected, actual string) bool {
	f.bad = true
	f.c.add(f.e.Path, message, expected, actual)
	return false
}

// read reads a chunk of n bytes, and compares it.
func (f *tocFile) read(t *tocEntry, n int64) bool {
	want := t.text(fieldChunkDigest)
	sum, zeros := newTOCSum(want), zeroSum{}
	for left := n; left > 0; {
		read, err := f.e.Content.Read(f.c.buffer[:min(left, int64(len(f.c.buffer)))])
		p := f.c.buffer[:read]
		left -= int64(read)
		f.whole.Write(p)
		sum.Write(p)
		zeros.Write(p)
		if err != nil && left > 0 {
			f.failed = true
			return false
		}
	}
	name, many := f.e.Path, n != f.e.Size
	switch word := t.text(fieldChunkType); {
	case word == "zeros" && zeros.other:
		f.c.add(name, "the table of contents says that a chunk is zeros, and it is not", "", "")
	case word != "" && word != "zeros":
		f.c.add(name, "the table of contents has a chunk of a kind that is not known", "", word)
	}
	if offset, inner := t.number(fieldOffset), t.number(fieldInner); !f.c.table.covers(offset, inner, f.e.Start+f.done) {
		actual := fmt.Sprint(offset)
		if inner != 0 {
			actual += fmt.Sprintf(", and %d bytes further", inner)
		}
		f.c.add(name, "the content does not begin where the table of contents says",
			fmt.Sprintf("the compressed part that begins with byte %d of the archive, or holds it", f.e.Start+f.done), actual)
	}
	switch got := sum.digest(); {
	case want != "" && got != want:
		f.c.add(name, "the table of contents says otherwise than the archive about a chunk of the content", got, want)
	case want == "" && many:
		f.c.add(name, "the table of contents has no digest of a chunk, so that nobody can verify it", "", "")
	case want == "" && f.t.text(fieldDigest) == "":
		f.c.add(name, "the table of contents has no digest of the content, so that nobody can verify it", "", "")
	case want == "" && !f.c.claim.chunked:
		f.c.missing(name, "the table of contents has no chunkDigest of the content")
	case f.t.text(fieldDigest) == "":
		f.c.missing(name, "the table of contents has no digest of the content as a whole")
	}
	f.done += n
	return true
}

// end judges the content as a whole.
func (f *tocFile) end() {
	if f.failed {
		return
	}
	if _, err := io.CopyBuffer(f.whole, f.e.Content, f.c.buffer); err != nil {
		return
	}
	if f.done < f.e.Size && !f.bad {
		f.wrong("the chunks in the table of contents do not make up the whole content", fmt.Sprint(f.e.Size), fmt.Sprint(f.done))
	}
	if want, got := f.t.text(fieldDigest), f.whole.digest(); want != "" && got != want {
		f.c.add(f.e.Path, "the table of contents says otherwise than the archive about the content", got, want)
	}
	if end := f.t.number(fieldEnd); end != 0 {
		if at := f.c.table.start(end); at >= 0 && at < f.e.Start+f.e.Size {
			f.c.add(f.e.Path, "the content goes on where the table of contents ends it", "", fmt.Sprint(end))
		}
	}
}

// tocSum hashes by the algorithm of a digest in a table.
type tocSum struct {
	hash.Hash
	algorithm digest.Algorithm
}

// newTOCSum takes the usual algorithm for what is no digest, which nothing is equal to
// then.
func newTOCSum(want string) tocSum {
	algorithm := digest.SHA256
	if d, err := model.ParseDigest(want); err == nil && model.Computable(d.Algorithm()) {
		algorithm = d.Algorithm()
	}
	h, err := model.NewHash(algorithm)
	if err != nil {
		panic(err) // that one can be computed was asked
	}
	return tocSum{h, algorithm}
}

func (s tocSum) digest() string { return string(digest.NewDigest(s.algorithm, s)) }

// zeroSum sees whether there is anything but zeros.
type zeroSum struct{ other bool }

func (z *zeroSum) Write(p []byte) {
	for _, c := range p {
		z.other = z.other || c != 0
	}
}

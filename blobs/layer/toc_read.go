package layer

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// stargzTOC is the entry of an eStargz archive that holds the table.
const stargzTOC = "stargz.index.json"

// tocProblem is an error that is a problem of the table, and not of reading it.
type tocProblem TOCProblem

func (p *tocProblem) Error() string { return p.Message }

func problem(message, expected, actual string) error {
	return &tocProblem{Message: message, Expected: expected, Actual: actual}
}

// errTOCLimit is the error of a table that is larger than the limit.
var errTOCLimit = errors.New("the table is larger than the limit")

// readTOC finds, reads and checks the table by itself. release gives back the
// memory for it, once it is needed no longer.
func (c *tocCheck) readTOC() (release func(), err error) {
	switch {
	case c.claim.chunked && c.claim.json != "" && (c.footer == nil || !c.footer.stargz):
		return nil, problem("the layer has no footer that says to readers of eStargz where its table of contents is", "a footer of zstd:chunked as eStargz has it", "")
	case c.claim.chunked:
		if err := c.chunkedPlace(); err != nil {
			return nil, err
		}
		return c.readChunked(c.claim.table, c.claim.Digest, c.claim.json)
	case c.footer == nil, c.footer.chunked && !c.footer.stargz:
		return nil, problem("the layer has no footer that says where its table of contents is, so that no reader finds it", "a footer of eStargz", "")
	case c.footer.chunked:
		return c.readChunked(c.footer.table, "", c.claim.Digest)
	case c.footer.external:
		return c.readExternal()
	}
	at := c.footer.table.offset
	if at >= c.blob.Size-c.footer.size {
		return nil, problem("the table of contents would lie past the blob's end", fmt.Sprintf("an offset below %d", c.blob.Size-c.footer.size), strconv.FormatInt(at, 10))
	}
	err = c.blob.ReadFrom(c.ctx, at, func(r io.Reader) (err error) {
		release, err = c.readStargz(r)
		return err
	})
	return release, err
}

// chunkedPlace compares what the annotations say with what the footer does, which some
// readers go by and some not.
func (c *tocCheck) chunkedPlace() error {
	t := c.claim.table
	if err := c.within("the table of contents", t); err != nil {
		return err
	}
	if c.footer != nil && c.footer.chunked && c.footer.table != t {
		return problem("the footer and the annotation name different places for the table of contents", t.String(), c.footer.table.String())
	}
	return nil
}

// within returns an error for a region that the blob does not have.
func (c *tocCheck) within(what string, at region) error {
	if at.offset > c.blob.Size || at.length > c.blob.Size-at.offset {
		return problem(what+" would lie past the blob's end", fmt.Sprintf("%d bytes at %d", at.length, at.offset), fmt.Sprintf("%d bytes in the blob", c.blob.Size))
	}
	return nil
}

// readExternal reads a table that has a blob of its own.
func (c *tocCheck) readExternal() (release func(), err error) {
	if c.blob.Table == nil {
		c.report.Elsewhere = true
		return nil, nil
	}
	err = c.blob.Table(c.ctx, func(r io.Reader) (err error) {
		release, err = c.readStargz(r)
		return err
	})
	return release, err
}

// readStargz reads the gzip member that r is at: a tar archive of the table alone.
func (c *tocCheck) readStargz(r io.Reader) (release func(), err error) {
	source := bufio.NewReader(failing{&tap{ctx: c.ctx, r: r, see: func([]byte) {}}})
	member := lendGunzip()
	defer func() {
		member.Close()
		returnGunzip(member)
	}()
	if err := member.Reset(source); err != nil {
		return nil, c.unreadable(err)
	}
	unpacked := &tap{ctx: c.ctx, r: member, see: func([]byte) {}}
	archive := tar.NewReader(unpacked)
	h, err := archive.Next()
	switch {
	case err != nil:
		return nil, c.unreadable(err)
	case h.Name != stargzTOC || h.Typeflag != tar.TypeReg || Sparse(h):
		return nil, problem("something else stands where the table of contents is to be", "a file "+stargzTOC, h.Name)
	}
	sum, err := newHashes([]promise{{c.claim.Digest, notHashed(c.claim.Annotation)}})
	if err != nil {
		return nil, err
	}
	content := io.TeeReader(archive, sum)
	release, err = c.load(content, h.Size)
	if _, rest := io.Copy(io.Discard, content); rest != nil {
		return release, c.unreadable(rest)
	}
	if problem := sum.broken(); problem != nil {
		return release, problem
	}
	if err != nil {
		return release, err
	}
	_, err = archive.Next()
	more := err != io.EOF
	if !more {
		more, _, err = trailing(unpacked, 0)
	}
	switch {
	case more:
		return release, problem("something follows the table of contents, where no reader looks for it", "", "")
	case err != nil:
		return release, c.unreadable(err)
	}
	c.length = unpacked.n
	return release, nil
}

// readChunked reads a table that is compressed by itself. Either digest may be "".
func (c *tocCheck) readChunked(at region, compressed, unpacked digest.Digest) (release func(), err error) {
	if err := c.within("the table of contents", at); err != nil {
		return nil, err
	}
	if at.unpacked > c.blob.Limits.TOC {
		return nil, errTOCLimit
	}
	share := at.unpacked
	if c.claim.split.offset > 0 {
		share += splitWindow
	}
	if release, err = holdTable(c.ctx, share); err != nil {
		return nil, err
	}
	p := compressedPart{what: "the table of contents", at: at}
	if compressed != "" {
		p.compressed = []promise{{compressed, notHashed(c.claim.Annotation)}}
	}
	if unpacked != "" {
		p.unpacked = []promise{{unpacked, notHashed(AnnotationStargzTOC)}}
	}
	p.load = func(r io.Reader) (err error) {
		c.table, err = loadTOC(r, c.probably(at.unpacked))
		return err
	}
	return release, c.readPart(p)
}

// compressedPart is a part of the blob that is compressed by itself, and what is
// promised of it.
type compressedPart struct {
	what                 string
	at                   region
	compressed, unpacked []promise
	load                 func(io.Reader) error // reads what it unpacks to; may be nil
}

// promise is a digest, and the message for what has another one.
type promise struct {
	digest  digest.Digest
	message string
}

func notHashed(annotation string) string {
	return "the table of contents does not hash to the digest that " + annotation + " promises"
}

// hashes hash what is written to them, for promises.
type hashes struct {
	io.Writer
	promises []promise
	sums     []hash.Hash
}

func newHashes(promises []promise) (*hashes, error) {
	h := &hashes{promises: promises}
	var writers []io.Writer
	for _, p := range promises {
		sum, err := model.NewHash(p.digest.Algorithm())
		if err != nil {
			return nil, err
		}
		h.sums, writers = append(h.sums, sum), append(writers, sum)
	}
	h.Writer = io.MultiWriter(writers...)
	return h, nil
}

// broken returns an error for the first promise that is broken.
func (h *hashes) broken() error {
	for i, p := range h.promises {
		if got := digest.NewDigest(p.digest.Algorithm(), h.sums[i]); got != p.digest {
			return problem(p.message, string(p.digest), string(got))
		}
	}
	return nil
}

// readPart reads a part, and checks what is promised of it.
func (c *tocCheck) readPart(p compressedPart) error {
	compressed, err := newHashes(p.compressed)
	if err != nil {
		return err
	}
	unpacked, err := newHashes(p.unpacked)
	if err != nil {
		return err
	}
	return c.blob.ReadFrom(c.ctx, p.at.offset, func(r io.Reader) error {
		source := bufio.NewReader(failing{&tap{ctx: c.ctx, r: io.LimitReader(r, p.at.length), see: func(b []byte) { compressed.Write(b) }}})
		n, failed := unpackZstd(c.ctx, source, p.at.unpacked, unpacked, p.load)
		if _, err := io.Copy(io.Discard, source); err != nil {
			return c.unreadable(err)
		}
		if err := compressed.broken(); err != nil {
			return err
		}
		var loaded *loadError
		switch {
		case failed != nil && !errors.As(failed, &loaded):
			return c.notUnpacked(p.what, failed)
		case n != p.at.unpacked:
			return problem(p.what+" does not unpack to the length that the annotation promises", strconv.FormatInt(p.at.unpacked, 10), lengthWord(n, p.at.unpacked))
		}
		if err := unpacked.broken(); err != nil {
			return err
		}
		if loaded != nil {
			return c.unloadable(loaded.err)
		}
		return nil
	})
}

func lengthWord(n, most int64) string {
	if n > most {
		return "more"
	}
	return strconv.FormatInt(n, 10)
}

// loadError is what is wrong with what a stream unpacks to.
type loadError struct{ err error }

func (e *loadError) Error() string { return e.err.Error() }

// unpackZstd has load, unless it is nil, read what source unpacks to, up to one byte
// more than length, and returns how many bytes it is. What load returns is a
// *loadError, after the rest was read as well.
func unpackZstd(ctx context.Context, source *bufio.Reader, length int64, sum io.Writer, load func(io.Reader) error) (n int64, err error) {
	frames, err := newFrames(ctx, true, source, nil)
	if err != nil {
		return 0, err
	}
	defer frames.close()
	counted := &tap{ctx: ctx, r: io.LimitReader(frames, length+1), see: func(p []byte) { sum.Write(p) }}
	var failed error
	if load != nil {
		failed = load(counted)
	}
	if _, err := io.Copy(io.Discard, counted); err != nil {
		return counted.n, err
	}
	if failed != nil {
		return counted.n, &loadError{failed}
	}
	return counted.n, nil
}

// load reads the table's JSON, of which there are n bytes.
func (c *tocCheck) load(r io.Reader, n int64) (release func(), err error) {
	if n > c.blob.Limits.TOC {
		return nil, errTOCLimit
	}
	if release, err = holdTable(c.ctx, n); err != nil {
		return nil, err
	}
	if c.table, err = loadTOC(r, c.probably(n)); err != nil {
		return release, c.unloadable(err)
	}
	return release, nil
}

// probably is how many entries a table has that is right, as far as n bytes hold them.
func (c *tocCheck) probably(n int64) int {
	const least = len(`{"name":"","type":"reg"},`)
	return int(min(int64(c.blob.First.Tar.Entries), n/int64(least))) + 1
}

// unreadable tells a table that cannot be unpacked from a blob that cannot be read.
func (c *tocCheck) unreadable(err error) error { return c.notUnpacked("the table of contents", err) }

// notUnpacked is unreadable for another part of the blob.
func (c *tocCheck) notUnpacked(what string, err error) error {
	var blob *readError
	switch {
	case c.ctx.Err() != nil:
		return context.Cause(c.ctx)
	case errors.As(err, &blob):
		return blob.err
	case err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("it breaks off")
	}
	return problem(what+" cannot be unpacked", "", err.Error())
}

func (c *tocCheck) unloadable(err error) error {
	if c.ctx.Err() != nil {
		return context.Cause(c.ctx)
	}
	if _, ok := errors.AsType[*tocProblem](err); ok {
		return err
	}
	if _, ok := errors.AsType[*readError](err); ok {
		return c.unreadable(err)
	}
	return problem("the table of contents cannot be loaded", "", err.Error())
}

package layer

import (
	"context"
	"errors"
	"hash"
	"io"
	"slices"
	"sync"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

var errInvalidRead = errors.New("the reader returned an impossible count")

// Limits bound what unpacking may cost. A zero field is its default.
type Limits struct {
	Bytes   int64 // that a layer may unpack to; default 64 GiB
	Ratio   int64 // of bytes unpacked to bytes of the blob; default 200
	Floor   int64 // bytes that any layer may unpack to, whatever the ratio; default 1 GiB
	Entries int   // of a tar archive; default 10,000,000
	TOC     int64 // bytes of a table of contents, unpacked; default 64 MiB
	Names   int64 // bytes of memory for names and attributes of a Tree's files, and on disk for those of Changes; default 88 MiB
}

// WithDefaults returns the limits with the default for each field that is zero.
func (l Limits) WithDefaults() Limits {
	if l.Bytes == 0 {
		l.Bytes = 64 << 30
	}
	if l.Ratio == 0 {
		l.Ratio = 200
	}
	if l.Floor == 0 {
		l.Floor = 1 << 30
	}
	if l.Entries == 0 {
		l.Entries = 10_000_000
	}
	if l.TOC == 0 {
		l.TOC = mostTables
	}
	if l.Names == 0 {
		l.Names = 88 << 20
	}
	return l
}

// ScanOptions say what a scan is to find out.
type ScanOptions struct {
	Blob    digest.Algorithm   // of the blob's own digest
	DiffIDs []digest.Algorithm // of what it unpacks to, each once and computable
	Limits  Limits
	// Entry, unless nil, is called for every entry of the tar archive, in order,
	// from the goroutine that called Scan. The Entry is good for the call.
	Entry func(*Entry)
	// Progress, unless nil, is called with the number of bytes of each read of the
	// blob, mostly from another goroutine.
	Progress func(n int)

	// begins, unless nil, is called where a gzip member or a zstd frame begins, in
	// order, with its place in the blob and in what that unpacks to: mostly from
	// another goroutine, before Entry can see a byte of it.
	begins func(blob, unpacked int64)
	// unpacked, unless nil, sees all that the blob unpacks to, from the goroutine that
	// called Scan, and before Entry does.
	unpacked func(p []byte)
}

// ScanResult is what one pass over a blob found out.
type ScanResult struct {
	Blob        blobs.Sum   // without Digest where the algorithm cannot be computed
	Compression Compression // what the bytes are, whatever the media type says
	// Stream is what is wrong with the compressed stream, nil for nothing: it
	// wraps one of this package's errors. With ErrTrailingZeros and
	// ErrTrailingData everything was unpacked all the same.
	Stream error
	// DiffIDs are the digests of what the blob unpacks to, in the order they were
	// asked for, and Unpacked their length in bytes. There is none where the
	// stream was not unpacked to its end.
	DiffIDs  []digest.Digest
	Unpacked int64
	Tar      Archive
	// Contents names what the blob is by its first bytes, and Inner what it unpacks to,
	// as the function of that name does. They are "" for a tar archive that was read to
	// its end.
	Contents, Inner string
}

// Err returns what keeps the result from being all that the layer unpacks to: what is
// wrong with the compressed stream, or else with the archive, and nil for nothing.
// Bytes that follow the last gzip member are not.
func (r *ScanResult) Err() error {
	if r.Stream != nil && !errors.Is(r.Stream, ErrTrailingZeros) && !errors.Is(r.Stream, ErrTrailingData) {
		return r.Stream
	}
	return r.Tar.Err
}

// Scan reads a blob from r once, to its end, and tells everything about it:
// length and digest, what it unpacks to, and what is in the tar archive. It goes
// on hashing the blob where unpacking fails.
//
// Reading and hashing, unpacking, and hashing and looking at what is unpacked
// run beside one another. Memory is bounded by about two megabytes and what the
// decompressor needs, at most 128 MiB for a zstd window. The error is that of
// reading r, the cause of a cancelled ctx, or digest.ErrDigestUnsupported before
// anything is read; what is wrong with the bytes is in the result. No goroutine
// outlives the call.
//
// A panic of Entry reaches the caller as it is. One of r or Progress, which mostly
// run in other goroutines, reaches the caller as a *blobs.PanicError that
// Scan panics with.
func Scan(ctx context.Context, r io.Reader, o ScanOptions) (ScanResult, error) {
	s := &scan{ctx: ctx, options: o}
	s.options.Limits = o.Limits.WithDefaults()
	return s.run(r)
}

type scan struct {
	ctx     context.Context
	options ScanOptions
	result  ScanResult
	blob    hash.Hash
	hashes  []hash.Hash // of what is unpacked, nil for one that is the blob's
	stages  sync.WaitGroup

	start, inner beginning // of the blob, and of what it unpacks to
}

func (s *scan) run(r io.Reader) (ScanResult, error) {
	for _, a := range s.options.DiffIDs {
		h, err := model.NewHash(a)
		if err != nil {
			return ScanResult{}, err
		}
		s.hashes = append(s.hashes, h)
	}
	ctx, cancel := context.WithCancel(s.ctx)
	raw, unpacked := newPipe(), newPipe()
	defer raw.release()
	defer unpacked.release()
	defer s.stages.Wait()
	defer cancel()

	source := &tap{ctx: ctx, r: r, see: s.seeRaw}
	s.blob, _ = model.NewHash(s.options.Blob) // nil where it cannot be computed
	s.stage(func() error { return raw.step(ctx, source) }, raw.end)

	unpacked.each = s.seeUnpacked
	unpack := newUnpacking(ctx, cancel, raw, unpacked, s.options)
	s.stage(unpack.step, unpack.end)
	if c := unpack.compression; c == None || c == Empty {
		s.spareHash()
	}

	s.result.Tar = readArchive(content{unpacked}, s.options.Limits.Entries, s.options.Entry)
	streamErr := unpacked.drain()
	s.stages.Wait()
	if err := unpack.failed; err != nil {
		if p, ok := errors.AsType[*blobs.PanicError](err); ok {
			panic(p)
		}
		return ScanResult{Blob: blobs.Sum{Size: source.n}}, err
	}
	if err := s.ctx.Err(); err != nil {
		return ScanResult{Blob: blobs.Sum{Size: source.n}}, context.Cause(s.ctx)
	}
	s.result.Compression = unpack.compression
	s.finish(streamErr, source.n)
	return s.result, nil
}

// spareHash takes out the hash of what is unpacked that the blob's own is the same as,
// where nothing is packed.
func (s *scan) spareHash() {
	if i := slices.Index(s.options.DiffIDs, s.options.Blob); i >= 0 {
		s.hashes[i] = nil
	}
}

// stage calls step until it gives an error, and then end with that. The first step is
// done here, and a small layer has no other: a goroutine for it would cost more than
// all else.
func (s *scan) stage(step func() error, end func(why error)) {
	if err := blobs.Guard(step); err != nil {
		end(err)
		return
	}
	s.stages.Go(func() {
		end(blobs.Guard(func() error {
			for {
				if err := step(); err != nil {
					return err
				}
			}
		}))
	})
}

// finish writes down what the hashes say.
func (s *scan) finish(stream error, size int64) {
	s.result.Blob.Size = size
	if s.blob != nil {
		s.result.Blob.Digest = digest.NewDigest(s.options.Blob, s.blob)
	}
	s.result.Stream = stream
	if s.result.Compression == Unknown || s.result.Tar.Err != nil || stream != nil {
		s.result.Contents, s.result.Inner = Contents(s.start.bytes), Contents(s.inner.bytes)
	}
	if stream != nil && !errors.Is(stream, ErrTrailingZeros) && !errors.Is(stream, ErrTrailingData) {
		return
	}
	for i, h := range s.hashes {
		d := s.result.Blob.Digest
		if h != nil {
			d = digest.NewDigest(s.options.DiffIDs[i], h)
		}
		s.result.DiffIDs = append(s.result.DiffIDs, d)
	}
}

func (s *scan) seeRaw(p []byte) {
	s.start.see(p)
	if s.blob != nil {
		s.blob.Write(p)
	}
	if s.options.Progress != nil {
		s.options.Progress(len(p))
	}
}

func (s *scan) seeUnpacked(p []byte) {
	s.result.Unpacked += int64(len(p))
	if s.options.unpacked != nil {
		s.options.unpacked(p)
	}
	s.inner.see(p)
	for _, h := range s.hashes {
		if h != nil {
			h.Write(p)
		}
	}
}

// tap shows every byte that is read to see, and looks at ctx before each read: a
// slow reader may need many of them for a chunk.
type tap struct {
	ctx context.Context
	r   io.Reader
	see func([]byte)
	n   int64
}

func (t *tap) Read(p []byte) (int, error) {
	if t.ctx.Err() != nil {
		return 0, context.Cause(t.ctx)
	}
	n, err := t.r.Read(p)
	if n > 0 && n <= len(p) {
		t.n += int64(n)
		t.see(p[:n])
	}
	return n, err
}

// failing marks errors of reading the blob, so that they can be distinguished from those of
// decompressing it.
type failing struct{ io.Reader }

func (f failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	switch {
	case n < 0 || n > len(p): // at which package bufio panics
		return 0, &readError{errInvalidRead}
	case err != nil && err != io.EOF:
		err = &readError{err}
	}
	return n, err
}

// content is the unpacked stream as the archive's reader sees it: what follows
// the last gzip member is no reason why it ends.
type content struct{ *pipe }

func (c content) Read(p []byte) (int, error) {
	n, err := c.pipe.Read(p)
	return n, c.whole(err)
}

func (c content) skip(n int) (int, error) {
	n, err := c.pipe.skip(n)
	return n, c.whole(err)
}

func (content) whole(err error) error {
	if err == ErrTrailingZeros || err == ErrTrailingData {
		return io.EOF
	}
	return err
}

// limited ends a stream that unpacks to too much.
type limited struct {
	decompressor
	limits Limits
	read   func() int64 // bytes of the compressed stream, so far
	n      int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.decompressor.Read(p)
	if n > 0 {
		l.n += int64(n)
	}
	switch {
	case err != nil && err != io.EOF:
		return n, err
	case l.n > l.limits.Bytes:
		return n, ErrBytes
	case l.n > l.limits.Floor && l.n/l.limits.Ratio > l.read():
		return n, ErrRatio
	}
	return n, err
}

package layer

import (
	"bufio"
	"context"
	"errors"
	"sync"

	"github.com/ocilayout/ocilayout/blobs"
)

// unpacking is the stage of a scan that runs between its two pipes.
type unpacking struct {
	ctx           context.Context
	cancel        func() // ends ctx, and so what fills raw
	raw, unpacked *pipe
	options       ScanOptions
	source        *tap          // of raw
	blob          *bufio.Reader // of source
	limited       *limited      // nil until the first bytes were looked at
	compression   Compression
	failed        error // why the blob could not be read, once the stage is over
}

// readers are what decompressors read from, lent to one scan at a time.
var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, chunkSize) }}

func newUnpacking(ctx context.Context, cancel func(), raw, unpacked *pipe, o ScanOptions) *unpacking {
	u := &unpacking{ctx: ctx, cancel: cancel, raw: raw, unpacked: unpacked, options: o, blob: readers.Get().(*bufio.Reader)}
	u.source = &tap{ctx: ctx, r: raw, see: func([]byte) {}} // what is queued may take long to unpack
	u.blob.Reset(failing{u.source})
	return u
}

// step unpacks a chunk.
func (u *unpacking) step() error {
	if u.limited == nil {
		if err := u.open(); err != nil {
			return err
		}
	}
	return u.unpacked.step(u.ctx, u.limited)
}

func (u *unpacking) open() error {
	start, err := u.blob.Peek(sniffLength)
	if _, failed := errors.AsType[*readError](err); failed {
		return err
	}
	u.compression = Sniff(start)
	var begins func()
	if u.options.begins != nil {
		begins = u.begins
	}
	d, err := newDecompressor(u.ctx, true, u.compression, u.blob, begins)
	if err != nil {
		return err
	}
	u.limited = &limited{d, u.options.Limits, func() int64 { return u.raw.passed }, 0}
	return nil
}

// begins tells where the stream is, at the beginning of a part of it.
func (u *unpacking) begins() {
	unpacked := int64(0)
	if u.limited != nil {
		unpacked = u.limited.n
	}
	u.options.begins(u.source.n-int64(u.blob.Buffered()), unpacked)
}

// end lets go of everything, and reads what is left of the blob.
func (u *unpacking) end(why error) {
	if u.limited != nil { // others may wait for what it was lent
		if err := blobs.Guard(func() error { u.limited.close(); return nil }); err != nil {
			why = err
		}
	}
	u.blob.Reset(nil)
	readers.Put(u.blob)
	u.unpacked.end(why)
	if p, ok := errors.AsType[*blobs.PanicError](why); ok {
		u.cancel() // nobody wants the rest
		u.failed = p
		return
	}
	u.failed = u.raw.drain() // past what the decompressor wanted of it
	if failed, ok := errors.AsType[*readError](why); ok {
		u.failed = failed.err
	}
}

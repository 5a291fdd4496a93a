package layout

import (
	"context"
	"errors"
	"fmt"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// ErrMismatch is what errors.Is finds where bytes that were read are not those
// that a descriptor promises.
var ErrMismatch = errors.New("the bytes are not what their descriptor promises")

// ErrMemory is what errors.Is finds where a document was not read because those
// that are held at the same time leave too little of Limits.Memory.
var ErrMemory = errors.New("the documents on the way to it take too much memory")

// ReadDocument reads the document that d describes, and checks its size and digest.
// Errors: those of blobs.Store, ErrMismatch, ErrMemory, and what model.Problems.Err
// returns for a document that does not load.
func (l *Layout) ReadDocument(ctx context.Context, d *model.Descriptor, limits Limits) (model.Document, error) {
	doc, sum, err := l.load(ctx, d, limits)
	if err == nil && (sum.Digest != d.Digest || sum.Size != d.Size) {
		err = fmt.Errorf("%w: %s", ErrMismatch, blobs.Path(d.Digest))
	}
	if err != nil {
		return nil, err
	}
	return doc, nil
}

// Peek reads the document that d describes as far as it can, at most
// Limits.Document bytes of it. It fails at nothing: the state says what is wrong,
// and the document is nil where nothing could be loaded, or where d names no kind
// of document. An absent blob is taken from the descriptor, if that embeds it.
// [Layout.ReadDocument] is for those who want what is right, or nothing.
func (l *Layout) Peek(ctx context.Context, d *model.Descriptor, limits Limits) (model.Document, State) {
	doc, _, err := l.load(ctx, d, limits)
	if raw := substitute(d, err); raw != nil {
		limits = limits.WithDefaults()
		var problems model.Problems
		if doc, problems, err = decode(ctx, d.MediaType, raw, limits.OfDocument(int64(len(raw)))); doc == nil || problems.Err() != nil {
			return doc, StateUnreadable
		}
	}
	return doc, StateOf(err)
}

// load reads and loads a document as far as it can. The error is the first thing that is
// wrong with it, but for its size and a digest that cannot be computed.
func (l *Layout) load(ctx context.Context, d *model.Descriptor, limits Limits) (doc model.Document, sum blobs.Sum, err error) {
	limits = limits.WithDefaults()
	info, err := l.blobs.Stat(d.Digest)
	if err != nil {
		return nil, sum, err
	}
	raw, sum, err := l.readBlob(ctx, d.Digest, info, limits)
	if err != nil {
		return nil, sum, err
	}
	doc, problems, err := decode(ctx, d.MediaType, raw, limits.OfDocument(sum.Size))
	switch {
	case err != nil:
	case sum.Digest != "" && sum.Digest != d.Digest:
		err = fmt.Errorf("%w: %s", ErrMismatch, info.Path)
	case problems.Err() != nil:
		err = fmt.Errorf("%s: %w", info.Path, problems.Err())
	case doc == nil:
		err = fmt.Errorf("%s: no document of a known media type: %s", info.Path, d.MediaType)
	}
	return doc, sum, err
}

// readBlob reads a document's bytes, as ReadAll does.
func (l *Layout) readBlob(ctx context.Context, d digest.Digest, info blobs.Info, limits Limits) ([]byte, blobs.Sum, error) {
	if info.Size > limits.Memory && info.Size <= limits.Document {
		return nil, blobs.Sum{}, &blobs.Error{Op: "read", Digest: d, Err: ErrMemory}
	}
	return l.blobs.ReadAll(ctx, d, info, limits.Document)
}

// StateOf looks at the blob that d describes, and reads nothing: it is damaged
// where it has not the size that d says.
func (l *Layout) StateOf(d *model.Descriptor) State {
	info, err := l.blobs.Stat(d.Digest)
	switch {
	case substitute(d, err) != nil:
		return StateOK
	case err == nil && info.Size != d.Size:
		return StateDamaged
	}
	return StateOf(err)
}

// decode is model.Decode until ctx is cancelled. Its cause is the error, since what
// was loaded by then may be a part of the document.
func decode(ctx context.Context, mediaType string, raw []byte, limits model.Limits) (model.Document, model.Problems, error) {
	limits.Done = ctx.Done()
	doc, problems := model.Decode(mediaType, raw, limits)
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	return doc, problems, nil
}

package layout

import (
	"context"
	"errors"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// Peek reads the document that d describes as far as it can, at most
// Limits.Document bytes of it. It fails at nothing: the state says what is wrong,
// and the document is nil where nothing could be loaded, or where d names no kind
// of document. An absent blob is taken from the descriptor, if that embeds it.
// [Layout.ReadDocument] is for those who want what is right, or nothing.
func (l *Layout) Peek(ctx context.Context, d *model.Descriptor, limits Limits) (model.Document, State) {
	info, err := l.blobs.Stat(d.Digest)
	if blobs.Absent(err) && substitute(d, err) == nil {
		return nil, StateMissing
	}
	return l.peek(ctx, d, limits.WithDefaults(), info, err)
}

func (l *Layout) peek(ctx context.Context, d *model.Descriptor, limits Limits, info blobs.Info, err error) (model.Document, State) {
	state := StateOK
	raw := d.Data
	if err == nil {
		var sum blobs.Sum
		raw, sum, err = l.readBlob(ctx, d.Digest, info, limits)
		if err != nil {
			return nil, StateUnreadable
		}
		if sum.Digest != "" && sum.Digest != d.Digest {
			state = StateDamaged
		}
	} else if !blobs.Absent(err) {
		return nil, StateUnreadable
	}
	doc, problems, cancelled := decode(ctx, d.MediaType, raw, limits.OfDocument(int64(len(raw))))
	if cancelled != nil {
		return nil, StateUnreadable
	}
	if doc == nil || problems.Err() != nil {
		state = worse(state, StateUnreadable)
	}
	return doc, state
}

// ErrMemory is what errors.Is finds where a document was not read because those
// that are held at the same time leave too little of Limits.Memory.
var ErrMemory = errors.New("the documents on the way to it take too much memory")

// readBlob reads a document's bytes, as ReadAll does.
func (l *Layout) readBlob(ctx context.Context, d digest.Digest, info blobs.Info, limits Limits) ([]byte, blobs.Sum, error) {
	limits = limits.WithDefaults()
	if info.Size > limits.Memory && info.Size <= limits.Document {
		return nil, blobs.Sum{}, &blobs.Error{Op: "read", Digest: d, Err: ErrMemory}
	}
	return l.blobs.ReadAll(ctx, d, info, limits.Document)
}

// StateOf looks at the blob that d describes, and reads nothing: it is damaged
// where it has not the size that d says.
func (l *Layout) StateOf(d *model.Descriptor) State {
	switch info, err := l.blobs.Stat(d.Digest); {
	case blobs.Absent(err) && substitute(d, err) != nil:
		return StateOK
	case blobs.Absent(err):
		return StateMissing
	case err != nil:
		return StateUnreadable
	case info.Size != d.Size:
		return StateDamaged
	}
	return StateOK
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

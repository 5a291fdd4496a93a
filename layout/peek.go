package layout

import (
	"context"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
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
		raw, sum, err = l.blobs.ReadAll(ctx, d.Digest, info, limits.Document)
		if err != nil {
			return nil, StateUnreadable
		}
		if sum.Digest != "" && sum.Digest != d.Digest {
			state = StateDamaged
		}
	} else if !blobs.Absent(err) {
		return nil, StateUnreadable
	}
	doc, problems := model.Decode(d.MediaType, raw, model.Limits{Done: ctx.Done()})
	if doc == nil || problems.Err() != nil {
		state = worse(state, StateUnreadable)
	}
	return doc, state
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

package inspect

import (
	"cmp"
	"context"
	"slices"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// The ways in which a referrer is found.
const (
	bySubject     = "subject"
	byTag         = "referrers tag"
	byCosignTag   = "cosign tag"
	byAttestation = "attestation"
)

// referenceAnnotation is by which BuildKit says what an attestation is about.
const referenceAnnotation = "vnd.docker.reference.digest"

// referrers fills in what refers to the targets, in the order in which a walk of
// the whole layout meets it.
func (i *inspector) referrers(ctx context.Context, targets map[digest.Digest]*[]Referrer) {
	if len(targets) == 0 {
		return
	}
	tags := make(map[string]digest.Digest)
	for target := range targets {
		if tag := model.ReferrersTag(target); tag != "" {
			tags[tag] = target
		}
	}
	lists := make(map[*layout.Document]digest.Digest)
	places := make(map[place]int)
	for v := range i.walk(ctx) {
		if v.First && v.Document != nil && v.Document.Doc == nil {
			i.lost(v.Document.Path, cmp.Or(v.Document.Err, v.Document.Problems.Err(), layout.ErrMismatch))
		}
		d := v.Edge.Descriptor
		if d == nil || v.Edge.Role == model.RoleSubject && !v.First {
			continue
		}
		add := func(target digest.Digest, how string) {
			if refs := targets[target]; refs != nil && target != d.Digest {
				i.addReferrer(ctx, places, refs, d, how)
			}
		}
		if v.From.Path == model.IndexFile {
			target, how := tagged(tags, d)
			if how == byTag && v.Document != nil {
				lists[v.Document] = target
			} else if how != "" {
				add(target, how)
			}
		}
		if target, ok := lists[v.From]; ok && v.Edge.Role == model.RoleManifest {
			add(target, byTag)
		}
		add(digest.Digest(d.Annotations[referenceAnnotation]), byAttestation)
		if v.First && v.Document != nil {
			if subject := model.SubjectOf(v.Document.Doc); subject != nil {
				add(subject.Digest, bySubject)
			}
		}
	}
}

// tagged tells by the name of an entry of index.json what it refers to.
func tagged(tags map[string]digest.Digest, d *model.Descriptor) (digest.Digest, string) {
	tag, cosign := model.SplitReferrersTag(d.Annotations[model.AnnotationRefName])
	switch target := tags[tag]; {
	case target == "":
	case cosign:
		return target, byCosignTag
	case model.KindOf(d.MediaType) == model.KindIndex:
		return target, byTag
	}
	return "", ""
}

// place is a referrer among those of one target.
type place struct {
	refs   *[]Referrer
	digest digest.Digest
}

func (i *inspector) addReferrer(ctx context.Context, places map[place]int, refs *[]Referrer, d *model.Descriptor, how string) {
	here := place{refs, d.Digest}
	if n, known := places[here]; known {
		if r := &(*refs)[n]; !slices.Contains(r.FoundBy, how) {
			r.FoundBy = append(r.FoundBy, how)
			slices.Sort(r.FoundBy)
		}
		return
	}
	places[here] = len(*refs)
	sum := i.summarizer.Summarize(ctx, d)
	r := Referrer{
		MediaType: d.MediaType, ArtifactType: sum.ArtifactType, ArtifactKind: sum.ArtifactKind, Digest: string(d.Digest), Size: d.Size,
		References: i.references(d.Digest), FoundBy: []string{how}, State: sum.State,
	}
	doc, state := i.layout.Peek(ctx, d, i.options.Limits)
	if r.State == layout.StateOK {
		r.State = state
	}
	r.Annotations = annotations(model.AnnotationsOf(doc))
	*refs = append(*refs, r)
}

package verify

import (
	"errors"
	"hash/maphash"
	"slices"
	"strconv"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// stackKey stands for a layer and all those below it.
type stackKey uint64

var hashSeed = maphash.MakeSeed()

// stacks are the piles of layers that were judged, and the tree of the last one. A
// pile is applied once where images share it: the tree goes back to where they part,
// and on with what the next image puts upon that. It cannot go back behind changes
// of more than some 100,000 names; then it begins anew, and verifying many images
// upon one base costs what unpacking the names of each would.
type stacks struct {
	piles map[stackKey]pile
	tree  *layer.Tree
	holds []stackKey    // the piles that the tree went through
	marks []*layer.Mark // before each of these, nil where all images go on alike
}

// pile is a layer with all those below it.
type pile struct {
	images uint32 // that have it
	judged bool
	failed bool // by a limit, which is told once
}

// stack applies the image's layers onto one another, and emits what is wrong with
// their entries: once for each layer what it has wrong by itself, and once for each
// pile the rest. Upon a layer that is not known nothing can be said but the former.
func (r *run) stack(img *image) {
	piles := r.piles(img)
	known := 0 // layers, from the lowest up
	for known < len(piles) {
		told := img.layers[known].told()
		if told == nil || !told.whole || told.changes == nil {
			break
		}
		known++
	}
	known = r.pile(img, piles[:known])
	for i := known; i < len(img.layers); i++ {
		if told := img.layers[i].told(); told != nil && told.changes != nil && !told.told {
			r.apply(img, i, layer.NewSkeleton(r.options.LayerLimits), false, true)
		}
	}
}

// told returns what the scan told of the layer, nil for nothing.
func (l *imageLayer) told() *layerFacts {
	if l.plan == nil {
		return nil
	}
	return l.plan.told
}

// pile judges the piles that were not judged yet, and returns how many could be
// applied.
func (r *run) pile(img *image, piles []stackKey) int {
	s := &r.stacks
	if i := slices.IndexFunc(piles, func(k stackKey) bool { return s.piles[k].failed }); i >= 0 {
		piles = piles[:i]
	}
	last := len(piles) - 1
	for last >= 0 && s.piles[piles[last]].judged {
		last--
	}
	if last < 0 {
		return len(piles)
	}
	mark := s.back(piles[:last+1], r.options.LayerLimits)
	for i := len(s.holds); i <= last; i++ {
		if i > 0 && mark == nil && s.piles[piles[i-1]].images > s.piles[piles[i]].images {
			mark = s.tree.Mark()
		}
		now := s.piles[piles[i]]
		ok := r.apply(img, i, s.tree, true, !now.judged)
		now.judged, now.failed = ok, !ok
		if s.piles[piles[i]] = now; !ok {
			s.tree = nil
			return i
		}
		s.holds, s.marks, mark = append(s.holds, piles[i]), append(s.marks, mark), nil
		if l := &img.layers[i]; l.plan.images == 1 { // which is this one
			l.plan.told.free()
		}
	}
	return len(piles)
}

// back makes the tree hold the first of the piles, as many of them as it can, and
// returns the mark that it went back to, if any.
func (s *stacks) back(piles []stackKey, limits layer.Limits) *layer.Mark {
	shared := 0
	for shared < min(len(s.holds), len(piles)) && s.holds[shared] == piles[shared] {
		shared++
	}
	if s.tree != nil && shared == len(s.holds) {
		return nil
	}
	for n := shared; s.tree != nil && n > 0; n-- {
		if mark := s.marks[n]; mark != nil && mark.Return() {
			s.holds, s.marks = s.holds[:n], s.marks[:n]
			return mark
		}
	}
	s.tree, s.holds, s.marks = layer.NewSkeleton(limits), nil, nil
	return nil
}

// countPiles counts the images that have each pile.
func (r *run) countPiles() {
	s := &r.stacks
	s.piles = make(map[stackKey]pile)
	for _, img := range r.images {
		for _, k := range r.piles(img) {
			p := s.piles[k]
			p.images++
			s.piles[k] = p
		}
	}
}

// piles returns what stands for each of the layers and those below it.
func (r *run) piles(img *image) []stackKey {
	var h maphash.Hash
	h.SetSeed(hashSeed)
	piles := make([]stackKey, 0, len(img.layers))
	for _, l := range img.layers {
		if l.node < 0 {
			break
		}
		h.WriteString(string(r.nodes.At(int(l.node)).Digest))
		h.WriteByte(0)
		piles = append(piles, stackKey(h.Sum64()))
	}
	return piles
}

// apply applies one layer of the image, and emits the problems with its entries if
// judge says so. If what lies below is not known, these are only such as the layer
// has by itself. It says whether the layer could be applied.
func (r *run) apply(img *image, place int, tree *layer.Tree, known, judge bool) bool {
	l := &img.layers[place]
	told := l.told()
	n := r.nodes.At(int(l.node))
	f := Finding{Path: n.Info.Path, Digest: n.Digest, Trail: append(img.manifest.Trail(), img.manifest.Path+"#"+l.pointer())}
	report := func(layer.Problem) {}
	var found tally
	if judge {
		report = func(p layer.Problem) {
			if p.Own && told.told || !p.Own && !known {
				return
			}
			found.add(ofProblem(&p))
		}
	}
	err := tree.ApplyChanges(r.ctx, told.changes, report)
	if r.ctx.Err() != nil {
		return false
	}
	told.told = true
	findings := found.told()
	if err != nil {
		findings = append(findings, r.tooManyNames(err))
	}
	for _, problem := range findings {
		problem.Path, problem.Digest, problem.Trail = f.Path, f.Digest, f.Trail
		if r.emit(problem); r.stopped {
			return false
		}
	}
	return err == nil
}

// tooManyNames says that a layer, or it and those below it, could not be applied.
func (r *run) tooManyNames(err error) Finding {
	f := Finding{Rule: rule.LimitLayerNames, Message: "the names of the layer's files, with those of the layers below, take more memory than the limit; how the layers fit together was not checked",
		Expected: "max-layer-names " + strconv.FormatInt(r.options.LayerLimits.WithDefaults().Names, 10)}
	if !errors.Is(err, layer.ErrNames) {
		f.Message, f.Expected, f.Actual = "the names of the layer's files could not be kept, and how the layers fit together was not checked", "", err.Error()
	}
	return f
}

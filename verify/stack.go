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

// stacks are the piles of layers that were judged, and the tree of the last one:
// images often share their lower layers, and only what an image puts upon those is
// applied anew if it comes next. Where images go apart above a base, that is applied
// once for each of them whose own layers were not judged yet, so that verifying
// many costs what unpacking the names of each would.
type stacks struct {
	judged map[stackKey]bool
	failed map[stackKey]bool // by a limit; told once
	tree   *layer.Tree
	holds  []stackKey // the piles that the tree went through
}

// stack applies the image's layers onto one another, and emits what is wrong with
// their entries: once for each layer what it has wrong by itself, and once for each
// pile the rest. Upon a layer that is not known nothing can be said but the former.
func (r *run) stack(img *image) {
	var h maphash.Hash
	h.SetSeed(hashSeed)
	var piles []stackKey
	known := 0 // layers, from the lowest up
	for i, l := range img.layers {
		told := l.told()
		if told == nil || told.changes == nil {
			break
		}
		h.WriteString(string(r.nodes.At(int(l.node)).Digest))
		h.WriteByte(0)
		if piles = append(piles, stackKey(h.Sum64())); !told.whole {
			piles = piles[:i]
			break
		}
		known++
	}
	if r.stacks.judged == nil {
		r.stacks.judged, r.stacks.failed = make(map[stackKey]bool), make(map[stackKey]bool)
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
	if i := slices.IndexFunc(piles, func(k stackKey) bool { return s.failed[k] }); i >= 0 {
		piles = piles[:i]
	}
	last := len(piles) - 1
	for last >= 0 && s.judged[piles[last]] {
		last--
	}
	if last < 0 {
		return len(piles)
	}
	if s.tree == nil || len(s.holds) > last || !slices.Equal(s.holds, piles[:len(s.holds)]) {
		s.tree, s.holds = layer.NewSkeleton(r.options.LayerLimits), nil
	}
	for i := len(s.holds); i <= last; i++ {
		if !r.apply(img, i, s.tree, true, !s.judged[piles[i]]) {
			s.tree, s.holds = nil, nil
			s.failed[piles[i]] = true
			return i
		}
		s.holds = append(s.holds, piles[i])
		s.judged[piles[i]] = true
	}
	return len(piles)
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

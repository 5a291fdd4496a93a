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

// stacks are the stacks of layers that were checked, and the tree of the last one. A
// stack that images share is applied once: the tree goes back to where they part, and on
// with what the next image puts upon that. It cannot go back behind changes of more than
// some 100,000 names; then it begins from nothing, and verifying many images upon one
// base costs what unpacking the names of each would.
type stacks struct {
	states  map[stackKey]stackState
	tree    *layer.Tree
	applied []stackKey    // to the tree
	marks   []*layer.Mark // before each of these, nil where all images go on alike
}

// stackState is what is known of a layer with all those below it.
type stackState struct {
	images  uint32 // that have it
	checked bool
	failed  bool // by a limit, which is reported once
}

// stack applies the image's layers onto one another, and emits what is wrong with
// their entries: once for each layer what it has wrong by itself, and once for each
// stack the rest. Upon a layer that is not known only the former can be found.
func (c *contentCheck) stack(img *image) {
	keys := c.stackKeys(img)
	known := 0 // layers, from the lowest up
	for known < len(keys) {
		facts := img.layers[known].facts()
		if facts == nil || !facts.whole || facts.changes == nil {
			break
		}
		known++
	}
	known = c.applyKnown(img, keys[:known])
	for i := known; i < len(img.layers); i++ {
		if facts := img.layers[i].facts(); facts != nil && facts.changes != nil && !facts.reported {
			c.apply(img, i, layer.NewSkeleton(c.options.LayerLimits), false, true)
		}
	}
}

// facts returns what scanning the layer gave, nil for nothing.
func (l imageLayer) facts() *layerFacts {
	if l.plan == nil {
		return nil
	}
	return l.plan.facts
}

// applyKnown checks the stacks that were not checked yet, and returns how many could be
// applied.
func (c *contentCheck) applyKnown(img *image, keys []stackKey) int {
	s := &c.stacks
	if i := slices.IndexFunc(keys, func(k stackKey) bool { return s.states[k].failed }); i >= 0 {
		keys = keys[:i]
	}
	last := len(keys) - 1
	for last >= 0 && s.states[keys[last]].checked {
		last--
	}
	if last < 0 {
		return len(keys)
	}
	mark := s.back(keys[:last+1], c.options.LayerLimits)
	for i := len(s.applied); i <= last; i++ {
		if i > 0 && mark == nil && s.states[keys[i-1]].images > s.states[keys[i]].images {
			mark = s.tree.Mark()
		}
		state := s.states[keys[i]]
		ok := c.apply(img, i, s.tree, true, !state.checked)
		state.checked, state.failed = ok, !ok
		if s.states[keys[i]] = state; !ok {
			s.tree = nil
			return i
		}
		s.applied, s.marks, mark = append(s.applied, keys[i]), append(s.marks, mark), nil
		if l := &img.layers[i]; l.plan.images == 1 { // which is this one
			l.plan.facts.free()
		}
	}
	return len(keys)
}

// back makes the tree hold as many of the lowest layers as it can, and returns the mark
// that it went back to, if any.
func (s *stacks) back(keys []stackKey, limits layer.Limits) *layer.Mark {
	shared := 0
	for shared < min(len(s.applied), len(keys)) && s.applied[shared] == keys[shared] {
		shared++
	}
	if s.tree != nil && shared == len(s.applied) {
		return nil
	}
	for n := shared; s.tree != nil && n > 0; n-- {
		if mark := s.marks[n]; mark != nil && mark.Return() {
			s.applied, s.marks = s.applied[:n], s.marks[:n]
			return mark
		}
	}
	s.tree, s.applied, s.marks = layer.NewSkeleton(limits), nil, nil
	return nil
}

// countStacks counts the images that have each stack.
func (c *contentCheck) countStacks() {
	s := &c.stacks
	s.states = make(map[stackKey]stackState)
	for _, img := range c.images {
		for _, k := range c.stackKeys(img) {
			state := s.states[k]
			state.images++
			s.states[k] = state
		}
	}
}

// stackKeys returns what stands for each of the layers with those below it.
func (c *contentCheck) stackKeys(img *image) []stackKey {
	var h maphash.Hash
	h.SetSeed(hashSeed)
	keys := make([]stackKey, 0, len(img.layers))
	for _, l := range img.layers {
		if l.node < 0 {
			break
		}
		h.WriteString(string(c.nodes.At(int(l.node)).Digest))
		h.WriteByte(0)
		keys = append(keys, stackKey(h.Sum64()))
	}
	return keys
}

// apply applies one layer of the image, and says whether it could.
func (c *contentCheck) apply(img *image, place int, tree *layer.Tree, known, report bool) bool {
	l := &img.layers[place]
	n := c.nodes.At(int(l.node))
	f := Finding{Path: n.Info.Path, Digest: n.Digest, Trail: append(img.manifest.Trail(), img.manifest.Path+"#"+l.pointer())}
	return c.layers.apply(f, l.facts(), tree, known, report)
}

// apply applies a layer of which f says the place to a tree. If report says so, it emits
// the problems with its entries: those that the layer has by itself, unless they were
// reported before, and the rest where it is known what lies below. It says whether the
// layer could be applied.
func (c *layerCheck) apply(f Finding, facts *layerFacts, tree *layer.Tree, known, report bool) bool {
	each := func(layer.Problem) {}
	var found tally
	if report {
		each = func(p layer.Problem) {
			if p.Own && facts.reported || !p.Own && !known {
				return
			}
			found.add(ofProblem(&p))
		}
	}
	err := tree.ApplyChanges(c.ctx, facts.changes, each)
	if c.ctx.Err() != nil {
		return false
	}
	facts.reported = true
	findings := found.all()
	if err != nil {
		findings = append(findings, c.tooManyNames(err))
	}
	for _, problem := range findings {
		problem.Path, problem.Digest, problem.Trail = f.Path, f.Digest, f.Trail
		if c.emit(problem); c.stopped {
			return false
		}
	}
	return err == nil
}

// tooManyNames says that a layer, or it and those below it, could not be applied.
func (c *layerCheck) tooManyNames(err error) Finding {
	f := Finding{Rule: rule.LimitLayerNames, Message: "the names of the layer's files, with those of the layers below, take more memory than the limit; how the layers fit together was not checked",
		Expected: "max-layer-names " + strconv.FormatInt(c.options.LayerLimits.WithDefaults().Names, 10)}
	if !errors.Is(err, layer.ErrNames) {
		f.Message, f.Expected, f.Actual = "the names of the layer's files could not be kept, and how the layers fit together was not checked", "", err.Error()
	}
	return f
}

// problemRule is how a problem with an entry is reported.
type problemRule struct {
	id      rule.ID
	own     string // the message
	lower   string // where it takes the layers below to see it, if that is another
	expects string
}

var problemRules = map[layer.ProblemKind]problemRule{
	layer.ProblemBlocked: {id: rule.EntryBelowFile, own: "the entry lies below what its own layer makes no directory",
		lower: "the entry lies below what is no directory in the layers below", expects: "a directory"},
	layer.ProblemLoop: {id: rule.EntryBelowFile, own: "the entry lies behind symlinks that lead nowhere: to one another, or deeper than a path can be", expects: "a directory"},
	layer.ProblemThroughSymlink: {id: rule.EntryThroughSymlink, own: "the way to the entry, or to the target of the hard link, leads through a symlink of its own layer, where tools unpack it differently",
		lower: "the way to the entry, or to the target of the hard link, leads through a symlink of a lower layer, where tools unpack it differently"},
	layer.ProblemReplaces:           {id: rule.EntryReplacesDirectory, own: "the entry takes the place of a directory in which entries before it lie, so that these are lost"},
	layer.ProblemParentMissing:      {id: rule.EntryParentMissing, own: "the layer has no entry for the directory that the entry lies in, so that some tools give it the owner 0:0 and the mode 0755"},
	layer.ProblemParentReplaced:     {id: rule.EntryParentReplaced, own: "the layer has no entry for the directory that the entry lies in, below one in whose place a lower layer has something else"},
	layer.ProblemXattrsKept:         {id: rule.EntryXattrLower, own: "a lower layer gives the directory extended attributes that the entry does not have, and tools differ in whether they stay"},
	layer.ProblemRoot:               {id: rule.EntryRoot, own: "the entry makes the root something else than a directory", expects: "a directory"},
	layer.ProblemDuplicate:          {id: rule.EntryDuplicate, own: "the path stands twice in the layer, and tools differ in which entry they take"},
	layer.ProblemDuplicateDirectory: {id: rule.EntryDuplicateDirectory, own: "the directory stands twice in the layer"},
	layer.ProblemLinkMissing:        {id: rule.HardLinkMissing, own: "nothing is at the hard link's target, in its own layer or below"},
	layer.ProblemLinkForward:        {id: rule.HardLinkForward, own: "the hard link stands before its target, and no lower layer has that"},
	layer.ProblemLinkLower:          {id: rule.HardLinkLower, own: "the hard link's target is in a lower layer, where not every tool can reach it"},
	layer.ProblemLinkDirectory:      {id: rule.HardLinkDirectory, own: "the hard link's target is a directory"},
	layer.ProblemLinkSelf:           {id: rule.HardLinkSelf, own: "the hard link is its own target, or takes the place of the directory that its target is in"},
	layer.ProblemLinkAttributes:     {id: rule.HardLinkAttributes, own: "the hard link has another mode, owner or extended attributes than its target, and tools differ in which they set"},
	layer.ProblemWhiteoutOwn:        {id: rule.WhiteoutOwnEntry, own: "the whiteout stands after entries that its own layer has there, and tools differ in whether it removes them"},
	layer.ProblemWhiteoutAbove:      {id: rule.WhiteoutOwnEntry, own: "the whiteout stands after others below what it removes, for which tools make a directory, and with overlayfs they fail at that"},
	layer.ProblemWhiteoutRoot:       {id: rule.WhiteoutRoot, own: "the marker hides all that the layers below have, which overlayfs does not do in the root"},
	layer.ProblemBelowWhiteout:      {id: rule.EntryBelowWhiteout, own: "the entry lies below a path that a whiteout of its own layer removes, where tools fail, or show what was to be removed"},
	layer.ProblemWhiteoutOrder:      {id: rule.WhiteoutOrder, own: "the whiteout stands after entries of its directory, or of the one that it removes"},
	layer.ProblemNoTarget:           {id: rule.WhiteoutNoTarget, own: "the whiteout hides nothing, as no lower layer has it"},
}

// ofProblem returns the finding for a problem, without the place of the layer.
func ofProblem(p *layer.Problem) Finding {
	r := problemRules[p.Kind]
	f := Finding{Rule: r.id, Entry: copyOf(p.Name), Message: r.own, Expected: r.expects, Actual: copyOf(p.At)}
	if !p.Own && r.lower != "" {
		f.Message = r.lower
	}
	switch p.Kind {
	case layer.ProblemNoTarget, layer.ProblemWhiteoutOwn, layer.ProblemWhiteoutAbove, layer.ProblemWhiteoutOrder:
		f.Actual = ""
	}
	return f
}

package verify

import (
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// problemRule is how a problem with an entry is reported.
type problemRule struct {
	id      rule.ID
	own     string // the message
	lower   string // where it takes the layers below to have it, if that is another
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
	f := Finding{Rule: r.id, Entry: kept(p.Name), Message: r.own, Expected: r.expects, Actual: kept(p.At)}
	if !p.Own && r.lower != "" {
		f.Message = r.lower
	}
	switch p.Kind {
	case layer.ProblemNoTarget, layer.ProblemWhiteoutOwn, layer.ProblemWhiteoutAbove, layer.ProblemWhiteoutOrder:
		f.Actual = ""
	}
	return f
}

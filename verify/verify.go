package verify

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// Level is how deep a verification looks.
type Level uint8

// The levels. Each does what the one before it does, and more.
const (
	// LevelDefault is LevelContent.
	LevelDefault Level = iota
	// LevelStructure reads the documents, and looks at every blob without
	// reading it: is everything there, of the right size, and well formed?
	LevelStructure
	// LevelDigest reads every byte of every blob, once: does each match its
	// digest?
	LevelDigest
	// LevelContent unpacks the layers in the same reading: do they hold what the
	// configurations promise, and is what they hold sound?
	LevelContent
)

var levelNames = []string{"default", "structure", "digest", "content"}

// String returns the word that flags and reports use.
func (l Level) String() string { return levelNames[l] }

// ParseLevel returns the level that word names: "structure", "digest" or
// "content".
func ParseLevel(word string) (Level, error) {
	if i := slices.Index(levelNames, word); i > 0 {
		return Level(i), nil
	}
	return 0, fmt.Errorf("no level %q: it is one of structure, digest, content", word)
}

// Options say how to verify. The zero value verifies a whole layout at the
// default level.
type Options struct {
	Level  Level
	Policy rule.Policy
	// Name is the name of the layout, with slashes, as the exceptions of the policy have
	// it; "" is one that no pattern fits.
	Name   string
	Limits layout.Limits
	// LayerLimits bound what layers may unpack to.
	LayerLimits layer.Limits
	// TempDir returns the directory for a temporary file without a name, in which
	// names of layers' files are kept where there are many; nil is os.TempDir. It is
	// asked once there are more than 8 MiB of them.
	TempDir func() (string, error)
	// Jobs is the number of blobs read at once; 0 is the number of processors
	// that Go uses. With more than those, which is good for file systems that take
	// long to open a file, documents are read before the walk comes to them as well.
	Jobs int
	// ExpectIndex, if not "", is what index.json must hash to.
	ExpectIndex digest.Digest
	// Select narrows the verification to entries of index.json and what they lead
	// to; the zero value verifies everything. With a selection, blobs that it
	// does not lead to are not looked at.
	Select layout.Selector
	// Platforms, if there are any, narrow every index to the entries that run on
	// one of them, and to those that name no platform. The blobs of others may
	// be absent; those that are there must still match their digests.
	Platforms []model.Platform
}

// parallel calls do with every number below n, Jobs of them at once, until one
// returns false.
func (o *Options) parallel(n int, do func(i int) bool) *sync.WaitGroup {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(o.Jobs, n) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && do(i); {
				i = int(next.Add(1)) - 1
			}
		})
	}
	return &workers
}

// Verifier verifies one layout.
type Verifier struct {
	layout   *layout.Layout
	options  Options
	counters *counters

	nodes     *layout.VisitedBlobs
	manifests []uint32 // their IDs
}

// Manifest is an image manifest that a verification came to.
type Manifest struct {
	Digest digest.Digest
	Path   string // as in findings, also where no blob is there
}

// New returns a Verifier of l. It reads nothing.
func New(l *layout.Layout, o Options) *Verifier {
	if o.Level == LevelDefault {
		o.Level = LevelContent
	}
	if o.Jobs <= 0 {
		o.Jobs = runtime.GOMAXPROCS(0)
	}
	o.Limits = o.Limits.WithDefaults()
	return &Verifier{layout: l, options: o, counters: new(counters)}
}

// Level returns the level that the Verifier works at, never LevelDefault.
func (v *Verifier) Level() Level { return v.options.Level }

// Stats returns how far Findings has come. It may be called at any time, from
// any goroutine.
func (v *Verifier) Stats() Stats { return v.counters.stats() }

// Manifests yields the manifests that were checked, in the order of the walk, and each
// once: also those that are absent or damaged, but none that the selection or a damaged
// index leaves out. It must not be ranged over before Findings has ended.
func (v *Verifier) Manifests() iter.Seq[Manifest] {
	return func(yield func(Manifest) bool) {
		for _, id := range v.manifests {
			if n := v.nodes.At(int(id)); !yield(Manifest{Digest: n.Digest, Path: n.Info.Path}) {
				return
			}
		}
	}
}

// Findings verifies the layout, and yields what it finds as it finds it: first about the
// root files, then about what index.json leads to, then about what else lies under blobs,
// then, in the order of the walk and of the directories, about the bytes of the blobs.
// The order, and each finding, is the same for every run over the same layout, whatever
// Options.Jobs says.
//
// A finding that is an error of the layout is not an error of the run. An error
// is yielded once, last, with a zero Finding: layout.ErrNotLayout where there is no layout
// at all, layout.ErrNoEntry or a *layout.AmbiguousError where the selection fits no single
// entry, or the platforms none, or the cause of a cancelled ctx. Stats then has Complete
// false.
//
// Each file is read once, but for documents that are named as two kinds, referrers
// that a list names after something else has, and layers where the policy asks for
// rule config-user-unknown. Leaving the loop ends the run; no goroutine outlives
// it. Findings is to be called once for a Verifier.
func (v *Verifier) Findings(ctx context.Context) iter.Seq2[Finding, error] {
	return func(yield func(Finding, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		r := &reporter{counters: v.counters, ctx: ctx, policy: v.options.Policy, yield: func(f Finding) bool { return yield(f, nil) },
			layout: v.options.Name, now: time.Now(), places: newPlaceNames()}
		if err := v.run(r); err != nil && !r.stopped {
			yield(Finding{}, err)
		}
	}
}

// common is what every check of a layout works with.
type common struct {
	*reporter
	*blobTable
	layout  *layout.Layout
	options *Options
}

// run has one check follow the other. What each finds out goes to those after it. Only
// the last one reads in parallel.
func (v *Verifier) run(r *reporter) error {
	if err := blobs.Guard(v.layout.Check); err != nil {
		return err
	}
	index, selected, err := v.index(r.ctx)
	if err != nil {
		return err
	}
	c := common{r, &blobTable{nodes: new(layout.VisitedBlobs), strings: make(map[stringKey]string)}, v.layout, &v.options}
	spool := layer.NewSpool(v.options.TempDir)
	defer spool.Close()
	images := &imageTable{configs: make(map[int]*configFacts)}
	documents, causes, layers := &documentCheck{reporter: r, selected: selected}, &causes{common: c}, &layerCheck{common: c, spool: spool, tables: make(map[digest.Digest]*node)}

	root := &rootCheck{common: c, documents: documents, rootFacts: rootFacts{links: followedLinks{layout: v.layout, places: make(map[string]bool)}}}
	graph := newGraphCheck(c, &root.rootFacts, documents, causes, layers, images)
	inventory := &inventoryCheck{common: c, root: &root.rootFacts, misplaced: &graph.misplaced, causes: causes}
	content := &contentCheck{common: c, imageTable: images, causes: causes, layers: layers}
	defer func() { v.nodes, v.manifests = c.nodes, graph.manifests }()

	for _, stage := range []struct {
		at    string // where it is at work
		check func()
	}{
		{".", root.check},
		{model.IndexFile, func() { err = graph.check(index) }},
		{model.BlobsDir, inventory.check},
		{".", func() { root.extraFiles(graph.misplaced.explains) }},
		{model.BlobsDir, func() { content.check(inventory.jobs) }},
	} {
		r.guard(Finding{Path: stage.at}, stage.check)
		switch {
		case r.ctx.Err() != nil:
			return context.Cause(r.ctx)
		case r.stopped, err != nil:
			return err
		}
	}
	r.finish()
	return nil
}

// index reads index.json and finds the selected entries. What else is wrong with it the
// graph check finds.
func (v *Verifier) index(ctx context.Context) (index *layout.Document, selected []int, err error) {
	index = v.layout.Index(ctx, v.options.Limits)
	if ctx.Err() != nil {
		return nil, nil, context.Cause(ctx)
	}
	if v.options.Select.All() {
		return index, nil, nil
	}
	doc, _ := index.Doc.(*model.Index)
	if doc == nil {
		doc = new(model.Index)
	}
	selected, err = layout.Resolve(doc, v.options.Select)
	if err != nil && index.Err != nil {
		err = errors.Join(err, index.Err)
	}
	return index, selected, err
}

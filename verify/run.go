package verify

import (
	"context"
	"errors"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// run is one verification under way. Its stages follow one another in all; only
// the last one reads in parallel, and all findings pass through emit.
type run struct {
	*reporter
	documents *documentCheck
	layout    *layout.Layout
	options   Options
	met       func(id int)

	nodes   *layout.Nodes     // every blob that the walk met, and then those that nothing names
	known   blobs.List[known] // of each, by its ID
	cut     bool              // a limit kept a part of the archive from being looked at
	noBlobs bool              // there is no directory blobs, which is said once and not for every blob
	jobs    []uint32          // the IDs of blobs to read, in the order of their findings
	images  []*image
	// externals are the blobs that hold the table of contents of a layer alone, by its
	// digest.
	externals map[digest.Digest]*node
	// byManifest are the places of the images. A manifest can have others among
	// its layers, so that its own is not always the last.
	byManifest map[*layout.Document]int
	err        error                // what ends the run beside the caller and the context
	judged     int                  // images that are done with
	configs    map[int]*configFacts // by ID
	spool      *layer.Spool
	stacks     stacks
	byPath     map[string]*image        // by the path of the manifest, once it is needed
	manifests  map[*layout.Document]int // IDs of images whose configuration is still to come
	words      map[word]string
	platforms  map[string]*model.Platform // of configurations, each once
	choices    map[*layout.Document]*choice
	tags       map[string]bool // reference names that may be those of lists of referrers
	lists      map[*layout.Document]*referrerList
	listOrder  []*referrerList
	knownTags  map[string]bool            // that blobs by unregistered algorithms have
	refer      map[string][]digest.Digest // what refers to the subject of a tag
	index      *layout.Document
	followed   map[string]bool // paths within the layout to which symlinks of its own led
	rootNames  []string        // of what the specification does not speak of
	rootErr    error           // of listing them
	indexThere bool            // it is a file in the root, or was when that was looked at

	orphans     []orphan // by path
	firstOrphan int      // the ID of the first of them

	docker     *docker // nil where there is no manifest.json of Docker
	causes     int     // that were looked for
	repeated   int64   // bytes that were read again for that
	waiting    []waiting
	lacking    map[string]bool  // paths of manifests of which something is missing
	sparseFrom *layout.Document // the index that sparse is
	sparse     *sparse

	misplacements []misplacement
	holds         map[string]bool // directories of misplaced blobs
	elsewhere     map[digest.Algorithm]bool
}

// all runs the stages.
func (r *run) all() error {
	if err := blobs.Guard(r.layout.Check); err != nil {
		return err
	}
	if err := r.resolve(); err != nil {
		return err
	}
	for _, stage := range []struct {
		do func()
		at string // where it is at work
	}{{r.root, "."}, {r.structure, model.IndexFile}, {r.inventory, model.BlobsDir}, {r.extraFiles, "."}, {r.content, model.BlobsDir}} {
		r.guard(Finding{Path: stage.at}, stage.do)
		if r.ctx.Err() != nil {
			return context.Cause(r.ctx)
		}
		if r.stopped {
			return nil
		}
		if r.err != nil {
			return r.err
		}
	}
	r.counters.finished.Store(true)
	return nil
}

// resolve reads index.json and finds the selected entries. What else is wrong
// with it is for the walk to tell.
func (r *run) resolve() error {
	r.index = r.layout.Index(r.ctx, r.options.Limits)
	if r.ctx.Err() != nil {
		return context.Cause(r.ctx)
	}
	if r.options.Select.All() {
		return nil
	}
	index, _ := r.index.Doc.(*model.Index)
	if index == nil {
		index = new(model.Index)
	}
	places, err := layout.Resolve(index, r.options.Select)
	if err != nil && r.index.Err != nil {
		err = errors.Join(err, r.index.Err)
	}
	r.documents.selected = places
	return err
}

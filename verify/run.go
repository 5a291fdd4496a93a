package verify

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// run is one verification under way. Its stages follow one another in all; only
// the last one reads in parallel, and all findings pass through emit.
type run struct {
	layout   *layout.Layout
	options  Options
	counters *counters
	ctx      context.Context
	yield    func(Finding, error) bool
	met      func(id int)
	stopped  bool // the caller has left the loop
	yielding bool // the caller has a finding in hand

	nodes *layout.Nodes     // every blob that the walk met, and then those that nothing names
	known blobs.List[known] // of each, by its ID
	// partial says that some document could not be followed, so that a blob which
	// nothing names may well be named there.
	partial bool
	cut     bool     // a limit kept a part of the archive from being looked at
	noBlobs bool     // there is no directory blobs, which is said once and not for every blob
	jobs    []uint32 // the IDs of blobs to read, in the order of their findings
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
	indexThere bool            // it is a file in the root, or was when that was looked at
	selected   []int           // places of the selected entries in index.json, in order
	unseen     map[string]bool // paths that could not be read, told once
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
	r.selected = places
	return err
}

// emit counts a finding and hands it to the caller. A cancelled run has none any
// more: what it did not look at would be missing among them.
func (r *run) emit(f Finding) {
	if r.stopped || r.ctx.Err() != nil {
		return
	}
	if row, _ := rule.Lookup(f.Rule); row.Unproven {
		r.counters.unproven.Store(true)
	}
	f.Severity = r.options.Policy.Severity(f.Rule)
	f.Expected, f.Actual = clip(f.Expected), clip(f.Actual)
	switch f.Severity {
	case rule.Ignore:
		return
	case rule.Error:
		r.counters.errors.Add(1)
	case rule.Warning:
		r.counters.warnings.Add(1)
	default:
		r.counters.infos.Add(1)
	}
	r.yielding = true // and stays so if the caller panics
	r.stopped = !r.yield(f, nil)
	r.yielding = false
}

// guard does something that may be left out. A panic in it is a finding at the
// place, and leaves the layout unproven; one of the caller, who has findings
// handed to him further in, is his own.
func (r *run) guard(place Finding, do func()) {
	defer func() {
		if r.yielding {
			return
		}
		if p := blobs.Caught(recover()); p != nil {
			r.lost()
			r.unreadable(p, place)
		}
	}()
	do()
}

// clip bounds what a finding quotes: a report is not to grow with what somebody
// wrote into a layout.
func clip(s string) string {
	const most = 512
	if len(s) <= most {
		return s
	}
	return fmt.Sprintf("%s... (%d bytes)", strings.ToValidUTF8(s[:most], ""), len(s))
}

// lost notes that a document could not be followed, so that what it names is
// neither judged nor known to be named. Without it, and whatever the rules
// weigh, the layout is not proven.
func (r *run) lost() {
	r.partial = true
	r.counters.unproven.Store(true)
}

// unreadable emits what kept a file from being read, once for each file. A
// cancelled run is no fault of the file.
func (r *run) unreadable(err error, f Finding) {
	if r.ctx.Err() != nil || r.unseen[f.Path] {
		return
	}
	if r.unseen == nil {
		r.unseen = make(map[string]bool)
	}
	r.unseen[f.Path] = true
	_, panicked := errors.AsType[*blobs.PanicError](err)
	switch {
	case panicked:
		f.Rule, f.Message = rule.InternalError, "a defect of ocilayout, or of the file system below it, ended the check of this; please report it"
	case errors.Is(err, blobs.ErrChanged):
		f.Rule, f.Message = rule.FileChanged, "the file changed while it was read"
	default:
		f.Rule, f.Message = rule.FileUnreadable, "the file could not be read"
	}
	f.Actual = reason(err)
	r.emit(f)
}

// reason returns what the operating system said, without the path and digest
// that the finding has already.
func reason(err error) string {
	if e, ok := errors.AsType[*blobs.Error](err); ok {
		err = e.Err
	}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		err = e.Err
	}
	return err.Error()
}

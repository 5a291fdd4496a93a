package faultfs

import (
	"slices"
	"sync"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/spf13/afero"
)

// OpKind is what a file system is asked to do.
type OpKind string

// The kinds of operations: all that this module asks of a file system.
const (
	OpStat  OpKind = "stat"
	OpLstat OpKind = "lstat" // where the file system is an afero.Lstater
	OpOpen  OpKind = "open"
	OpFstat OpKind = "fstat" // Stat of an open file
	OpRead  OpKind = "read"
	OpList  OpKind = "list" // Readdirnames
	OpClose OpKind = "close"
)

// Op is one operation on a file system.
type Op struct {
	Kind OpKind
	Name string // of the file, as it was asked for
	// Turn counts the operations of this kind on this name, from 0. It tells which
	// one this is, however those on other files come in between.
	Turn int
}

// Faults makes file systems fail on plan, and notes what is asked of them. The
// zero value lets everything be. It is safe for concurrent use if the file
// systems are, but Plan must not be changed meanwhile.
//
//	f := new(faultfs.Faults)
//	f.Plan = faultfs.On(faultfs.OpRead, "index.json", faultfs.Fail(syscall.EIO))
//	v := verify.New(layout.New(f.Over(fsys)), verify.Options{})
type Faults struct {
	// Plan, unless nil, says what becomes of each operation. It is called before
	// the operation, for one at a time, and must not call the Faults' methods.
	Plan func(Op) Fault

	planning sync.Mutex
	mu       sync.Mutex
	ops      []Op
	turns    map[Op]int // by the Op of turn 0
	bytes    map[string]int64
	open     map[string]int
}

// Over returns fsys with the faults. What it is beside an afero.Fs it stays: an
// afero.Lstater and blobs.Confined, or neither. Several file systems may have the
// same Faults: a layout's and that of a blob directory, say. Their operations are
// then noted together.
//
// Operations that change files, or read them in other ways than those of OpKind,
// are those of fsys, and not noted.
func (f *Faults) Over(fsys afero.Fs) afero.Fs {
	plain := faultyFs{fsys, f}
	lstater, tells := fsys.(afero.Lstater)
	_, held := fsys.(blobs.Confined)
	switch {
	case tells && held:
		return confinedLstater{faultyLstater{plain, lstater}}
	case tells:
		return faultyLstater{plain, lstater}
	case held:
		return confinedFs{plain}
	}
	return plain
}

// Ops returns the operations so far, in the order in which they began.
func (f *Faults) Ops() []Op {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.ops)
}

// Count returns how many operations of the kind there were on a file.
func (f *Faults) Count(kind OpKind, name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.turns[Op{Kind: kind, Name: name}]
}

// Counts is Count for each name that has any.
func (f *Faults) Counts(kind OpKind) map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	counts := make(map[string]int)
	for op, n := range f.turns {
		if op.Kind == kind {
			counts[op.Name] = n
		}
	}
	return counts
}

// Bytes returns how many bytes the reads of a file gave.
func (f *Faults) Bytes(name string) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bytes[name]
}

// Unclosed returns the names of the files that were opened and not closed, sorted,
// and each as often as it is open.
func (f *Faults) Unclosed() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var names []string
	for name, n := range f.open {
		names = append(names, slices.Repeat([]string{name}, n)...)
	}
	slices.Sort(names)
	return names
}

// begin notes an operation, and returns what is to become of it, after what is to
// be done before it.
func (f *Faults) begin(kind OpKind, name string) (Op, Fault) {
	op := f.note(kind, name)
	fault := f.plan(op)
	if fault.do != nil {
		fault.do()
	}
	return op, fault
}

func (f *Faults) note(kind OpKind, name string) Op {
	f.mu.Lock()
	defer f.mu.Unlock()
	op := Op{Kind: kind, Name: name}
	if f.turns == nil {
		f.turns, f.bytes, f.open = make(map[Op]int), make(map[string]int64), make(map[string]int)
	}
	turn := f.turns[op]
	f.turns[op]++
	op.Turn = turn
	f.ops = append(f.ops, op)
	return op
}

func (f *Faults) plan(op Op) Fault {
	f.planning.Lock()
	defer f.planning.Unlock()
	if f.Plan == nil {
		return Fault{}
	}
	return f.Plan(op)
}

func (f *Faults) opened(name string, by int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open[name] += by
}

func (f *Faults) read(name string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bytes[name] += int64(n)
}

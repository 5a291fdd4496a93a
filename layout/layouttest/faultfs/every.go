package faultfs

import (
	"io"
	"io/fs"
	"iter"
	"maps"
	"syscall"
)

// EveryFault yields all faults, by name, that this package knows for an operation:
// what a test goes through that has each operation of a run fail in each way.
func EveryFault(kind OpKind) iter.Seq2[string, Fault] {
	return func(yield func(string, Fault) bool) {
		for _, faults := range []map[string]Fault{failing, special[kind]} {
			for name, fault := range maps.All(faults) {
				if !yield(name, fault) {
					return
				}
			}
		}
	}
}

// failing is what any operation can do.
var failing = map[string]Fault{
	"EIO":    Fail(syscall.EIO),
	"EACCES": Fail(syscall.EACCES),
	"ENOENT": Fail(syscall.ENOENT),
	"ESTALE": Fail(syscall.ESTALE),
	"EINTR":  Fail(syscall.EINTR),
	"EMFILE": Fail(syscall.EMFILE),
	"ENOSPC": Fail(syscall.ENOSPC),
	"panic":  Panic("a file system that panics"),
}

var special = map[OpKind]map[string]Fault{
	OpStat:  stats,
	OpLstat: stats,
	OpFstat: stats,
	OpRead: {
		"early EOF":           Fail(io.EOF),
		"one byte":            short(1),
		"a hundred bytes":     short(100),
		"nothing":             nothing(),
		"bytes from nowhere":  Endless(),
		"first bit flipped":   Flip(0),
		"bit flipped":         Flip(100),
		"bytes and an error":  Together(syscall.EIO),
		"bytes and EOF":       Together(io.EOF),
		"more than was asked": excess(),
		"less than nothing":   negative(),
	},
	OpList: {
		"no names":          Listed(func([]string, error) ([]string, error) { return nil, nil }),
		"EIO after no name": breakOff(0, syscall.EIO),
		"EIO after a name":  breakOff(1, syscall.EIO),
		"EOF after a name":  breakOff(1, io.EOF),
		"names twice":       Listed(func(names []string, err error) ([]string, error) { return append(names, names...), err }),
		"names of no file":  also("", ".", "..", "a/b", "/", "../../etc/passwd"),
		"another order":     Shuffled(1),
	},
}

var stats = map[string]Fault{
	"a byte more":       Sized(1),
	"a byte less":       Sized(-1),
	"a terabyte more":   Sized(1 << 40),
	"less than nothing": Sized(-1 << 40),
	"another kind":      Seen(func(info fs.FileInfo) fs.FileInfo { return otherKind{info} }),
}

// otherKind is a device where there is a file or a directory.
type otherKind struct{ fs.FileInfo }

func (o otherKind) Mode() fs.FileMode { return fs.ModeDevice | o.FileInfo.Mode().Perm() }
func (otherKind) IsDir() bool         { return false }

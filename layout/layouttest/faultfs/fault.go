package faultfs

import (
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"

	"github.com/spf13/afero"
)

// Fault is what becomes of one operation. The zero Fault lets it be, and so does
// one that does not fit the operation.
type Fault struct {
	do    func()
	err   error // in the place of the operation
	read  func(f afero.File, p []byte) (int, error)
	info  func(fs.FileInfo) fs.FileInfo
	names func([]string, error) ([]string, error)
}

func (f Fault) seen(info fs.FileInfo, err error) (fs.FileInfo, error) {
	if err == nil && f.info != nil {
		info = f.info(info)
	}
	return info, err
}

// At is a plan that has one operation alone go wrong.
func At(op Op, fault Fault) func(Op) Fault {
	return func(other Op) Fault {
		if other == op {
			return fault
		}
		return Fault{}
	}
}

// From is At for an operation and all later ones of its kind on the same file.
func From(op Op, fault Fault) func(Op) Fault {
	return func(other Op) Fault {
		if other.Kind == op.Kind && other.Name == op.Name && other.Turn >= op.Turn {
			return fault
		}
		return Fault{}
	}
}

// On is a plan that has all operations of a kind on one file go wrong.
func On(kind OpKind, name string, fault Fault) func(Op) Fault {
	return func(op Op) Fault {
		if op.Kind == kind && op.Name == name {
			return fault
		}
		return Fault{}
	}
}

// Fail has an operation end in an error, and not be carried out. It arrives as an
// *fs.PathError; io.EOF stays what it is, and ends a file early. A file is closed
// all the same.
func Fail(err error) Fault { return Fault{err: err} }

// Do calls a function before the operation: it may change the file, cancel a
// context, or wait for something.
func Do(do func()) Fault { return Fault{do: do} }

// Panic has an operation panic.
func Panic(value any) Fault { return Do(func() { panic(value) }) }

// Reads has do give what a read gives, and call f.Read if it likes.
func Reads(do func(f io.Reader, p []byte) (int, error)) Fault {
	return Fault{read: func(f afero.File, p []byte) (int, error) { return do(f, p) }}
}

// short has a read give n bytes at most.
func short(n int) Fault {
	return Reads(func(f io.Reader, p []byte) (int, error) { return f.Read(p[:min(n, len(p))]) })
}

// nothing has a read give neither bytes nor an error.
func nothing() Fault {
	return Reads(func(io.Reader, []byte) (int, error) { return 0, nil })
}

// Endless has a read fill all that it is given, as if the file never ended.
func Endless() Fault {
	return Reads(func(_ io.Reader, p []byte) (int, error) {
		for i := range p {
			p[i] = 'x'
		}
		return len(p), nil
	})
}

// Flip has a read give a wrong bit: the lowest of the byte at offset of what it
// reads, or of its last byte.
func Flip(offset int) Fault {
	return Reads(func(f io.Reader, p []byte) (int, error) {
		n, err := f.Read(p)
		if n > 0 {
			p[min(offset, n-1)] ^= 1
		}
		return n, err
	})
}

// Together has a read give the error with its bytes, and not after them.
func Together(err error) Fault {
	return Reads(func(f io.Reader, p []byte) (int, error) {
		n, end := f.Read(p)
		if end != nil && end != io.EOF {
			err = end
		}
		return n, err
	})
}

// excess has a read claim one byte more than it was asked for, and negative less than
// none.
func excess() Fault {
	return Reads(func(_ io.Reader, p []byte) (int, error) { return len(p) + 1, nil })
}

func negative() Fault {
	return Reads(func(io.Reader, []byte) (int, error) { return -1, nil })
}

// Seen changes what a stat tells of a file.
func Seen(change func(fs.FileInfo) fs.FileInfo) Fault { return Fault{info: change} }

// Sized has a stat tell of a file that has so many bytes more, or less, than it
// has.
func Sized(by int64) Fault {
	return Seen(func(info fs.FileInfo) fs.FileInfo { return sized{info, info.Size() + by} })
}

type sized struct {
	fs.FileInfo
	size int64
}

func (s sized) Size() int64 { return s.size }

// Listed changes the names that a directory lists, and how that ends.
func Listed(change func(names []string, err error) ([]string, error)) Fault {
	return Fault{names: change}
}

// breakOff has a listing end in an error after n names.
func breakOff(n int, err error) Fault {
	return Listed(func(names []string, _ error) ([]string, error) { return names[:min(n, len(names))], err })
}

// also lists further names, of files that are not there or that are listed
// already.
func also(more ...string) Fault {
	return Listed(func(names []string, err error) ([]string, error) { return append(names, more...), err })
}

// Shuffled lists the names in an order that the seed chooses.
func Shuffled(seed uint64) Fault {
	return Listed(func(names []string, err error) ([]string, error) {
		names = slices.Sorted(slices.Values(names)) // what the file system gives may be in any order
		rand.New(rand.NewPCG(seed, seed)).Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		return names, err
	})
}

package faultfs

import (
	"errors"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/spf13/afero"
)

// withFile returns a file system with one file in a directory.
func withFile(t *testing.T, content string) afero.Fs {
	t.Helper()
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	b.File("dir/file", []byte(content))
	b.File("dir/other", nil)
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	return fsys
}

type confinedOnly struct{ afero.Fs }

func (confinedOnly) Confined() {}

type confinedMemory struct{ *afero.MemMapFs }

func (confinedMemory) Confined() {}

// A file system with faults has what the one below has, and no more.
func TestFaultsKeepInterfaces(t *testing.T) {
	memory := new(afero.MemMapFs)
	for name, test := range map[string]struct {
		fsys             afero.Fs
		lstats, confined bool
	}{
		"plain": {struct{ afero.Fs }{memory}, false, false}, "lstater": {memory, true, false},
		"confined": {confinedOnly{struct{ afero.Fs }{memory}}, false, true}, "both": {confinedMemory{memory}, true, true},
	} {
		fsys := new(Faults).Over(test.fsys)
		_, lstats := fsys.(afero.Lstater)
		_, confined := fsys.(blobs.Confined)
		if lstats != test.lstats || confined != test.confined {
			t.Errorf("%s: an afero.Lstater %t, confined %t", name, lstats, confined)
		}
	}
}

// readAll reads in pieces of four bytes, and tells what each read gave.
func readAll(f afero.File) (got []string) {
	for range 10 {
		p := make([]byte, 4)
		n, err := f.Read(p)
		text := ""
		if n >= 0 && n <= len(p) {
			text = string(p[:n])
		} else {
			text = "impossible"
		}
		switch {
		case err == io.EOF:
			return append(got, text+" EOF")
		case err != nil:
			return append(got, text+" error")
		}
		got = append(got, text)
	}
	return got
}

func TestReadFaults(t *testing.T) {
	second := Op{Kind: OpRead, Name: "dir/file", Turn: 1}
	for name, test := range map[string]struct {
		fault Fault
		want  string
	}{
		"none":     {Fault{}, "abcd|efgh|ij| EOF"},
		"unfit":    {breakOff(0, io.EOF), "abcd|efgh|ij| EOF"},
		"fail":     {Fail(syscall.EIO), "abcd| error"},
		"EOF":      {Fail(io.EOF), "abcd| EOF"},
		"short":    {short(1), "abcd|e|fghi|j| EOF"},
		"nothing":  {nothing(), "abcd||efgh|ij| EOF"},
		"endless":  {Endless(), "abcd|xxxx|efgh|ij| EOF"},
		"flip":     {Flip(1), "abcd|eggh|ij| EOF"},
		"far flip": {Flip(9), "abcd|efgi|ij| EOF"},
		"together": {Together(syscall.EIO), "abcd|efgh error"},
		"excess":   {excess(), "abcd|impossible|efgh|ij| EOF"},
		"negative": {negative(), "abcd|impossible|efgh|ij| EOF"},
	} {
		faults := &Faults{Plan: At(second, test.fault)}
		f, err := faults.Over(withFile(t, "abcdefghij")).Open("dir/file")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(readAll(f), "|"); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
		if got := faults.Unclosed(); !slices.Equal(got, []string{"dir/file"}) {
			t.Errorf("%s: open are %q", name, got)
		}
		if err := errors.Join(f.Close()); err != nil || faults.Unclosed() != nil {
			t.Errorf("%s: %v, open are %q", name, err, faults.Unclosed())
		}
	}
}

// What fails is not carried out, but for Close, and is an error that names the
// file.
func TestFail(t *testing.T) {
	for _, kind := range []OpKind{OpStat, OpLstat, OpOpen, OpFstat, OpRead, OpList, OpClose} {
		for name, fault := range EveryFault(kind) {
			faults := &Faults{Plan: On(kind, "dir/file", fault)}
			fsys := faults.Over(withFile(t, "abcdefghij"))
			err := blobs.Guard(func() error {
				_, stat := fsys.Stat("dir/file")
				_, _, lstat := fsys.(afero.Lstater).LstatIfPossible("dir/file")
				f, err := fsys.Open("dir/file")
				if err != nil {
					return errors.Join(stat, lstat, err)
				}
				defer f.Close()
				_, fstat := f.Stat()
				_, read := f.Read(make([]byte, 4))
				_, list := f.Readdirnames(-1)
				if kind != OpList {
					list = nil // of a file
				}
				return errors.Join(stat, lstat, fstat, read, list, f.Close())
			})
			_, panicked := errors.AsType[*blobs.PanicError](err)
			if panicked != (name == "panic") || len(faults.Unclosed()) > 0 {
				t.Errorf("%s at %s: %v, open %q", name, kind, err, faults.Unclosed())
			}
			if name != "EIO" {
				continue
			}
			if e, ok := errors.AsType[*fs.PathError](err); !ok || e.Path != "dir/file" || !errors.Is(err, syscall.EIO) {
				t.Errorf("%s: %v", kind, err)
			}
			if n := faults.Count(kind, "dir/file"); n == 0 || faults.Counts(kind)["dir/file"] != n {
				t.Errorf("%s: %d operations, %v", kind, n, faults.Counts(kind))
			}
		}
	}
}

func TestListFaults(t *testing.T) {
	for name, test := range map[string]struct {
		fault Fault
		want  string
	}{
		"none": {Fault{}, "file other"}, "fail": {Fail(syscall.EIO), " error"}, "break off": {breakOff(1, syscall.EIO), "file error"},
		"also": {also("a/b"), "a/b file other"},
	} {
		faults := &Faults{Plan: On(OpList, "dir", test.fault)}
		f, err := faults.Over(withFile(t, "")).Open("dir")
		if err != nil {
			t.Fatal(err)
		}
		names, err := f.Readdirnames(-1)
		f.Close()
		if name != "break off" {
			slices.Sort(names)
		}
		got := strings.Join(names, " ")
		if err != nil {
			got += " error"
		}
		if got != test.want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	orders := make(map[string]bool)
	for seed := range uint64(20) {
		for range 2 { // the same seed gives the same order
			faults := &Faults{Plan: On(OpList, "dir", Shuffled(seed))}
			f, err := faults.Over(withFile(t, "")).Open("dir")
			if err != nil {
				t.Fatal(err)
			}
			names, err := f.Readdirnames(-1)
			f.Close()
			if err != nil || len(names) != 2 {
				t.Fatal(names, err)
			}
			orders[strings.Join(names, " ")] = true
		}
	}
	if diff := cmp.Diff([]string{"file other", "other file"}, slices.Sorted(maps.Keys(orders))); diff != "" {
		t.Errorf("orders (-want +got):\n%s", diff)
	}
}

// Operations are told apart by turn, beside one another too, and noted once.
func TestFaultsNote(t *testing.T) {
	faults := &Faults{Plan: From(Op{Kind: OpStat, Name: "dir/file", Turn: 60}, Fail(syscall.EIO))}
	fsys := faults.Over(withFile(t, "abc"))
	var all sync.WaitGroup
	var mu sync.Mutex
	failed := 0
	for range 100 {
		all.Go(func() {
			_, err := fsys.Stat("dir/file")
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed++
			}
		})
	}
	all.Wait()
	seen := make(map[Op]bool)
	for _, op := range faults.Ops() {
		seen[op] = true
	}
	if failed != 40 || len(seen) != 100 || len(faults.Ops()) != 100 {
		t.Errorf("%d failed, of %d in %d turns", failed, len(faults.Ops()), len(seen))
	}
}

package blobs_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// A file that is changed while it is read has no digest.
func TestChangedWhileRead(t *testing.T) {
	content := large(5)
	d := digest.FromBytes(content)
	changes := map[string]func(t *testing.T, s storage){
		"grown": func(t *testing.T, s storage) {
			f, err := s.fs.OpenFile(blobs.Path(d), os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.Write([]byte("more")); err != nil {
				t.Fatal(err)
			}
		},
		"shrunk": func(t *testing.T, s storage) {
			f, err := s.fs.OpenFile(blobs.Path(d), os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if err := f.Truncate(200_000); err != nil {
				t.Fatal(err)
			}
		},
		"written to": func(t *testing.T, s storage) {
			// As a write of equal length leaves it.
			if err := s.fs.Chtimes(blobs.Path(d), time.Now(), time.Now().Add(time.Second)); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			storages(t, func(t *testing.T, s storage) {
				s.put(t, blobs.Path(d), content)
				reads := 0
				sum, err := s.store.Sum(t.Context(), d, s.stat(t, d), func(int) {
					if reads++; reads == 1 {
						change(t, s)
					}
				})
				wantError(t, err, "read", d, blobs.ErrChanged)
				if sum.Digest != "" || sum.Size < 100_000 {
					t.Errorf("Sum = %v, want what was read, and no digest", sum)
				}
			})
		})
		t.Run(name+", in memory", func(t *testing.T) {
			storages(t, func(t *testing.T, s storage) {
				s.put(t, blobs.Path(d), content)
				store := blobs.New(firstRead(s.fs, func() { change(t, s) }))
				info, err := store.Stat(d)
				if err != nil {
					t.Fatal(err)
				}
				raw, _, err := store.ReadAll(t.Context(), d, info, 1<<20)
				wantError(t, err, "read", d, blobs.ErrChanged)
				if raw != nil {
					t.Error("the bytes are handed out")
				}
			})
		})
	}
	t.Run("not at all", func(t *testing.T) {
		storages(t, func(t *testing.T, s storage) {
			s.put(t, blobs.Path(d), content)
			sum, err := s.store.Sum(t.Context(), d, s.stat(t, d), func(int) {})
			if err != nil || sum.Digest != d {
				t.Errorf("Sum = %v, %v", sum, err)
			}
		})
	})
}

// firstRead is a file system in which do is called after the first read.
func firstRead(fsys afero.Fs, do func()) afero.Fs {
	return faulty(fsys, func(op faultfs.Op) faultfs.Fault {
		if op.Kind != faultfs.OpRead || op.Turn > 0 {
			return faultfs.Fault{}
		}
		return faultfs.Reads(func(f io.Reader, p []byte) (int, error) {
			n, err := f.Read(p)
			do()
			return n, err
		})
	})
}

// What the system refuses is told as it is: it is neither an absent blob nor a
// changed one.
func TestFaults(t *testing.T) {
	content := large(6)
	d := digest.FromBytes(content)
	memory := afero.NewMemMapFs()
	if err := afero.WriteFile(memory, blobs.Path(d), content, 0o644); err != nil {
		t.Fatal(err)
	}
	fail := func(kind faultfs.OpKind, turn int, err error) func(faultfs.Op) faultfs.Fault {
		return faultfs.At(faultfs.Op{Kind: kind, Name: blobs.Path(d), Turn: turn}, faultfs.Fail(err))
	}
	tests := []struct {
		name string
		plan func(faultfs.Op) faultfs.Fault
		op   string // that fails, or ""
		err  error
	}{
		{"stat", fail(faultfs.OpStat, 0, syscall.EACCES), "stat", fs.ErrPermission},
		{"open", fail(faultfs.OpOpen, 0, syscall.EACCES), "open", fs.ErrPermission},
		{"vanished before it was opened", fail(faultfs.OpOpen, 0, fs.ErrNotExist), "open", blobs.ErrChanged},
		{"vanished when it was opened", fail(faultfs.OpFstat, 0, fs.ErrNotExist), "open", blobs.ErrChanged},
		{"vanished when it was read", fail(faultfs.OpRead, 0, fs.ErrNotExist), "read", blobs.ErrChanged},
		{"stat of the open file", fail(faultfs.OpFstat, 0, syscall.EIO), "open", syscall.EIO},
		{"first read", fail(faultfs.OpRead, 0, syscall.EIO), "read", syscall.EIO},
		{"second read", fail(faultfs.OpRead, 1, syscall.EIO), "read", syscall.EIO},
		{"read at the end", fail(faultfs.OpRead, 3, syscall.EIO), "read", syscall.EIO},
		{"no end", faultfs.On(faultfs.OpRead, blobs.Path(d), faultfs.Endless()), "read", blobs.ErrChanged},
		{"stat at the end", fail(faultfs.OpFstat, 1, syscall.EIO), "read", syscall.EIO},
		{"close", fail(faultfs.OpClose, 0, syscall.EIO), "", nil},
		{"none", nil, "", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			store := func() *blobs.Store { return blobs.New(faulty(memory, test.plan)) }
			info, err := store().Stat(d)
			if test.op == "stat" {
				wantError(t, err, "stat", d, test.err)
				if blobs.Absent(err) {
					t.Error("the blob is said to be absent")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			sum, err := store().Sum(t.Context(), d, info, nil)
			raw, _, readErr := store().ReadAll(t.Context(), d, info, 1<<20)
			if test.op == "" {
				if err != nil || readErr != nil || sum.Digest != d || len(raw) != len(content) {
					t.Errorf("Sum = %v, %v; ReadAll = %d bytes, %v", sum, err, len(raw), readErr)
				}
				return
			}
			wantError(t, err, test.op, d, test.err)
			wantError(t, readErr, test.op, d, test.err)
			if sum.Digest != "" || raw != nil {
				t.Errorf("Sum = %v, ReadAll = %d bytes, want neither", sum, len(raw))
			}
			if test.err != blobs.ErrChanged && (blobs.Absent(err) || errors.Is(err, blobs.ErrChanged)) {
				t.Errorf("%v is taken for another fault", err)
			}
		})
	}
}

// A file system may say anything of a file's length, and of what it is beneath.
func TestStrangeFileInfo(t *testing.T) {
	content := []byte("content")
	d := digest.FromBytes(content)
	memory := afero.NewMemMapFs()
	if err := afero.WriteFile(memory, blobs.Path(d), content, 0o644); err != nil {
		t.Fatal(err)
	}
	with := func(change func(fs.FileInfo) fs.FileInfo) *blobs.Store {
		return blobs.New(faulty(memory, func(faultfs.Op) faultfs.Fault { return faultfs.Seen(change) }))
	}
	for _, size := range []int64{-1, 0, 6, 8, 1 << 62} {
		store := with(func(i fs.FileInfo) fs.FileInfo { return lyingInfo{i, size, nil} })
		info, err := store.Stat(d)
		if err != nil {
			t.Fatal(err)
		}
		if sum, err := store.Sum(t.Context(), d, info, nil); !errors.Is(err, blobs.ErrChanged) || sum.Digest != "" {
			t.Errorf("with %d bytes: Sum = %v, %v", size, sum, err)
		}
		want := blobs.ErrChanged
		if size > 100 {
			want = blobs.ErrTooLarge
		}
		if raw, _, err := store.ReadAll(t.Context(), d, info, 100); !errors.Is(err, want) || raw != nil {
			t.Errorf("with %d bytes: ReadAll = %q, %v", size, raw, err)
		}
	}
	// More than the file system owns up to is not held in memory either.
	store := with(func(i fs.FileInfo) fs.FileInfo { return lyingInfo{i, 2, nil} })
	info, err := store.Stat(d)
	if err != nil {
		t.Fatal(err)
	}
	if raw, _, err := store.ReadAll(t.Context(), d, info, 6); !errors.Is(err, blobs.ErrTooLarge) || raw != nil {
		t.Errorf("ReadAll = %q, %v", raw, err)
	}
	// What lies beneath is compared only where it is a file of the system.
	store = with(func(i fs.FileInfo) fs.FileInfo { return lyingInfo{i, i.Size(), new(int)} })
	if info, err = store.Stat(d); err != nil {
		t.Fatal(err)
	}
	if sum, err := store.Sum(t.Context(), d, info, nil); err != nil || sum.Digest != d {
		t.Errorf("Sum = %v, %v", sum, err)
	}
}

// Between one look at an open file and the next, each thing alone that is
// another tells of a change.
func TestChangedInfo(t *testing.T) {
	content := []byte("content")
	d := digest.FromBytes(content)
	memory := afero.NewMemMapFs()
	if err := afero.WriteFile(memory, blobs.Path(d), content, 0o644); err != nil {
		t.Fatal(err)
	}
	for name, changed := range map[string]func(fs.FileInfo) fs.FileInfo{
		"kind":   func(i fs.FileInfo) fs.FileInfo { return directoryInfo{i} },
		"length": func(i fs.FileInfo) fs.FileInfo { return lyingInfo{i, 8, nil} },
	} {
		for look := range 3 {
			store := blobs.New(faulty(memory, faultfs.At(faultfs.Op{Kind: faultfs.OpFstat, Name: blobs.Path(d), Turn: look - 1}, faultfs.Seen(changed))))
			info, err := store.Stat(d)
			if err != nil {
				t.Fatal(err)
			}
			want := look > 0 && (name == "length" || look == 1) // a file that was opened stays one
			if _, err := store.Sum(t.Context(), d, info, nil); errors.Is(err, blobs.ErrChanged) != want {
				t.Errorf("another %s at look %d: %v", name, look, err)
			}
		}
	}
}

type directoryInfo struct{ fs.FileInfo }

func (directoryInfo) Mode() fs.FileMode { return fs.ModeDir | 0o755 }

type lyingInfo struct {
	fs.FileInfo
	size int64
	sys  any
}

func (i lyingInfo) Size() int64 { return i.size }
func (i lyingInfo) Sys() any    { return i.sys }

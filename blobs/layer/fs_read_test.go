package layer_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"testing"
	"testing/iotest"

	"github.com/ocilayout/ocilayout/blobs/layer"
)

// opened counts what is opened and closed of the blobs of a tree.
type opened struct {
	open, closed int
	close        error
}

func (o *opened) blob(r io.Reader) (io.ReadCloser, error) {
	o.open++
	return &counting{r, o}, nil
}

type counting struct {
	io.Reader
	of *opened
}

func (c *counting) Close() error { c.of.closed++; return c.of.close }

// A layer is opened when a file of it is read, and closed with the file.
func TestFSOpensLate(t *testing.T) {
	for name, blob := range map[string][]byte{"tar": sample(t, true), "gzip": gzipped(t, sample(t, true)), "zstd": zstded(t, sample(t, true))} {
		o := &opened{close: errors.New("of the blob")}
		tree := layer.NewTree(layer.Limits{})
		apply(t, tree, blob)
		fsys := layer.FS{Tree: tree, Blob: func(int) (io.ReadCloser, error) { return o.blob(bytes.NewReader(blob)) }}
		f, err := fsys.Open("var/data")
		if err != nil {
			t.Fatal(err)
		}
		if info, err := f.Stat(); err != nil || info.Size() != 200_000 || o.open != 0 {
			t.Errorf("%s: Stat = %v, %v; %d opened", name, info, err, o.open)
		}
		if n, err := io.ReadFull(f, make([]byte, 1000)); n != 1000 || err != nil || o.open != 1 || o.closed != 0 {
			t.Errorf("%s: %d bytes, %v; %+v", name, n, err, o)
		}
		if err := f.Close(); err != o.close || o.closed != 1 {
			t.Errorf("%s: Close: %v; %+v", name, err, o)
		}
		var at *fs.PathError
		if n, err := f.Read(make([]byte, 1)); n != 0 || !errors.Is(err, fs.ErrClosed) || !errors.As(err, &at) || at.Path != "var/data" || o.open != 1 {
			t.Errorf("%s: reading a closed file: %d, %v", name, n, err)
		}
		f.Close()
		if o.closed != 1 {
			t.Errorf("%s: the blob was closed again", name)
		}
		unread, _ := fsys.Open("var/data")
		if err := unread.Close(); err != nil || o.open != 1 {
			t.Errorf("%s: closing a file that was not read: %v", name, err)
		}
		if n, err := unread.Read(make([]byte, 1)); n != 0 || !errors.Is(err, fs.ErrClosed) || o.open != 1 {
			t.Errorf("%s: reading a file that was closed at once: %d, %v", name, n, err)
		}
	}
}

// What keeps a file from being read is told, and every blob that was opened is
// closed.
func TestFSReadErrors(t *testing.T) {
	plain := sample(t, true)
	broken := errors.New("broken")
	failing := func(b []byte) io.Reader { return io.MultiReader(bytes.NewReader(b), iotest.ErrReader(broken)) }
	gz, zst := gzipped(t, plain), zstded(t, plain)
	tests := []struct {
		name string
		blob io.Reader
		want error
	}{
		{"fails at once", failing(nil), broken},
		{"fails in the first block", failing(plain[:100]), broken},
		{"fails before the file", failing(plain[:1000]), broken},
		{"fails in the file", failing(plain[:100_000]), broken},
		{"gzip fails at once", failing(gz[:5]), broken},
		{"gzip fails in the header", failing(gz[:600]), broken},
		{"gzip fails in the file", failing(gz[:100_000]), broken},
		{"zstd fails at once", failing(zst[:5]), broken},
		{"zstd fails before the file", failing(zst[:100]), broken},
		{"zstd fails in the file", failing(zst[:len(zst)/2]), broken},
		{"breaks off before the file", bytes.NewReader(plain[:2048]), io.ErrUnexpectedEOF},
		{"breaks off in the file", bytes.NewReader(plain[:100_000]), io.ErrUnexpectedEOF},
		{"gzip breaks off", bytes.NewReader(gz[:100_000]), layer.ErrCorrupt},
		{"zstd breaks off", bytes.NewReader(zst[:len(zst)/2]), layer.ErrCorrupt},
		{"gzip is damaged", bytes.NewReader(damaged(gz, 2, 7)), layer.ErrCorrupt},
		{"has an end before the file", bytes.NewReader(archive(t, regular("a", "x"))), io.ErrUnexpectedEOF},
		{"is empty", bytes.NewReader(nil), io.ErrUnexpectedEOF},
		{"is no layer", bytes.NewReader([]byte("no layer")), layer.ErrFormat},
		{"is bzip2", bytes.NewReader([]byte("BZh91AY&SY")), layer.ErrFormat},
		{"wants a large window", zeros{before: block("x", '0', 10), blocks: 1, window: 28}.reader(), layer.ErrWindow},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			tree := layer.NewTree(layer.Limits{})
			apply(t, tree, plain)
			o := new(opened)
			fsys := layer.FS{Tree: tree, Blob: func(int) (io.ReadCloser, error) { return o.blob(test.blob) }}
			f, err := fsys.Open("var/data")
			if err != nil {
				t.Fatal(err)
			}
			n, err := io.Copy(io.Discard, f)
			var at *fs.PathError
			if !errors.Is(err, test.want) || !errors.As(err, &at) || at.Op != "read" || at.Path != "var/data" || n == 200_000 {
				t.Errorf("%d bytes, %v, want %v", n, err, test.want)
			}
			if test.want == broken && errors.Is(err, layer.ErrCorrupt) {
				t.Errorf("a failure to read is taken for damage: %v", err)
			}
			if again, err := f.Read(make([]byte, 10)); again != 0 || err == nil || err == io.EOF || o.open != 1 {
				t.Errorf("reading on: %d bytes, %v; %+v", again, err, o)
			}
			if err := f.Close(); err != nil || o.closed != 1 {
				t.Errorf("Close: %v; %+v", err, o)
			}
		})
	}
	t.Run("cannot be opened", func(t *testing.T) {
		tree := layer.NewTree(layer.Limits{})
		apply(t, tree, plain)
		fsys := layer.FS{Tree: tree, Blob: func(int) (io.ReadCloser, error) { return nil, broken }}
		if _, err := fs.ReadFile(fsys, "etc/passwd"); !errors.Is(err, broken) {
			t.Errorf("ReadFile: %v", err)
		}
	})
}

// Reading a file takes little memory, however much stands before it.
func TestFSMemory(t *testing.T) {
	const piece, pieces = 1 << 20, 32
	some, last := []byte(noise(piece)), archive(t, regular("last", "here"))
	blob := func() io.Reader {
		return io.MultiReader(bytes.NewReader(gzipped(t, block("big", '0', piece*pieces))), &repeated{of: gzipped(t, some), left: pieces}, bytes.NewReader(gzipped(t, last)))
	}
	tree := layer.NewTree(layer.Limits{})
	changes := tree.Begin(nil)
	if _, err := layer.Scan(t.Context(), blob(), layer.ScanOptions{Entry: changes.Add}); err != nil {
		t.Fatal(err)
	}
	changes.End()
	o := new(opened)
	reader := blob()
	fsys := layer.FS{Tree: tree, Blob: func(int) (io.ReadCloser, error) { return o.blob(reader) }}
	var text []byte
	var err error
	if took := allocated(func() { text, err = fs.ReadFile(fsys, "last") }); took > 2<<20 {
		t.Errorf("%d bytes were allocated", took)
	}
	if err != nil || string(text) != "here" || *o != (opened{open: 1, closed: 1}) {
		t.Errorf("%q, %v; %+v", text, err, o)
	}
}

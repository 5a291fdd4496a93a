package layer_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// pax returns the header that gives the next entry a record for each "key=value".
func pax(records ...string) []byte {
	var b strings.Builder
	for _, r := range records {
		n := len(r) + 3
		for len(strconv.Itoa(n))+len(r)+2 != n {
			n++
		}
		fmt.Fprintf(&b, "%d %s\n", n, r)
	}
	header := block("pax", 'x', int64(b.Len()))
	copy(header[257:], "ustar\x0000")
	return append(summed(header), padded(b.String())...)
}

// ustar returns a header as POSIX has it, which PAX records may come before.
func ustar(name string, kind byte, size int64) []byte {
	b := block(name, kind, size)
	copy(b[257:], "ustar\x0000")
	return summed(b)
}

// gnuSparse returns the header of a file with one piece of data, in GNU tar's
// old format.
func gnuSparse(name string, offset, size, real int64) []byte {
	b := block(name, 'S', size)
	copy(b[257:], "ustar  \x00")
	for i, n := range []int64{offset, size} {
		copy(b[386+12*i:], fmt.Sprintf("%011o\x00", n))
	}
	copy(b[483:], fmt.Sprintf("%011o\x00", real))
	return summed(b)
}

// The holes of a sparse file are not unpacked, however large they are: it is the
// entries after it that the test waits for.
func TestScanSparse(t *testing.T) {
	const huge int64 = 1<<63 - 1
	after := ended(ustar("after", '0', 0))
	tests := map[string][]byte{
		"GNU":               join(gnuSparse("huge", 1<<32, 4, 1<<32+4), padded("data")),
		"GNU, no data":      gnuSparse("huge", 1<<32, 0, 1<<32),
		"PAX 0.0":           join(pax("GNU.sparse.size="+fmt.Sprint(huge), "GNU.sparse.numblocks=1", "GNU.sparse.offset=1000000000", "GNU.sparse.numbytes=4"), ustar("huge", '0', 4), padded("data")),
		"PAX 0.1":           join(pax("GNU.sparse.size="+fmt.Sprint(huge), "GNU.sparse.numblocks=1", "GNU.sparse.map=1000000000,4", "GNU.sparse.name=huge"), ustar("GNUSparseFile.0/huge", '0', 4), padded("data")),
		"PAX 1.0":           join(pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=huge", "GNU.sparse.realsize="+fmt.Sprint(huge)), ustar("GNUSparseFile.0/huge", '0', 516), padded("1\n1000000000\n4\n"), padded("data")),
		"PAX 1.0, no data":  join(pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=huge", "GNU.sparse.realsize="+fmt.Sprint(huge)), ustar("GNUSparseFile.0/huge", '0', 512), padded("0\n")),
		"PAX, sparse in it": join(pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.name=huge", "GNU.sparse.realsize="+fmt.Sprint(huge)), ustar("x", '0', 512), padded("2\n0\n0\n5000000000\n0\n")),
	}
	for name, plain := range tests {
		t.Run(name, func(t *testing.T) {
			within(t, func() {
				blob := gzipped(t, join(plain, after))
				var size int64
				got := scan(t, blob)
				if got.Stream != nil || got.Tar.Err != nil || got.Tar.EndBlocks != 2 || got.Unpacked != int64(len(plain)+len(after)) {
					t.Errorf("scan = %+v", got.ScanResult)
				}
				if len(got.entries) != 2 || !strings.HasPrefix(got.entries[0], "huge ") || !strings.HasSuffix(got.entries[0], "sparse>") || !strings.HasPrefix(got.entries[1], "after 0") {
					t.Errorf("entries %q", got.entries)
				}
				tree := layer.NewTree(layer.Limits{})
				changes := tree.Begin(nil)
				result, err := layer.Scan(t.Context(), bytes.NewReader(blob), layer.ScanOptions{Entry: func(e *layer.Entry) {
					size = max(size, e.Size)
					changes.Add(e)
				}})
				if err != nil || result.Tar.Entries != 2 || size < 1<<32 {
					t.Errorf("size %d, %+v, %v", size, result, err)
				}
				changes.End()
				if n, _ := tree.Lookup("huge"); n == nil || n.Type != tar.TypeReg || n.Size != size {
					t.Errorf("node %+v", n)
				}
			})
		})
	}
}

// A sparse file that breaks off, or whose map is none, is told.
func TestScanSparseDamage(t *testing.T) {
	whole := join(gnuSparse("huge", 1<<32, 2000, 1<<32+2000), padded(name(2000)))
	for n := 512; n < 512+2000; n += 33 {
		if got := scan(t, gzipped(t, whole[:n])); got.Tar.Err == nil {
			t.Errorf("%d bytes: %+v", n, got.Tar)
		}
	}
	for _, records := range [][]string{
		{"GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=-1"},
		{"GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=9223372036854775808"},
		{"GNU.sparse.size=10", "GNU.sparse.numblocks=1000000000000", "GNU.sparse.map=1,2"},
		{"GNU.sparse.size=10", "GNU.sparse.numblocks=1", "GNU.sparse.map=-1,2"},
	} {
		if got := scan(t, gzipped(t, ended(pax(records...), ustar("huge", '0', 512), make([]byte, 512)))); got.Tar.Err == nil && got.Tar.Entries > 0 {
			t.Errorf("%q: %+v, %q", records, got.Tar, got.entries)
		}
	}
}

// What GNU tar itself makes of a sparse file of a terabyte.
func TestScanSparseTool(t *testing.T) {
	gnuTar(t)
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "huge"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, at := range []int64{0, 1 << 20, 1 << 33} {
		if _, err := f.WriteAt([]byte("data"), at); err != nil {
			testrun.Need(t, "a file system for a file of a terabyte", err)
		}
	}
	if err := f.Truncate(1 << 40); err != nil {
		testrun.Need(t, "a file system for a file of a terabyte", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "small"), []byte("small"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, format := range [][]string{{"gnu"}, {"posix", "0.0"}, {"posix", "0.1"}, {"posix", "1.0"}} {
		t.Run(strings.Join(format, " "), func(t *testing.T) {
			args := []string{"-C", dir, "--sparse", "--format=" + format[0]}
			if len(format) > 1 {
				args = append(args, "--sparse-version="+format[1])
			}
			blob, err := exec.CommandContext(t.Context(), "tar", append(args, "-cf", "-", "huge", "small")...).Output()
			if err != nil {
				t.Fatal(err)
			}
			if len(blob) > 1<<20 {
				testrun.Need(t, "a file system that keeps holes", fmt.Errorf("the archive has %d bytes", len(blob)))
			}
			got := scan(t, blob)
			if got.Stream != nil || got.Tar.Err != nil || got.Tar.EndBlocks != 2 || got.Unpacked != int64(len(blob)) {
				t.Errorf("scan = %+v", got.ScanResult)
			}
			if len(got.entries) != 2 || !strings.HasPrefix(got.entries[0], "huge ") || !strings.HasSuffix(got.entries[0], "sparse>") || !strings.Contains(got.entries[1], " 5:") {
				t.Errorf("entries %q", got.entries)
			}
		})
	}
}

func TestSparse(t *testing.T) {
	for _, test := range []struct {
		header tar.Header
		want   bool
	}{
		{tar.Header{Typeflag: tar.TypeReg}, false},
		{tar.Header{Typeflag: tar.TypeGNUSparse}, true},
		{tar.Header{Typeflag: tar.TypeReg, PAXRecords: map[string]string{"GNU.sparse.major": "1"}}, true},
		{tar.Header{Typeflag: tar.TypeReg, PAXRecords: map[string]string{"SCHILY.xattr.user.GNU.sparse.major": "1"}}, false},
	} {
		if got := layer.Sparse(&test.header); got != test.want {
			t.Errorf("Sparse(%+v) = %v", test.header, got)
		}
	}
}

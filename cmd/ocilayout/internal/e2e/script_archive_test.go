package e2e

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/afero"
)

// scriptPack packs a layout of this repository into a tar archive, which may be
// compressed.
func scriptPack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || len(args) > 3 {
		ts.Fatalf("usage: pack NAME FILE [gzip|zstd]")
	}
	from := filepath.Join(ts.Getenv("LAYOUTS"), args[0])
	entries, err := layouttest.Entries(afero.NewBasePathFs(afero.NewOsFs(), from))
	ts.Check(err)
	raw, err := tarOf(entries)
	ts.Check(err)
	switch slices.Concat(args, []string{""})[2] {
	case "gzip":
		var out bytes.Buffer
		w := gzip.NewWriter(&out)
		_, err := w.Write(raw)
		ts.Check(err)
		ts.Check(w.Close())
		raw = out.Bytes()
	case "zstd":
		w, err := zstd.NewWriter(nil)
		ts.Check(err)
		raw = w.EncodeAll(raw, nil)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), raw, 0o644))
}

// scriptPackFiles packs files into a tar archive.
func scriptPackFiles(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: pack-files ARCHIVE FILE...")
	}
	var entries []layouttest.Entry
	for _, name := range args[1:] {
		entries = append(entries, layouttest.File(name, ts.ReadFile(name)))
	}
	raw, err := tarOf(entries)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), raw, 0o644))
}

func tarOf(entries []layouttest.Entry) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, e := range entries {
		h := e.Header
		h.Mode, h.Size = 0o644, int64(len(e.Content))
		if strings.HasSuffix(h.Name, "/") {
			h.Typeflag, h.Mode = tar.TypeDir, 0o755
		}
		if err := w.WriteHeader(&h); err != nil {
			return nil, err
		}
		if _, err := w.Write([]byte(e.Content)); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}

package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout/archive"
	"github.com/ocilayout/ocilayout/model"
)

// transports are the prefixes that skopeo and others write before what is not a layout,
// each with what that is and what makes a layout of it.
var transports = []struct{ prefix, what, cure string }{
	{"docker://", "an image in a registry, and nothing is fetched here", "skopeo copy %s oci:LAYOUT"},
	{"docker-archive:", "a Docker archive", "skopeo copy %s oci:LAYOUT"},
	{"docker-daemon:", "an image that Docker holds", "skopeo copy %s oci:LAYOUT"},
	{"containers-storage:", "an image in the storage of podman and buildah", "skopeo copy %s oci:LAYOUT"},
	{"dir:", "an image as skopeo writes it to a directory, which is no layout", "skopeo copy %s oci:LAYOUT"},
	{"https://", "an address, and nothing is fetched here", ""},
	{"http://", "an address, and nothing is fetched here", ""},
	{"oci://", "an image in a registry, and nothing is fetched here", "skopeo copy docker://%s oci:LAYOUT"},
	{"sif:", "an image of Singularity", ""},
	{"ostree:", "an image in a repository of OSTree", ""},
}

// otherTool says what an argument names for another tool, and how to make a layout of it;
// "" where it has none of those prefixes, or where a layout has the name of one.
func otherTool(given string) string {
	if name, rest, ok := strings.Cut(given, ":"); !ok || exists(name) || exists(rest) && name == "oci" {
		return ""
	}
	for _, f := range transports {
		rest, ok := strings.CutPrefix(given, f.prefix)
		if !ok || rest == "" {
			continue
		}
		message := f.prefix + " stands for " + f.what
		switch {
		case f.prefix == "dir:" && isLayout(rest), f.prefix == "docker-archive:" && isLayoutArchive(rest):
			return message + "; but this is a layout: 'ocilayout verify " + inShell(rest) + "'"
		case f.prefix == "oci://":
			given = rest
		}
		if f.cure != "" {
			message += ": make a layout of it with '" + fmt.Sprintf(f.cure, inShell(given)) + "'"
		}
		return message
	}
	return ""
}

func isLayout(dir string) bool {
	return exists(filepath.Join(dir, model.LayoutFile)) || exists(filepath.Join(dir, model.IndexFile))
}

// isLayoutArchive says whether the file begins with an archive that has an oci-layout
// where docker save writes it: at least a guess, which reads a little.
func isLayoutArchive(path string) bool {
	start := beginningOf(path, 64<<10)
	return strings.Contains(string(start), model.LayoutFile+"\x00") || strings.Contains(string(start), model.IndexFile+"\x00")
}

// beginningOf returns up to n bytes of a regular file, none where it cannot be read.
func beginningOf(path string, n int64) []byte {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	start, _ := io.ReadAll(io.LimitReader(f, n))
	return start
}

// mostDocument is how much of a file is read to say which document it is.
const mostDocument = 4 << 20

// insideLayout says of a file that it is one of the files of a layout, which is what to
// name; nil if it is none.
func (o Opener) insideLayout(path string) error {
	dir, name := filepath.Split(path)
	dir = filepath.Clean(dir)
	switch {
	case (name == model.LayoutFile || name == model.IndexFile) && isLayout(dir):
		return fmt.Errorf("a file of the layout in %s: write 'ocilayout %s %s', or 'ocilayout validate %s' for this file by itself",
			report.Value(dir), o.command, inShell(dir), inShell(path))
	}
	whole, err := filepath.Abs(dir)
	if err == nil && filepath.Base(filepath.Dir(whole)) == model.BlobsDir {
		top := filepath.Join(dir, "..", "..")
		d, err := model.ParseDigest(filepath.Base(whole) + ":" + name)
		if err != nil || !isLayout(top) {
			return nil
		}
		return fmt.Errorf("a blob of the layout in %s: write 'ocilayout verify %s' to check all of it, or 'ocilayout cat %s@%s' to check and print this blob",
			report.Value(top), inShell(top), inShell(top), d)
	}
	return nil
}

// partOf says, of a file that is no archive, which layout it is part of, or which
// document it is: err itself where it is neither.
func partOf(path string, err error) error {
	if !errors.Is(err, archive.ErrNotTar) {
		return err
	}
	for dir, n := filepath.Dir(path), 0; n < 3; dir, n = filepath.Join(dir, ".."), n+1 {
		if isLayout(dir) {
			return fmt.Errorf("%w; it is a file of the layout in %s: 'ocilayout verify %s'", err, report.Value(dir), inShell(dir))
		}
	}
	if strings.Contains(err.Error(), "a zip archive") {
		return fmt.Errorf("%w: unpack it, and name the directory", err)
	}
	switch kind := model.Detect(beginningOf(path, mostDocument)); kind {
	case model.KindManifest, model.KindIndex, model.KindImage, model.KindDescriptor, model.KindLayout:
		return fmt.Errorf("%w; it is a document by itself: 'ocilayout validate %s'", err, inShell(path))
	}
	return err
}

// inShell returns s as a word for a shell: as it is where that is one, else between
// quotes.
func inShell(s string) string {
	plain := strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-") == ""
	if plain {
		return s
	}
	if value := report.Value(s); value == s && !strings.ContainsAny(s, "\"'$`!\\") {
		return `"` + s + `"`
	}
	return report.Value(s)
}

package tarheader_test

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// grown makes a tree with what brings the headers of every format out: long names and
// targets, links, times of nanoseconds, names that are not ASCII, attributes.
func grown(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	check := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(name string) {
		check(os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755))
		check(os.WriteFile(filepath.Join(dir, name), []byte(name), 0o644))
		check(os.Chtimes(filepath.Join(dir, name), time.Unix(5, 500), time.Unix(1_700_000_000, 123_456_789)))
	}
	deep := strings.Repeat("deep-directory/", 9) // 135 bytes, which a prefix holds
	deepest := strings.Repeat("deep-directory/", 20)
	long := strings.Repeat("n", 101)
	for _, name := range []string{"a", "caf\u00e9", "a b", deep + "a", deepest + "a", long, deepest + strings.Repeat("m", 255)} {
		write(name)
	}
	check(os.Symlink("a", filepath.Join(dir, "link")))
	check(os.Symlink(deepest+"a", filepath.Join(dir, "long-link")))
	check(os.Link(filepath.Join(dir, deepest+"a"), filepath.Join(dir, "hard")))
	check(os.Link(filepath.Join(dir, "a"), filepath.Join(dir, deepest+"hard")))
	check(os.Chmod(filepath.Join(dir, "a b"), os.ModeSetuid|os.ModeSticky|0o755))
	return dir
}

// Archives as common tools write them leave no doubt, whatever their format.
func TestSoundArchives(t *testing.T) {
	dir := grown(t)
	python := func(format string) []string {
		return []string{"python3", "-c", `import sys,tarfile
t=tarfile.open(fileobj=sys.stdout.buffer,mode="w|",format=tarfile.` + format + `_FORMAT)
t.add(".")
t.close()`}
	}
	commands := [][]string{
		{"tar", "--format=oldgnu", "-cf", "-", "."}, {"tar", "--format=gnu", "-cf", "-", "."}, {"tar", "--format=posix", "-cf", "-", "."},
		{"tar", "--format=posix", "--pax-option=delete=atime,delete=ctime,exthdr.name=%d/PaxHeaders/%f", "--xattrs", "-cf", "-", "."},
		{"tar", "--format=ustar", "-cf", "-", "a", "link", "hard", strings.Repeat("deep-directory/", 9) + "a"},
		{"tar", "--format=v7", "-cf", "-", "a", "link", "a b"},
		{"tar", "--format=gnu", "--owner=big:3000000", "--group=big:4294967290", "-cf", "-", "."}, {"tar", "--format=posix", "--owner=big:3000000", "-cf", "-", "."},
		{"bsdtar", "--format=pax", "-cf", "-", "."}, {"bsdtar", "--format=paxr", "-cf", "-", "."}, {"bsdtar", "--format=gnutar", "-cf", "-", "."},
		{"bsdtar", "--format=ustar", "-cf", "-", "a", "link", "a b", strings.Repeat("deep-directory/", 9) + "a"}, {"bsdtar", "--format=v7tar", "-cf", "-", "a", "link"},
		{"bsdtar", "--format=pax", "--uid=3000000", "--gid=3000000", "-cf", "-", "."},
		{"busybox", "tar", "-cf", "-", "."}, python("GNU"), python("PAX"),
	}
	for _, command := range commands {
		t.Run(command[0]+command[1]+command[2], func(t *testing.T) {
			testrun.Tool(t, command[0])
			run := exec.Command(command[0], command[1:]...)
			run.Dir = dir
			var failed bytes.Buffer
			run.Stderr = &failed
			raw, err := run.Output()
			if err != nil {
				t.Fatalf("%v: %s", err, failed.String())
			}
			undoubted(t, raw)
		})
	}
}

// What Go programs write leaves none either, in each of the formats.
func TestSoundHeaders(t *testing.T) {
	for _, format := range []tar.Format{tar.FormatUnknown, tar.FormatUSTAR, tar.FormatPAX, tar.FormatGNU} {
		var out bytes.Buffer
		w := tar.NewWriter(&out)
		for i := range 200 {
			h := &tar.Header{Name: strings.Repeat("part/", i*3) + "a", Mode: 0o755, Uid: i * 20_000, Format: format, Typeflag: "0125"[i%4]}
			if h.Typeflag == tar.TypeLink || h.Typeflag == tar.TypeSymlink {
				h.Linkname = strings.Repeat("to/", i*3) + "b"
			}
			if format == tar.FormatPAX {
				h.ModTime = time.Unix(int64(i), 5)
				h.PAXRecords = map[string]string{"SCHILY.xattr.user.a": "", "LIBARCHIVE.creationtime": "5", "VENDOR.key": "a=b\nc"}
			}
			if format != tar.FormatUSTAR && h.Typeflag == tar.TypeReg && i > 100 {
				h.Size = 9 << 30 // whose content is left out below
			}
			if err := w.WriteHeader(h); err != nil {
				continue // too long for the format
			}
			if h.Size > 0 {
				break
			}
		}
		undoubted(t, out.Bytes())
	}
}

func undoubted(t *testing.T, raw []byte) {
	t.Helper()
	all, fault, err := read(t, raw, 0)
	if err != io.EOF && err != io.ErrUnexpectedEOF || len(all) == 0 {
		t.Fatalf("%d entries, %v: %s", len(all), err, fault)
	}
	for _, d := range all {
		if len(d.doubts) > 0 {
			t.Errorf("%s: %s", fmt.Sprintf("%.60q", d.header.Name), fmt.Sprint(d.doubts))
		}
	}
}

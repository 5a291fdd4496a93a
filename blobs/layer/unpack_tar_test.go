package layer_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// gnuTar skips the test where tar is not GNU's. Where CI runs, it must be.
func gnuTar(t *testing.T) {
	t.Helper()
	testrun.Tool(t, "tar")
	if version, _ := exec.CommandContext(t.Context(), "tar", "--version").Output(); !bytes.Contains(version, []byte("GNU tar")) {
		testrun.Need(t, "GNU tar", fmt.Errorf("tar is another: %q", version))
	}
}

// What other tools pack is what GNU tar unpacks of it.
func TestUnpackTar(t *testing.T) {
	testrun.NotShort(t, "it waits for other programs")
	gnuTar(t)
	short, long := t.TempDir(), t.TempDir()
	pack(t, short, "dir/file", "dir/other")
	pack(t, long, strings.Repeat("directory/", 15)+"file", strings.Repeat("x", 200), "some/"+strings.Repeat("y", 255), "some/\u00e9\u4e16 name")
	special(t, long)
	tests := []struct {
		dir  string
		args []string
	}{
		{short, []string{"tar", "--format=v7"}}, {short, []string{"tar", "--format=ustar"}},
		{long, []string{"tar", "--format=oldgnu"}}, {long, []string{"tar", "--format=gnu"}}, {long, []string{"tar", "--format=posix"}},
		{long, []string{"tar", "--format=gnu", "--sparse"}}, {long, []string{"tar", "--format=posix", "--sparse", "--sparse-version=0.0"}},
		{long, []string{"tar", "--format=posix", "--sparse", "--sparse-version=0.1"}}, {long, []string{"tar", "--format=posix", "--sparse", "--sparse-version=1.0"}},
		{long, []string{"tar", "--format=posix", "--xattrs"}}, {long, []string{"tar", "--format=posix", "--numeric-owner", "--owner=3000000", "--group=3000000"}},
		{short, []string{"bsdtar", "--format=ustar"}}, {long, []string{"bsdtar", "--format=pax"}}, {long, []string{"bsdtar", "--format=gnutar"}}, {long, []string{"bsdtar", "--format=pax", "--xattrs"}},
		{long, []string{"tar", "--format=gnu", "-z"}}, {long, []string{"tar", "--format=posix", "--use-compress-program=zstd"}},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.args, " "), func(t *testing.T) {
			testrun.Tool(t, test.args[0])
			if strings.Contains(strings.Join(test.args, " "), "zstd") {
				testrun.Tool(t, "zstd")
			}
			name := filepath.Join(t.TempDir(), "layer")
			run(t, test.args[0], append(test.args[1:], "-C", test.dir, "-cf", name, ".")...)
			blob, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if got := scan(t, blob); got.Stream != nil || got.Tar.Err != nil || got.Tar.EndBlocks != 2 || got.Tar.Trailing {
				t.Errorf("scan = %+v", got.ScanResult)
			}
			tree := layer.NewTree(layer.Limits{})
			apply(t, tree, blob)
			if strings.Contains(strings.Join(test.args, " "), "--xattrs") {
				sameXattrs(t, tree, test.dir)
			}
			out := t.TempDir()
			run(t, "tar", "-C", out, "-xpf", name, "--no-same-owner")
			want, got := unpacked(t, out), merged(t, treeFS(tree, blob))
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("tree (-tar +got):\n%s", d)
			}
		})
	}
}

// pack fills a directory with files of the names, and some others.
func pack(t *testing.T, dir string, names ...string) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range names {
		name = filepath.Join(dir, name)
		must(os.MkdirAll(filepath.Dir(name), 0o755))
		must(os.WriteFile(name, []byte(noise(len(name)*10)), 0o640))
	}
	must(os.Link(filepath.Join(dir, names[0]), filepath.Join(dir, "hard")))
	must(os.Symlink(names[0], filepath.Join(dir, "soft")))
	must(os.Mkdir(filepath.Join(dir, "empty"), 0o700))
	must(os.WriteFile(filepath.Join(dir, "none"), nil, 0o444))
	must(os.WriteFile(filepath.Join(dir, "tool"), []byte("#!"), 0o755))
	must(os.Chmod(filepath.Join(dir, "tool"), 0o755|os.ModeSetuid))
	must(os.Chmod(filepath.Join(dir, "empty"), 0o777|os.ModeSticky))
	sparse, err := os.Create(filepath.Join(dir, "sparse"))
	must(err)
	defer sparse.Close()
	for _, at := range []int64{0, 300_000, 1 << 20} {
		_, err := sparse.WriteAt([]byte("data"), at)
		must(err)
	}
	must(sparse.Truncate(2 << 20))
}

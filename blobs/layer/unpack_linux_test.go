package layer_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
)

// special adds what only some may make: a FIFO, devices, extended attributes.
func special(t *testing.T, dir string) {
	t.Helper()
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mknod(filepath.Join(dir, "null"), syscall.S_IFCHR|0o666, 1<<8|3); err != nil {
		t.Logf("without devices: %v", err)
	}
	if err := syscall.Setxattr(filepath.Join(dir, "tool"), "user.text", []byte("a=b\x00\xff"), 0); err != nil {
		t.Logf("without extended attributes: %v", err)
	}
}

// sameXattrs holds the extended attribute of a tree against that of the file
// that was packed, if it has one.
func sameXattrs(t *testing.T, tree *layer.Tree, dir string) {
	t.Helper()
	value := make([]byte, 100)
	n, err := syscall.Getxattr(filepath.Join(dir, "tool"), "user.text", value)
	if err != nil {
		t.Logf("the file system has no extended attributes, so that there is none to compare: %v", err)
		return
	}
	if node, _ := tree.Lookup("tool"); node == nil || node.Xattrs["user.text"] != string(value[:n]) {
		t.Errorf("node %+v, want the attribute %q", node, value[:n])
	}
}

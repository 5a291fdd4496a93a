package consumers

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// tree is what lies in a file system, by path: "." and "a/b".
type tree map[string]node

// node is one file of a tree. Two are equal if everything about them is.
type node struct {
	kind     string // as fs.FileMode has it: "d", "L", "p"; "-" is a regular file
	mode     uint32 // permissions, with setuid, setgid and sticky
	uid, gid uint32
	content  string // of a regular file
	link     string // target of a symlink
	same     string // the first path that is the same file by hard link, if there are several
	device   string
	xattrs   string
	time     string // of modification
}

func (n node) String() string {
	s := fmt.Sprintf("%s %04o %d:%d", n.kind, n.mode, n.uid, n.gid)
	for _, part := range []struct{ name, value string }{{"content", n.content}, {"->", n.link}, {"same as", n.same}, {"device", n.device}, {"xattrs", n.xattrs}, {"time", n.time}} {
		if part.value != "" {
			s += fmt.Sprintf(" %s %.60q", part.name, part.value)
		}
	}
	return s
}

// readTree reads the tree at the root of the calling thread. Files that are one
// have the same mark, which begins with the tree's own.
func readTree(mark string) (tree, error) {
	t := make(tree)
	err := filepath.WalkDir("/", func(name string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Lstat(name, &st); err != nil {
			return err
		}
		n := node{mode: st.Mode & 0o7777, uid: st.Uid, gid: st.Gid, time: seconds(st.Mtim.Sec, st.Mtim.Nsec)}
		switch st.Mode & unix.S_IFMT {
		case unix.S_IFREG:
			n.kind = "-"
			raw, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			n.content = string(raw)
		case unix.S_IFDIR:
			n.kind = "d"
		case unix.S_IFLNK:
			n.kind = "L"
			if n.link, err = os.Readlink(name); err != nil {
				return err
			}
		case unix.S_IFIFO:
			n.kind = "p"
		case unix.S_IFCHR:
			n.kind = "c"
		case unix.S_IFBLK:
			n.kind = "b"
		default:
			n.kind = "?"
		}
		if n.kind == "c" || n.kind == "b" {
			n.device = fmt.Sprintf("%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
		}
		if n.kind != "d" {
			n.same = fmt.Sprintf("%s:%d", mark, st.Ino)
		}
		if n.xattrs, err = xattrsOf(name); err != nil {
			return err
		}
		t[relative(name)] = n
		return nil
	})
	return t, err
}

// put lays an upper tree over this one, as overlayfs does if overlay says so.
func (t tree) put(upper tree, overlay bool) {
	for _, path := range slices.Sorted(maps.Keys(upper)) { // directories before what is in them
		n := upper[path]
		if overlay {
			opaque := strings.Contains(n.xattrs, opaqueXattr) && n.kind == "d"
			if path != "." && (opaque || n.kind != "d" || t[path].kind != "d") {
				t.remove(path)
			}
			if n.kind == "c" && n.device == "0:0" {
				continue
			}
		}
		t[path] = n
	}
	for path, n := range t { // which overlayfs shows to nobody
		n.xattrs = strings.TrimSpace(strings.ReplaceAll(n.xattrs, opaqueXattr, ""))
		if overlay {
			t[path] = n
		}
	}
}

// opaqueXattr is how overlayfs marks a directory that hides those below it. It
// heeds no such mark of a layer's root.
const opaqueXattr = `trusted.overlay.opaque="y"`

// remove removes a path and all that is below it.
func (t tree) remove(path string) {
	maps.DeleteFunc(t, func(p string, _ node) bool { return p == path || strings.HasPrefix(p, path+"/") })
}

// link puts into the place of the marks the first path of the same file, or
// nothing where there is one path only.
func (t tree) link() {
	paths := make(map[string][]string)
	for path, n := range t {
		paths[n.same] = append(paths[n.same], path)
	}
	for path, n := range t {
		if all := paths[n.same]; n.same != "" && len(all) > 1 {
			n.same = slices.Min(all)
		} else {
			n.same = ""
		}
		t[path] = n
	}
}

func relative(name string) string {
	if name = strings.TrimPrefix(name, "/"); name == "" {
		return "."
	}
	return name
}

func seconds(sec, nsec int64) string { return fmt.Sprintf("%d.%09d", sec, nsec) }

// xattrsOf returns the extended attributes of a file as one string.
func xattrsOf(name string) (string, error) {
	list := make([]byte, 4096)
	n, err := unix.Llistxattr(name, list)
	if err != nil || n == 0 {
		return "", nil // a file system without attributes has none
	}
	xattrs := make(map[string]string)
	for key := range strings.SplitSeq(strings.TrimSuffix(string(list[:n]), "\x00"), "\x00") {
		value := make([]byte, 4096)
		n, err := unix.Lgetxattr(name, key, value)
		if err != nil {
			return "", fmt.Errorf("%s: xattr %s: %w", name, key, err)
		}
		xattrs[key] = string(value[:n])
	}
	return joinXattrs(xattrs), nil
}

func joinXattrs(xattrs map[string]string) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(xattrs)) {
		parts = append(parts, fmt.Sprintf("%s=%q", key, xattrs[key]))
	}
	return strings.Join(parts, " ")
}

// difference says where two trees differ first, or "".
func difference(a, b tree) string {
	paths := make(map[string]bool)
	for p := range a {
		paths[p] = true
	}
	for p := range b {
		paths[p] = true
	}
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		na, ina := a[p]
		nb, inb := b[p]
		switch {
		case !ina:
			return fmt.Sprintf("%q: absent and %v", p, nb)
		case !inb:
			return fmt.Sprintf("%q: %v and absent", p, na)
		case na.content == unreadable || nb.content == unreadable:
			na.content, nb.content = "", ""
			if na != nb {
				return fmt.Sprintf("%q: %v and %v", p, na, nb)
			}
		case na != nb:
			return fmt.Sprintf("%q: %v and %v", p, na, nb)
		}
	}
	return ""
}

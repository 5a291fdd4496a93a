package show

import (
	"archive/tar"
	"fmt"
	"iter"
	"maps"

	"github.com/ocilayout/ocilayout/blobs/layer"
)

// files compares what two images unpack to.
func (c *comparer) files(a, b *image) Files {
	f := Files{Verdict: FilesNone, List: []FileChange{}}
	switch {
	case a.Kind == KindArtifact || b.Kind == KindArtifact:
		return f
	case c.options.NoFiles:
		f.Verdict = FilesSkipped
		return f
	case c.options.Quick && sameStack(a, b, byDiffID):
		f.Verdict = FilesAssumed
		return f
	case sameStack(a, b, byDigest):
		f.Verdict = c.verifyStack(a, b)
		return f
	}
	f.Verdict = FilesUnknown
	x, y := c.roots(a, b)
	if x == nil || a.manifest == nil || b.manifest == nil || c.ctx.Err() != nil {
		return f
	}
	f.DoubtsA, f.DoubtsB = x.doubts, y.doubts
	t := &treeDiffer{files: f, most: c.options.MaxFiles, times: c.options.Times, a: newView(x), b: newView(y)}
	t.run()
	t.files.Verdict = FilesSame
	if t.files.Added+t.files.Removed+t.files.Changed > 0 {
		t.files.Verdict = FilesDifferent
	}
	return t.files
}

// verifyStack reads the layers that both images have, to check them against their
// digests: they need not be unpacked to know that they unpack to the same.
func (c *comparer) verifyStack(a, b *image) string {
	verdict := FilesSame
	for n := range a.count() {
		inA := a.side.verify(c.ctx, a, n)
		inB := a.side.Layout == b.side.Layout && inA || b.side.verify(c.ctx, b, n)
		if !inA || !inB {
			verdict = FilesUnknown
		}
	}
	return verdict
}

// view is a root with the names of its files that have several.
type view struct {
	*root
	first map[uint32]string // the first path of each file
}

func newView(r *root) *view { return &view{r, make(map[uint32]string)} }

// info describes a file. It is called for each path in order.
func (v *view) info(path string, n *layer.Node) *FileInfo {
	i := &FileInfo{
		Type: typeOf(n.Type), Mode: fmt.Sprintf("%04o", n.Mode), UID: n.UID, GID: n.GID, Size: n.Size, Digest: v.content(n),
		Link: n.Link, Modified: n.Time.UTC().Format("2006-01-02T15:04:05.999999999Z"), Xattrs: make(map[string][]byte), Layer: n.Layer,
	}
	for name, value := range n.Xattrs {
		i.Xattrs[name] = []byte(value)
	}
	if n.Type == tar.TypeChar || n.Type == tar.TypeBlock {
		i.Device = fmt.Sprintf("%d:%d", n.Major, n.Minor)
	}
	i.HardLink = v.hardLink(path, n)
	return i
}

// hardLink returns the first path of the file, "" where that is this one.
func (v *view) hardLink(path string, n *layer.Node) string {
	if first := v.first[n.File]; first != path {
		return first
	}
	return ""
}

// see remembers the first path of a file that may have others.
func (v *view) see(path string, n *layer.Node) {
	if _, known := v.first[n.File]; !known && !n.IsDir() {
		v.first[n.File] = path
	}
}

var types = map[byte]string{
	tar.TypeReg: "file", tar.TypeDir: "directory", tar.TypeSymlink: "symlink",
	tar.TypeChar: "character device", tar.TypeBlock: "block device", tar.TypeFifo: "fifo",
}

func typeOf(t byte) string {
	if name := types[t]; name != "" {
		return name
	}
	return "unknown"
}

// treeDiffer goes through two trees side by side.
type treeDiffer struct {
	files Files
	most  int
	times bool
	a, b  *view
}

func (t *treeDiffer) run() {
	nextA, stopA := iter.Pull2(t.a.tree.All())
	defer stopA()
	nextB, stopB := iter.Pull2(t.b.tree.All())
	defer stopB()
	p, x, inA := nextA()
	q, y, inB := nextB()
	for inA || inB {
		order := comparePaths(p, q)
		switch {
		case !inB || inA && order < 0:
			t.a.see(p, x)
			t.removed(p, x)
			p, x, inA = nextA()
		case !inA || order > 0:
			t.b.see(q, y)
			t.added(q, y)
			q, y, inB = nextB()
		default:
			t.a.see(p, x)
			t.b.see(q, y)
			t.both(p, x, y)
			p, x, inA = nextA()
			q, y, inB = nextB()
		}
	}
}

// comparePaths gives the order of layer.Tree.All: by the names on the way, the
// root first.
func comparePaths(a, b string) int {
	if a == "." || b == "." {
		switch {
		case a == b:
			return 0
		case a == ".":
			return -1
		}
		return 1
	}
	for n := range min(len(a), len(b)) {
		if x, y := rank(a[n]), rank(b[n]); x != y {
			return x - y
		}
	}
	return len(a) - len(b)
}

// rank puts the slash before all that names are made of.
func rank(c byte) int {
	if c == '/' {
		return -1
	}
	return int(c)
}

func (t *treeDiffer) added(path string, n *layer.Node) {
	t.files.Added++
	t.files.AddedBytes += n.Size
	t.add(FileChange{Path: path, Change: Added, What: []string{}}, nil, n)
}

func (t *treeDiffer) removed(path string, n *layer.Node) {
	t.files.Removed++
	t.files.RemovedBytes += n.Size
	t.add(FileChange{Path: path, Change: Removed, What: []string{}}, n, nil)
}

func (t *treeDiffer) both(path string, x, y *layer.Node) {
	what := t.what(path, x, y)
	if len(what) == 0 {
		return
	}
	t.files.Changed++
	t.files.ChangedBytesA += x.Size
	t.files.ChangedBytesB += y.Size
	t.add(FileChange{Path: path, Change: Changed, What: what}, x, y)
}

// what names the members of FileInfo in which two files differ.
func (t *treeDiffer) what(path string, x, y *layer.Node) (what []string) {
	for _, member := range []struct {
		name    string
		differs bool
	}{
		{"type", x.Type != y.Type},
		{"mode", x.Mode != y.Mode},
		{"uid", x.UID != y.UID},
		{"gid", x.GID != y.GID},
		{"size", x.Size != y.Size},
		{"digest", x.Type == tar.TypeReg && y.Type == tar.TypeReg && t.a.sums[x.Layer][x.Entry] != t.b.sums[y.Layer][y.Entry]},
		{"link", x.Link != y.Link},
		{"hardLink", t.a.hardLink(path, x) != t.b.hardLink(path, y)},
		{"device", (x.Type == tar.TypeChar || x.Type == tar.TypeBlock) && x.Type == y.Type && (x.Major != y.Major || x.Minor != y.Minor)},
		{"modified", t.times && !x.Time.Equal(y.Time)},
		{"xattrs", !maps.Equal(x.Xattrs, y.Xattrs)},
	} {
		if member.differs {
			what = append(what, member.name)
		}
	}
	return what
}

// add lists a file, as long as there is room.
func (t *treeDiffer) add(f FileChange, x, y *layer.Node) {
	if t.most > 0 && len(t.files.List) == t.most {
		t.files.Omitted++
		return
	}
	if x != nil {
		f.A = t.a.info(f.Path, x)
	}
	if y != nil {
		f.B = t.b.info(f.Path, y)
	}
	t.files.List = append(t.files.List, f)
}

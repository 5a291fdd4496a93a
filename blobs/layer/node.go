package layer

import (
	"archive/tar"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"time"
)

const xattrRecord = "SCHILY.xattr."

// NodeOf returns what an entry by itself says of a file, as of layer 0.
func NodeOf(e *Entry) *Node {
	n := &Node{
		Entry: e.Number, Type: e.Typeflag, Mode: e.Mode & 0o7777, UID: e.Uid, GID: e.Gid, Time: e.ModTime,
		Major: e.Devmajor, Minor: e.Devminor, Xattrs: xattrs(e),
	}
	switch e.Typeflag {
	case tar.TypeSymlink:
		n.Link = strings.Clone(e.Linkname)
	case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
		n.Type, n.Size = tar.TypeReg, e.Size
	}
	return n
}

// xattrs copies what it returns: a record may be a piece of a header that is far
// longer.
func xattrs(e *Entry) (found map[string]string) {
	for key, value := range e.PAXRecords {
		if name, ok := strings.CutPrefix(key, xattrRecord); ok {
			if found == nil {
				found = make(map[string]string)
			}
			found[strings.Clone(name)] = strings.Clone(value)
		}
	}
	return found
}

// xattrSum is a hash of an entry's extended attributes, 0 for none.
func xattrSum(e *Entry) uint64 {
	var keys []string
	for key := range e.PAXRecords {
		if strings.HasPrefix(key, xattrRecord) {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return 0
	}
	slices.Sort(keys)
	var h maphash.Hash
	h.SetSeed(tableSeeds[0])
	for _, key := range keys {
		h.WriteString(key)
		h.WriteByte(0)
		h.WriteString(e.PAXRecords[key])
		h.WriteByte(0)
	}
	return max(h.Sum64(), 1)
}

// changeOf returns what an application needs of an entry.
func changeOf(e *Entry) change {
	c := change{number: e.Number, form: otherwise, name: e.Name, path: e.Path, entry: e}
	c.attributes = attributes{kind: e.Typeflag, mode: uint16(e.Mode & 0o7777), uid: e.Uid, gid: e.Gid}
	if len(e.PAXRecords) > 0 {
		c.attributes.xattrs = xattrSum(e)
	}
	switch e.Typeflag {
	case tar.TypeReg, tar.TypeGNUSparse, tar.TypeCont:
		c.attributes.kind = tar.TypeReg
	case tar.TypeDir:
		c.sum = uint32(mixed(uint64(e.ModTime.Unix())<<30 | uint64(e.ModTime.Nanosecond())))
	case tar.TypeLink, tar.TypeSymlink:
		c.link = e.Linkname
	}
	return c
}

// file makes the inode of an entry that is no directory.
func (t *Tree) file(c *change, layer int32) uint32 {
	i := inode{attributes: t.number(c.attributes)}
	kind := c.attributes.kind
	if kind == tar.TypeSymlink {
		target := c.link
		if t.listed == nil && len(target) > MaxPath {
			target = target[:MaxPath+1] // which leads nowhere as well
		}
		i.aux = t.names.add(target)
	}
	if t.listed == nil {
		if kind == tar.TypeSymlink {
			return t.newInode(i, detail{})
		}
		return t.inodeOf(i.attributes)
	}
	if kind == tar.TypeChar || kind == tar.TypeBlock {
		t.bytes += 16
		i.aux = t.listed.devices.add([2]int64{c.entry.Devmajor, c.entry.Devminor})
	}
	n := t.newInode(i, detail{})
	t.fill(n, c, layer)
	return n
}

// detail notes what else the entry of a directory says.
func (t *Tree) detail(n uint32, c *change, layer int32) {
	if t.listed != nil {
		t.fill(t.listed.dirs.at(n).inode, c, layer)
	}
}

func (t *Tree) fill(inode uint32, c *change, layer int32) {
	e := c.entry
	d := t.listed.details.at(inode)
	*d = detail{time: e.ModTime.UnixNano(), layer: layer, entry: uint32(e.Number)}
	if c.attributes.kind == tar.TypeReg {
		d.size = e.Size
	}
	delete(t.listed.times, inode)
	if s := e.ModTime.Unix(); s <= math.MinInt64/int64(time.Second) || s >= math.MaxInt64/int64(time.Second) {
		t.listed.times[inode] = e.ModTime
		t.bytes += 64
	}
	if sum := c.attributes.xattrs; sum != 0 && t.listed.xattrs[sum] == nil {
		stored := xattrs(e)
		t.listed.xattrs[sum] = stored
		t.bytes += 100
		for name, value := range stored {
			t.bytes += int64(len(name)+len(value)) + 64
		}
	}
}

// node returns what a reference leads to.
func (t *Tree) node(ref uint32) *Node {
	l := t.listed
	var file, inode, number uint32
	if ref&dirBit != 0 {
		n := ref &^ dirBit
		file, inode, number = ref, l.dirs.at(n).inode, t.dirs.at(n).attributes
	} else {
		inode = t.leafs.at(ref - 1).inode
		file, number = inode, t.inodes.at(inode).attributes
	}
	a, d := &t.attribute[number], l.details.at(inode)
	n := &Node{
		Layer: int(d.layer), Entry: int(d.entry), Type: a.kind, Mode: int64(a.mode), UID: a.uid, GID: a.gid, Size: d.size,
		Xattrs: l.xattrs[a.xattrs], File: file,
	}
	if d.layer >= 0 {
		n.Time = time.Unix(0, d.time).UTC()
		if exact, far := l.times[inode]; far {
			n.Time = exact
		}
	}
	switch aux := t.inodes.at(inode).aux; a.kind {
	case tar.TypeSymlink:
		n.Link = string(t.names.get(aux))
	case tar.TypeChar, tar.TypeBlock:
		n.Major, n.Minor = l.devices.at(aux)[0], l.devices.at(aux)[1]
	}
	return n
}

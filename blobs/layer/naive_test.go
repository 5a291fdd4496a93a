package layer_test

import (
	"archive/tar"
	"errors"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs/layer"
)

// naive is a tree as anyone would write it who has all memory there is: a map for
// each directory, from which what is removed is taken out.
type naive struct {
	root  *naiveFile
	layer int
}

type naiveFile struct {
	kind         byte
	link         string
	layer, entry int // -1 for a directory without an entry
	children     map[string]*naiveName
}

// naiveName is a name in a directory, and the last layer that has to do with it.
type naiveName struct {
	*naiveFile
	touched int
}

func newNaive() *naive {
	return &naive{&naiveFile{tar.TypeDir, "", -1, 0, map[string]*naiveName{}}, -1}
}

// follow returns the names from the root to the file at a path, without symlinks.
// It fails where there is none, and makes directories of what is missing if create
// says so.
func (n *naive) follow(p string, last, create bool) ([]string, *naiveFile, bool) {
	var names []string
	rest := strings.Split(p, "/")
	for links := 0; len(rest) > 0; {
		at := n.at(names)
		name := rest[0]
		rest = rest[1:]
		switch {
		case at.kind != tar.TypeDir:
			return nil, nil, false
		case name == "" || name == ".":
			continue
		case name == "..":
			names = names[:max(len(names)-1, 0)]
			continue
		}
		next := at.children[name]
		if next == nil {
			if back := backFrom(rest); back != nil {
				rest = back
				continue
			}
		}
		if next == nil && create {
			next = &naiveName{&naiveFile{tar.TypeDir, "", -1, 0, map[string]*naiveName{}}, n.layer}
			at.children[name] = next
			n.touch(names)
		}
		if next == nil {
			return nil, nil, false
		}
		if next.kind == tar.TypeSymlink && (last || len(rest) > 0) {
			if links++; links > 40 {
				return nil, nil, false
			}
			if strings.HasPrefix(next.link, "/") {
				names = nil
			}
			rest = append(strings.Split(next.link, "/"), rest...)
			continue
		}
		names = append(slices.Clone(names), name)
	}
	return names, n.at(names), true
}

// backFrom returns what follows the name that leads back out of a directory, with
// something in front of it, nil if none does.
func backFrom(rest []string) []string {
	depth := 1
	for i, name := range rest {
		switch name {
		case "", ".":
		case "..":
			if depth--; depth == 0 {
				return append([]string{""}, rest[i+1:]...)
			}
		default:
			depth++
		}
	}
	return nil
}

func (n *naive) at(names []string) *naiveFile {
	f := n.root
	for _, name := range names {
		f = f.children[name].naiveFile
	}
	return f
}

func (n *naive) touch(names []string) {
	f := n.root
	for _, name := range names {
		f.children[name].touched = n.layer
		f = f.children[name].naiveFile
	}
}

// prune takes out what lower layers have.
func (n *naive) prune(f *naiveFile) {
	for name, child := range f.children {
		if child.touched != n.layer {
			delete(f.children, name)
		} else if child.kind == tar.TypeDir {
			n.prune(child.naiveFile)
		}
	}
}

func (n *naive) add(e *layer.Entry) {
	dir, base := path.Split(e.Path)
	if e.Path == "." {
		if e.Typeflag == tar.TypeDir {
			n.root.layer, n.root.entry = n.layer, e.Number
		}
		return
	}
	hidden, whiteout := strings.CutPrefix(base, ".wh.")
	names, at, ok := n.follow(dir, true, !whiteout)
	if !ok || at.kind != tar.TypeDir {
		return
	}
	switch {
	case base == ".wh..wh..opq":
		n.prune(at)
		return
	case whiteout:
		if old := at.children[hidden]; old != nil && old.touched != n.layer {
			delete(at.children, hidden)
		} else if old != nil && old.kind == tar.TypeDir {
			n.prune(old.naiveFile)
			if old.layer != n.layer {
				old.layer, old.entry = -1, 0
			}
		}
		return
	}
	old := at.children[base]
	switch {
	case e.Typeflag == tar.TypeLink:
		way, target, ok := n.follow(layer.Clean(e.Linkname), false, false)
		if !ok || target.kind == tar.TypeDir || old != nil && old.naiveFile == target && slices.Equal(way, append(slices.Clone(names), base)) {
			return
		}
		for i := range way { // the link may replace what its target lies in
			if old != nil && old.kind == tar.TypeDir && n.at(way[:i]) == old.naiveFile {
				return
			}
		}
		// A target may be reached through a directory and back, which counts as well.
		if old != nil && old.kind == tar.TypeDir {
			delete(at.children, base)
			_, _, still := n.follow(layer.Clean(e.Linkname), false, false)
			at.children[base] = old
			if !still {
				return
			}
		}
		at.children[base] = &naiveName{target, n.layer}
	case old != nil && old.kind == tar.TypeDir && e.Typeflag == tar.TypeDir:
		old.layer, old.entry, old.touched = n.layer, e.Number, n.layer
	default:
		f := &naiveFile{e.Typeflag, "", n.layer, e.Number, nil}
		switch e.Typeflag {
		case tar.TypeDir:
			f.children = map[string]*naiveName{}
		case tar.TypeSymlink:
			f.link = e.Linkname
		}
		at.children[base] = &naiveName{f, n.layer}
	}
	n.touch(names)
}

// lines is what the function of that name gives for a Tree.
func (n *naive) lines() (all []string) {
	var list func(f *naiveFile, p string)
	list = func(f *naiveFile, p string) {
		for name, child := range f.children {
			line := fmt.Sprintf("%s%s %c %d.%d", p, name, child.kind, child.layer, child.entry)
			if child.layer < 0 {
				line = fmt.Sprintf("%s%s %c implied", p, name, child.kind)
			}
			if child.link != "" {
				line += " " + child.link
			}
			all = append(all, line)
			list(child.naiveFile, p+name+"/")
		}
	}
	list(n.root, "")
	slices.Sort(all)
	return all
}

// wild has few names, so that entries meet one another in every way.
func wild(random *rand.Rand) []file {
	one := func(of ...string) string { return of[random.IntN(len(of))] }
	name := func() string {
		p := one("a", "b", "c")
		for random.IntN(3) > 0 && len(p) < 8 {
			p += "/" + one("a", "b", "c")
		}
		return p
	}
	var files []file
	for range random.IntN(12) {
		switch p := name(); random.IntN(12) {
		case 0, 1, 2:
			files = append(files, directory(p))
		case 3, 4, 5:
			files = append(files, regular(p, ""))
		case 6:
			files = append(files, symlink(p, one(name(), "/"+name(), "../"+name(), name()+"/../"+name(), ".", "..", "/", "nothing")))
		case 7:
			files = append(files, hardLink(p, one(name(), "/"+name(), "../"+name(), ".")))
		case 8, 9:
			files = append(files, regular(path.Join(path.Dir(p), ".wh."+path.Base(p)), ""))
		case 10:
			files = append(files, regular(one("", p+"/")+layer.WhiteoutOpaque, ""))
		case 11:
			files = append(files, one2(random, directory("./"), regular("./"+p, ""), file{name: p, kind: tar.TypeFifo}, regular(".", "")))
		}
	}
	return files
}

func one2(random *rand.Rand, of ...file) file { return of[random.IntN(len(of))] }

// applied applies stacks of layers in every way that there is, and compares the
// outcomes.
func applied(t *testing.T, layers [][]file) {
	t.Helper()
	simple, tree, skeleton := newNaive(), layer.NewTree(layer.Limits{}), layer.NewSkeleton(layer.Limits{})
	spool := layer.NewSpool(func() (string, error) { return "", errors.ErrUnsupported })
	defer spool.Close()
	for n, files := range layers {
		simple.layer = n
		var problems, recorded []layer.Problem
		a := tree.Begin(func(p layer.Problem) { problems = append(problems, p) })
		changes := layer.NewChanges(spool, layer.Limits{})
		for i, f := range files {
			e := entryOf(f, i)
			if e.Path == ".." || strings.HasPrefix(e.Path, "../") {
				continue
			}
			a.Add(e)
			changes.Add(e)
			simple.add(e)
		}
		if err := errors.Join(a.End(), changes.Done(), skeleton.ApplyChanges(t.Context(), changes, func(p layer.Problem) { recorded = append(recorded, p) })); err != nil {
			t.Fatal(err)
		}
		changes.Free()
		if d := cmp.Diff(problems, recorded); d != "" {
			t.Fatalf("layer %d: problems (-tree +skeleton):\n%s", n, d)
		}
		got := lines(tree)
		slices.Sort(got)
		if d := cmp.Diff(simple.lines(), got); d != "" {
			t.Fatalf("after layer %d (-naive +tree):\n%s", n, d)
		}
		for _, p := range problems {
			if p.Entry < 0 || p.Entry >= len(files) || p.Name != files[p.Entry].name {
				t.Fatalf("layer %d: %+v", n, p)
			}
		}
	}
}

// A tree is what a naive one is, a skeleton meets the same problems, and what was
// recorded is what was read.
func TestTreeIsNaive(t *testing.T) {
	stacks := 5000
	if testing.Short() {
		stacks = 1000
	}
	for seed := range stacks {
		random := rand.New(rand.NewPCG(uint64(seed), 1))
		var layers [][]file
		for range 1 + random.IntN(4) {
			layers = append(layers, wild(random))
		}
		applied(t, layers)
		if t.Failed() {
			return
		}
	}
}

// FuzzApply takes a seed, and each layer as a line of entries: "dir/", "file",
// "soft>target", "hard=target", "pipe|".
func FuzzApply(f *testing.F) {
	for _, text := range []string{
		"a a/b", "a\na/b", "d/ d/x d d/y", "s>s s/c", "a\n.wh.a b=a", "d/a d=d/a", "a b=a\n.wh.a\nc=b", "d/x\n.wh.d d/ d/y", "d/e/x\nd/e/y d/.wh..wh..opq",
		"s>d d/ d/x\ns/.wh.x s/", "b=z z", "./ .>x x", "a|\na/.wh..wh..opq", "d/x\nd/.wh.x .wh.d", "..>a .wh... ../b",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var layers [][]file
		for line := range strings.SplitSeq(text, "\n") {
			var files []file
			for word := range strings.FieldsSeq(line) {
				name, target, soft := strings.Cut(word, ">")
				if !soft {
					name, target, _ = strings.Cut(word, "=")
				}
				one := regular(word, "")
				switch {
				case soft:
					one = symlink(name, target)
				case name != word:
					one = hardLink(name, target)
				case strings.HasSuffix(word, "/"):
					one = directory(word)
				case strings.HasSuffix(word, "|"):
					one = file{name: strings.TrimSuffix(word, "|"), kind: tar.TypeFifo}
				}
				// What is beyond these is for the tests of single paths.
				if len(one.name) > 500 || len(one.link) > 90 || strings.ContainsRune(text, 0) {
					return
				}
				files = append(files, one)
			}
			layers = append(layers, files)
		}
		if len(layers) < 20 {
			applied(t, layers)
		}
	})
}

package stack

import (
	"archive/tar"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// Generate returns the stack of a number: the same seed and number give the same
// stack.
func Generate(seed, number uint64) Stack {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, number))}
	// Much that is odd in one stack hides what each of it does.
	if g.chance(40) {
		g.oddForms = 25
	}
	if g.chance(40) {
		g.oddNames = 15
	}
	if g.chance(30) {
		g.oddAttrs = 25
	}
	if g.chance(50) {
		g.whiteouts = 20
	}
	g.links = 5 + g.IntN(40)
	g.tidy = g.chance(40)
	g.wide = g.chance(30)
	s := make(Stack, g.pick(1, 1, 2, 2, 2, 3, 3, 4))
	for i := range s {
		s[i] = g.layer(i)
	}
	return s
}

type generator struct {
	*rand.Rand
	// Chances in a hundred.
	oddForms, oddNames, oddAttrs, whiteouts, links int

	tidy  bool // directories stand before what lies in them, and nothing twice
	wide  bool // more different names, so that fewer meet
	names []string
}

func (g *generator) chance(percent int) bool { return g.IntN(100) < percent }

func (g *generator) pick(of ...int) int { return of[g.IntN(len(of))] }

func one[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

func (g *generator) layer(number int) Layer {
	var l Layer
	seen := make(map[string]bool)
	for i := range g.pick(1, 2, 2, 3, 3, 4, 5, 6) {
		e := g.entry(number, i)
		if g.tidy {
			path := strings.Trim(e.Name, "/")
			if seen[path] {
				continue
			}
			for j, c := range path {
				if dir := path[:j]; c == '/' && !seen[dir] {
					seen[dir] = true
					l = append(l, New(tar.TypeDir, dir+"/"))
				}
			}
			seen[path] = true
		}
		l = append(l, e)
	}
	return l
}

func (g *generator) entry(layer, number int) Entry {
	if g.chance(g.whiteouts) {
		return g.whiteout()
	}
	e := New(g.kind(), g.name())
	switch e.Type {
	case tar.TypeReg:
		if g.chance(85) {
			e.Content = fmt.Sprintf("%d.%d", layer, number)
		}
	case tar.TypeSymlink:
		e.Link = g.target()
	case tar.TypeLink:
		e.Link = g.linked()
	case tar.TypeChar, tar.TypeBlock:
		e.Major, e.Minor = 1, int64(g.pick(3, 5))
		if g.chance(15) {
			e.Major, e.Minor = 0, 0 // which overlayfs takes for a removal
		}
	case tar.TypeDir:
		if g.chance(70) {
			e.Name += "/"
		}
	}
	if g.chance(g.oddAttrs) {
		g.attributes(&e)
	}
	if g.chance(g.oddForms) {
		e.Form = one(g, Forms()...)
		e.Alt = g.name()
	}
	g.names = append(g.names, e.Name)
	return e
}

func (g *generator) kind() byte {
	switch {
	case g.chance(g.links):
		return one[byte](g, tar.TypeSymlink, tar.TypeSymlink, tar.TypeLink)
	case g.chance(8):
		return one[byte](g, tar.TypeFifo, tar.TypeChar, tar.TypeBlock)
	case g.chance(g.oddForms / 8):
		return one[byte](g, 'V', 'D', 'M', 'N', '8', 'S', 'X')
	}
	return one[byte](g, tar.TypeReg, tar.TypeDir)
}

// component is one name of a path.
func (g *generator) component() string {
	if g.chance(g.oddNames / 3) {
		return one(g, "é", "\xff", `b\c`, "new\nline", " ", "...", strings.Repeat("n", 255), strings.Repeat("n", 256), strings.Repeat("é", 60), "C:", "a\x01", "-rf", ".wh", "x.wh.a", "A")
	}
	if g.wide {
		return one(g, "a", "b", "c", "d", "e", "f", "g")
	}
	return one(g, "a", "b", "c")
}

// path is a path of one to three names.
func (g *generator) path() string {
	parts := make([]string, g.pick(1, 1, 1, 2, 2, 3))
	for i := range parts {
		parts[i] = g.component()
	}
	return strings.Join(parts, "/")
}

// name is a path as an archive may spell it.
func (g *generator) name() string {
	p := g.path()
	if len(g.names) > 0 && g.chance(25) {
		p = strings.TrimSuffix(one(g, g.names...), "/")
		if g.chance(40) {
			p += "/" + g.component()
		}
	}
	if g.chance(g.oddNames) {
		return g.spelled(p)
	}
	return p
}

// spelled writes a path in an unusual way, or one that leads elsewhere.
func (g *generator) spelled(p string) string {
	switch g.IntN(18) {
	case 0, 1, 2:
		return "./" + p
	case 3, 4:
		return "/" + p
	case 5:
		return "//" + p
	case 6:
		return strings.ReplaceAll(p, "/", "//")
	case 7:
		return strings.ReplaceAll(p, "/", "/./")
	case 8:
		return p + "/."
	case 9:
		return p + "/.."
	case 10:
		return g.component() + "/../" + p
	case 11:
		return "../" + p
	case 12:
		return p + "/../../" + g.component()
	case 13:
		return one(g, "", ".", "./", "/", "..", "/..", "./.", "//")
	case 14:
		return strings.Repeat(g.component()+"/", g.pick(20, 60, 260)) + p
	case 15:
		return p + strings.Repeat("/"+strings.Repeat("n", 250), g.pick(1, 8, 17))
	case 16:
		return p + "/"
	}
	return "/../" + p
}

// target is the target of a symlink.
func (g *generator) target() string {
	switch g.IntN(12) {
	case 0:
		return "/" + g.path()
	case 1:
		return "../" + g.path()
	case 2:
		return one(g, ".", "..", "/", "../..", "../../../a", "nowhere", "/nowhere", "nowhere/a")
	case 3:
		return g.component() + "/../" + g.path()
	case 4:
		if g.chance(g.oddNames) {
			return one(g, "", "\xff", `a\b`, strings.Repeat("l", 300), strings.Repeat("a/", 2048)+"a", "a/", "a//b", "./a")
		}
	}
	if len(g.names) > 0 && g.chance(40) {
		return one(g, g.names...)
	}
	return g.path()
}

// linked is the target of a hard link: mostly of something that is there.
func (g *generator) linked() string {
	target := g.path()
	if len(g.names) > 0 && g.chance(80) {
		target = strings.TrimSuffix(one(g, g.names...), "/")
	}
	if g.chance(g.oddNames) {
		return one(g, "./"+target, "/"+target, "../"+target, target+"/", "", ".", "/", target+"/../"+g.path())
	}
	return target
}

func (g *generator) whiteout() Entry {
	dir := ""
	if p := g.name(); g.chance(60) {
		dir = strings.TrimSuffix(p, "/") + "/"
	}
	name := dir + ".wh." + g.component()
	if len(g.names) > 0 && g.chance(50) {
		p := strings.TrimSuffix(one(g, g.names...), "/")
		slash := strings.LastIndexByte(p, '/')
		name = p[:slash+1] + ".wh." + p[slash+1:]
	}
	if g.chance(25) {
		name = dir + ".wh..wh..opq"
	}
	if g.chance(g.oddNames / 2) {
		name = dir + one(g, ".wh.", ".wh..", ".wh...", ".wh..wh.a", ".wh..wh..plnk/1.2", ".wh..wh..plnk", ".wh..wh.aufs", ".wh..wh..opq/a", ".wh.a/b", ".wh..wh.orph")
	}
	e := New(tar.TypeReg, name)
	if g.chance(g.oddAttrs) {
		e.Type = one[byte](g, tar.TypeDir, tar.TypeSymlink, tar.TypeLink, tar.TypeFifo, tar.TypeChar)
		switch e.Type {
		case tar.TypeSymlink:
			e.Link = g.target()
		case tar.TypeLink:
			e.Link = g.linked()
		}
		e.Mode = DefaultMode(e.Type)
	}
	if e.Type == tar.TypeReg && g.chance(g.oddAttrs) {
		e.Content = "not empty"
	}
	return e
}

func (g *generator) attributes(e *Entry) {
	switch g.IntN(10) {
	case 9:
		e.Xattrs = []Xattr{one(g, Xattr{"user." + strings.Repeat("n", 250), "1"}, Xattr{"user." + strings.Repeat("n", 251), "1"}, Xattr{"trusted.a", "1"}, Xattr{"user.overlay.opaque", "y"}, Xattr{"security.a", "1"}, Xattr{"system.a", "1"})}
	case 0, 1:
		e.Mode = one[int64](g, 0, 0o600, 0o777, 0o4755, 0o2755, 0o1777, 0o6711, 0o100644, 0o40755)
	case 2, 3:
		e.UID, e.GID = one[int64](g, 1000, 1), one[int64](g, 1000, 0, 5)
	case 4:
		e.UID = one[int64](g, -1, -2, 1<<31-1, 1<<31, 1<<32-1, 1<<32)
	case 5:
		e.Time = one[int64](g, 0, 1, 1_600_000_000, 1<<33, 1<<40, -1, -1<<33)
	case 6, 7:
		e.Xattrs = []Xattr{{"user.a", one(g, "1", "2", "", "\x00\xff")}}
	case 8:
		e.Xattrs = []Xattr{one(g, Xattr{"user.b", "1"}, Xattr{"security.capability", "\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"}, Xattr{"trusted.overlay.opaque", "y"}, Xattr{"security.selinux", "system_u:object_r:etc_t:s0"})}
	}
	e.Xattrs = slices.Clip(e.Xattrs)
}

package stack

import (
	"archive/tar"
	"path"
	"slices"
	"strings"
)

// Shrink takes away from a stack, and makes it plainer, as long as bad still says
// yes of it. It calls bad at most budget times.
func Shrink(s Stack, budget int, bad func(Stack) bool) Stack {
	for again := true; again; {
		again = false
		for smaller := range smaller(s) {
			if budget--; budget < 0 {
				return renamed(s, bad)
			}
			if bad(smaller) {
				s, again = smaller, true
				break
			}
		}
	}
	return renamed(s, bad)
}

// renamed calls names a, b, c in the order in which they appear, so that stacks
// which are alike look alike.
func renamed(s Stack, bad func(Stack) bool) Stack {
	c := s.Clone()
	called := make(map[string]string)
	rename := func(p *string) {
		parts := strings.Split(*p, "/")
		for i, part := range parts {
			mark := ""
			if name, ok := strings.CutPrefix(part, ".wh."); ok {
				mark, part = ".wh.", name
			}
			if len(part) != 1 || part[0] < 'a' || part[0] > 'z' {
				continue
			}
			if _, ok := called[part]; !ok {
				called[part] = string(rune('a' + len(called)))
			}
			parts[i] = mark + called[part]
		}
		*p = strings.Join(parts, "/")
	}
	for i := range c {
		for j := range c[i] {
			rename(&c[i][j].Name)
			rename(&c[i][j].Link)
		}
	}
	if bad(c) {
		return c
	}
	return s
}

// smaller yields the stacks that are one step smaller.
func smaller(s Stack) func(yield func(Stack) bool) {
	return func(yield func(Stack) bool) {
		for i := range s {
			if len(s) > 1 && !yield(slices.Delete(s.Clone(), i, i+1)) {
				return
			}
		}
		for i := range s {
			for j := range s[i] {
				c := s.Clone()
				c[i] = slices.Delete(c[i], j, j+1)
				if len(c[i]) == 0 && len(c) > 1 {
					c = slices.Delete(c, i, i+1)
				}
				if !yield(c) {
					return
				}
			}
		}
		for i := 1; i < len(s); i++ { // two layers as one
			c := s.Clone()
			c[i-1] = append(c[i-1], c[i]...)
			if !yield(slices.Delete(c, i, i+1)) {
				return
			}
		}
		for i := range s {
			for j := range s[i] {
				for _, e := range plainer(s[i][j]) {
					c := s.Clone()
					c[i][j] = e
					if !yield(c) {
						return
					}
				}
			}
		}
	}
}

// plainer returns the entry with one thing less that is unusual.
func plainer(e Entry) []Entry {
	var all []Entry
	change := func(different bool, to func(*Entry)) {
		if different {
			other := e
			to(&other)
			all = append(all, other)
		}
	}
	change(e.Form != "", func(o *Entry) { o.Form, o.Alt = "", "" })
	change(e.Form != "" && e.Alt != "alt", func(o *Entry) { o.Alt = "alt" })
	change(e.Mode != DefaultMode(e.Type), func(o *Entry) { o.Mode = DefaultMode(o.Type) })
	change(e.UID != 0 || e.GID != 0, func(o *Entry) { o.UID, o.GID = 0, 0 })
	change(e.Time != DefaultTime, func(o *Entry) { o.Time = DefaultTime })
	change(e.Xattrs != nil, func(o *Entry) { o.Xattrs = nil })
	change(e.Content != "", func(o *Entry) { o.Content = "" })
	clean := strings.TrimPrefix(path.Clean("/"+e.Name), "/")
	change(e.Name != clean && clean != "", func(o *Entry) { o.Name = clean })
	if dir, base := path.Split(clean); dir != "" {
		change(true, func(o *Entry) { o.Name = base })
		if _, below, ok := strings.Cut(clean, "/"); ok && below != base {
			change(true, func(o *Entry) { o.Name = below })
		}
	}
	if e.Link != "" {
		link := strings.TrimPrefix(path.Clean("/"+e.Link), "/")
		change(link != e.Link && link != "", func(o *Entry) { o.Link = link })
	}
	if e.Type != tar.TypeReg && e.Type != tar.TypeDir {
		change(true, func(o *Entry) { o.Type, o.Mode, o.Link, o.Major, o.Minor = tar.TypeReg, 0o644, "", 0, 0 })
	}
	return all
}

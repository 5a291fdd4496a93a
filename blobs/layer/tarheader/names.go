package tarheader

import (
	"archive/tar"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The longest name and path that Linux takes, in bytes.
const (
	longestName = 255
	longestPath = 4095
)

// spelling judges how the entry and what it links to are called.
func (h *Headers) spelling(entry *tar.Header) {
	name := look(entry.Name)
	if name.dots {
		h.doubt(Dots, `there is a ".." in its name`)
	}
	if name.longest > longestName {
		h.doubt(Long, "a part of its name is longer than "+strconv.Itoa(longestName)+" bytes")
	}
	if name.backslash {
		h.doubt(Backslash, "there is a backslash in its name")
	}
	if name.high && !utf8.ValidString(entry.Name) {
		h.doubt(Encoding, "its name is not UTF-8")
	}
	if entry.Linkname == "" {
		return
	}
	switch {
	case entry.Typeflag != tar.TypeLink && entry.Typeflag != tar.TypeSymlink:
	case len(entry.Linkname) > longestPath:
		h.doubt(Long, "the target of the link is longer than "+strconv.Itoa(longestPath)+" bytes")
	case entry.Typeflag == tar.TypeLink:
		if target := look(entry.Linkname); target.longest > longestName {
			h.doubt(Long, "a part of the hard link's target is longer than "+strconv.Itoa(longestName)+" bytes")
		}
	}
}

// looks is what a name looks like.
type looks struct {
	dots, backslash, high bool
	longest               int // of its parts
}

func look(name string) (l looks) {
	start := 0
	for i := 0; i <= len(name); i++ {
		if i == len(name) || name[i] == '/' {
			l.longest = max(l.longest, i-start)
			l.dots = l.dots || name[start:i] == ".."
			start = i + 1
			continue
		}
		switch c := name[i]; {
		case c == '\\':
			l.backslash = l.backslash || !escape(name[i+1:])
		case c >= utf8.RuneSelf:
			l.high = true
		}
	}
	return l
}

// escape says whether what follows a backslash makes an escape of systemd, as units
// whose names hold a hyphen are called: "system-systemd\x2dcryptsetup.slice".
func escape(rest string) bool {
	return len(rest) > 2 && rest[0] == 'x' && strings.Trim(rest[1:3], "0123456789abcdef") == ""
}

// isRoot says whether a name means the root itself.
func isRoot(name string) bool {
	if name != "" && name[len(name)-1] != '.' && name[len(name)-1] != '/' {
		return false // as for nearly every name
	}
	return path.Clean(strings.TrimLeft(name, "/")) == "."
}

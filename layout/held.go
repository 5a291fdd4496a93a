package layout

import (
	"os"
	"path"
	"sync"
)

// maxHeld is how many directories are held open: there is one for each algorithm,
// and nobody has more than a few of these.
const maxHeld = 8

// held are open directories within a root. The system is asked for each element of
// a path anew, as any of them can be a symlink: with its directory held open, a
// blob is looked at in one call and not in five. The zero value holds none.
type held struct {
	mu   sync.Mutex
	dirs map[string]*os.Root
}

// of returns the directory dir of root, or nil where it cannot be held.
func (h *held) of(root *os.Root, dir string) *os.Root {
	h.mu.Lock()
	defer h.mu.Unlock()
	if in := h.dirs[dir]; in != nil || len(h.dirs) == maxHeld {
		return in
	}
	in, err := root.OpenRoot(dir)
	if err != nil {
		return nil
	}
	if h.dirs == nil {
		h.dirs = make(map[string]*os.Root)
	}
	h.dirs[dir] = in
	return in
}

// release lets go of all directories: others may lie in their places by now. Who is
// at work in one may find it closed.
func (h *held) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, in := range h.dirs {
		in.Close()
	}
	h.dirs = nil
}

// lookAt calls do for the directory that name lies in, and where that fails for the
// root: that alone follows a symlink to another directory, finds what came after the
// directory was held, and says in its errors which name it was.
func lookAt[T any](r *rootFs, name string, do func(in *os.Root, name string) (T, error)) (T, error) {
	if dir, base := path.Split(name); dir != "" && base != "" && base != "." && base != ".." {
		if in := r.held.of(r.root, dir); in != nil {
			if found, err := do(in, base); err == nil {
				return found, nil
			}
		}
	}
	return do(r.root, name)
}

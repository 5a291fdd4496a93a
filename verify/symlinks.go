package verify

import (
	"strings"

	"github.com/ocilayout/ocilayout/model"
)

// maxFollowed is of how many symlinks it is remembered where they lead.
const maxFollowed = 10_000

// follow notes where a symlink of the layout leads that was followed, and what in the
// root that lies in: it is content, and not what somebody left behind.
func (r *run) follow(name string) {
	if len(r.followed) >= maxFollowed {
		return
	}
	for range 8 { // symlinks that lead to symlinks
		target := r.layout.LinkTarget(name)
		if target == "" {
			return
		}
		if r.followed == nil {
			r.followed = make(map[string]bool)
		}
		r.followed[target] = true
		if first, _, _ := strings.Cut(target, "/"); first != model.BlobsDir {
			r.followed[first] = true
		}
		name = target
	}
}

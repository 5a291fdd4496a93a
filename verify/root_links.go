package verify

import (
	"strings"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
)

// maxFollowed is of how many symlinks it is remembered where they lead.
const maxFollowed = 10_000

// followedLinks are the places to which symlinks of the layout lead that were followed,
// and the names in the root in which those lie: that is content, and not something that
// was left behind.
type followedLinks struct {
	layout *layout.Layout
	places map[string]bool
}

func (l *followedLinks) follow(name string) {
	if len(l.places) >= maxFollowed {
		return
	}
	for range 8 { // symlinks that lead to symlinks
		target := l.layout.LinkTarget(name)
		if target == "" {
			return
		}
		if l.places == nil {
			l.places = make(map[string]bool)
		}
		l.places[target] = true
		if first, _, _ := strings.Cut(target, "/"); first != model.BlobsDir {
			l.places[first] = true
		}
		name = target
	}
}

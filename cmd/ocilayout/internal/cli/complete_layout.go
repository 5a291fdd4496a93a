package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/archive"
	"github.com/ocilayout/ocilayout/model"
)

// What completion reads of a layout while somebody waits for it.
var completionLimits = layout.Limits{Index: 16 << 20, Document: 4 << 20, Descriptors: 10_000}

const mostCandidates = 2000 // no shell lists more with sense

// entriesOf completes a LAYOUT argument: behind DIR: the reference names of that
// layout's index.json, behind DIR@ the digests, and behind DIR:REF@ those of
// that reference name. Before that it is a directory or an archive.
func entriesOf(ctx context.Context, word string) Completion {
	start := prefixLength(word)
	for i := start + 1; i < len(word); i++ {
		if word[i] != ':' && word[i] != '@' {
			continue
		}
		index := indexOf(ctx, word[start:i])
		if index == nil {
			continue
		}
		if word[i] == '@' {
			return digestsOf(index, word, i+1, nil)
		}
		return refNames(index, word, i+1)
	}
	return Completion{Prefix: start, Files: AnyFiles}
}

// prefixLength is how many bytes of word are the prefix of another tool.
func prefixLength(word string) int {
	for _, prefix := range prefixes {
		if strings.HasPrefix(word, prefix) && !exists(word) {
			return len(prefix)
		}
	}
	return 0
}

func refNames(index *model.Index, word string, prefix int) Completion {
	var names []Candidate
	seen := make(map[string]bool)
	for i := range index.Manifests {
		d := &index.Manifests[i]
		name := d.Annotations[model.AnnotationRefName]
		if rest, ok := strings.CutPrefix(word[prefix:], name+"@"); ok && name != "" {
			return digestsOf(index, word, len(word)-len(rest), &name)
		}
		if name == "" || seen[name] || len(names) == mostCandidates {
			continue
		}
		seen[name] = true
		names = append(names, Candidate{name, about(d)})
	}
	return matching(prefix, word, names...)
}

// digestsOf completes a digest: one of an entry with the reference name, if any.
func digestsOf(index *model.Index, word string, prefix int, name *string) Completion {
	var digests []Candidate
	seen := make(map[string]bool)
	for i := range index.Manifests {
		d := &index.Manifests[i]
		digest := string(d.Digest)
		if seen[digest] || name != nil && d.Annotations[model.AnnotationRefName] != *name || len(digests) == mostCandidates {
			continue
		}
		seen[digest] = true
		if strings.HasPrefix(digest, word[prefix:]) {
			digests = append(digests, Candidate{digest, about(d)})
		}
	}
	return matching(prefix, word, digests...)
}

// about describes an entry in a few words.
func about(d *model.Descriptor) string {
	text := model.KindOf(d.MediaType).String()
	if d.Platform != nil && d.Platform.OS != "" {
		text += " " + d.Platform.String()
	}
	if len(d.Digest) > 19 {
		text += " " + string(d.Digest[:19])
	}
	return text
}

// completionArchive opens no more of an archive than can be read in the meantime,
// and unpacks nothing.
var completionArchive = archive.Options{
	Limits:  archive.Limits{Entries: 10_000},
	TempDir: func() (string, error) { return "", errors.ErrUnsupported },
}

// openForCompletion opens the layout at a path, if that takes no time. The caller
// closes it.
func openForCompletion(ctx context.Context, path string) (l *layout.Layout, err error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return layout.Open(path)
	case !info.Mode().IsRegular():
		return nil, errors.ErrUnsupported
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return layout.OpenArchive(ctx, path, completionArchive)
}

// indexOf reads the index.json of a layout, nil if there is none.
func indexOf(ctx context.Context, path string) *model.Index {
	l, err := openForCompletion(ctx, atHome(path))
	if err != nil {
		return nil
	}
	defer l.Close()
	index, _ := l.Index(ctx, completionLimits).Doc.(*model.Index)
	return index
}

// atHome puts the home directory in the place of a "~", as a shell does later.
func atHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && !os.IsPathSeparator(rest[0]) || exists(path) {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(home, rest)
}

// commonPlatforms are offered where no layout says which it has.
var commonPlatforms = []string{"linux/amd64", "linux/arm64", "linux/arm/v7", "linux/arm/v6", "linux/386", "linux/ppc64le", "linux/riscv64", "linux/s390x", "windows/amd64"}

// platformsOf returns the platforms of the first layout among the arguments, or
// else the common ones.
func platformsOf(ctx context.Context, arguments []string) []Candidate {
	for _, argument := range arguments {
		a, err := ParseAddress(atHome(argument))
		if err != nil {
			continue
		}
		if found := platformsIn(ctx, a); len(found) > 0 {
			return found
		}
	}
	return undescribed(commonPlatforms...)
}

func platformsIn(ctx context.Context, a Address) []Candidate {
	l, err := openForCompletion(ctx, a.Path)
	if err != nil {
		return nil
	}
	defer l.Close()
	g, err := l.Graph(ctx, layout.GraphOptions{Limits: completionLimits, Selector: a.Selector, SelectedOnly: true})
	if err != nil {
		return nil
	}
	var found []Candidate
	seen := make(map[string]bool)
	for _, e := range g.Entries {
		for _, p := range e.Summary().Platforms {
			if name := p.String(); p.OS != "" && p.Architecture != "" && !seen[name] {
				seen[name] = true
				found = append(found, Candidate{Word: name})
			}
		}
	}
	return found
}

package layout_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
	"go.uber.org/goleak"
)

// swept is a small layout for the entry points of the library: an index of images
// with layers of each compression, what refers to one of them, and a blob that
// nothing names.
func swept(t *testing.T) (fsys afero.Fs, index model.Descriptor, all []model.Descriptor) {
	t.Helper()
	s := newSite()
	pack := func(name, mediaType string) layouttest.Layer {
		l := s.Pack(mediaType, s.Archive(layouttest.File("etc/"+name, strings.Repeat(name+"\n", 20))))
		all = append(all, l.Descriptor)
		return l
	}
	gzip, zstd, plain := pack("gzip", model.MediaTypeLayerGzip), pack("zstd", model.MediaTypeLayerZstd), pack("plain", model.MediaTypeLayer)
	first, second := s.Image("linux/amd64", gzip, zstd), s.Image("linux/arm64", plain)
	index = s.Index(first, second)
	config := s.Document("application/vnd.example+json", map[string]string{})
	about := model.NewManifest(config, s.Blob("text/plain", []byte("about it\n")))
	about.ArtifactType, about.Subject = "application/vnd.example", &index
	artifact := s.Document(model.MediaTypeManifest, about)
	all = append(all, first, second, index, artifact)
	s.Entry(index, "v1")
	s.Entry(artifact, "about")
	s.Blob("text/plain", []byte("nothing names this\n"))
	s.open(t)
	return s.fs, index, all
}

// entryPoints are all ways to read a layout, but for package verify.
func entryPoints(t *testing.T) (afero.Fs, map[string]func(context.Context, *layout.Layout) faultfs.View) {
	fsys, _, all := swept(t)
	return fsys, map[string]func(context.Context, *layout.Layout) faultfs.View{
		"Walk": func(ctx context.Context, l *layout.Layout) faultfs.View {
			var s faultfs.View
			var lines []string
			for v := range l.Walk(ctx, layout.WalkOptions{}) {
				lines = append(lines, fmt.Sprint(line(v), " ", v.Edge.Descriptor))
				s.Marked = s.Marked || v.Blob != nil && v.Blob.Err != nil
				if d := v.Document; d != nil {
					s.Marked = s.Marked || d.Err != nil || d.Problems.Err() != nil || v.Blob != nil && !v.Blob.Matches()
				}
			}
			s.Shown, s.Err = lines, context.Cause(ctx)
			return s
		},
		"Images": func(ctx context.Context, l *layout.Layout) faultfs.View {
			images, err := l.Images(ctx, layout.Selector{})
			var digests []string
			for _, i := range images {
				digests = append(digests, fmt.Sprint(i.Descriptor.Digest, i.Platform))
			}
			return faultfs.View{Shown: digests, Err: err}
		},
		"FS": func(ctx context.Context, l *layout.Layout) faultfs.View {
			images, err := l.Images(ctx, layout.Selector{})
			if err != nil {
				return faultfs.View{Err: err}
			}
			files := make(map[string]string)
			for n, i := range images {
				root, err := i.FS(ctx, layer.Limits{})
				if err != nil {
					return faultfs.View{Err: err}
				}
				if err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
					if err != nil || d.IsDir() {
						return err
					}
					content, err := fs.ReadFile(root, name)
					files[fmt.Sprint(n, name)] = string(content)
					return err
				}); err != nil {
					return faultfs.View{Err: err}
				}
			}
			return faultfs.View{Shown: files}
		},
		"Copy": func(ctx context.Context, l *layout.Layout) faultfs.View {
			var contents []string
			var errs []error
			for _, d := range all {
				var out bytes.Buffer
				errs = append(errs, l.Copy(ctx, &out, d.Digest))
				contents = append(contents, out.String())
			}
			return faultfs.View{Shown: contents, Err: errors.Join(errs...)}
		},
		"Fetch": func(ctx context.Context, l *layout.Layout) faultfs.View {
			var contents []string
			var errs []error
			for i := range all {
				content, err := streamed(ctx, l, &all[i])
				contents, errs = append(contents, content), append(errs, err)
			}
			return faultfs.View{Shown: contents, Err: errors.Join(errs...)}
		},
		"Peek": func(ctx context.Context, l *layout.Layout) faultfs.View {
			var s faultfs.View
			var docs []any
			for i := range all {
				if doc, state := l.Peek(ctx, &all[i], layout.Limits{}); model.KindOf(all[i].MediaType).Document() {
					docs, s.Marked = append(docs, doc), s.Marked || state != layout.StateOK
				}
				s.Marked = s.Marked || l.StateOf(&all[i]) != layout.StateOK
			}
			raw, _ := json.Marshal(docs)
			s.Shown = string(raw)
			return s
		},
		"graph": func(ctx context.Context, l *layout.Layout) faultfs.View {
			g, err := l.Graph(ctx, layout.GraphOptions{Unreferenced: true})
			if err != nil {
				return faultfs.View{Err: err}
			}
			s := faultfs.View{Marked: len(g.Problems) > 0}
			var lines []string
			for _, n := range slices.Concat(g.Nodes, g.Unreferenced) {
				lines = append(lines, fmt.Sprint(n.Digest, n.Label(), n.ArtifactType, n.Platform, n.Roles, n.References, n.Size, len(n.Edges), len(n.Referrers), n.Opaque()))
				s.Marked = s.Marked || n.State != layout.StateOK
			}
			for _, e := range g.Entries {
				lines = append(lines, short(e.Summary()))
			}
			s.Shown = lines
			return s
		},
	}
}

// streamed returns a blob as Fetch streams it.
func streamed(ctx context.Context, l *layout.Layout, d *model.Descriptor) (content string, err error) {
	r, err := l.Fetch(ctx, d)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	raw, err := io.ReadAll(r)
	return string(raw), err
}

// Whatever fails, and however it does, nothing is left out without a word: there
// is an error, or a mark, or all that there is without the fault. A panic of the
// file system reaches the caller, in his own goroutine, or is a mark.
func TestSweep(t *testing.T) {
	fsys, points := entryPoints(t)
	for name, look := range points {
		t.Run(name, func(t *testing.T) {
			faultfs.Sweep(t, fsys, testrun.OneOf(11, 53), func(fsys afero.Fs) faultfs.View { return look(t.Context(), layout.New(fsys)) },
				func(fault string, op faultfs.Op) bool { return mayDiffer(name, fault, op) })
			goleak.VerifyNone(t)
		})
	}
}

// mayDiffer says where nobody can know that something is left out, or wrong.
func mayDiffer(point, fault string, op faultfs.Op) bool {
	switch {
	case op.Kind == faultfs.OpRead && op.Name == model.IndexFile && strings.HasSuffix(fault, "bit flipped"):
		return true // no digest protects it
	case fault == "no names":
		return true // of what is in no listing, nobody knows
	case point == "graph" && op.Kind != faultfs.OpFstat && slices.Contains([]string{"a byte more", "a byte less", "a terabyte more", "less than nothing"}, fault):
		return true // it shows the length that the file system gives, beside the one that is claimed
	case point == "graph" && op.Name == "blobs/sha256" && fault == "another kind":
		return true // it shows no files that are no blobs
	}
	return false
}

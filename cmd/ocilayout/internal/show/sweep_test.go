package show_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/faultfs"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
)

// swept is a small layout: an index of images with layers of each compression, what
// refers to it, and a blob that nothing names.
func swept(t *testing.T) afero.Fs {
	s := newSite()
	packed := func(name, mediaType string) layouttest.Layer {
		return s.Pack(mediaType, s.Archive(layouttest.File("etc/"+name, strings.Repeat(name+"\n", 20))))
	}
	index := s.Index(s.Image("linux/amd64", packed("gzip", model.MediaTypeLayerGzip), packed("zstd", model.MediaTypeLayerZstd)),
		s.Image("linux/arm64", packed("plain", model.MediaTypeLayer)))
	about := model.NewManifest(s.Document("application/vnd.example+json", map[string]string{}), s.Blob("text/plain", []byte("about it\n")))
	about.ArtifactType, about.Subject = "application/vnd.example", &index
	s.Entry(index, "v1")
	s.Entry(s.Document(model.MediaTypeManifest, about), "about")
	s.Blob("text/plain", []byte("nothing names this\n"))
	s.open(t)
	return s.fs
}

// encoded is what a view shows.
func encoded(v any, err error) faultfs.View {
	raw, failed := json.MarshalIndent(v, "", " ")
	if failed != nil {
		panic(failed)
	}
	marked := false
	for line := range strings.Lines(string(raw)) {
		name, value, _ := strings.Cut(strings.TrimRight(strings.TrimSpace(line), ","), ": ")
		marked = marked || name == `"state"` && !slices.Contains([]string{`""`, `"same"`, `"onlyInA"`, `"onlyInB"`}, value)
	}
	return faultfs.View{Shown: string(raw), Marked: marked, Err: err}
}

// Whatever fails in the file system, and however it does, nothing is left out in
// silence: there is an error, or a mark, or all that there is without the fault.
func TestSweep(t *testing.T) {
	fsys := swept(t)
	other := newSite()
	other.Entry(other.Index(other.Image("linux/amd64", other.Layer(layouttest.Files{"etc/other": "x"}))), "v1")
	v1 := layout.Selector{RefName: "v1"}
	diff := func(ctx context.Context, l, other *layout.Layout) faultfs.View {
		r, err := show.Diff(ctx, show.Side{Layout: l}, show.Side{Layout: other}, show.DiffOptions{})
		if err != nil {
			return faultfs.View{Err: err}
		}
		v := encoded(r, nil)
		v.Marked = !r.Complete
		return v
	}
	for name, look := range map[string]func(context.Context, *layout.Layout) faultfs.View{
		"ls": func(ctx context.Context, l *layout.Layout) faultfs.View {
			return encoded(show.List(ctx, l, layout.Selector{}, nil))
		},
		"inspect": func(ctx context.Context, l *layout.Layout) faultfs.View {
			return encoded(show.Inspect(ctx, l, v1, show.InspectOptions{}))
		},
		"inspect a platform": func(ctx context.Context, l *layout.Layout) faultfs.View {
			return encoded(show.Inspect(ctx, l, v1, show.InspectOptions{Platforms: []model.Platform{{OS: "linux", Architecture: "amd64"}}}))
		},
		"diff":             func(ctx context.Context, l *layout.Layout) faultfs.View { return diff(ctx, l, other.open(t)) },
		"diff with itself": func(ctx context.Context, l *layout.Layout) faultfs.View { return diff(ctx, l, layout.New(fsys)) },
	} {
		t.Run(name, func(t *testing.T) {
			faultfs.Sweep(t, fsys, testrun.OneOf(29, 29), func(fsys afero.Fs) faultfs.View { return look(t.Context(), layout.New(fsys)) },
				func(fault string, op faultfs.Op) bool { return mayDiffer(name, fault, op) })
		})
	}
}

// mayDiffer says where nobody can know that something is left out, or wrong.
func mayDiffer(point, fault string, op faultfs.Op) bool {
	return op.Kind == faultfs.OpRead && op.Name == model.IndexFile && strings.HasSuffix(fault, "bit flipped") || // no digest protects it
		strings.HasPrefix(point, "inspect") && op.Kind == faultfs.OpLstat && (fault == "ENOENT" || fault == "another kind") // what is absent, or no file, refers to nothing
}

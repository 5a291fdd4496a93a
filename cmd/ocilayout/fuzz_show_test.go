package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// shows are the command lines that show something of a layout img, of another
// one named good, or of arguments that fuzzing makes: NAME.
var shows = [][]string{
	{"ls", "img"}, {"ls", "-f", "json", "img"}, {"inspect", "img"}, {"inspect", "-f", "json", "img"}, {"inspect", "img:NAME"}, {"inspect", "img@IMAGE"},
	{"inspect", "-f", "json", "img@IMAGE"}, {"inspect", "img@IMAGE", "-f", "go-template={{json .}}\n{{.}}\n{{with .manifest}}{{range $k, $v := .annotations}}{{$k}}\n{{$v}}\n{{end}}{{end}}"},
	{"tree", "img"}, {"tree", "-f", "json", "img"}, {"tree", "-f", "dot", "img"}, {"tree", "-f", "mermaid", "img"}, {"blobs", "img"}, {"blobs", "-f", "json", "img"},
	{"files", "img@IMAGE"}, {"files", "-f", "json", "img@IMAGE"}, {"diff", "img", "good"}, {"diff", "-f", "json", "good", "img"}, {"diff", "img@IMAGE", "good"},
	{"diff", "-f", "json", "img@IMAGE", "good"}, {"verify", "img"}, {"verify", "-f", "json", "img"}, {"verify", "-f", "ndjson", "img"},
	{"verify", "-f", "sarif", "img"}, {"verify", "-f", "junit", "img"}, {"verify", "-f", "github", "img"}, {"verify", "img:NAME"}, {"verify", "-f", "github", "NAME"}, {"verify", "-v", "--all", "img"}, {"verify", "-f", "line", "img"}, {"verify", "-f", "codequality", "img"}, {"validate", "-f", "line", "NAME"},
	{"verify", "--rule", "NAME=error", "img"}, {"validate", "img/index.json"}, {"validate", "NAME"}, {"explain", "NAME"}, {"cat", "img@IMAGE", "--path", "NAME"},
	{"ls", "--platform", "NAME", "img"}, {"NAME"}, {"verify", "--x-NAME", "img"}, {"verify", "-f", "junit", "-f", "NAME", "img"}, {"blobs", "--sort", "NAME", "img"},
}

// stranger writes a layout in which name and value stand wherever a layout has
// strings, and returns the digest of its image.
func stranger(t *testing.T, dir, name, value string) digest.Digest {
	t.Helper()
	b := layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), dir))
	path := strings.ReplaceAll(name, "\x00", "") // which no archive can hold
	layer := b.Pack(model.MediaTypeLayerGzip, b.Archive(layouttest.File("a"+path+"z", value), layouttest.Symlink("b"+path+"z", "to"+path)))
	odd := b.Blob(name, []byte(value))
	odd.ArtifactType, odd.URLs, odd.Annotations = value, []string{name}, map[string]string{name: value, model.AnnotationTitle: name}
	config := b.Document(model.MediaTypeImageConfig, model.Image{
		Created: value, Author: name, Architecture: value, OS: name, OSVersion: value, OSFeatures: []string{name}, Variant: value,
		Config: model.ImageConfig{User: name, Env: []string{value, "A=" + name}, Entrypoint: []string{name}, Cmd: []string{value}, WorkingDir: name,
			Labels: map[string]string{name: value}, StopSignal: value, Volumes: map[string]model.Empty{value: {}}, ExposedPorts: map[string]model.Empty{name: {}}},
		RootFS:  model.RootFS{Type: name, DiffIDs: []digest.Digest{layer.DiffID, digest.Digest(name)}},
		History: []model.History{{Created: name, CreatedBy: value, Author: name, Comment: value}},
	})
	manifest := model.NewManifest(config, layer.Descriptor, odd)
	manifest.ArtifactType, manifest.Annotations = value, map[string]string{name: value, value: name}
	image := b.Document(model.MediaTypeManifest, manifest)
	image.Platform = &model.Platform{OS: name, Architecture: value, OSVersion: name, Variant: value}
	image.Annotations = map[string]string{value: name, model.AnnotationBaseName: value}
	b.Entry(image, name)
	b.Entry(odd, name)
	index := model.NewIndex(image, model.Descriptor{MediaType: value, Digest: digest.Digest(name), Size: -1})
	index.Annotations, index.ArtifactType, index.Subject = map[string]string{name: value}, name, &odd
	b.Entry(b.Document(model.MediaTypeIndex, index), value)
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	for _, stray := range []string{name, filepath.Join("blobs", name), filepath.Join("blobs", "sha256", name)} {
		if filepath.IsLocal(stray) && !strings.ContainsAny(name, `/\`) { // else it is another place
			if err := os.WriteFile(filepath.Join(dir, stray), nil, 0o644); err != nil && !errors.Is(err, fs.ErrInvalid) {
				t.Log(err) // no such name in this file system
			}
		}
	}
	return image.Digest
}

// FuzzShow has any strings in a layout and on the command line, and runs what
// shows something. Nothing that reaches a terminal, a log or a page acts on it.
func FuzzShow(f *testing.F) {
	strings := []string{"", "v1", "\x1b[31mred", "\u009b31m", "a\nocilayout: b", "::error::x", "x\n::error::y", "##vso[task.complete]", "##[error]x", "\u202eabc", "\u3164",
		"\xff\xfe", "`![x](http://y)|@z`", "<script>x</script>", `"];x[`, "]]>", "-f", "a\tb", "../x", "%0A::error::b", "sha256:..", "linux/amd64"}
	for i := range shows {
		for j, s := range strings {
			if (i+j)%11 == 0 {
				f.Add(uint8(i), s, strings[(3*i+j)%len(strings)])
			}
		}
	}
	good := filepath.Join(f.TempDir(), "good")
	if err := os.CopyFS(good, os.DirFS(filepath.Join("..", "..", "testdata", "layouts", "good-image"))); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, which uint8, name, value string) {
		if len(name)+len(value) > 2000 {
			return
		}
		dir := t.TempDir()
		img, page := filepath.Join(dir, "img"), filepath.Join(dir, "summary")
		if err := os.Mkdir(img, 0o755); err != nil {
			t.Fatal(err)
		}
		t.Chdir(dir)
		t.Setenv(report.StepSummary, page)
		image := stranger(t, img, name, value)
		args := slices.Clone(shows[int(which)%len(shows)])
		for i, arg := range args {
			if arg == "good" {
				arg = good
			}
			args[i] = replaced(arg, name, string(image))
		}
		var stdout, stderr bytes.Buffer
		status := run(t.Context(), append([]string{"ocilayout"}, args...), &stdout, &stderr)
		if status < exit.StatusOK || status > exit.StatusFailed {
			t.Errorf("%q: status %d", args, status)
		}
		inertButFor(t, args, stderr.String())
		inertButFor(t, args, stdout.String())
		if summary, err := os.ReadFile(page); err == nil {
			inert(t, args, commented.ReplaceAllString(string(summary), ""))
		}
		reads(t, args, stdout.Bytes())
	})
}

func replaced(arg, name, image string) string {
	if i := strings.Index(arg, "NAME"); i >= 0 {
		return arg[:i] + name + arg[i+len("NAME"):]
	}
	return strings.Replace(arg, "IMAGE", image, 1)
}

var (
	annotations = regexp.MustCompile(`^::(error|warning|notice) (file=[^:,\s]([^:,])*,)?title=[a-z0-9-]+::`)
	commented   = regexp.MustCompile(`(?m)^##+ `)
)

// inertButFor holds output to what it may be, with the commands of GitHub that are meant.
func inertButFor(t *testing.T, args []string, out string) {
	t.Helper()
	var rest strings.Builder
	for line := range strings.Lines(out) {
		if slices.Contains(args, "github") && annotations.MatchString(line) {
			line = "annotation\n"
		}
		rest.WriteString(line)
	}
	inert(t, args, rest.String())
}

func inert(t *testing.T, args []string, out string) {
	t.Helper()
	for line := range strings.Lines(out) {
		if at := strings.IndexFunc(line, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }); at >= 0 {
			t.Errorf("%q: byte %#x in %q", args, line[at], line)
		}
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##") {
			t.Errorf("%q: a command in %q", args, line)
		}
	}
}

// reads has what is meant for machines read by one.
func reads(t *testing.T, args []string, out []byte) {
	t.Helper()
	format := ""
	if i := slices.Index(args, "-f"); i >= 0 && i+1 < len(args) {
		format = args[i+1]
	}
	if len(out) == 0 || args[0] != "verify" && format != "json" || len(args) > 4 {
		return
	}
	switch format {
	case "json", "sarif", "ndjson":
		d := json.NewDecoder(bytes.NewReader(out))
		for {
			var v any
			if err := d.Decode(&v); err == io.EOF {
				return
			} else if err != nil {
				t.Fatalf("%q: %v: %s", args, err, out)
			}
		}
	case "junit":
		var v struct{}
		if err := xml.Unmarshal(out, &v); err != nil {
			t.Errorf("%q: %v: %s", args, err, out)
		}
	}
}

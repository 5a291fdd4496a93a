package e2e

import (
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/spf13/afero"
)

// limited says how each limit is met, and how verify names it then: by its flag and its value,
// and where there is no flag, in words and by its value.
var limited = map[string]struct {
	args  []string
	make  func(t *testing.T, dir string)
	named string
}{
	"layout.Document":    {[]string{"--max-document", "100"}, nil, "limit-document: blobs/|max-document 100"},
	"layout.Index":       {[]string{"--max-index", "100"}, nil, "limit-document: index.json|max-index 100"},
	"layout.Marker":      {nil, longMarker, "limit-document: oci-layout|at most 65536 bytes"},
	"layout.Depth":       {[]string{"--max-depth", "1"}, nil, "limit-depth: index.json|max-depth 1"},
	"layout.Descriptors": {[]string{"--max-descriptors", "1"}, nil, "limit-descriptors: |max-descriptors 1"},
	"model.Depth":        {nil, withMember(strings.Repeat("[", 65)), "limit-json: blobs/|nested deeper than the limit; nothing after it was read; expected 64 "},
	"model.Items": {nil, withMember("[" + strings.Repeat("1,", 65_536) + "1]"),
		"limit-json: blobs/|more elements than the limit; nothing after it was read; expected 65536 "},
	"model.Values": {nil, withMember("[" + strings.Repeat("["+strings.Repeat("1,", 999)+"1],", 1000) + "1]"),
		"limit-json: blobs/|more values than the limit; nothing after it was read; expected 1000000 "},
	"model.String": {nil, withMember(`"` + strings.Repeat("x", 2<<20) + `"`), "limit-json: blobs/|a string longer than the limit; nothing after it was read; expected 2097152 "},
	"model.Memory": {[]string{"--fail-on", "never", "--max-findings", "0"}, manyMaps, "limit-json: blobs/|more memory than the limit for what the document holds; nothing after it was read; expected 33554432 "},
	// What a document takes is bounded before the sum of them is, which TestWalkMemoryLeft
	// of package layout meets; and Done is no number.
	"layout.Memory": {nil, nil, ""},
	"model.Done":    {nil, nil, ""},
	"layer.Bytes":   {[]string{"--max-layer-bytes", "100"}, nil, "limit-layer-bytes: blobs/|max-layer-bytes 100"},
	"layer.Entries": {[]string{"--max-layer-entries", "1"}, nil, "limit-layer-entries: blobs/|max-layer-entries 1"},
	// No layer here has a table of contents: the fixture limit-layer-toc meets it.
	"layer.TOC":   {nil, nil, ""},
	"layer.Names": {[]string{"--max-layer-names", "100"}, nil, "limit-layer-names: blobs/|max-layer-names 100"},
	// Below a gigabyte, which is the floor, no ratio counts. What goes beyond it is unpacked by
	// TestAdversarial, without the race detector.
	"layer.Ratio": {nil, nil, ""},
	"layer.Floor": {nil, nil, ""},
}

func longMarker(t *testing.T, dir string) {
	write(t, filepath.Join(dir, "oci-layout"), strings.Repeat(" ", 65_537))
}

// withMember has index.json name a manifest with that in an unknown member.
func withMember(value string) func(t *testing.T, dir string) {
	return func(t *testing.T, dir string) {
		fsys := afero.NewBasePathFs(afero.NewOsFs(), dir)
		b := layouttest.New(fsys)
		b.Entry(b.Blob(model.MediaTypeManifest, fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"x":%s}`, model.MediaTypeManifest, value)), "")
		if err := b.Finish(); err != nil {
			t.Fatal(err)
		}
	}
}

// manyMaps has index.json name a manifest whose layers have more annotations than bytes, nearly.
func manyMaps(t *testing.T, dir string) {
	b := layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), dir))
	layers := strings.Repeat(`{"annotations":{"a":"b"},"platform":{"os":"c"}},`, 65_000) + "{}"
	b.Entry(b.Blob(model.MediaTypeManifest, fmt.Appendf(nil, `{"schemaVersion":2,"mediaType":%q,"layers":[%s]}`, model.MediaTypeManifest, layers)), "")
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
}

// Whatever limit is hit, the report names it, and the layout is not proven.
func TestLimitsNamed(t *testing.T) {
	t.Parallel()
	met := 0
	for _, limits := range []any{layout.Limits{}, model.Limits{}, layer.Limits{}} {
		kind := reflect.TypeOf(limits)
		for i := range kind.NumField() {
			name := kind.String()[:strings.Index(kind.String(), ".")] + "." + kind.Field(i).Name
			test, ok := limited[name]
			if !ok {
				t.Errorf("nothing tells how %s is named", name)
				continue
			}
			if met++; test.named == "" {
				continue
			}
			t.Run(name, func(t *testing.T) {
				dir := t.TempDir()
				b := layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), dir))
				b.Entry(b.Image("linux/amd64", b.Layer(layouttest.Files{"etc/": "", "etc/motd": "hello\n"})), "v1")
				if err := b.Finish(); err != nil {
					t.Fatal(err)
				}
				if test.make != nil {
					test.make(t, dir)
				}
				namesLimit(t, append([]string{"verify", dir}, test.args...), test.named)
			})
		}
	}
	if met != len(limited) {
		t.Errorf("%d limits, and %d that are told of", met, len(limited))
	}
}

// namesLimit runs verify, which has to print the rule and its place, and then the limit.
func namesLimit(t *testing.T, args []string, named string) {
	t.Helper()
	stdout, _ := outcome(t, statusFailed, append(slices.Clone(args), "-f", "line")...)
	where, limit, _ := strings.Cut(named, "|")
	id, path, _ := strings.Cut(where, ": ")
	named = args[1] + ":" + path
	found := false
	for line := range strings.Lines(stdout) {
		found = found || strings.HasPrefix(line, named) && strings.Contains(line, limit) && strings.Contains(line, ": warning: ") && strings.Contains(line, " ["+id+"]")
	}
	if !found {
		t.Errorf("%q names no %q: %.2000s", args, limit, stdout)
	}
	text, _ := outcome(t, statusFailed, args...)
	if !strings.Contains(text, args[1]+": INCOMPLETE - ") || !strings.Contains(text, "  not checked  ") {
		t.Errorf("it claims to be complete: %.2000s", text)
	}
}

package e2e

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// Where the blobs of soundLayout are.
var soundLayer, soundConfig, soundManifest = func() (layer, config, manifest string) {
	fsys := afero.NewMemMapFs()
	m := soundImage(layouttest.New(fsys))
	raw, err := afero.ReadFile(fsys, blobs.Path(m.Digest))
	if err != nil {
		panic(err)
	}
	loaded, _ := model.LoadManifest(raw)
	return blobs.Path(loaded.Layers[0].Digest), blobs.Path(loaded.Config.Digest), blobs.Path(m.Digest)
}()

func soundImage(b *layouttest.Builder) model.Descriptor {
	return b.Image("linux/amd64", b.Layer(layouttest.Files{"etc/": "", "etc/motd": "hello\n"}))
}

// soundLayout writes an image that nothing is wrong with.
func soundLayout(t *testing.T) (dir string) {
	t.Helper()
	return built(t, func(b *layouttest.Builder) { b.Entry(soundImage(b), "v1") })
}

// built writes a layout on disk.
func built(t *testing.T, with func(b *layouttest.Builder)) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "img")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	b := layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), dir))
	with(b)
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// instead is a sound layout with something else in the place of one file.
func instead(name string, put func(t *testing.T, file string)) func(t *testing.T) string {
	return func(t *testing.T) string {
		dir := soundLayout(t)
		file := filepath.Join(dir, name)
		must(t, os.RemoveAll(file))
		put(t, file)
		return dir
	}
}

// besides is a sound layout with more in it.
func besides(add func(t *testing.T, dir string)) func(t *testing.T) string {
	return func(t *testing.T) string {
		dir := soundLayout(t)
		add(t, dir)
		return dir
	}
}

// sparse makes a file as long as asked that takes no room, or about as long where the file
// system has none of that length.
func sparse(t *testing.T, file string, size int64) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_CREATE|os.O_WRONLY, 0o644)
	must(t, err)
	defer f.Close()
	for err = f.Truncate(size); err != nil && size > 1<<40; err = f.Truncate(size) {
		size /= 2
	}
	testrun.Need(t, "file system for files of a terabyte", err)
}

// indexed writes index.json around its entries.
func indexed(t *testing.T, dir string, entries ...string) {
	t.Helper()
	write(t, filepath.Join(dir, "index.json"), indexListing(entries...))
}

func indexListing(entries ...string) string {
	return `{"schemaVersion":2,"mediaType":"` + model.MediaTypeIndex + `","manifests":[` + strings.Join(entries, ",") + `]}`
}

// rooted is a layout of which only index.json is told, with an empty blobs.
func rooted(index string) func(t *testing.T) string {
	return func(t *testing.T) string {
		dir, _ := newLayout(t)
		must(t, os.Mkdir(filepath.Join(dir, "blobs"), 0o755))
		write(t, filepath.Join(dir, "index.json"), index)
		return dir
	}
}

// emptyDoc is the blob {} that configs of artifacts are.
const emptyDoc = `{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}`

func pathOf(content string) string { return blobs.Path(digest.FromString(content)) }

// generated writes a blob that is never held in memory, and returns its descriptor as
// newLayout's blob does.
func generated(t *testing.T, dir, mediaType string, content func(w io.Writer)) string {
	t.Helper()
	must(t, os.MkdirAll(filepath.Join(dir, "blobs", "sha256"), 0o755))
	f, err := os.CreateTemp(filepath.Join(dir, "blobs"), "new")
	must(t, err)
	defer f.Close()
	hash := digest.SHA256.Digester()
	buffered := bufio.NewWriterSize(io.MultiWriter(f, hash.Hash()), 1<<20)
	content(buffered)
	must(t, buffered.Flush())
	info, err := f.Stat()
	must(t, err)
	must(t, os.Chmod(f.Name(), 0o644))
	must(t, os.Rename(f.Name(), filepath.Join(dir, blobs.Path(hash.Digest()))))
	return fmt.Sprintf(`{"mediaType":%q,"digest":%q,"size":%d`, mediaType, hash.Digest(), info.Size())
}

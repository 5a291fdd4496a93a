package model_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
)

// realFiles returns every file of the layouts that other tools made.
func realFiles(t testing.TB) map[string][]byte {
	t.Helper()
	return filesBelow(t, filepath.Join("..", "testdata", "layouts", "real"))
}

// layoutFiles returns every file of all layouts, sound and not, in testdata, sorted by
// path.
func layoutFiles(t testing.TB) [][]byte {
	t.Helper()
	all := filesBelow(t, filepath.Join("..", "testdata", "layouts"))
	var files [][]byte
	for _, path := range slices.Sorted(maps.Keys(all)) {
		if dir := filepath.Dir(path); filepath.Base(dir) != "real" && filepath.Base(dir) != "layouts" {
			files = append(files, all[path])
		}
	}
	return files
}

// filesBelow returns every file in the directories of root, by its path.
func filesBelow(t testing.TB, root string) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	roots, err := filepath.Glob(filepath.Join(root, "*"))
	for _, root := range roots {
		err = errors.Join(err, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			files[path], err = os.ReadFile(path)
			return err
		}))
	}
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files below %s: %v", len(files), root, err)
	}
	return files
}

// realProblems is what validating finds in the documents of a tool, all of it
// allowed or advised against: by the beginning of the layout's name.
var realProblems = map[string][]string{
	"buildah":       {"index-json-media-type-missing /mediaType"},
	"skopeo":        {"index-json-media-type-missing /mediaType"},
	"skopeo-docker": {"docker-document /mediaType", "index-json-media-type-missing /mediaType"},
	"umoci":         {"annotation-key-form /config/Labels/kind", "document-media-type-missing /mediaType", "index-json-media-type-missing /mediaType"},
	"umoci-new":     {"document-media-type-missing /mediaType", "index-json-media-type-missing /mediaType", "manifest-layers-empty /layers"},
}

// What skopeo, umoci and buildah write is loaded without a problem, valid, and
// encoded without loss.
func TestRealDocuments(t *testing.T) {
	met := make(map[model.Kind]int)
	var follow func(t *testing.T, blobs string, doc model.Document) []string
	follow = func(t *testing.T, blobs string, doc model.Document) (found []string) {
		for e := range doc.Edges() {
			kind := model.KindOf(e.Descriptor.MediaType)
			met[kind]++
			raw, err := os.ReadFile(filepath.Join(blobs, e.Descriptor.Digest.Encoded()))
			if err != nil {
				t.Fatal(err)
			}
			if got := model.Describe("", raw); got.Digest != e.Descriptor.Digest || got.Size != e.Descriptor.Size {
				t.Errorf("%s: the file is not the descriptor's", e.Pointer)
			}
			if kind.Document() {
				below, problems := wantLoaded(t, raw, model.As{MediaType: e.Descriptor.MediaType})
				found = append(append(found, problems...), follow(t, blobs, below)...)
			}
		}
		return found
	}
	for path, raw := range realFiles(t) {
		switch filepath.Base(path) {
		case model.IndexFile:
			t.Run(filepath.Dir(path), func(t *testing.T) {
				doc, found := wantLoaded(t, raw, model.As{IndexJSON: true})
				found = append(found, follow(t, filepath.Join(filepath.Dir(path), model.BlobsDir, "sha256"), doc)...)
				slices.Sort(found)
				name := filepath.Base(filepath.Dir(path))
				tool, _, _ := strings.Cut(name, "-")
				want, ok := realProblems[name]
				if !ok {
					want = realProblems[tool]
				}
				if diff := cmp.Diff(want, slices.Compact(found)); diff != "" {
					t.Errorf("problems (-want +got):\n%s", diff)
				}
			})
		case model.LayoutFile:
			l := loadedSoundly(t, string(raw), model.LoadImageLayout)
			wantPlaces(t, collect(l.Validate()), ``)
		}
	}
	for _, kind := range []model.Kind{model.KindIndex, model.KindManifest, model.KindImage, model.KindLayer} {
		if met[kind] == 0 {
			t.Errorf("there is no %v among the real layouts", kind)
		}
	}
}

// wantLoaded loads a document in which loading finds nothing, checks that it is
// kept and encoded without loss, and returns it with what validating finds.
func wantLoaded(t *testing.T, raw []byte, as model.As) (model.Document, []string) {
	t.Helper()
	mediaType := as.MediaType
	if as.IndexJSON {
		mediaType = model.MediaTypeIndex
	}
	doc, problems := model.Decode(mediaType, raw, model.Limits{})
	wantPlaces(t, problems, ``)
	if !bytes.Equal(doc.Raw(), raw) {
		t.Error("the bytes were not kept")
	}
	again, problems := model.Decode(mediaType, []byte(mustEncode(t, doc)), model.Limits{})
	wantPlaces(t, problems, ``)
	if diff := cmp.Diff(doc, again, sameMembers); diff != "" {
		t.Errorf("encoding changes the document:\n%s", diff)
	}
	return doc, places(collect(doc.ValidateAs(as)))
}

// Documents that are in order and that tools have refused, and others that are
// not and were let through.
func TestDocumentsThatWereMisjudged(t *testing.T) {
	const dockerImage = `{"architecture":"amd64","config":{"Hostname":"","Domainname":"","User":"","AttachStdin":false,"Tty":false,"Env":["PATH=/bin"],` +
		`"Cmd":["sh"],"Image":"sha256:0","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":null},"container":"0","container_config":{"Cmd":null},` +
		`"created":"2020-01-01T00:00:00.5Z","docker_version":"20.10","history":[{"created":"2020-01-01T00:00:00Z","created_by":"x"},{"empty_layer":true}],` +
		`"os":"linux","rootfs":{"type":"layers","diff_ids":["` + someDigest + `"]}}`
	descriptor := func(members string) string {
		return `{"mediaType":"a/b","digest":"` + someDigest + `",` + members + `}`
	}
	tests := []struct{ name, document, text, want string }{
		{"mediaType in a manifest", "manifest", `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":` + someConfig + `,"layers":[` + someLayer + `]}`, ``},
		{"mediaType in an index", "index", `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[` + someManifest + `]}`, ``},
		{"artifactType and subject", "index", `{` + asIndex + `"schemaVersion":2,"artifactType":"a/b","manifests":[],"subject":` + someManifest + `}`, ``},
		{"no entries", "index", `{` + asIndex + `"schemaVersion":2,"manifests":[]}`, ``},
		{"image that docker built", "image", dockerImage, ``},
		{"blob of no bytes", "descriptor", `{"mediaType":"a/b","digest":"` + nothingDigest + `","size":0}`, ``},
		{"blob of no bytes, by its size alone", "descriptor", descriptor(`"size":0`), `descriptor-empty-blob /digest`},
		{"data and artifactType", "descriptor", descriptor(`"size":2,"data":"e30=","artifactType":"c/d"`), ``},
		{"unknown member", "descriptor", descriptor(`"size":2,"x":{}`), ``},
		{"other addresses than of the web", "descriptor", descriptor(`"size":2,"urls":["ftp://example.com/a"]`), `url-scheme /urls/0`},
		{"more members in oci-layout", "layout", `{"imageLayoutVersion":"1.0.0","x":1}`, ``},
		{"digest of an algorithm that nobody registered", "descriptor",
			`{"mediaType":"a/b","digest":"sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564","size":1}`, `digest-algorithm-unregistered /digest`},

		{"negative size", "descriptor", descriptor(`"size":-1`), `descriptor-size-negative /size`},
		{"media type with a parameter", "descriptor", `{"mediaType":"a/b;c","digest":"` + someDigest + `","size":1}`, `media-type-grammar /mediaType`},
		{"media type with a line break", "descriptor", `{"mediaType":"a/b\n","digest":"` + someDigest + `","size":1}`, `media-type-grammar /mediaType`},
		{"schema version 99", "manifest", `{` + asManifest + `"schemaVersion":99,"config":` + someConfig + `,"layers":[` + someLayer + `]}`, `schema-version /schemaVersion`},
		{"no type of rootfs", "image", `{"architecture":"amd64","os":"linux","rootfs":{"diff_ids":[]}}`, `config-member-missing /rootfs/type`},
		{"no diff_ids", "image", `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers"}}`, `config-member-missing /rootfs/diff_ids`},
		{"rootfs of another type", "image", `{"architecture":"amd64","os":"linux","rootfs":{"type":"tar","diff_ids":[]}}`, `config-rootfs-type /rootfs/type`},
		{"a fault three levels down", "index", `{` + asIndex + `"schemaVersion":2,"manifests":[` + descriptor(`"size":1,"platform":{"os":"linux"}`) + `]}`,
			"platform-member-missing /manifests/0/platform/architecture\nindex-entry-type-unknown /manifests/0/mediaType"},
		{"other versions of the layout", "layout", `{"imageLayoutVersion":"1.0.1"}`, `oci-layout-version-unknown /imageLayoutVersion`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantPlaces(t, collect(validators[test.document](t, test.text)), test.want)
		})
	}
	// Loading fails for types alone, and validating finds what loading does not look at.
	for text, want := range map[string]string{`{"size":true}`: `json-type /size`, `{"annotations":{"a":1}}`: `json-type /annotations/a`} {
		_, problems := model.LoadDescriptor([]byte(text))
		wantPlaces(t, problems, want)
	}
	if rules := slices.Collect(loadedSoundly(t, `{}`, model.LoadManifest).Validate()); len(rules) != 4 {
		t.Errorf("an empty manifest loads, and lacks %d members", len(rules))
	}
}

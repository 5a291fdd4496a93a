package verify_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/internal/fixtures"
)

// documentTypes are the media types of documents by what Detect says.
var documentTypes = map[model.Kind]string{
	model.KindIndex: model.MediaTypeIndex, model.KindManifest: model.MediaTypeManifest, model.KindImage: model.MediaTypeImageConfig,
	model.KindDescriptor: model.MediaTypeDescriptor, model.KindLayout: model.MediaTypeLayout,
}

// Each document of each fixture that loads without an error says the same once it is
// encoded, also to encoding/json. A member that is null, where it may be, is left out.
func TestFixtureDocuments(t *testing.T) {
	seen := make(map[string]bool)
	for _, f := range fixtures.All() {
		files, err := f.Files()
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range slices.Sorted(maps.Keys(files)) {
			raw := files[name]
			mediaType := documentTypes[model.Detect(raw)]
			if mediaType == "" || len(raw) > 1<<16 || seen[string(raw)] {
				continue
			}
			doc, problems := model.Decode(mediaType, raw, model.Limits{})
			if doc == nil || problems.Err() != nil {
				continue
			}
			seen[string(raw)] = true
			encoded, err := model.Encode(doc)
			if err != nil {
				t.Errorf("%s: %s: %v", f.Name, name, err)
			}
			if diff := cmp.Diff(plain(t, raw), plain(t, encoded)); diff != "" {
				t.Errorf("%s: %s is changed by encoding (-read +encoded):\n%s", f.Name, name, diff)
			}
		}
	}
	if len(seen) < 400 {
		t.Errorf("only %d documents", len(seen))
	}
}

// plain is what encoding/json makes of a document.
func plain(t *testing.T, raw []byte) (value any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	return withoutNulls(value)
}

func withoutNulls(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			if value[name] = withoutNulls(member); member == nil {
				delete(value, name)
			}
		}
	case []any:
		for i := range value {
			value[i] = withoutNulls(value[i])
		}
	}
	return value
}

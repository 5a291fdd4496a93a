package verify_test

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest"
)

// opinion is a second one about a layout, by other means and in a few lines:
// what a script would do with a JSON reader and sha256sum.
type opinion struct {
	files  map[string][]byte
	faults []string
	seen   map[string]bool
}

// secondOpinion returns why a layout cannot be valid; nothing is no proof that it
// is.
func secondOpinion(files map[string][]byte) []string {
	o := &opinion{files: files, seen: make(map[string]bool)}
	var version string
	if json.Unmarshal(members(files["oci-layout"])["imageLayoutVersion"], &version); version != "1.0.0" {
		o.fault("oci-layout has the version %q", version)
	}
	o.document("index.json", "application/vnd.oci.image.index.v1+json", files["index.json"])
	return o.faults
}

func (o *opinion) fault(format string, args ...any) {
	o.faults = append(o.faults, fmt.Sprintf(format, args...))
}

// members are those of a JSON object by their exact names, as a map has them and
// a struct has not.
func members(raw []byte) (m map[string]json.RawMessage) {
	json.Unmarshal(raw, &m)
	return m
}

// document goes on to what a document names.
func (o *opinion) document(name, mediaType string, raw []byte) {
	m, list := members(raw), lists[mediaType]
	if list == "" {
		return
	}
	var all []json.RawMessage
	if err := json.Unmarshal(m[list], &all); err != nil {
		o.fault("%s: %s: %v", name, list, err)
	}
	for i, d := range all {
		o.descriptor(fmt.Sprintf("%s#/%s/%d", name, list, i), d, false)
	}
	if list == "layers" {
		o.descriptor(name+"#/config", m["config"], false)
	}
	if subject, ok := m["subject"]; ok {
		o.descriptor(name+"#/subject", subject, true)
	}
}

// lists are the members that list descriptors, of documents by their media type.
var lists = map[string]string{
	"application/vnd.oci.image.index.v1+json":                   "manifests",
	"application/vnd.docker.distribution.manifest.list.v2+json": "manifests",
	"application/vnd.oci.image.manifest.v1+json":                "layers",
	"application/vnd.docker.distribution.manifest.v2+json":      "layers",
}

// descriptor holds a blob against a descriptor.
func (o *opinion) descriptor(place string, raw []byte, subject bool) {
	m := members(raw)
	var mediaType, digest string
	var size int64
	var data []byte
	var urls []string
	for member, value := range map[string]any{"mediaType": &mediaType, "digest": &digest, "size": &size, "data": &data, "urls": &urls} {
		if err := json.Unmarshal(m[member], value); m[member] != nil && err != nil {
			o.fault("%s/%s: %v", place, member, err)
		}
	}
	name := "blobs/" + strings.Replace(digest, ":", "/", 1)
	content, there := o.files[name]
	if data != nil {
		o.bytes(place+"/data", digest, size, data)
	}
	switch {
	case there:
		o.bytes(place, digest, size, content)
	case data != nil:
		content = data
	case subject, len(urls) > 0, strings.Contains(mediaType, "nondistributable"), strings.Contains(mediaType, "foreign"),
		digest == fmt.Sprintf("sha256:%x", sha256.Sum256([]byte("{}"))) && size == 2:
		return
	default:
		o.fault("%s: there is no %s", place, name)
	}
	if key := mediaType + " " + digest; !o.seen[key] {
		o.seen[key] = true
		o.document(name, mediaType, content)
	}
}

func (o *opinion) bytes(place, digest string, size int64, content []byte) {
	sum := digest // of other algorithms this does not judge
	switch algorithm, _, _ := strings.Cut(digest, ":"); algorithm {
	case "sha256":
		sum = fmt.Sprintf("sha256:%x", sha256.Sum256(content))
	case "sha512":
		sum = fmt.Sprintf("sha512:%x", sha512.Sum512(content))
	}
	if sum != digest || int64(len(content)) != size {
		o.fault("%s: %d bytes of %s, and not %d of %s", place, len(content), sum, size, digest)
	}
}

// The second opinion sees what is wrong, so that fuzzing with it means something.
func TestSecondOpinion(t *testing.T) {
	for which, s := range samples {
		fsys, paths := fresh(t, s)
		files := filesOf(t, fsys)
		if faults := secondOpinion(files); len(faults) > 0 {
			t.Errorf("%s: %q", which, faults)
		}
		for _, name := range append(paths, "index.json", "oci-layout") {
			before := files[name]
			for what, content := range map[string][]byte{"shorter": before[1:], "other": append([]byte("x"), before[1:]...), "longer": append(bytes.Clone(before), 'x')} {
				files[name] = content
				if faults := secondOpinion(files); len(faults) == 0 {
					t.Errorf("%s: %s is %s, and it has no objection", which, name, what)
				}
			}
			delete(files, name)
			embedded := len(before) == len("note") || len(before) == len("{}")
			if faults := secondOpinion(files); len(faults) == 0 && !embedded {
				t.Errorf("%s: %s is gone, and it has no objection", which, name)
			}
			files[name] = before
		}
	}
	empty := build(t, func(*layouttest.Builder) {})
	if faults := secondOpinion(filesOf(t, empty)); len(faults) > 0 {
		t.Errorf("a layout of nothing: %q", faults)
	}
}

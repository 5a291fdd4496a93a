package verify_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
)

// silent says how many of the versions of index.json go unnoticed, by the way in
// which it is damaged and by where. A number may become less, and is then to be
// lowered here; none may grow.
var silent = map[string]int{
	"family deletions: the name org.example":                               10,
	"family deletions: the name org.opencontainers.image.ref.name":         38,
	"family deletions: the value of org.example":                           1,
	"family deletions: the value of org.opencontainers.image.ref.name":     4,
	"family flips: the name org.example":                                   58,
	"family flips: the name org.opencontainers.image.ref.name":             210,
	"family flips: the value of org.example":                               7,
	"family flips: the value of org.opencontainers.image.ref.name":         21,
	"family growths: the same JSON":                                        84,
	"family growths: the value of org.example":                             2,
	"family substitutions: the name org.example":                           50,
	"family substitutions: the name org.opencontainers.image.ref.name":     190,
	"family substitutions: the value of org.example":                       6,
	"family substitutions: the value of org.opencontainers.image.ref.name": 20,
	"tiny deletions: the name org.opencontainers.image.ref.name":           19,
	"tiny deletions: the value of org.opencontainers.image.ref.name":       2,
	"tiny flips: the name org.opencontainers.image.ref.name":               105,
	"tiny flips: the value of org.opencontainers.image.ref.name":           11,
	"tiny growths: the same JSON":                                          36,
	"tiny insertions: the name org.opencontainers.image.ref.name":          251,
	"tiny insertions: the same JSON":                                       30,
	"tiny insertions: the value of org.opencontainers.image.ref.name":      39,
	"tiny substitutions: the name org.opencontainers.image.ref.name":       1232,
	"tiny substitutions: the value of org.opencontainers.image.ref.name":   122,
}

// Without its digest, what is damaged in index.json goes unnoticed only where
// silent says so: where the JSON means the same, or where another reference name or
// annotation is one that the specification does not know either. Whatever goes
// unnoticed, as many blobs are verified as before.
func TestDamageOfIndexThatGoesUnnoticed(t *testing.T) {
	testrun.NotShort(t, "it looks at damage with one job")
	var mu sync.Mutex
	found := make(map[string]int)
	t.Run("samples", func(t *testing.T) {
		each(t, inRoot(model.IndexFile), func(t *testing.T, s sample, name string, w way) {
			fsys, _ := fresh(t, s)
			o := unremarked(t, verify.Options{Jobs: 1})
			if err := o.Policy.Set("annotation-key-form=info"); err != nil { // which is off as labels rarely keep it
				t.Fatal(err)
			}
			before := verifyFs(t, fsys, o)
			original := read(t, fsys, name)
			at := partsOf(t, original)
			prefix := strings.Join(strings.Split(t.Name(), "/")[2:4], " ") + ": "
			damage(t, fsys, name, o, w(original), func(version string, content []byte, r result) {
				if len(r.findings) > 0 {
					return
				}
				if r.stats.IndexDigest == before.stats.IndexDigest {
					t.Errorf("%s: the digest of index.json is still %s", version, r.stats.IndexDigest)
				}
				r.stats.IndexDigest = before.stats.IndexDigest
				if !reflect.DeepEqual(r, before) {
					t.Errorf("%s: nothing is found, and yet %+v became %+v", version, before.stats, r.stats)
				}
				part := "the same JSON"
				if !sameJSON(t, original, content) {
					part = at[min(placeOf(t, version), len(at)-1)]
				}
				mu.Lock()
				found[prefix+part]++
				mu.Unlock()
			})
		})
	})
	for what, n := range found {
		// A sample may hold more than its share: they are not spread evenly.
		if most := silent[what]; n > most {
			t.Errorf("%s: %d versions go unnoticed, no more than %d may", what, n, most)
		}
	}
	for what, n := range silent {
		if step() == 1 && found[what] < n {
			t.Errorf("%s: only %d versions go unnoticed: lower the %d", what, found[what], n)
		}
	}
	if len(found) == 0 {
		t.Error("nothing goes unnoticed, so that nothing was looked at")
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var values [2]any
	for i, raw := range [][]byte{a, b} {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		if err := d.Decode(&values[i]); err != nil {
			t.Fatalf("unnoticed, and yet: %v in %s", err, raw)
		}
	}
	return reflect.DeepEqual(values[0], values[1])
}

// partsOf says of each byte of a JSON document which member's name or value it is
// part of.
func partsOf(t *testing.T, raw []byte) []string {
	t.Helper()
	parts := make([]string, len(raw))
	type level struct {
		object, value bool // in an object, and a value comes next
		name          string
	}
	var stack []level
	d := json.NewDecoder(bytes.NewReader(raw))
	for {
		start := d.InputOffset()
		token, err := d.Token()
		if err == io.EOF {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		part := "the document"
		if len(stack) > 0 {
			top := &stack[len(stack)-1]
			switch {
			case top.object && !top.value && token != json.Delim('}'):
				top.name = fmt.Sprint(token)
				part = "the name " + top.name
			default:
				part = "the value of " + top.name
			}
			if top.object {
				top.value = !top.value
			}
		}
		for i := start; i < d.InputOffset(); i++ {
			parts[i] = part
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			name := ""
			if len(stack) > 0 {
				name = stack[len(stack)-1].name
			}
			stack = append(stack, level{object: token == json.Delim('{'), name: name})
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:len(stack)-1]
			if len(stack) > 0 && stack[len(stack)-1].object {
				stack[len(stack)-1].value = false
			}
		}
	}
}

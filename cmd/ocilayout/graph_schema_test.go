package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func compiled(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "docs", name+".schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// printed returns what a command prints as JSON of a layout.
func printed(t *testing.T, command, path string) (value map[string]any) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	status := run(context.Background(), []string{"ocilayout", command, "--format", "json", path}, &stdout, &stderr)
	if status != exit.StatusOK && status != exit.StatusFailed {
		t.Fatalf("%s: status %d: %s", path, status, &stderr)
	}
	if stdout.Len() > 0 {
		decode(t, stdout.String(), &value)
		if complete := stderr.Len() == 0; complete != (status == exit.StatusOK) {
			t.Errorf("%s: status %d and %q", path, status, &stderr)
		}
	}
	return value
}

// The graphs of all layouts, sound or broken, keep the schemas.
func TestGraphSchemas(t *testing.T) {
	notShort(t)
	for _, command := range []string{"tree", "blobs"} {
		schema, layouts := compiled(t, command), 0
		for _, pattern := range []string{"*", filepath.Join("real", "*")} {
			paths, _ := filepath.Glob(filepath.Join(everyLayout(t), pattern))
			for _, path := range paths {
				if info, err := os.Stat(path); err != nil || !info.IsDir() || filepath.Base(path) == "real" {
					continue
				}
				value := printed(t, command, path)
				if value == nil {
					continue
				}
				layouts++
				if err := schema.Validate(value); err != nil {
					t.Errorf("%s %s: %v", command, path, err)
				}
			}
		}
		if layouts < 200 {
			t.Errorf("%s printed only %d layouts", command, layouts)
		}
	}
}

// The schemas refuse what is not promised: a member that is absent, or null, or
// one more.
func TestGraphSchemasRefuse(t *testing.T) {
	path := filepath.Join("..", "..", "testdata", "layouts", "referrers-tag")
	for _, command := range []string{"tree", "blobs"} {
		schema, value := compiled(t, command), printed(t, command, path)
		if err := schema.Validate(value); err != nil {
			t.Fatal(err)
		}
		objects := 0
		eachObject(value, "", func(_ string, object map[string]any) {
			objects++
			for _, member := range slices.Sorted(maps.Keys(object)) {
				right := object[member]
				delete(object, member)
				refused(t, schema, value, command+": without "+member)
				object[member] = map[string]any{}
				refused(t, schema, value, command+": an object for "+member)
				object[member] = right
			}
			object["more"] = 1
			refused(t, schema, value, command+": one member more")
			delete(object, "more")
		})
		if objects < 9 {
			t.Errorf("%s has only %d objects", command, objects)
		}
		text, _ := json.Marshal(value)
		for _, wrong := range []string{`"state":"lost"`, `"state":null`} {
			var broken any
			decode(t, strings.Replace(string(text), `"state":""`, wrong, 1), &broken)
			refused(t, schema, broken, command+": "+wrong)
		}
	}
}

func refused(t *testing.T, schema *jsonschema.Schema, value any, what string) {
	t.Helper()
	if schema.Validate(value) == nil {
		t.Errorf("the schema takes %s", what)
	}
}

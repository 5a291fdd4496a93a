package main

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
	"github.com/ocilayout/ocilayout/model"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// listSchema returns the schema of what a command prints as JSON.
func listSchema(t *testing.T, command string) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "docs", command+".schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// printedJSON runs a command, and returns what it prints, nil for nothing.
func printedJSON(t *testing.T, command, path string) any {
	t.Helper()
	var stdout, stderr bytes.Buffer
	run(context.Background(), []string{"ocilayout", command, "--format", "json", path}, &stdout, &stderr)
	if stdout.Len() == 0 {
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(&stdout)
	if err != nil {
		t.Fatalf("%s %s: %v", command, path, err)
	}
	return value
}

// What ls, inspect and files print of every layout, sound or broken, keeps their
// schemas.
func TestListSchemas(t *testing.T) {
	notShort(t)
	layouts, err := filepath.Glob(filepath.Join(everyLayout(t), "*", "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	real, err := filepath.Glob(filepath.Join(everyLayout(t), "real", "*", "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"ls", "inspect", "files"} {
		schema, printed := listSchema(t, command), 0
		for _, index := range slices.Concat(layouts, real) {
			value := printedJSON(t, command, filepath.Dir(index))
			if value == nil {
				continue
			}
			printed++
			if err := schema.Validate(value); err != nil {
				t.Errorf("%s %s: %v", command, filepath.Dir(index), err)
			}
		}
		if printed < 50 {
			t.Errorf("%s printed JSON of %d layouts alone", command, printed)
		}
	}
}

// The schemas refuse an object that has a member more, or one less.
func TestListSchemasRefuse(t *testing.T) {
	for command, name := range map[string]string{"ls": "real/umoci-gc", "inspect": "diff-id-not-checked-buildkit", "files": "real/umoci-gc"} {
		schema := listSchema(t, command)
		value := printedJSON(t, command, filepath.Join("..", "..", "testdata", "layouts", filepath.FromSlash(name)))
		if err := schema.Validate(value); err != nil {
			t.Fatalf("%s: %v", command, err)
		}
		objects := 0
		eachObject(value, "", func(path string, object map[string]any) {
			for _, open := range []string{"annotations", "labels", "xattrs"} {
				if strings.HasSuffix(path, "/"+open) {
					return
				}
			}
			objects++
			object["more"] = 1
			if schema.Validate(value) == nil {
				t.Errorf("%s: %s may have more members", command, path)
			}
			delete(object, "more")
			for member, is := range object {
				if member == "xattrs" {
					continue
				}
				delete(object, member)
				if schema.Validate(value) == nil {
					t.Errorf("%s: %s may lack %s", command, path, member)
				}
				object[member] = is
			}
		})
		if objects < 2 {
			t.Errorf("%s: %d objects", command, objects)
		}
	}
}

func eachObject(value any, path string, look func(string, map[string]any)) {
	switch value := value.(type) {
	case map[string]any:
		look(path, value)
		for member, inner := range value {
			eachObject(inner, path+"/"+member, look)
		}
	case []any:
		for _, inner := range value {
			eachObject(inner, path+"/-", look)
		}
	}
}

// The schemas know every kind of artifact.
func TestListSchemasKnowArtifacts(t *testing.T) {
	schema := listSchema(t, "ls")
	for _, kind := range model.ArtifactKinds() {
		raw, err := json.Marshal(show.Listing{SchemaVersion: 1, Path: "x", Entries: []show.ListedEntry{{Kind: "artifact", ArtifactKind: kind, Platforms: []string{}}}})
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

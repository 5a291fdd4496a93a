package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/config"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// Editors find right and wrong in a configuration what the program does.
func TestConfigSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "docs", "config.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	for text, right := range map[string]bool{
		"fail-on: warning\nprofile: strict\nlevel: digest\nrules: {json-bom: ignore}\n":                                    true,
		"exceptions: [{rule: json-bom, reason: r, layouts: ['a/**'], path: index.json, pointer: /a, until: '2027-06-30'}]": true,
		"exceptions: [{rule: json-bom, reason: r, digest: 'sha256:" + strings.Repeat("1", 64) + "'}]":                      true,
		"fail-on: loud":                             false,
		"level: all":                                false,
		"rules: {json-bom: loud}":                   false,
		"exceptions: [{rule: json-bom}]":            false,
		"exceptions: [{rule: json-bom, resaon: r}]": false,
		"exceptions: [{rule: json-bom, reason: r, until: tomorrow}]": false,
	} {
		_, err := config.Parse("c", []byte(text))
		var value any
		if failed := yaml.Unmarshal([]byte(text), &value); failed != nil {
			t.Fatal(failed)
		}
		raw, _ := json.Marshal(value)
		value, _ = jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
		if valid := schema.Validate(value); (err == nil) != right || (valid == nil) != right {
			t.Errorf("%q: the program says %v, the schema %v", text, err, valid)
		}
	}
}

// What --write-baseline writes keeps its schema.
func TestBaselineSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "docs", "baseline.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	found := []config.Accepted{{Rule: "json-bom", Path: "index.json"}, {Rule: "blob-digest-mismatch", Digest: "sha256:" + strings.Repeat("1", 64), Pointer: ""}}
	if err := config.WriteBaseline(&out, found); err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(out.String()))
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(value); err != nil {
		t.Error(err)
	}
}

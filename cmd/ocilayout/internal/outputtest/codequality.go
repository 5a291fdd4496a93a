package outputtest

import (
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// codeQualitySchema says what GitLab documents of a Code Quality report, strictly:
// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
const codeQualitySchema = `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "type": "array",
  "items": {
    "type": "object",
    "additionalProperties": false,
    "required": ["description", "check_name", "fingerprint", "severity", "location"],
    "properties": {
      "description": {"type": "string", "minLength": 1},
      "check_name": {"type": "string", "pattern": "^[a-z0-9-]+$"},
      "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
      "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
      "location": {
        "type": "object",
        "additionalProperties": false,
        "required": ["path", "lines"],
        "properties": {
          "path": {"type": "string", "minLength": 1, "not": {"pattern": "^\\./"}},
          "lines": {
            "type": "object",
            "additionalProperties": false,
            "required": ["begin"],
            "properties": {"begin": {"type": "integer", "minimum": 1}}
          }
        }
      }
    }
  }
}`

var codeQuality = sync.OnceValues(func() (*jsonschema.Schema, error) {
	schema, err := jsonschema.UnmarshalJSON(strings.NewReader(codeQualitySchema))
	if err != nil {
		return nil, err
	}
	const name = "codequality.json"
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(name, schema); err != nil {
		return nil, err
	}
	return compiler.Compile(name)
})

// CodeQuality checks a report against what GitLab documents.
func CodeQuality(text string) error { return check(codeQuality, text) }

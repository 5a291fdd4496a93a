// Package outputtest judges what the program prints, for the tests of the program.
package outputtest

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// root is the directory of go.mod. Tests run in the directory of their package, and some go
// elsewhere later.
var root = sync.OnceValues(findRoot)

var started, startedErr = os.Getwd()

func findRoot() (string, error) {
	if startedErr != nil {
		return "", startedErr
	}
	for dir := started; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("no go.mod above %s", started)
		}
	}
}

// Schema returns a schema of docs by its name, such as "tree", or a part of one:
// "report", "/$defs/line". The caller's test has to run below the directory of go.mod.
func Schema(name, part string) (*jsonschema.Schema, error) {
	dir, err := root()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "docs", name+".schema.json")
	if part != "" {
		file += "#" + part
	}
	return jsonschema.NewCompiler().Compile(file) // which reads files, and knows no network
}

// reportSchemas are the schemas of a JSON report, and of a line of ndjson.
var reportSchemas = sync.OnceValues(func() (schemas [2]*jsonschema.Schema, err error) {
	if schemas[0], err = Schema("report", ""); err == nil {
		schemas[1], err = Schema("report", "/$defs/line")
	}
	return schemas, err
})

// Report checks what verify or validate printed as JSON or ndjson against the schema.
func Report(text string) error {
	schemas, err := reportSchemas()
	if err != nil {
		return err
	}
	schema := schemas[0]
	if strings.HasPrefix(text, `{"type":`) {
		schema = schemas[1]
	}
	values := json.NewDecoder(strings.NewReader(text))
	values.UseNumber()
	for n := 0; ; n++ {
		var value any
		if err := values.Decode(&value); err == io.EOF && n > 0 {
			return nil
		} else if err != nil {
			return err
		}
		if err := schema.Validate(value); err != nil {
			return fmt.Errorf("%w\nin %v", err, value)
		}
		if schema == schemas[0] && n > 0 {
			return fmt.Errorf("a second JSON value: %v", value)
		}
	}
}

var diffSchema = sync.OnceValues(func() (*jsonschema.Schema, error) { return Schema("diff", "") })

// Diff checks what diff printed as JSON against its schema.
func Diff(text string) error { return check(diffSchema, text) }

// check checks one JSON value against a schema.
func check(of func() (*jsonschema.Schema, error), text string) error {
	schema, err := of()
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return err
	}
	if err := schema.Validate(value); err != nil {
		return fmt.Errorf("%w\nin %s", err, text)
	}
	return nil
}

var (
	reading   = regexp.MustCompile(`read in \d[^;\n]*;`)
	testTimes = regexp.MustCompile(` time="\d+\.\d"`)
	durations = regexp.MustCompile(`("durationMs": ?)\d+`)
	versions  = regexp.MustCompile(`("version": ?)"(v|devel|unknown)[^"]*"`) // of the program, and not of a format
)

// Masked hides what is never the same: times are those of a run that took none, and the version is
// VERSION.
func Masked(s string) string {
	s = reading.ReplaceAllLiteralString(s, "read in under 1 s;")
	return With(testTimes.ReplaceAllLiteralString(s, ` time="0.0"`), "0", "VERSION")
}

// With gives every duration and the version of the program a value.
func With(s, duration, version string) string {
	return versions.ReplaceAllString(durations.ReplaceAllString(s, "${1}"+duration), `${1}"`+version+`"`)
}

package outputtest

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	// Its source has the schema that OASIS published. This import has go.mod name
	// it, and the module cache have it.
	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

const sarifModule = "github.com/owenrumney/go-sarif/v3"

// sarifSchema is the published schema of SARIF 2.1.0.
var sarifSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", sarifModule).Output()
	if err != nil {
		return nil, err
	}
	source := filepath.Join(strings.TrimSpace(string(dir)), "pkg", "report", "v210", "sarif", "schema.go")
	text, err := stringConstant(source, "schema")
	if err != nil {
		return nil, err
	}
	schema, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	const name = "sarif.json"
	if err := compiler.AddResource(name, schema); err != nil {
		return nil, err
	}
	return compiler.Compile(name)
})

// stringConstant returns the constant of a Go file.
func stringConstant(file, name string) (string, error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	for _, d := range parsed.Decls {
		constants, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range constants.Specs {
			value, ok := spec.(*ast.ValueSpec)
			if !ok || value.Names[0].Name != name || len(value.Values) != 1 {
				continue
			}
			if literal, ok := value.Values[0].(*ast.BasicLit); ok {
				return strconv.Unquote(literal.Value)
			}
		}
	}
	return "", errors.New(file + " has no constant " + name)
}

// SARIF checks a log against the schema that OASIS published. It runs the go tool once.
func SARIF(text string) error { return check(sarifSchema, text) }

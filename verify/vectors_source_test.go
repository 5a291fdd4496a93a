package verify_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/opencontainers/go-digest"
)

// The modules whose own test vectors are read from the module cache. Nothing of
// them is kept here; that they are in go.mod pins the versions.
const (
	imageSpec = "github.com/opencontainers/image-spec"
	goDigest  = "github.com/opencontainers/go-digest"
)

var moduleDirs sync.Map // module → func() (string, error)

// moduleFile returns a file of a module at the version that go.mod names.
func moduleFile(t testing.TB, module string, path ...string) []byte {
	t.Helper()
	find, _ := moduleDirs.LoadOrStore(module, sync.OnceValues(func() (string, error) {
		out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
		return strings.TrimSpace(string(out)), err
	}))
	dir, err := find.(func() (string, error))()
	if err != nil || dir == "" {
		t.Fatalf("no source of %s: %v", module, err)
	}
	raw, err := os.ReadFile(filepath.Join(append([]string{dir}, path...)...))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// row is one case of a table of Go source: its fields that are constants, or
// made by what constants knows.
type row map[string]any

// constants evaluates the few expressions that vectors are written in. Names are
// those that the function before the table gives to such expressions.
type constants map[string]any

func (c constants) eval(e ast.Expr) (any, error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return strconv.Unquote(e.Value)
		}
	case *ast.ParenExpr:
		return c.eval(e.X)
	case *ast.BinaryExpr:
		x, errX := c.text(e.X)
		y, errY := c.text(e.Y)
		if e.Op == token.ADD && errX == nil && errY == nil {
			return x + y, nil
		}
	case *ast.Ident:
		if v, ok := c[e.Name]; ok {
			return v, nil
		}
	case *ast.CompositeLit:
		list := []string{}
		for _, element := range e.Elts {
			s, err := c.text(element)
			if err != nil {
				return nil, err
			}
			list = append(list, s)
		}
		return list, nil
	case *ast.CallExpr:
		return c.call(e)
	}
	return nil, fmt.Errorf("cannot evaluate a %T", e)
}

func (c constants) call(e *ast.CallExpr) (any, error) {
	f, ok := e.Fun.(*ast.SelectorExpr)
	if ok && f.Sel.Name == "FromString" && len(e.Args) == 1 {
		s, err := c.text(e.Args[0])
		return string(digest.FromString(s)), err
	}
	if ok && f.Sel.Name == "String" && len(e.Args) == 0 {
		return c.text(f.X)
	}
	return nil, fmt.Errorf("cannot evaluate a call")
}

func (c constants) text(e ast.Expr) (string, error) {
	v, err := c.eval(e)
	s, ok := v.(string)
	if err == nil && !ok {
		err = fmt.Errorf("no string")
	}
	return s, err
}

// table returns the rows of the table that a test function of a module ranges
// over. It fails the test where there are fewer rows than floor,
// or where one cannot be read, so that no test passes on vectors it never saw.
func table(t testing.TB, floor int, function, module string, path ...string) []row {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(path...), moduleFile(t, module, path...), 0)
	if err != nil {
		t.Fatal(err)
	}
	known := constants{"true": true, "false": false, "ErrDigestInvalidFormat": "invalid", "ErrDigestInvalidLength": "invalid", "ErrDigestUnsupported": "unsupported"}
	var rows []row
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Name.Name != function {
			continue
		}
		for _, statement := range f.Body.List {
			switch s := statement.(type) {
			case *ast.AssignStmt:
				name, ok := s.Lhs[0].(*ast.Ident)
				if v, err := known.eval(s.Rhs[0]); ok && err == nil {
					known[name.Name] = v
				}
			case *ast.RangeStmt:
				rows = append(rows, known.rows(t, s.X)...)
			}
		}
	}
	if len(rows) < floor {
		t.Fatalf("%s of %s has %d cases, want %d or more", function, module, len(rows), floor)
	}
	return rows
}

func (c constants) rows(t testing.TB, e ast.Expr) []row {
	t.Helper()
	list, ok := e.(*ast.CompositeLit)
	if !ok {
		t.Fatalf("the table is a %T", e)
	}
	var rows []row
	for _, element := range list.Elts {
		r := make(row)
		for _, field := range element.(*ast.CompositeLit).Elts {
			pair := field.(*ast.KeyValueExpr)
			name := pair.Key.(*ast.Ident).Name
			v, err := c.eval(pair.Value)
			if err != nil {
				t.Fatalf("case %d, field %s: %v", len(rows), name, err)
			}
			r[name] = v
		}
		rows = append(rows, r)
	}
	return rows
}

package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// namedPackages are the packages that the page's names are of.
var namedPackages = map[string]string{
	"model":        "github.com/ocilayout/ocilayout/model",
	"distribution": "github.com/ocilayout/ocilayout/model/distribution",
	"digest":       "github.com/opencontainers/go-digest",
}

var goName = regexp.MustCompile("`([a-z]+)\\.([A-Z][A-Za-z0-9]*(?:\\.[A-Z][A-Za-z0-9]*)?)`")

// Every Go name that the page gives to those who come from Python exists, and
// every name it came from has an answer.
func TestNamesOfOtherLibrary(t *testing.T) {
	page, err := os.ReadFile("../../docs/documents.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(page), "\n| Python | Go |\n|---|---|\n")
	if !ok {
		t.Fatal("the page has no table of names")
	}
	declared := make(map[string]map[string]bool)
	for name, path := range namedPackages {
		declared[name] = declarations(t, path)
	}
	names := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.Trim(line, "| \n"), " | ")
		if heading := len(cells) == 1 && strings.HasPrefix(cells[0], "**"); heading {
			continue
		}
		if len(cells) != 2 || cells[1] == "" {
			t.Errorf("a row without an answer: %s", line)
			continue
		}
		for _, m := range goName.FindAllStringSubmatch(cells[1], -1) {
			names++
			if !declared[m[1]][m[2]] {
				t.Errorf("the page names %s.%s, and there is no such thing", m[1], m[2])
			}
		}
	}
	if names < 100 {
		t.Errorf("only %d names were found in the table", names)
	}
}

// declarations returns the exported names of a package: "Name" of what it
// declares, and "Type.Name" of methods and fields.
func declarations(t *testing.T, importPath string) map[string]bool {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", importPath).Output()
	if err != nil {
		t.Fatalf("go list %s: %v", importPath, err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of %s: %v", importPath, err)
	}
	names := make(map[string]bool)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			declare(names, d)
		}
	}
	return names
}

func declare(names map[string]bool, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			names[d.Name.Name] = true
			return
		}
		receiver := d.Recv.List[0].Type
		if star, ok := receiver.(*ast.StarExpr); ok {
			receiver = star.X
		}
		if of, ok := receiver.(*ast.Ident); ok {
			names[of.Name+"."+d.Name.Name] = true
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					names[name.Name] = true
				}
			case *ast.TypeSpec:
				names[spec.Name.Name] = true
				if s, ok := spec.Type.(*ast.StructType); ok {
					for _, field := range s.Fields.List {
						for _, name := range field.Names {
							names[spec.Name.Name+"."+name.Name] = true
						}
					}
				}
			}
		}
	}
}

// Command apidoc writes docs/api.txt, which lists what the packages of this module
// export, from the root of the module.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"go/constant"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"log"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

func main() {
	page, err := generate(".")
	if err == nil {
		err = os.WriteFile("docs/api.txt", page, 0o644)
	}
	if err != nil {
		log.Fatal(err)
	}
}

const module = "github.com/ocilayout/ocilayout/"

// forOwnTests are the packages that other modules can import and should not: they
// serve the tests of this module, and change as those need it.
var forOwnTests = []string{"layout/layouttest/faultfs", "layout/layouttest/rawlayer", "layout/layouttest/testrun"}

const head = `# What the packages of this module export, a line each. Written by "make docs"; a
# test compares it with the code, so that a change of the API shows in its diff.
`

// generate returns the page. It takes the types from the compiler, which go list
// runs where needed.
func generate(root string) ([]byte, error) {
	compiled, err := compile(root)
	if err != nil {
		return nil, err
	}
	from := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) {
		return os.Open(compiled[path])
	})
	page, numbers := bytes.NewBufferString(head), new(bytes.Buffer)
	var all counts
	for _, path := range slices.Sorted(maps.Keys(compiled)) {
		name, own := strings.CutPrefix(path, module)
		if !own || !public(name) {
			continue
		}
		pkg, err := from.Import(path)
		if err != nil {
			return nil, err
		}
		if pkg.Name() == "main" {
			continue
		}
		s := surface{pkg: pkg}
		s.read()
		fmt.Fprintf(page, "\n# %s\n", name)
		for _, line := range slices.Sorted(slices.Values(s.lines)) {
			fmt.Fprintln(page, line)
		}
		fmt.Fprintf(numbers, "# %-24s%6d%8d\n", name, s.names, s.fields)
		all.names, all.fields, all.rules = all.names+s.names, all.fields+s.fields, all.rules+s.rules
	}
	fmt.Fprintf(page, "\n# %-24s%6s%8s\n%s", "", "names", "fields", numbers)
	fmt.Fprintf(page, "# %-24s%6d%8d, and the ids of %d rules\n", "all", all.names, all.fields, all.rules)
	for _, name := range forOwnTests {
		fmt.Fprintf(page, "# Left out: %s, which is for the tests of this module.\n", name)
	}
	return page.Bytes(), nil
}

// compile returns the files in which the compiler put the types of each package.
func compile(root string) (map[string]string, error) {
	cmd := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "./...")
	cmd.Dir, cmd.Stderr = root, os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cmd, err)
	}
	files := make(map[string]string)
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		path, file, _ := strings.Cut(lines.Text(), " ")
		files[path] = file
	}
	return files, nil
}

// public says whether a package, named from the root of the module, is one to use
// from elsewhere.
func public(name string) bool {
	return !slices.Contains(strings.Split(name, "/"), "internal") && !slices.Contains(forOwnTests, name)
}

// counts are those of the names that a package exports: what it declares, with its
// methods. The ids of rules are not among them.
type counts struct{ names, fields, rules int }

var untyped = regexp.MustCompile(` untyped \w+$`)

// surface is what one package exports.
type surface struct {
	pkg   *types.Package
	lines []string
	counts
}

func (s *surface) read() {
	scope := s.pkg.Scope()
	for _, name := range scope.Names() {
		if token.IsExported(name) {
			s.object(scope.Lookup(name))
		}
	}
}

func (s *surface) object(o types.Object) {
	line := types.ObjectString(o, s.qualify)
	s.names++
	switch o := o.(type) {
	case *types.Const:
		if _, named := o.Type().(*types.Named); !named || o.Val().Kind() == constant.String {
			line = untyped.ReplaceAllString(line, "") + " = " + o.Val().ExactString()
		} // else it is one of several, and its number says nothing
		if s.pkg.Path() == module+"verify/rule" && strings.HasPrefix(line, "const "+o.Name()+" ID ") {
			s.names, s.rules = s.names-1, s.rules+1
		}
	case *types.TypeName:
		s.typeName(o, strings.TrimSuffix(line, " "+types.TypeString(o.Type().Underlying(), s.qualify)))
		return
	}
	s.lines = append(s.lines, line)
}

// typeName lists a type, of which line names all but what it stands for.
func (s *surface) typeName(o *types.TypeName, line string) {
	named, _ := o.Type().(*types.Named)
	if o.IsAlias() || named == nil {
		s.lines = append(s.lines, types.ObjectString(o, s.qualify))
		return
	}
	for m := range named.Methods() {
		if m.Exported() {
			s.names++
			s.lines = append(s.lines, s.method(m))
		}
	}
	switch of := named.Underlying().(type) {
	case *types.Struct:
		s.lines = append(s.lines, line+" struct")
		s.structFields(of, line)
	case *types.Interface:
		s.lines = append(s.lines, line+" interface")
		s.interfaceMethods(of, line)
	default:
		s.lines = append(s.lines, types.ObjectString(o, s.qualify))
	}
}

// method writes a method as its declaration does.
func (s *surface) method(m *types.Func) string {
	signature := m.Signature()
	text := strings.TrimPrefix(types.TypeString(signature, s.qualify), "func")
	return fmt.Sprintf("method (%s) %s%s", types.TypeString(signature.Recv().Type(), s.qualify), m.Name(), text)
}

func (s *surface) structFields(of *types.Struct, line string) {
	for f := range of.Fields() {
		switch text := types.TypeString(f.Type(), s.qualify); {
		case f.Embedded():
			s.lines = append(s.lines, line+" struct, embedded "+text)
		case f.Exported():
			s.lines = append(s.lines, line+" struct, "+f.Name()+" "+text)
		}
		if f.Exported() {
			s.fields++
		}
	}
}

func (s *surface) interfaceMethods(of *types.Interface, line string) {
	for m := range of.ExplicitMethods() {
		if m.Exported() {
			s.names++
			s.lines = append(s.lines, line+" interface, "+m.Name()+strings.TrimPrefix(types.TypeString(m.Type(), s.qualify), "func"))
		}
	}
	for e := range of.EmbeddedTypes() {
		s.lines = append(s.lines, line+" interface, "+types.TypeString(e, s.qualify))
	}
}

// qualify names other packages by their last element, and this one not at all.
func (s *surface) qualify(p *types.Package) string {
	if p == s.pkg {
		return ""
	}
	return p.Name()
}

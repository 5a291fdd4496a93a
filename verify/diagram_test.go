package verify_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// imported is the direct imports of each package of this module, both by their names
// from its root.
type imported map[string][]string

func importsWithin(t *testing.T) imported {
	t.Helper()
	all := make(imported)
	for _, p := range projectPackages(t) {
		all[p.name] = nil
		for _, path := range p.imports {
			if name, own := strings.CutPrefix(path, module+"/"); own {
				all[p.name] = append(all[p.name], name)
			}
		}
	}
	return all
}

// public returns the packages for other modules, and the program.
func (all imported) public() []string {
	var names []string
	for name := range all {
		forTests := isTestOnly(name) && name != "layout/layouttest"
		if !slices.Contains(strings.Split(name, "/"), "internal") && !forTests {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// reaches says whether a package is at the end of arrows that begin at another.
func (all imported) reaches(from, to string) bool {
	return slices.ContainsFunc(all[from], func(next string) bool { return next == to || all.reaches(next, to) })
}

// The arrows "a ← b, c ← d" that the page for contributors draws are imports, and they
// have every package and every way from one to another.
func TestDiagram(t *testing.T) {
	const page = "CONTRIBUTING.md"
	real := importsWithin(t)
	drawn, named := make(imported), make(map[string]bool)
	for line := range strings.Lines(readPage(t, page)) {
		steps := strings.Split(strings.TrimSpace(line), " ← ")
		for i := range steps[1:] {
			for _, to := range strings.Split(steps[i], ", ") {
				for _, from := range strings.Split(steps[i+1], ", ") {
					from, to := inProgram(real, from), inProgram(real, to)
					if !slices.Contains(real[from], to) {
						t.Errorf("%s draws %s ← %s, but the latter does not import the former", page, to, from)
					}
					drawn[from] = append(drawn[from], to)
					named[from], named[to] = true, true
				}
			}
		}
	}
	for _, from := range real.public() {
		if !named[from] {
			t.Errorf("%s does not draw %s", page, from)
		}
		for _, to := range real[from] {
			if slices.Contains(real.public(), to) && !drawn.reaches(from, to) {
				t.Errorf("%s draws no way from %s to %s, which it imports", page, from, to)
			}
		}
	}
}

// inProgram returns the package that a page names, which may be one within the program.
func inProgram(all imported, name string) string {
	within := "cmd/ocilayout/internal/" + name
	if _, ok := all[within]; ok {
		return within
	}
	return name
}

var tableRow = regexp.MustCompile("(?m)^\\| `([a-z/]+)` \\|")

// The table of packages has all of them, each below those that it imports.
func TestPackageTable(t *testing.T) {
	real := importsWithin(t)
	var names []string
	for _, m := range tableRow.FindAllStringSubmatch(readPage(t, "docs/design.md"), -1) {
		names = append(names, m[1])
	}
	for _, name := range real.public() {
		at := slices.Index(names, name)
		if at < 0 {
			t.Errorf("the table has no package %s", name)
			continue
		}
		for _, to := range real[name] {
			if above := slices.Index(names, to); above > at {
				t.Errorf("%s stands above %s, which it imports", name, to)
			}
		}
	}
	for _, name := range names {
		if _, ok := real[name]; !ok {
			t.Errorf("the table has %s, and there is no such package", name)
		}
	}
}

func readPage(t *testing.T, page string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(moduleRoot(t), filepath.FromSlash(page)))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

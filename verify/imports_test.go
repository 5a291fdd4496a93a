package verify_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

const module = "github.com/ocilayout/ocilayout"

// An arrow says which packages of this module a package may import.
type arrow struct {
	pkg      string
	may      []string
	stdlib   bool // and nothing else but the standard library
	testOnly bool // for tests, and for other packages like it
}

// arrows holds the packages together. They are named from the module root;
// "x/..." is x and everything below it. The first row that fits a package
// counts, and every package needs one.
var arrows = []arrow{
	{pkg: "verify/rule", stdlib: true},
	{pkg: "model/...", may: []string{"verify/rule", "model/..."}},
	{pkg: "blobs/...", may: []string{"model", "blobs/..."}},
	{pkg: "layout/layouttest/faultfs", may: []string{"blobs"}, testOnly: true},
	{pkg: "layout/layouttest/rawlayer", stdlib: true, testOnly: true},
	{pkg: "layout/layouttest/testrun", stdlib: true, testOnly: true},
	{pkg: "layout/layouttest", may: []string{"layout/layouttest/rawlayer", "verify", "layout", "blobs/...", "model"}, testOnly: true},
	{pkg: "layout/archive", may: []string{"blobs/...", "model"}},
	{pkg: "layout", may: []string{"layout/archive", "blobs/...", "model"}},
	{pkg: "verify/internal/fixtures/...", may: []string{"verify/...", "layout/...", "blobs/...", "model"}, testOnly: true},
	{pkg: "verify", may: []string{"layout", "layout/archive", "blobs/...", "model", "verify/rule"}},
	{pkg: "cmd/ocilayout/internal/exit", stdlib: true},
	{pkg: "cmd/ocilayout/internal/term/...", may: []string{"cmd/ocilayout/internal/exit", "blobs"}},
	{pkg: "cmd/ocilayout/internal/config", may: []string{"verify", "verify/rule", "model"}},
	{pkg: "cmd/ocilayout/internal/report", may: []string{"cmd/ocilayout/internal/config", "cmd/ocilayout/internal/exit", "cmd/ocilayout/internal/term/...", "verify", "verify/rule", "blobs", "model"}},
	{pkg: "cmd/ocilayout/internal/cli/...", may: []string{"cmd/ocilayout/internal/config", "cmd/ocilayout/internal/cli/...", "cmd/ocilayout/internal/exit", "cmd/ocilayout/internal/report", "cmd/ocilayout/internal/term/...",
		"verify/rule", "layout", "layout/archive", "blobs/...", "model"}},
	{pkg: "cmd/ocilayout/internal/show", may: []string{"cmd/ocilayout/internal/report", "layout", "blobs/...", "model"}},
	{pkg: "cmd/...", may: []string{"cmd/...", "verify", "verify/rule", "layout", "layout/archive", "blobs/...", "model"}},
}

// homes says which packages may import something that is kept to one place.
var homes = []struct {
	imported string
	by       []string
}{
	{"github.com/spf13/afero/...", []string{"blobs", "layout", "layout/archive", "layout/layouttest/...", "verify/internal/fixtures/...", "cmd/..."}},
	{"github.com/urfave/cli/...", []string{"cmd/ocilayout/internal/cli"}},
	{"golang.org/x/term", []string{"cmd/ocilayout/internal/term"}},
	{"github.com/zeebo/blake3", []string{"model"}},
	{"github.com/klauspost/compress/zstd", []string{"blobs/layer"}},
	{"github.com/klauspost/compress/gzip", []string{"blobs/layer/internal/gunzip"}}, // and tests: to compare with
	{"os/signal", []string{"cmd/ocilayout/internal/term", "cmd/ocilayout/internal/measured"}},
	{"log/...", []string{"cmd/...", "layout/layouttest", "verify/internal/fixtures/..."}},
}

// bringsNetwork lists the modules that are known to import package net. afero
// does so for a type that this module does not use.
var bringsNetwork = []string{"github.com/spf13/afero"}

func TestImports(t *testing.T) {
	packages := projectPackages(t)
	t.Run("arrows", func(t *testing.T) {
		for _, p := range packages {
			checkArrow(t, p)
		}
	})
	t.Run("homes", func(t *testing.T) {
		for _, p := range packages {
			checkHomes(t, p)
		}
	})
	// A renamed package must not slip out of the tables.
	t.Run("tables", func(t *testing.T) {
		for _, pattern := range tablePatterns() {
			if !slices.ContainsFunc(packages, func(p project) bool { return matches(pattern, p.name) }) {
				t.Errorf("no package %s: if it was renamed, rename it in the tables too", pattern)
			}
		}
	})
}

func checkArrow(t *testing.T, p project) {
	i := slices.IndexFunc(arrows, func(a arrow) bool { return matches(a.pkg, p.name) })
	if i < 0 {
		t.Errorf("package %s has no row in arrows: say what it may import", p.name)
		return
	}
	for _, imported := range p.imports {
		name, own := strings.CutPrefix(imported, module+"/")
		switch {
		case !own && arrows[i].stdlib && !inStdlib(imported):
			t.Errorf("%s must not import %s: it may import only the standard library", p.name, imported)
		case own && !anyMatches(arrows[i].may, name):
			t.Errorf("%s must not import %s: of this module it may import only %q", p.name, name, arrows[i].may)
		case own && isTestOnly(name) && !arrows[i].testOnly:
			t.Errorf("%s must not import %s: that package is for tests", p.name, name)
		}
	}
}

func checkHomes(t *testing.T, p project) {
	for _, h := range homes {
		if anyMatches(h.by, p.name) {
			continue
		}
		for _, imported := range p.imports {
			if matches(h.imported, imported) {
				t.Errorf("%s must not import %s: only %q may", p.name, imported, h.by)
			}
		}
	}
}

// tablePatterns returns every pattern that arrows and homes use for packages
// of this module.
func tablePatterns() []string {
	var patterns []string
	for _, a := range arrows {
		patterns = append(append(patterns, a.pkg), a.may...)
	}
	for _, h := range homes {
		patterns = append(patterns, h.by...)
	}
	slices.Sort(patterns)
	return slices.Compact(patterns)
}

// recovers are the files that may catch a panic: what is caught elsewhere could
// look like success.
var recovers = []string{"blobs/panic.go", "verify/reporter.go"}

func TestRecoverIsKeptToOnePlace(t *testing.T) {
	root := moduleRoot(t)
	var found []string
	err := filepath.WalkDir(root, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			if _, other := os.Stat(filepath.Join(name, "go.mod")); d != nil && d.IsDir() && name != root && other == nil {
				return filepath.SkipDir // a module of its own
			}
			return err
		}
		raw, err := os.ReadFile(name)
		if err == nil && strings.Contains(string(raw), "recover()") {
			name, err = filepath.Rel(root, name)
			found = append(found, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil || !slices.Equal(found, recovers) {
		t.Errorf("panics are caught in %q, %v, and may be in %q", found, err, recovers)
	}
}

// Nothing of the network is imported by this module or by what it depends on.
func TestNoNetworkImported(t *testing.T) {
	deps := goList(t, runtime.GOOS, "-deps", "./layout", "./blobs", "./model", "./verify", "./cmd/ocilayout")
	network := make(map[string]bool)
	for _, p := range deps {
		if p.Standard && (p.ImportPath == "net" || slices.Contains(p.Deps, "net")) {
			network[p.ImportPath] = true
		}
	}
	for _, p := range deps {
		if p.Standard || p.Module == nil || slices.Contains(bringsNetwork, p.Module.Path) {
			continue
		}
		for _, imported := range p.Imports {
			if network[imported] {
				t.Errorf("%s imports %s, which brings package net: nothing here may reach the network", p.ImportPath, imported)
			}
		}
	}
}

// What afero imports of net/http must stay unused: the linker then leaves out
// all that could open or serve a connection.
func TestNoHTTPLinked(t *testing.T) {
	testrun.NotShort(t, "it builds the program")
	t.Parallel()
	program := filepath.Join(t.TempDir(), "ocilayout")
	goTool(t, runtime.GOOS, "build", "-o", program, "./cmd/ocilayout")
	symbols := goTool(t, runtime.GOOS, "tool", "nm", program)
	if !strings.Contains(symbols, " main.main\n") {
		t.Fatal("the program has no symbol main.main: this test would see nothing")
	}
	for _, symbol := range []string{
		"net/http.(*Client).do", "net/http.(*Transport).RoundTrip", "net/http.(*Server).Serve",
	} {
		if strings.Contains(symbols, " "+symbol+"\n") {
			t.Errorf("%s is linked into the program", symbol)
		}
	}
}

// project is a package of this module, named from the module root.
type project struct {
	name    string
	imports []string
}

// projectPackages returns every package of the module with what it imports,
// tests aside, on any of the systems that the program is built for.
func projectPackages(t *testing.T) []project {
	t.Helper()
	imports := make(map[string]map[string]bool)
	for _, system := range []string{"linux", "darwin", "windows"} {
		for _, p := range goList(t, system, "./...") {
			name := strings.TrimPrefix(p.ImportPath, module+"/")
			if imports[name] == nil {
				imports[name] = make(map[string]bool)
			}
			for _, imported := range p.Imports {
				imports[name][imported] = true
			}
		}
	}
	var packages []project
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		packages = append(packages, project{name, slices.Sorted(maps.Keys(imports[name]))})
	}
	return packages
}

// listed is what the tests need of the output of "go list -json".
type listed struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Deps       []string
	Module     *struct{ Path string }
}

// goList lists packages as they are built on system, in the words of GOOS.
func goList(t *testing.T, system string, args ...string) []listed {
	t.Helper()
	args = append([]string{"list", "-json=ImportPath,Standard,Imports,Deps,Module"}, args...)
	decoder := json.NewDecoder(strings.NewReader(goTool(t, system, args...)))
	var packages []listed
	for {
		var p listed
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) == 0 {
		t.Fatalf("go %s names no package", strings.Join(args, " "))
	}
	return packages
}

// goTool runs the go command in the module root and returns its output.
func goTool(t *testing.T, system string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = moduleRoot(t)
	cmd.Env = append(os.Environ(), "GOOS="+system)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, &stderr)
	}
	return string(out)
}

// matches reports whether pattern, a path or "path/...", fits name.
func matches(pattern, name string) bool {
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return name == tree || strings.HasPrefix(name, tree+"/")
	}
	return name == pattern
}

func anyMatches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, name) })
}

func isTestOnly(name string) bool {
	return slices.ContainsFunc(arrows, func(a arrow) bool { return a.testOnly && matches(a.pkg, name) })
}

// inStdlib reports whether a package is of the standard library: the first
// element of any other path has a dot in it.
func inStdlib(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

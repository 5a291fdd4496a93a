package e2e

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/outputtest"
	"github.com/opencontainers/go-digest"
	"github.com/rogpeppe/go-internal/testscript"
)

// usage ends the script if a command is not given n arguments, or is negated.
func usage(ts *testscript.TestScript, neg bool, args []string, n int, line string) {
	if neg || len(args) != n {
		ts.Fatalf("usage: %s", line)
	}
}

// scriptExits runs a program, which has to end with exactly that status. What it
// prints can be compared as after exec, but it took no time and the version is
// VERSION. The program may change nothing below $WORK but what -o, --report and
// --write-baseline name. What ocilayout verify, validate and diff print as JSON has to
// keep the schema, and so has SARIF.
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM [ARGUMENT...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	output := outputsOf(ts, args[2:])
	before := tree(ts, output)
	err = ts.Exec(args[1], args[2:]...)
	stdout, stderr := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	got := 0
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("status %d, not %d", got, want)
	}
	if changed := differences(before, tree(ts, output)); len(changed) > 0 {
		ts.Fatalf("it changed %q", changed)
	}
	if args[1] == "ocilayout" && strings.HasPrefix(stdout, "{") && (slices.Contains(args, "verify") || slices.Contains(args, "validate")) {
		check := outputtest.Report
		if strings.HasPrefix(stdout, "{\n  \"$schema\"") {
			check = outputtest.SARIF
		}
		if err := check(stdout); err != nil {
			ts.Fatalf("%v", err)
		}
	}
	if args[1] == "ocilayout" && strings.HasPrefix(stdout, "{") && slices.Contains(args, "diff") {
		ts.Check(outputtest.Diff(stdout))
	}
	if stdout != outputtest.Masked(stdout) {
		io.WriteString(ts.Stdout(), outputtest.Masked(stdout))
		io.WriteString(ts.Stderr(), stderr)
	}
}

// outputsOf returns the files that -o, --report, --write-baseline and GitHub's variable name.
func outputsOf(ts *testscript.TestScript, args []string) []string {
	var files []string
	if file := ts.Getenv(stepSummary); file != "" {
		files = append(files, ts.MkAbs(file))
	}
	for i, arg := range args {
		name, file, ok := strings.Cut(arg, "=")
		if !ok && i+1 < len(args) {
			file = args[i+1]
		}
		switch name {
		case "-o", "--output", "--write-baseline":
			files = append(files, ts.MkAbs(file))
		case "--report":
			_, file, _ = strings.Cut(file, ":")
			files = append(files, ts.MkAbs(file))
		}
	}
	return files
}

// tree describes every file below $WORK but those of outputs, so that no change to one
// stays unseen: neither one of its bytes nor one of its times.
func tree(ts *testscript.TestScript, outputs []string) map[string]string {
	files := make(map[string]string)
	ts.Check(filepath.WalkDir(ts.Getenv("WORK"), func(path string, entry fs.DirEntry, err error) error {
		if slices.Contains(outputs, path) {
			return nil
		}
		if err != nil {
			files[path] = err.Error()
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		if path == filepath.Join(ts.Getenv("WORK"), ".tmp") {
			files[path] = "what is written there has to be gone again"
			return nil
		}
		if slices.ContainsFunc(outputs, func(output string) bool { return filepath.Dir(output) == path }) {
			files[path] = "a directory that is written to"
			return nil
		}
		files[path] = fmt.Sprint(info.Mode(), info.ModTime(), content(path, info))
		return nil
	}))
	return files
}

func content(path string, info fs.FileInfo) string {
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := os.Readlink(path)
		return fmt.Sprint(target, err)
	case !info.Mode().IsRegular(), info.Size() > 1<<24:
		return fmt.Sprint(info.Size())
	}
	raw, err := os.ReadFile(path)
	return fmt.Sprintf("%x %v", sha256.Sum256(raw), err)
}

func differences(before, after map[string]string) []string {
	changed := make(map[string]bool)
	for path := range after {
		changed[path] = before[path] != after[path]
	}
	for path := range before {
		changed[path] = before[path] != after[path]
	}
	maps.DeleteFunc(changed, func(_ string, is bool) bool { return !is })
	return slices.Sorted(maps.Keys(changed))
}

// scriptLayout copies a layout of this repository.
func scriptLayout(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "layout NAME DIRECTORY")
	from := filepath.Join(ts.Getenv("LAYOUTS"), args[0])
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), os.DirFS(from)))
}

// scriptBlob puts a file into a layout's blobs, with $NAME in it replaced as in
// scripts. From then on ${FILE} is its digest and ${FILE.size} its size.
func scriptBlob(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "blob DIRECTORY FILE")
	raw := []byte(os.Expand(ts.ReadFile(args[1]), ts.Getenv))
	d := digest.FromBytes(raw)
	file := filepath.Join(ts.MkAbs(args[0]), "blobs", "sha256", d.Encoded())
	ts.Check(os.MkdirAll(filepath.Dir(file), 0o755))
	ts.Check(os.WriteFile(file, raw, 0o644))
	ts.Setenv(args[1], string(d))
	ts.Setenv(args[1]+".size", strconv.Itoa(len(raw)))
}

// scriptExpand replaces $NAME in files.
func scriptExpand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: expand FILE...")
	}
	for _, file := range args {
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(os.Expand(ts.ReadFile(file), ts.Getenv)), 0o644))
	}
}

// scriptMask hides in files what exits hides in what is printed.
func scriptMask(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: mask FILE...")
	}
	for _, file := range args {
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(outputtest.Masked(ts.ReadFile(file))), 0o644))
	}
}

// scriptFlip flips one bit of a file.
func scriptFlip(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "flip FILE OFFSET")
	offset, err := strconv.Atoi(args[1])
	ts.Check(err)
	raw := []byte(ts.ReadFile(args[0]))
	raw[offset] ^= 1
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), raw, 0o644))
}

// scriptTruncate makes a file shorter, or longer with zeros that take no room.
func scriptTruncate(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 2, "truncate FILE SIZE")
	size, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), size))
}

// scriptASCII holds files to printable ASCII in lines that no CI system takes
// for a command.
func scriptASCII(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: ascii FILE...")
	}
	for _, file := range args {
		for line := range strings.Lines(ts.ReadFile(file)) {
			if at := strings.IndexFunc(line, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }); at >= 0 {
				ts.Fatalf("%s: byte %#x in %q", file, line[at], line)
			}
			if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##") {
				ts.Fatalf("%s: a command in %q", file, line)
			}
		}
	}
}

// TestScript runs the scripts of testdata/script, each in a directory of its
// own. Beside what testscript brings they may use the commands of
// script_test.go, and $LAYOUTS, which is testdata/layouts of this repository.
func TestScript(t *testing.T) {
	t.Parallel()
	layouts, err := filepath.Abs(filepath.Join("..", "..", "..", "..", "testdata", "layouts"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(layouts); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("LAYOUTS", layouts)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ascii":    scriptASCII,
			"blob":     scriptBlob,
			"exits":    scriptExits,
			"expand":   scriptExpand,
			"flip":     scriptFlip,
			"layout":   scriptLayout,
			"mask":     scriptMask,
			"truncate": scriptTruncate,

			"pack":       scriptPack,
			"pack-files": scriptPackFiles,
		},
		Deadline:            time.Now().Add(15 * time.Minute), // nothing hangs
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

package e2e

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

var update = flag.Bool("update", false, "rewrite what scripts and screens expect to what the program does now")

// The statuses that README promises.
const (
	statusOK          = 0
	statusFindings    = 1
	statusUsage       = 2
	statusFailed      = 3
	statusInterrupted = 130
)

// stepSummary is the variable by which GitHub Actions names the file for the summary of a step.
const stepSummary = "GITHUB_STEP_SUMMARY"

// command is the import path of the program.
const command = "github.com/ocilayout/ocilayout/cmd/ocilayout"

// size is how large something is: enough, which is a little more than what shows that the
// program lacks what holds it within its bounds, as each was tried without; or full.
func size(enough, full int) int {
	if testrun.Exhaustive() {
		return full
	}
	return enough
}

// bin is the directory of the programs, where every user may run them: ocilayout, which is
// also the first of that name in the path, and measured.
var bin string

func TestMain(m *testing.M) {
	flag.Parse()
	parallel := runtime.GOMAXPROCS(0)
	flag.Visit(func(f *flag.Flag) {
		if f.Name == "test.parallel" {
			parallel = 0
		}
	})
	if parallel > 0 { // most of what a test does is to wait for another process
		flag.Set("test.parallel", strconv.Itoa(4*parallel))
	}
	if testing.Short() {
		fmt.Println("end-to-end tests are left out with -short: they run a program that is built without the race detector")
		return
	}
	status, err := withPrograms(m.Run)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// withPrograms builds the programs, and removes them after the tests.
func withPrograms(run func() int) (status int, err error) {
	if bin, err = os.MkdirTemp("", "e2e"); err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(bin)) }()
	if err := os.Chmod(bin, 0o755); err != nil {
		return 1, err
	}
	packages := []string{command}
	if runtime.GOOS == "linux" {
		packages = append(packages, command+"/internal/measured")
	}
	if err := build(append([]string{"-o", bin + string(filepath.Separator)}, packages...)...); err != nil {
		return 1, err
	}
	os.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	return run(), nil
}

// build runs go build as a release does.
func build(args ...string) error {
	cmd := exec.Command("go", append([]string{"build", "-trimpath"}, args...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build %q: %w\n%s", args, err, out)
	}
	return nil
}

// programPath returns the path of a program.
func programPath(name string) string {
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	return filepath.Join(bin, name)
}

var buildPatient = sync.OnceValues(func() (string, error) {
	file := programPath("patient")
	return file, build("-tags=patient", "-o", file, command)
})

// patient returns the path of a program that waits longer for its reports after an
// interrupt. Where many tests run at once, half a second is not enough to be sure of one.
func patient(t *testing.T) string {
	t.Helper()
	file, err := buildPatient()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func itoa(n int) string { return strconv.Itoa(n) }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(file), 0o755))
	must(t, os.WriteFile(file, []byte(content), 0o644))
}

const (
	pushLayer = "cbd659fb3700f1a4727f882866680d261357cdb4c493b023e481daa4f75083ae"
	someHex   = "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
)

// program returns a command that runs the program.
func program(t *testing.T, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	return programNamed(t, programPath("ocilayout"), args...)
}

func programNamed(t *testing.T, name string, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	cmd = exec.CommandContext(ctx, name, args...)
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

// copyLayout returns a copy of a layout under testdata.
func copyLayout(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "img")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "..", "..", "testdata", "layouts", "real", name))); err != nil {
		t.Fatal(err)
	}
	return dir
}

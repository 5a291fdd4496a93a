package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// What any run may take, unless its attempt says less. It is processor time:
// how long that lasts is up to what else the machine has to do.
const (
	mostMemory = 150             // MiB, at its peak
	mostWall   = 5 * time.Minute // against hangs
)

// An adversary is a layout that was made to mislead a verifier, or to wear it
// out, and what the program has to make of it.
type adversary struct {
	name     string
	make     func(t *testing.T) (dir string)
	attempts []attempt
	// show runs every command that shows something, within the same bounds. Of what is large,
	// only those that need most are run, unless sizes are full.
	show, large bool
	also        func(t *testing.T, dir string) // what no attempt can say
}

// An attempt is one run of the program. LAYOUT in args is the layout.
type attempt struct {
	args   []string // verify LAYOUT where there are none
	status int
	either bool // it may as well be incomplete, and say what it could not read
	// want are the findings that verify has to have, each as "rule", "rule path"
	// or "rule path#pointer", where the path may be a pattern. There may be no other
	// error or warning, and no info unless it is wanted or anything goes.
	want      []string
	infos     bool // infos are not looked at
	others    bool // nor is what else is found
	full      bool // only where sizes are full
	memory    int  // MiB, less than mostMemory
	prefix    []string
	nobody    bool                                           // run as a user who owns nothing
	meanwhile func(t *testing.T, dir string, child int)      // what happens while it runs
	check     func(t *testing.T, dir, stdout, stderr string) // what else has to hold
}

// adversaries returns all of them. The rows in adversarial_rows_linux_test.go say
// which there have to be.
func adversaries() []adversary {
	return slices.Concat(hostileFiles(), hostileTrees(), hostileJSON(), hostileDocuments(), hostileGraphs(), hostileDigests(),
		hostileLayers(), hostileEntries(), hostileStreams(), hostileOutput(), hostileSurroundings())
}

// Whatever a layout holds, the program comes to the right verdict, within bounds
// of memory and time. It is built without the race detector, which has bounds of
// its own.
func TestAdversarial(t *testing.T) {
	t.Parallel()
	for _, a := range adversaries() {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			dir := a.make(t)
			for i, attempt := range a.attempts {
				if attempt.full && !testrun.Exhaustive() {
					continue
				}
				t.Run(attempt.title(i), func(t *testing.T) { try(t, dir, attempt) })
			}
			if a.show {
				showAll(t, dir, a.large && !testrun.Exhaustive())
			}
			if a.also != nil {
				a.also(t, dir)
			}
		})
	}
}

func (a attempt) title(i int) string {
	words := []string{itoa(i), "verify"}
	if len(a.args) > 0 {
		words = append(words[:1], a.args...)
	}
	return strings.Join(slices.DeleteFunc(words, func(w string) bool { return w == "LAYOUT" }), " ")
}

// effort is what one run took, and how it ended.
type effort struct {
	status    int
	memory    int // KiB
	processor time.Duration
	hung      bool
	stdout    captured
	stderr    captured
}

// captured is what was printed, or the beginning of it where that is very long.
type captured struct {
	strings.Builder
	bytes int
	odd   string // where the first byte is that is not printable ASCII
}

func (c *captured) Write(p []byte) (int, error) {
	odd := func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }
	if at := bytes.IndexFunc(p, odd); at >= 0 && c.odd == "" {
		c.odd = fmt.Sprintf("%q", p[max(0, at-40):min(len(p), at+40)])
	}
	c.bytes += len(p)
	if c.Len() < 32<<20 {
		c.Builder.Write(p)
	}
	return len(p), nil
}

// run runs the program and measures it. Nothing of what it may need is there:
// neither a home nor a directory for temporary files.
func measure(t *testing.T, dir string, a attempt, args ...string) *effort {
	t.Helper()
	measured := []string{"-wall", mostWall.String()}
	if a.nobody && os.Getuid() == 0 {
		asNobody(t, nil, dir)
		measured = append(measured, "-user", "65534")
	}
	measured = slices.Concat(measured, []string{"--"}, placed(a.prefix, dir), []string{programPath("ocilayout")}, args)
	cmd := exec.CommandContext(t.Context(), programPath("measured"), measured...)
	cmd.Env = []string{"TMPDIR=/nonexistent", "PATH=" + os.Getenv("PATH")}
	e := new(effort)
	cmd.Stdout, cmd.Stderr = &e.stdout, &e.stderr
	read, written, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd.ExtraFiles = []*os.File{written}
	err = cmd.Start()
	written.Close()
	if err != nil {
		t.Fatal(err)
	}
	report := bufio.NewReader(read)
	var child int
	_, started := fmt.Fscanln(report, &child)
	if a.meanwhile != nil && started == nil {
		a.meanwhile(t, dir, child)
	}
	var nanoseconds, wall int64
	_, scanned := fmt.Fscanln(report, &e.status, &e.memory, &nanoseconds, &wall, &e.hung)
	if err := cmd.Wait(); err != nil || scanned != nil {
		t.Fatalf("%q: %v, %v\n%s", args, err, scanned, e.stderr.String())
	}
	e.processor = time.Duration(nanoseconds)
	return e
}

// within holds a run to its bounds. What it says of itself is printable ASCII.
func (e *effort) within(t *testing.T, memory int) {
	t.Helper()
	if memory == 0 {
		memory = mostMemory
	}
	t.Logf("status %d, %d MiB, %v, %d bytes", e.status, e.memory>>10, e.processor.Round(time.Millisecond), e.stdout.bytes)
	if e.hung {
		t.Fatalf("it did not end:\n%s", beginning(e.stderr.String()))
	}
	if e.memory > memory<<10 {
		t.Errorf("%d MiB of memory, more than %d", e.memory>>10, memory)
	}
	if most := time.Duration(size(10, 60)) * time.Second; e.processor > most {
		t.Errorf("%v of processor time, more than %v", e.processor, most)
	}
	if strings.Contains(e.stderr.String(), "goroutine ") {
		t.Errorf("a panic:\n%s", beginning(e.stderr.String()))
	}
	e.stderr.plain(t)
}

// plain holds output to what neither a terminal nor a log acts on.
func (c *captured) plain(t *testing.T) {
	t.Helper()
	if c.odd != "" {
		t.Errorf("not printable ASCII: %s", c.odd)
	}
}

// attempt makes one, and looks at how it ended. verify also prints the report as
// text, for people.
func try(t *testing.T, dir string, a attempt) {
	args := a.args
	if len(args) == 0 {
		args = []string{"verify", "LAYOUT"}
	}
	args = placed(args, dir)
	chosen := slices.Index(args, "-f")
	if args[0] != "verify" || chosen >= 0 && args[chosen+1] != "json" {
		ends(t, dir, a, args)
		return
	}
	if a.meanwhile == nil && chosen < 0 {
		text := ends(t, dir, a, args)
		notCommands(t, text.stdout.String())
	}
	if chosen < 0 {
		args = append(args, "-f", "json")
	}
	e := ends(t, dir, a, args)
	if a.status == statusOK || a.status == statusFindings || a.want != nil {
		hasFindings(t, e.stdout.String(), a)
	}
}

// placed names the layout in arguments.
func placed(args []string, dir string) []string {
	args = slices.Clone(args)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "LAYOUT", dir)
	}
	return args
}

func ends(t *testing.T, dir string, a attempt, args []string) *effort {
	t.Helper()
	e := measure(t, dir, a, args...)
	e.within(t, a.memory)
	e.stdout.plain(t)
	if e.status != a.status && (!a.either || e.status != statusFailed) {
		t.Errorf("%q: status %d, not %d\n%s%s", args, e.status, a.status, beginning(e.stdout.String()), beginning(e.stderr.String()))
	}
	if a.check != nil {
		a.check(t, dir, e.stdout.String(), e.stderr.String())
	}
	return e
}

// demanding are the commands that show something and need most memory and time for it.
var demanding = []string{"inspect -f json", "diff itself -f json"}

// showAll runs every command that shows something of a layout, or the demanding ones.
func showAll(t *testing.T, dir string, few bool) {
	for _, args := range [][]string{
		{"ls"}, {"ls", "-f", "json"}, {"inspect"}, {"inspect", "-f", "json"}, {"tree"}, {"tree", "-f", "json"}, {"tree", "-f", "dot"},
		{"tree", "-f", "mermaid"}, {"blobs"}, {"blobs", "-f", "json"}, {"files"}, {"files", "-f", "json"}, {"diff", dir}, {"diff", dir, "-f", "json"},
		{"cat", "--path", "etc/motd"}, {"cat"},
	} {
		layout := dir
		if len(args) == 1 && args[0] == "cat" {
			layout += ":v1"
		}
		name := strings.ReplaceAll(strings.Join(args, " "), dir, "itself")
		if few && !slices.Contains(demanding, name) {
			continue
		}
		t.Run(name, func(t *testing.T) {
			e := measure(t, dir, attempt{}, append(args, layout)...)
			e.within(t, 0)
			if args[0] != "cat" { // which prints what there is, as it is
				e.stdout.plain(t)
				notCommands(t, e.stdout.String())
			}
			if e.status != statusOK && e.status != statusFindings && e.status != statusFailed {
				t.Errorf("status %d\n%s", e.status, beginning(e.stderr.String()))
			}
			if e.status == statusFailed && !strings.HasPrefix(e.stderr.String(), "ocilayout: ") {
				t.Errorf("status %d, and it says %q", e.status, beginning(e.stderr.String()))
			}
		})
	}
}

// beginning is the beginning of a text that may be long.
func beginning(text string) string { return text[:min(len(text), 2000)] }

// notCommands fails where a CI system would act on a line.
func notCommands(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##") {
			t.Errorf("a command in %q", line)
		}
	}
}

// hasFindings compares the report with what is wanted.
func hasFindings(t *testing.T, report string, a attempt) {
	t.Helper()
	var parsed struct {
		Layouts []struct {
			Findings []struct{ Rule, Severity, Path, Pointer string }
		}
	}
	if err := json.Unmarshal([]byte(report), &parsed); err != nil || len(parsed.Layouts) != 1 {
		t.Fatalf("no report: %v\n%s", err, beginning(report))
	}
	met := make([]bool, len(a.want))
	others := make(map[string]bool)
	for _, f := range parsed.Layouts[0].Findings {
		place := f.Path
		if f.Pointer != "" {
			place += "#" + f.Pointer
		}
		wanted := false
		for i, want := range a.want {
			if matchesFinding(want, f.Rule, f.Path, place) {
				met[i], wanted = true, true
			}
		}
		if wanted = wanted || a.either && f.Rule == "file-unreadable"; !wanted && (f.Severity != "info" || !a.infos && !usual[f.Rule]) {
			others[f.Rule+" "+place] = true
		}
	}
	for i, want := range a.want {
		if !met[i] {
			t.Errorf("nothing is found of %q", want)
		}
	}
	if len(others) > 0 && !a.others {
		names := slices.Sorted(maps.Keys(others))
		t.Errorf("%d findings are not wanted: %q", len(names), names[:min(20, len(names))])
	}
}

// usual are infos that say no more than that these layouts are small.
var usual = map[string]bool{"index-json-media-type-missing": true, "blob-unreferenced": true, "index-entry-type-unknown": true, "config-type-unknown": true}

func matchesFinding(want, rule, file, place string) bool {
	id, where, _ := strings.Cut(want, " ")
	if id != rule {
		return false
	}
	if where == "" || where == place || where == file {
		return true
	}
	pattern, pointer, pointed := strings.Cut(where, "#")
	matched, err := path.Match(pattern, file)
	return err == nil && matched && (!pointed || place == file+"#"+pointer)
}

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/spf13/afero"
)

// strangeNames are reference names that a shell would take for something else.
// Each begins with digits that no other begins with.
var strangeNames = []string{
	"01$(touch evaluated)", "02`touch evaluated`", "03it's", `04say "hi"`, "05a b", "06a;touch evaluated", "07a&b|c>evaluated",
	"08*?[x]", "09~", "10!bang!", `11back\slash`, "12{a,b}", "13$HOME", "14#x", "15grün", "16a:b@c=d", "17%n%d", "18(x)", "19<(touch evaluated)",
}

// hiddenNames are those that are never offered.
var hiddenNames = []string{"90new\nline", "91esc\x1b[31m", "92\u202ertl", "93tab\tx", "94\x7f"}

// A playground is a directory with layouts, where shells complete lines.
type playground struct {
	dir string
	env []string
}

func newPlayground(t *testing.T) playground {
	t.Helper()
	g := playground{dir: t.TempDir()}
	g.env = append(os.Environ(), "HOME="+g.dir,
		"XDG_CONFIG_HOME="+g.dir, "XDG_DATA_HOME="+g.dir, "ZDOTDIR="+g.dir, "TERM=xterm", "LC_ALL=C.UTF-8", "INPUTRC=/dev/null", "HISTFILE=/dev/null")
	for _, name := range []string{"img", "my img"} {
		b := layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), filepath.Join(g.dir, name)))
		image := b.Image("linux/riscv64", b.Layer(layouttest.Files{"etc/motd": "hello\n"}))
		for _, ref := range append(append([]string{"example.com:5000/team/app:v1"}, strangeNames...), hiddenNames...) {
			b.Entry(image, ref)
		}
		if err := b.Finish(); err != nil {
			t.Fatal(err)
		}
	}
	return g
}

// notEvaluated fails t where a name was run as a command.
func (g playground) notEvaluated(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(g.dir, "evaluated")); err == nil {
		t.Fatal("a reference name was evaluated")
	}
}

// run runs a program in the playground and returns what it prints.
func (g playground) run(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Env = g.dir, g.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
	return string(out)
}

// offers are lines, and candidates that each shell must offer for them.
var offers = []struct {
	line string
	want []string
}{
	{"ocilayout val", []string{"validate"}},
	{"ocilayout verify --lev", []string{"--level"}},
	{"ocilayout verify --level ", []string{"structure", "digest", "content"}},
	{"ocilayout verify img --fail-on w", []string{"warning"}},
	{"ocilayout ls -f ", []string{"text", "json"}},
	{"ocilayout verify --format nd", []string{"ndjson"}},
	{"ocilayout files img --platform ", []string{"linux/riscv64"}},
	{"ocilayout ls --platform win", []string{"windows/amd64"}},
	{"ocilayout explain blob-digest-m", []string{"blob-digest-mismatch"}},
	{"ocilayout completion z", []string{"zsh"}},
	{"ocilayout ls im", []string{"img/"}},
	{"ocilayout version ", nil},
	{"ocilayout nonsense ", nil},
	{"ocilayout __complete ", nil},
	{"ocilayout verify --jobs ", nil},
}

func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	t.Run("bash", func(t *testing.T) {
		testrun.Tool(t, "bash")
		testBash(t, newPlayground(t))
	})
	t.Run("fish", func(t *testing.T) {
		testrun.Tool(t, "fish")
		testFish(t, newPlayground(t))
	})
	for shell, rc := range map[string]string{"bash": bashRC, "zsh": zshRC, "fish": fishRC} {
		t.Run(shell+" at a terminal", func(t *testing.T) {
			testrun.Tool(t, shell)
			testrun.Tool(t, "script")
			testTerminal(t, newPlayground(t), shell, rc)
		})
	}
}

// bashCall calls the function as bash does at a tab, with bash's own words.
const bashCall = `source <(ocilayout completion bash)
compopt() { :; } # outside of a completion there is none
COMP_LINE=$1 COMP_POINT=${#1}
_ocilayout
printf '%s\n' "${COMPREPLY[@]}"
`

func testBash(t *testing.T, g playground) {
	for _, o := range offers {
		got := strings.Fields(g.run(t, "bash", "--norc", "-c", bashCall, "bash", o.line))
		want := slices.DeleteFunc(slices.Clone(o.want), func(s string) bool { return strings.HasSuffix(s, "/") }) // bash does that by itself
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, not %q", o.line, got, want)
		}
	}
	g.notEvaluated(t)
}

func testFish(t *testing.T, g playground) {
	for _, o := range offers {
		got := candidatesOf(g.run(t, "fish", "--no-config", "-c", "ocilayout completion fish | source; complete -C $argv[1]", o.line))
		want := slices.Sorted(slices.Values(o.want))
		if !slices.Equal(got, want) {
			t.Errorf("%q: %q, not %q", o.line, got, want)
		}
	}
	got := candidatesOf(g.run(t, "fish", "--no-config", "-c", "ocilayout completion fish | source; complete -C $argv[1]", "ocilayout ls img:"))
	if len(got) != 1+len(strangeNames) {
		t.Errorf("%d names are offered, not %d: %q", len(got), 1+len(strangeNames), got)
	}
	g.notEvaluated(t)
}

// candidatesOf returns what stands before the tabs of a list, sorted.
func candidatesOf(list string) []string {
	var words []string
	for line := range strings.Lines(list) {
		word, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		words = append(words, word)
	}
	slices.Sort(words)
	return words
}

// In place of ocilayout, these shells show the arguments that it would have.
// "source" and completion call the program, not the function.
const (
	bashRC = `PS1='READY''> '
bind 'set bell-style none'
bind 'set enable-bracketed-paste off'
source <(ocilayout completion bash)
ocilayout() { printf 'GOT'; printf '<%s>' "$@"; printf '.\n'; }
`
	zshRC = `PS1='READY''> '
PROMPT_SP=
unsetopt beep auto_remove_slash
source <(ocilayout completion zsh)
ocilayout() { printf 'GOT'; printf '<%s>' "$@"; printf '.\n'; }
`
	fishRC = `function fish_prompt; printf 'READY> '; end
function fish_greeting; end
command ocilayout completion fish | source
function ocilayout; printf 'GOT'; printf '<%s>' $argv; printf '.\n'; end
`
)

// typed are what is typed before a tab, with the arguments that come of it.
func typed() map[string][]string {
	lines := map[string][]string{
		"ocilayout vers":                               {"version"},
		"ocilayout ls --for":                           {"ls", "--format"},
		"ocilayout ls --format=j":                      {"ls", "--format=json"},
		"ocilayout verify --rule=descriptor-size-n\tw": {"verify", "--rule=descriptor-size-negative=warning"},
		"ocilayout ls img:exa":                         {"ls", "img:example.com:5000/team/app:v1"},
		"ocilayout ls img:example.com:50":              {"ls", "img:example.com:5000/team/app:v1"},
		"ocilayout ls img:01":                          {"ls", "img:01$(touch evaluated)"},
		"ocilayout ls oci:img:exa":                     {"ls", "oci:img:example.com:5000/team/app:v1"},
		"ocilayout ls img@":                            {"ls", "img@DIGEST"},
		"ocilayout ls img:05a\\ b@":                    {"ls", "img:05a b@DIGEST"},
		"ocilayout ls my\\ img:exa":                    {"ls", "my img:example.com:5000/team/app:v1"},
		"ocilayout ls 'my img:exa":                     {"ls", "my img:example.com:5000/team/app:v1"},
		"ocilayout ls 'my img:03'":                     {"ls", "my img:03it's"},
		"ocilayout ls \"my img:05":                     {"ls", "my img:05a b"},
		"ocilayout ls 'my img:01":                      {"ls", "my img:01$(touch evaluated)"},
		"ocilayout cat my\\ img:16a:b@c":               {"cat", "my img:16a:b@c=d"},
		"ocilayout ls im":                              {"ls", "img/"},
		"ocilayout verify --blob-dir=im":               {"verify", "--blob-dir=img/"},
		"ocilayout verify --output img/ind":            {"verify", "--output", "img/index.json"},
	}
	for _, name := range strangeNames {
		lines["ocilayout ls img:"+name[:2]] = []string{"ls", "img:" + name}
	}
	return lines
}

// testTerminal types lines with a tab, and holds the arguments that the shell
// then gives the program against what was to come of them.
func testTerminal(t *testing.T, g playground, shell, rc string) {
	command := map[string]string{"bash": "bash --rcfile rc -i", "zsh": "zsh -i", "fish": "fish --no-config -i -C 'source rc'"}[shell]
	for _, name := range []string{"rc", ".zshrc"} {
		if err := os.WriteFile(filepath.Join(g.dir, name), []byte(rc), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	digest := g.digest(t)
	term := g.terminal(t, command)
	lines := typed()
	for _, line := range slices.Sorted(maps.Keys(lines)) {
		args := lines[line]
		term.await("READY> ")
		term.write(line + "\t")
		want := strings.ReplaceAll("GOT<"+strings.Join(args, "><")+">.", "DIGEST", digest)
		term.write("\r")
		if got := term.result(); got != want {
			t.Errorf("%q becomes %q, not %q", line, got, want)
		}
	}
	g.notEvaluated(t)
}

func (g playground) digest(t *testing.T) string {
	t.Helper()
	for _, line := range strings.Split(g.run(t, "ocilayout", "ls", "img"), "\n") {
		if i := strings.Index(line, "sha256:"); i >= 0 {
			return line[i : i+7+64]
		}
	}
	t.Fatal("no digest")
	return ""
}

// A terminal is a shell at a pseudo-terminal.
type terminal struct {
	t    *testing.T
	in   io.Writer
	out  chan []byte
	seen []byte // and not yet used
}

func (g playground) terminal(t *testing.T, command string) *terminal {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	cmd := exec.CommandContext(ctx, "script", "-qfec", "stty cols 400 rows 50; "+command, "/dev/null")
	cmd.Dir, cmd.Env = g.dir, g.env
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	term := &terminal{t: t, in: in, out: make(chan []byte)}
	go func() {
		defer close(term.out)
		for {
			chunk := make([]byte, 4096)
			n, err := out.Read(chunk)
			if n > 0 {
				select {
				case term.out <- chunk[:n]:
				case <-ctx.Done():
				}
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		time.AfterFunc(10*time.Second, cancel) // where a test ended in the middle of a line
		io.WriteString(in, "\x03exit\r")
		for range term.out {
		}
		cmd.Wait()
		cancel()
	})
	return term
}

func (s *terminal) write(keys string) {
	if _, err := io.WriteString(s.in, keys); err != nil {
		s.t.Fatal(err)
	}
}

// await reads until text was printed, and returns what came before it.
func (s *terminal) await(text string) string {
	s.t.Helper()
	for {
		if before, after, ok := bytes.Cut(s.seen, []byte(text)); ok {
			s.seen = after
			return string(before)
		}
		chunk, ok := <-s.out
		if !ok {
			s.t.Fatalf("no %q in %q", text, s.seen)
		}
		s.seen = append(s.seen, chunk...)
	}
}

// result returns what the function in place of the program prints.
func (s *terminal) result() string {
	s.t.Helper()
	s.await("GOT<")
	return fmt.Sprintf("GOT<%s>.", s.await(">.\r\n"))
}

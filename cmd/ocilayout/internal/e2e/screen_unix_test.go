//go:build unix

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
	"github.com/spf13/afero"
)

// screen is a terminal of tmux, in which a shell runs one command.
type screen struct {
	t      *testing.T
	socket string
}

// ended is what the shell prints after the command, with its status.
var ended = regexp.MustCompile(`(?m)^\[status (\d+)\]$`)

// onScreen starts a shell command in the directory dir, in a terminal that is so
// wide. The terminal goes with the test.
func onScreen(t *testing.T, dir string, width int, command string) *screen {
	t.Helper()
	testrun.Tool(t, "tmux")
	short, err := os.MkdirTemp("", "tmux") // the path of a socket has to be short
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t, filepath.Join(short, "s")}
	t.Cleanup(func() {
		s.tmux("kill-server")
		os.RemoveAll(short)
	})
	// Standard input ends the shell only when the terminal goes.
	command = "cd '" + dir + "'; unset NO_COLOR; " + command + "; status=$?; echo; echo \"[status $status]\"; cat >/dev/null"
	if out, err := s.tmux("new-session", "-d", "-x", itoa(width), "-y", "50", "/bin/sh", "-c", command); err != nil {
		t.Fatalf("tmux: %v: %s", err, out)
	}
	return s
}

func (s *screen) tmux(args ...string) (string, error) {
	cmd := exec.Command("tmux", append([]string{"-S", s.socket, "-f", os.DevNull}, args...)...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// shown returns what the terminal shows, and what has left it at the top. Words
// in colour are written as "{31}red{}", in the numbers of ECMA-48.
func (s *screen) shown() string {
	s.t.Helper()
	out, err := s.tmux("capture-pane", "-p", "-e", "-S", "-")
	if err != nil {
		s.t.Fatalf("tmux: %v: %s", err, out)
	}
	return strings.TrimRight(colours(out), "\n") + "\n"
}

// colours names the colours of a captured screen. tmux ends them where the next
// word begins, which may be lines later, and not in the way they were written.
func colours(captured string) string {
	var b strings.Builder
	bold, colour, now := "", "", ""
	for len(captured) > 0 {
		if m := sequence.FindStringSubmatch(captured); m != nil {
			captured = captured[len(m[0]):]
			for code := range strings.SplitSeq(m[1], ";") {
				switch {
				case code == "" || code == "0":
					bold, colour = "", ""
				case code == "1":
					bold = "1;"
				case code == "39":
					colour = ""
				case code != "49":
					colour = code
				}
			}
			continue
		}
		if space := captured[0] == ' ' || captured[0] == '\n'; space && now != "" {
			b.WriteString("{}")
			now = ""
		} else if want := bold + colour; !space && want != now {
			b.WriteString("{" + want + "}")
			now = want
		}
		b.WriteByte(captured[0])
		captured = captured[1:]
	}
	return b.String()
}

var sequence = regexp.MustCompile("^\x1b\\[([0-9;]*)m")

// wait returns what is shown once want is part of it.
func (s *screen) wait(want *regexp.Regexp) string {
	s.t.Helper()
	var shown string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if shown = s.shown(); want.MatchString(shown) {
			return shown
		}
	}
	s.t.Fatalf("no %s is ever shown:\n%s", want, shown)
	return ""
}

const (
	hostileName = "\x1b[31mred\x1b]0;title\x07\u202eexe\u009b2J"
	longName    = "a-reference-name/that-goes-on/and-on/because-nobody/has-ever-said/how-long-one-may-be"
)

// screenLayout makes a layout with all that a terminal has trouble with, called
// img in the directory that is returned.
func screenLayout(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	fsys := afero.NewBasePathFs(afero.NewOsFs(), filepath.Join(dir, "img"))
	b := layouttest.New(fsys)
	base := b.Layer(layouttest.Files{
		"bin/": "", "bin/tool": strings.Repeat("x", 123456), "etc/": "", "etc/motd": "hello\n",
		"usr/share/" + strings.Repeat("deep/", 15) + "file": "deep", hostileName: "",
	})
	amd64 := b.Image("linux/amd64", base)
	b.Entry(amd64, "1.0")
	b.Entry(b.Index(amd64, b.Image("linux/arm64/v8", base, b.Layer(layouttest.Files{"etc/arch": "arm64\n"}))), longName)
	b.Entry(b.Image("windows/amd64"), hostileName)
	missing := b.Image("linux/riscv64", base)
	b.Entry(missing, "gone")
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	if err := fsys.Remove(blobs.Path(missing.Digest)); err != nil {
		t.Fatal(err)
	}
	return dir
}

// What people see, at two widths. The files are there to be read.
func TestScreens(t *testing.T) {
	t.Parallel()
	dir := screenLayout(t)
	for _, test := range []struct {
		name, command string
		lines         int // of the screen that are held, 0: all
	}{
		{"ls", "ocilayout ls img", 0},
		{"ls_never", "ocilayout ls img --color never", 0},
		{"ls_pipe", "ocilayout ls img | cat", 0},
		{"files", "ocilayout files img:1.0", 0},
		{"files_pipe", "ocilayout files img:1.0 | cat", 0},
		{"tree", "ocilayout tree img", 0},
		{"blobs", "ocilayout blobs img", 0},
		{"inspect", "ocilayout inspect img:1.0", 0},
		{"inspect_entries", "ocilayout inspect img", 0},
		{"diff", "ocilayout diff img:1.0 img:" + longName, 0},
		{"rules", "ocilayout rules", 12}, // of which there will be more
		{"verify", "ocilayout verify img", 0},
		{"verify_pipe", "ocilayout verify img | cat", 0},
		{"verify_verbose", "ocilayout verify img -v", 0},
		{"verify_one", "ocilayout verify img:1.0", 0},
		{"verify_several", "ocilayout verify img:1.0 img:gone nowhere", 0},
		{"verify_many", "ocilayout verify img:1.0 img img:1.0 img:1.0 img:1.0 img:1.0 img:1.0 img:gone", 0},
		{"verify_limit", "ocilayout verify img:1.0 --max-layer-bytes 1000", 0},
		{"verify_level", "ocilayout verify img:1.0 --level digest", 0},
		{"verify_line", "ocilayout verify img -f line", 0},
		{"verify_no_color", "NO_COLOR=1 ocilayout verify img -q --fail-on warning", 0},
		{"verify_always", "NO_COLOR=1 ocilayout verify img -q --color always", 0},
		{"verify_dumb", "TERM=dumb ocilayout verify img -q", 0},
		{"validate", "ocilayout validate img/oci-layout img/index.json", 0},
	} {
		wide := 200
		if strings.HasPrefix(test.name, "verify") { // as wide as terminals are where people read
			wide = 120
		}
		for _, width := range []int{80, wide} {
			name := fmt.Sprintf("%s.%d.txt", test.name, width)
			t.Run(name, func(t *testing.T) {
				shown := onScreen(t, dir, width, test.command).wait(ended)
				lines := strings.SplitAfter(shown, "\n")
				if test.lines > 0 {
					lines = lines[:min(test.lines, len(lines))]
				}
				for i, line := range lines {
					lines[i] = strings.TrimRight(line, " \n") + "\n"
				}
				golden(t, filepath.Join("testdata", "screens", name), strings.TrimRight(strings.Join(lines, ""), "\n")+"\n")
			})
		}
	}
}

// golden holds what is got to a file, which -update rewrites.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		write(t, file, got)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s is not what is shown; -update rewrites it, to be read:\n%s", file, got)
	}
}

// slowLayout makes a layout with a blob that takes hours to read. It is called
// img in the directory that is returned.
func slowLayout(t *testing.T) (dir, blob string) {
	t.Helper()
	dir = t.TempDir()
	b := layouttest.New(afero.NewBasePathFs(afero.NewOsFs(), filepath.Join(dir, "img")))
	b.Entry(b.Image("linux/amd64"), "1.0")
	slow := model.Descriptor{MediaType: model.MediaTypeLayer, Digest: digest.Digest("sha256:" + someHex), Size: 1 << 40}
	b.File(blobs.Path(slow.Digest), nil)
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	blob = filepath.Join(dir, "img", "blobs", "sha256", someHex)
	testrun.Need(t, "file system for files of a terabyte", os.Truncate(blob, slow.Size))
	return dir, blob
}

var (
	drawn = regexp.MustCompile(`(?m)^\[=*-+\] +\d+%  [0-9.]+ [KMG]iB of 1\.0 TiB  [0-9.]+ [KMG]iB/s  \w+ left  layout 1 of 2.*$`)
	bar   = regexp.MustCompile(`\[=*-+\]`)
)

// Progress is seen while verify works, follows the width, and nothing of it is
// left when the run has come to its end.
func TestProgressEnds(t *testing.T) {
	t.Parallel()
	dir, blob := slowLayout(t)
	s := onScreen(t, dir, 90, "ocilayout verify img img")
	narrow := bar.FindString(s.wait(drawn))
	if out, err := s.tmux("resize-window", "-x", "200"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	wide := s.wait(regexp.MustCompile(`(?m)^\[[=-]{28}\] .* left  layout 1 of 2: img$`))
	if got := len(bar.FindString(wide)); got <= len(narrow) {
		t.Errorf("the bar is %d wide in a terminal of 200, and %d in one of 90", got, len(narrow))
	}
	if err := os.Truncate(blob, 1); err != nil { // the program comes to its end
		t.Fatal(err)
	}
	shown := s.wait(ended)
	if bar.MatchString(shown) || strings.Contains(shown, "s left ") {
		t.Errorf("some of it is left:\n%s", shown)
	}
}

// An interrupt takes the line away too, before the report says how far it came.
func TestProgressInterrupted(t *testing.T) {
	t.Parallel()
	dir, _ := slowLayout(t)
	s := onScreen(t, dir, 100, "trap : INT; ocilayout verify img img")
	s.wait(drawn)
	if out, err := s.tmux("send-keys", "C-c"); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	shown := s.wait(ended)
	if bar.MatchString(shown) || strings.Contains(shown, "/s ") {
		t.Errorf("some of it is left:\n%s", shown)
	}
	if status := ended.FindStringSubmatch(shown)[1]; status != "130" || !strings.Contains(shown, "so far\n") {
		t.Errorf("status %s:\n%s", status, shown)
	}
}

// Where it is not wanted, or standard error is no terminal, there is no progress:
// what is written meanwhile is nothing at all.
func TestProgressHidden(t *testing.T) {
	t.Parallel()
	for name, command := range map[string]string{
		"never": "ocilayout verify img --progress never", "quiet": "ocilayout verify img -q",
		"pipe": "ocilayout verify img 2>errors", "dumb": "TERM=dumb ocilayout verify img", "tty": "ocilayout verify img -o \"$(tty)\"",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, blob := slowLayout(t)
			// Beside it a run with progress says when it would have been seen.
			other := onScreen(t, dir, 100, "ocilayout verify img img")
			s := onScreen(t, dir, 100, command)
			other.wait(drawn)
			if shown := s.shown(); bar.MatchString(shown) || strings.Contains(shown, " read") {
				t.Errorf("%s", shown)
			}
			if err := os.Truncate(blob, 1); err != nil {
				t.Fatal(err)
			}
			s.wait(ended)
			if raw, err := os.ReadFile(filepath.Join(dir, "errors")); name == "pipe" && (err != nil || len(raw) > 0) {
				t.Errorf("%q, %v", raw, err)
			}
		})
	}
}

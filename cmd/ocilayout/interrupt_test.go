package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/outputtest"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/spf13/afero"
	"github.com/urfave/cli/v2"
)

var errSignal = errors.New("a signal")

// interrupted runs the command, with an interrupt once nothing moves any more, and
// returns the status and how long after the interrupt it came. It runs in a bubble
// of synctest, which fails where a goroutine is still there in the end.
func interrupted(stderr io.Writer, command func(context.Context) int) (status int, after time.Duration) {
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	begun := time.Now()
	time.AfterFunc(time.Second, func() { cancel(errSignal) })
	status = halfSecond.run(ctx, stderr, command)
	return status, time.Since(begun) - time.Second
}

// A command has some time to end by itself, with whatever status. One that does
// not is left behind.
func TestLeeway(t *testing.T) {
	for name, test := range map[string]struct {
		command func(ctx context.Context, stderr io.Writer) int
		status  int
		after   time.Duration
		stderr  string
	}{
		"at once": {func(ctx context.Context, stderr io.Writer) int {
			<-ctx.Done()
			return exit(ctx, ctx.Err(), stderr)
		}, statusInterrupted, 0, "ocilayout: interrupted\n"},
		"late": {func(ctx context.Context, stderr io.Writer) int {
			time.Sleep(time.Second + halfSecond.all - time.Millisecond)
			return statusFindings
		}, statusFindings, halfSecond.all - time.Millisecond, ""},
		"too late": {func(ctx context.Context, stderr io.Writer) int {
			time.Sleep(time.Hour)
			return statusOK
		}, statusInterrupted, halfSecond.all, "ocilayout: interrupted\n"},
		"after its last word": {func(ctx context.Context, stderr io.Writer) int {
			<-ctx.Done()
			defer time.Sleep(time.Hour)
			return exit(ctx, ctx.Err(), stderr)
		}, statusInterrupted, halfSecond.all, "ocilayout: interrupted\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var stderr bytes.Buffer
				status, after := interrupted(&stderr, func(ctx context.Context) int { return test.command(ctx, &stderr) })
				if status != test.status || after != test.after || stderr.String() != test.stderr {
					t.Errorf("status %d after %v, not %d after %v; stderr %q", status, after, test.status, test.after, &stderr)
				}
				time.Sleep(2 * time.Hour) // what was left behind comes to its end
			})
		})
	}
}

// A terminal or pipe that takes nothing more does not take the last word either.
func TestLeewaySilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hanging := make(hangingWriter)
		never := make(chan int)
		status, after := interrupted(hanging, func(context.Context) int { return <-never })
		if status != statusInterrupted || after != halfSecond.all+farewell {
			t.Errorf("status %d after %v", status, after)
		}
		close(never)
		close(hanging)
	})
}

type hangingWriter chan struct{}

func (w hangingWriter) Write(p []byte) (int, error) { <-w; return len(p), nil }

// hangingFs never comes back from one of its operations, until it is let go. Like
// many file systems it has no Lstat.
type hangingFs struct {
	afero.Fs
	at    int               // the operation, from 0; negative for none
	seen  func(name string) // called before each operation
	letGo chan struct{}

	mu sync.Mutex
	n  int
}

func (h *hangingFs) operation(name string) {
	h.mu.Lock()
	hang := h.n == h.at
	h.n++
	h.mu.Unlock()
	h.seen(name)
	if hang {
		<-h.letGo
	}
}

func (h *hangingFs) Stat(name string) (os.FileInfo, error) {
	h.operation("stat " + name)
	return h.Fs.Stat(name)
}

func (h *hangingFs) Open(name string) (afero.File, error) {
	h.operation("open " + name)
	f, err := h.Fs.Open(name)
	if err != nil {
		return nil, err
	}
	return hangingFile{f, h}, nil
}

type hangingFile struct {
	afero.File
	fs *hangingFs
}

func (f hangingFile) Read(p []byte) (int, error) {
	f.fs.operation("read " + f.Name())
	return f.File.Read(p)
}

func (f hangingFile) Stat() (os.FileInfo, error) {
	f.fs.operation("fstat " + f.Name())
	return f.File.Stat()
}

func (f hangingFile) Readdirnames(n int) ([]string, error) {
	f.fs.operation("list " + f.Name())
	return f.File.Readdirnames(n)
}

func (f hangingFile) Close() error {
	f.fs.operation("close " + f.Name())
	return f.File.Close()
}

// faulty returns a layout with findings of every stage.
func faulty(t *testing.T) afero.Fs {
	t.Helper()
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	b.Entry(b.Image("linux/amd64", b.Layer(layouttest.Files{"etc/motd": "hello\n"})), "-v1")
	b.Blob("text/plain", []byte("named by nothing"))
	b.File("README", []byte("of no use"))
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	return fsys
}

// toldReport is what a JSON report tells of its one layout.
type toldReport struct {
	Complete, Valid bool
	Layouts         []struct {
		Complete, Valid bool
		Error           string
		Findings        []struct{ Rule, Path string }
	}
}

// verifyHanging verifies a layout on a file system that hangs, and returns the
// status and the report, which goes to a file.
func verifyHanging(t *testing.T, fsys *hangingFs, level verify.Level) (status int, after time.Duration, report toldReport) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report")
	v := &verification{
		judging:   &judging{failOn: rule.Error, most: -1, asked: []reportFile{{flag: "--output", format: "json", name: file}}},
		addresses: []address{{given: "img", path: "img"}},
		options:   verify.Options{Level: level, Jobs: 1},
	}
	var stdout, stderr bytes.Buffer
	status, after = interrupted(&stderr, func(ctx context.Context) int {
		c := cli.NewContext(&cli.App{Writer: &stdout, ErrWriter: &stderr}, nil, nil)
		c.Context = ctx
		return exit(ctx, v.all(c, 1, nil, func(ctx context.Context, i int) *judgement {
			return v.judge(ctx, v.begin(v.resultOf(i)), i, layout.New(fsys))
		}), &stderr)
	})
	if stdout.Len() > 0 || stderr.Len() > 0 {
		t.Errorf("stdout %q, stderr %q", &stdout, &stderr)
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := outputtest.Report(string(raw)); err != nil {
		t.Error(err)
	}
	if err := json.Unmarshal(raw, &report); err != nil || len(report.Layouts) != 1 {
		t.Fatalf("%v in %s", err, raw)
	}
	return status, after, report
}

// Wherever the file system hangs, an interrupt ends verify, and its report has
// all that was found until then.
func TestHangingAnywhere(t *testing.T) {
	fsys := faulty(t)
	var names []string
	whole := &hangingFs{Fs: fsys, at: -1, seen: func(name string) { names = append(names, name) }}
	found := []int{} // before each operation
	count := 0
	for f, err := range verify.New(layout.New(whole), verify.Options{Level: verify.LevelStructure, Jobs: 1}).Findings(t.Context()) {
		if err != nil {
			t.Fatal(f, err)
		}
		for len(found) < len(names) {
			found = append(found, count)
		}
		count++
	}
	for len(found) < len(names) {
		found = append(found, count)
	}
	if count < 3 || found[len(found)-1] == 0 {
		t.Fatalf("%d findings", count)
	}
	for at, name := range names {
		synctest.Test(t, func(t *testing.T) {
			hanging := &hangingFs{Fs: fsys, at: at, seen: func(string) {}, letGo: make(chan struct{})}
			status, after, report := verifyHanging(t, hanging, verify.LevelStructure)
			if status != statusInterrupted || after != halfSecond.work {
				t.Errorf("operation %d, %s: status %d after %v", at, name, status, after)
			}
			l := report.Layouts[0]
			if report.Complete || report.Valid || l.Complete || l.Valid || l.Error != "img: a signal" {
				t.Errorf("operation %d, %s: %+v", at, name, report)
			}
			if len(l.Findings) != found[at] {
				t.Errorf("operation %d, %s: %d findings were known, the report has %v", at, name, found[at], l.Findings)
			}
			close(hanging.letGo)
		})
	}
	t.Logf("%d operations", len(names))
}

// What hangs while a layer is read beside others is left behind as well, and comes
// back without harm.
func TestHangingLayer(t *testing.T) {
	fsys := faulty(t)
	reads := 0
	var at []int // operations that read under blobs
	whole := &hangingFs{Fs: fsys, at: -1}
	whole.seen = func(name string) {
		if name[:4] == "read" {
			at = append(at, reads)
		}
		reads++
	}
	for _, err := range verify.New(layout.New(whole), verify.Options{Jobs: 1}).Findings(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
	}
	last := at[len(at)-1]
	synctest.Test(t, func(t *testing.T) {
		hanging := &hangingFs{Fs: fsys, at: last, seen: func(string) {}, letGo: make(chan struct{})}
		status, _, report := verifyHanging(t, hanging, verify.LevelContent)
		rules := []string{}
		for _, f := range report.Layouts[0].Findings {
			rules = append(rules, f.Rule)
		}
		for _, id := range []rule.ID{rule.RootFileExtra, rule.RefNameGrammar, rule.BlobUnreferenced} {
			if !slices.Contains(rules, string(id)) {
				t.Errorf("no %s in %v", id, rules)
			}
		}
		if status != statusInterrupted || report.Complete {
			t.Errorf("status %d, %+v", status, report)
		}
		close(hanging.letGo)
	})
}

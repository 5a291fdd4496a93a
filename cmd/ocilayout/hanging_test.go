package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/outputtest"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/spf13/afero"
)

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

// interruptedReport is what a JSON report says of its one layout.
type interruptedReport struct {
	Complete, Valid bool
	Layouts         []struct {
		Complete, Valid bool
		Error           string
		Findings        []struct{ Rule, Path string }
	}
}

// verifyHanging verifies a layout on a file system that hangs, and returns the
// status and the report, which goes to a file.
func verifyHanging(t *testing.T, fsys *hangingFs, level verify.Level) (status int, after time.Duration, got interruptedReport) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report")
	var stdout, stderr bytes.Buffer
	v := &verification{
		run: &report.Run{FailOn: rule.Error, MaxFindings: -1, Reports: []report.Destination{{Flag: "--output", Format: "json", File: file}},
			Tool: report.Tool{Name: "ocilayout", Version: "devel"}, Stdout: &stdout, Stderr: &stderr},
		addresses: []cli.Address{{Given: "img", Path: "img"}},
		options:   verify.Options{Level: level, Jobs: 1},
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	begun := time.Now()
	time.AfterFunc(time.Second, func() { cancel(errors.New("a signal")) })
	status = term.Run(ctx, &stderr, func(ctx context.Context) int {
		err := v.run.Each(ctx, 1, func(ctx context.Context, i int) *report.Check { return v.verify(ctx, v.begin(i), i, layout.New(fsys)) })
		ended, ok := errors.AsType[*exit.StatusError](err)
		if !ok {
			return -1
		}
		return ended.Status
	})
	after = time.Since(begun) - time.Second
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
	if err := json.Unmarshal(raw, &got); err != nil || len(got.Layouts) != 1 {
		t.Fatalf("%v in %s", err, raw)
	}
	return status, after, got
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
			if status != exit.StatusInterrupted || after <= 0 || after >= time.Second/2 {
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
		if status != exit.StatusInterrupted || report.Complete {
			t.Errorf("status %d, %+v", status, report)
		}
		close(hanging.letGo)
	})
}

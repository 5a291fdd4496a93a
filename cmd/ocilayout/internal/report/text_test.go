package report

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// one is a layout with its findings.
type one struct {
	Result
	findings []verify.Finding
}

// texts is what text says of some layouts.
func texts(t *testing.T, o Options, status int, layouts ...one) string {
	t.Helper()
	var b strings.Builder
	if o.Count == 0 {
		o.Count = len(layouts)
	}
	report := NewReport("text", &b, o)
	for _, l := range layouts {
		for _, f := range l.findings {
			if err := report.Finding(l.Path, f); err != nil {
				t.Fatal(err)
			}
		}
		if err := report.Layout(l.Result); err != nil {
			t.Fatal(err)
		}
	}
	if err := report.Close(status); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func good(path string) one {
	return one{Result: Result{Path: path, Level: verify.LevelContent, Verdict: Valid, Started: true, Stats: verify.Stats{
		Manifests: 1, Layers: 1, Blobs: 3, Bytes: 2048, BytesRead: 2048, Complete: true}}}
}

// found returns a layout with findings, which counts them.
func found(path string, findings ...verify.Finding) one {
	l := good(path)
	for _, f := range findings {
		switch f.Severity {
		case rule.Error:
			l.Stats.Errors++
			l.Verdict = Invalid
		case rule.Warning:
			l.Stats.Warnings++
		case rule.Info:
			l.Stats.Infos++
		}
	}
	l.findings = findings
	return l
}

func finding(s rule.Severity, id rule.ID, n int, message string) verify.Finding {
	blob := digest.FromString(fmt.Sprint(n))
	return verify.Finding{Rule: id, Severity: s, Path: "blobs/sha256/" + blob.Encoded(), Digest: blob, Message: message,
		Trail: []string{fmt.Sprintf("index.json#/manifests/%d", n), fmt.Sprintf("blobs/sha256/aa#/layers/%d", n%3)}}
}

func TestTextShapes(t *testing.T) {
	missing := finding(rule.Error, rule.BlobMissing, 1, "the blob is missing")
	missing.Expected = "266 bytes"
	unread := finding(rule.Warning, rule.LimitLayerBytes, 2, "the layer unpacks to more than the limit")
	unread.Expected = "max-layer-bytes 10"
	incomplete := found("app", unread)
	incomplete.Verdict, incomplete.Stats.Complete = Incomplete, false
	broken := found("app", missing, unread)
	broken.Stats.Complete = false
	ended := good("app")
	ended.Verdict, ended.Err, ended.Stats.Complete = Incomplete, errors.New("app: interrupted"), false
	orphans := found("app", finding(rule.Info, rule.BlobUnreferenced, 3, "nothing refers to the blob"), finding(rule.Info, rule.RootFileExtra, 4, "no such file is known"))
	orphans.Stats.UnreferencedBlobs, orphans.Stats.UnreferencedBytes = 1, 34
	left := good("app")
	left.Stats.NotChecked, left.Stats.NotFollowed, left.Stats.DiffIDsNotChecked, left.Stats.TablesNotChecked = 1, 2, 3, 1
	structure := good("app")
	structure.Level, structure.Stats.NotChecked = verify.LevelStructure, 2
	for name, test := range map[string]struct {
		o      Options
		layout one
		want   string
	}{
		"good":    {Options{FailOn: rule.Error}, good("app"), "app: valid - 1 manifest, 3 blobs, 2.0 KiB\n"},
		"orphans": {Options{FailOn: rule.Error}, orphans, "app: valid - 1 manifest, 3 blobs, 2.0 KiB\n1 blob (34 B) is unreferenced. 1 info; -v shows it.\n"},
		"left": {Options{FailOn: rule.Error}, left, "app: valid - 1 manifest, 3 blobs, 2.0 KiB\n" +
			"Not checked: 1 blob, 2 entries of unknown types, 3 diff ids, 1 table of contents.\n"},
		"structure": {Options{FailOn: rule.Error}, structure, "app: valid - 1 manifest, 3 blobs, 2.0 KiB\n" +
			"Not checked: the bytes of 2 blobs, what is in layers; --level content checks that.\n"},
		"bad on a terminal": {Options{FailOn: rule.Error, Width: 80}, found("app", missing), `app: INVALID - 1 error; 1 manifest, 3 blobs, 2.0 KiB

  error    the blob is missing                          layer 1
           blob-missing
           blobs/sha256/6b86b273ff34
           expected 266 bytes

Why and what to do: ocilayout explain blob-missing
`},
		"incomplete": {Options{FailOn: rule.Error, Width: 80}, incomplete, `app: INCOMPLETE - no errors, but not everything was checked

  not checked  the layer unpacks to more than the limit     layer 2
               limit-layer-bytes; raise it with --max-layer-bytes
               blobs/sha256/d4735e3a265e
`},
		"both": {Options{FailOn: rule.Error, Width: 80}, broken, `app: INVALID - 1 error; 1 manifest, 3 blobs, 2.0 KiB

  error    the blob is missing                          layer 1
           blob-missing
           blobs/sha256/6b86b273ff34
           expected 266 bytes
  not checked  the layer unpacks to more than the limit     layer 2
               limit-layer-bytes; raise it with --max-layer-bytes
               blobs/sha256/d4735e3a265e

Why and what to do: ocilayout explain blob-missing
`},
		"a limit that fails": {Options{FailOn: rule.Warning, Width: 80}, one{Result{Path: "app", Verdict: Invalid, Started: true, Stats: verify.Stats{Warnings: 1}}, []verify.Finding{unread}},
			`app: INVALID - 1 warning; 0 manifests, 0 blobs, 0 B

  warning  the layer unpacks to more than the limit     layer 2
           limit-layer-bytes
           blobs/sha256/d4735e3a265e
           expected max-layer-bytes 10

Why and what to do: ocilayout explain limit-layer-bytes
`},
		"ended": {Options{FailOn: rule.Error}, ended, "app: INCOMPLETE - no errors so far\n\nNot finished: interrupted.\n"},
		"notes fail": {Options{FailOn: rule.Info, Width: 80}, one{Result{Path: "app", Verdict: Invalid, Started: true, Stats: verify.Stats{Infos: 1, Complete: true}},
			[]verify.Finding{{Rule: rule.RootFileExtra, Severity: rule.Info, Path: "extra", Message: "no such file is known"}}}, `app: INVALID - 1 info; 0 manifests, 0 blobs, 0 B

  info     no such file is known
           root-file-extra
           extra

Why and what to do: ocilayout explain root-file-extra
`},
	} {
		if got := texts(t, test.o, exit.StatusOK, test.layout); got != test.want {
			t.Errorf("%s: it says\n%s\nand not\n%s", name, got, test.want)
		}
	}
}

// Two digests that begin alike are not shown as the same.
func TestTextAlike(t *testing.T) {
	f := finding(rule.Error, rule.BlobDigestMismatch, 1, "m")
	f.Expected, f.Actual = "sha256:"+strings.Repeat("a", 64), "sha256:"+strings.Repeat("a", 63)+"b"
	if got := texts(t, Options{FailOn: rule.Error, Width: 80}, 1, found("app", f)); !strings.Contains(got, f.Expected) || !strings.Contains(got, f.Actual) {
		t.Errorf("it says\n%s", got)
	}
}

// Of a thousand layouts with one bad there is one screen, and of five hundred findings.
func TestTextLength(t *testing.T) {
	store := make([]one, 1000)
	for i := range store {
		store[i] = found(fmt.Sprintf("store/app%04d", i), finding(rule.Warning, rule.TarUnterminated, i, "no end marker"))
		store[i].Duration = time.Millisecond
	}
	store[500] = found("store/app0500", finding(rule.Error, rule.BlobMissing, 1, "the blob is missing"), finding(rule.Warning, rule.TarUnterminated, 1, "no end marker"))
	got := texts(t, Options{FailOn: rule.Error, Width: 80}, 1, store...)
	want := `store/app0500: INVALID - 1 error, 1 warning
  error    the blob is missing                          layer 1
           blob-missing
           blobs/sha256/6b86b273ff34

  warning  no end marker                              1000 times in 1000 layouts
           tar-unterminated
           store/app0000: layer 0  blobs/sha256/5feceb66ffc8
           store/app0001: layer 1  blobs/sha256/6b86b273ff34
           store/app0002: layer 2  blobs/sha256/d4735e3a265e
           ... 997 more

Why and what to do: ocilayout explain blob-missing
All of them: --all. For scripts: --report json:FILE
1000 layouts: 999 valid, 1 invalid, 0 incomplete - 2.0 MiB read in under 1 s
`
	if got != want {
		t.Errorf("it says\n%s\nand not\n%s", got, want)
	}
	var many []verify.Finding
	for i := range 500 {
		switch i % 3 {
		case 0:
			many = append(many, finding(rule.Error, rule.BlobDigestMismatch, i, "the bytes are others"))
		case 1:
			many = append(many, finding(rule.Error, rule.BlobMissing, i, fmt.Sprintf("the blob is missing: %d", i)))
		default:
			many = append(many, finding(rule.Warning, rule.TarUnterminated, i, "no end marker"))
		}
	}
	got = texts(t, Options{FailOn: rule.Error}, 1, found("many", many...))
	if n := strings.Count(got, "\n"); n >= 25 || strings.Count(got, "... 16") != 3 {
		t.Errorf("%d lines:\n%s", n, got)
	}
	got = texts(t, Options{FailOn: rule.Error, All: true}, 1, found("many", many...))
	if n := strings.Count(got, "blobs/sha256/"); n != 500 || strings.Contains(got, "more") || !strings.HasSuffix(got, "\nmany: INVALID - 334 errors, 166 warnings\n") {
		t.Errorf("%d of 500 findings:\n%s", n, got)
	}
}

// Of several layouts the good ones are listed if they are few, and bad ones that are out
// of sight are named again.
func TestTextSeveral(t *testing.T) {
	var few, more []one
	for i := range 7 {
		few = append(few, found(fmt.Sprint("bad", i), finding(rule.Error, rule.BlobMissing, i, "the blob is missing")))
		more = append(more, good(fmt.Sprint("good", i)))
	}
	got := texts(t, Options{FailOn: rule.Error, Width: 80}, 1, append(few, more[:5]...)...)
	if strings.Count(got, ": valid - ") != 5 || strings.Count(got, "bad0: INVALID") != 2 || !strings.HasSuffix(got, "\n12 layouts: 5 valid, 7 invalid, 0 incomplete - 24 KiB read in under 1 s\n") {
		t.Errorf("it says\n%s", got)
	}
	if got := texts(t, Options{FailOn: rule.Error}, 0, more...); got != "7 layouts: 7 valid, 0 invalid, 0 incomplete - 14 KiB read in under 1 s\n" {
		t.Errorf("it says\n%s", got)
	}
	if got := texts(t, Options{FailOn: rule.Error, Verbose: true}, 0, more...); strings.Count(got, ": valid - ") != 7 {
		t.Errorf("it says\n%s", got)
	}
	got = texts(t, Options{FailOn: rule.Error, Count: 9}, exit.StatusInterrupted, few[0], more[0])
	if !strings.HasSuffix(got, "\n2 layouts of 9: 1 valid, 1 invalid, 0 incomplete; interrupted - 4.0 KiB read in under 1 s\n") || !strings.Contains(got, "good0: valid") {
		t.Errorf("it says\n%s", got)
	}
}

// A layout with more findings than anyone reads takes no more memory than what is shown.
func TestTextBounded(t *testing.T) {
	report := newText(new(strings.Builder), Options{MaxFindings: 100, All: true})
	for i := range 10_000 {
		if err := report.Finding("a", finding(rule.Error, rule.BlobMissing, i, "m")); err != nil {
			t.Fatal(err)
		}
	}
	if n := report.found.kept[rule.Error]; n != 100 {
		t.Errorf("%d findings are kept", n)
	}
}

// What is accepted for a reason is suppressed for readers of SARIF.
func TestSuppressions(t *testing.T) {
	if got := suppressions(nil); got != nil {
		t.Errorf("%v for no reason", got)
	}
	if got := fmt.Sprint(suppressions(&rule.Exception{Reason: "cannot be rebuilt"})); got != "[{external accepted cannot be rebuilt}]" {
		t.Error(got)
	}
}

package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// textReport is for people, and may change.
type textReport struct {
	w     io.Writer
	quiet bool
	style Style
	width int // of the terminal, 0 if there is none
}

func (t *textReport) Finding(_ string, f verify.Finding) error {
	_, err := io.WriteString(t.w, findingText(f, t.style, t.width))
	return err
}

// findingText says what is wrong and where, then what was expected and found, and
// how the place was reached. No line begins with words of the layout.
func findingText(f verify.Finding, style Style, width int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s\n", style.Severity(f.Severity, f.Severity.String()), f.Rule, Value(place(f)))
	b.WriteString(broken("    "+Text(f.Message), width) + "\n")
	for _, line := range [...]struct{ label, value string }{{"entry", f.Entry}, {"expected", f.Expected}, {"actual", f.Actual}} {
		if line.value != "" {
			fmt.Fprintf(&b, "    %-9s %s\n", line.label, Value(line.value))
		}
	}
	if _, encoded, ok := strings.Cut(digestOf(f), ":"); ok && !strings.HasSuffix(f.Path, encoded) {
		fmt.Fprintf(&b, "    %-9s %s\n", "blob", Value(digestOf(f)))
	}
	for i, step := range f.Trail {
		label := ""
		if i == 0 {
			label = "reached"
		}
		fmt.Fprintf(&b, "    %-9s %s\n", label, Value(step))
	}
	return b.String()
}

// place is the file that a finding is about, and the pointer into it.
func place(f verify.Finding) string {
	if f.Pointer == "" {
		return f.Path
	}
	return f.Path + "#" + f.Pointer
}

// Layout writes the summary, in one line.
func (t *textReport) Layout(r Result) error {
	if t.quiet {
		return nil
	}
	var b strings.Builder
	if r.Omitted > 0 {
		fmt.Fprintf(&b, "%s not shown; --max-findings shows more\n", plural(r.Omitted, "further finding", "further findings"))
	}
	s := r.Stats
	found := plural(s.Errors, "error", "errors") + ", " + plural(s.Warnings, "warning", "warnings") + ", " + plural(s.Infos, "info", "infos")
	switch {
	case !r.Started && r.Document:
		fmt.Fprintf(&b, "%s: %s: not validated\n", Value(r.Path), r.Verdict)
	case !r.Started:
		fmt.Fprintf(&b, "%s: %s: not verified\n", Value(r.Path), r.Verdict)
	case r.Document:
		fmt.Fprintf(&b, "%s: %s as %s: %s; %s\n", Value(r.Path), r.Verdict, noun(r.Kind), found, unjudged(r))
	default:
		fmt.Fprintf(&b, "%s: %s at level %s: %s; %s\n", Value(r.Path), r.Verdict, r.Level, found, extent(r))
	}
	_, err := io.WriteString(t.w, broken(strings.TrimSuffix(b.String(), "\n"), t.width)+"\n")
	return err
}

// extent says how much of a layout the verdict speaks of.
func extent(r Result) string {
	s := r.Stats
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s, %s, %s; ", plural(s.Indexes, "index", "indexes"), plural(s.Manifests, "manifest", "manifests"),
		plural(s.Configs, "config", "configs"), plural(s.Layers, "layer", "layers"))
	fmt.Fprintf(&b, "%s of %s, %s read in %s", plural(s.Blobs, "blob", "blobs"), bytesOf(s.Bytes), bytesOf(s.BytesRead), duration(r.Duration))
	if s.UnreferencedBlobs > 0 {
		fmt.Fprintf(&b, "; %s unreferenced, %s", plural(s.UnreferencedBlobs, "blob", "blobs"), bytesOf(s.UnreferencedBytes))
	}
	fmt.Fprintf(&b, "; %s", unchecked(r))
	if s.IndexDigest != "" {
		fmt.Fprintf(&b, "; index.json is %s", s.IndexDigest)
	}
	return b.String()
}

// noun says what a document was checked as.
func noun(k model.Kind) string {
	switch k {
	case model.KindOpaque:
		return "a document"
	case model.KindIndex:
		return "an index"
	case model.KindLayout:
		return "an oci-layout file"
	case model.KindArtifact:
		return "an artifact manifest"
	case model.KindSchema1:
		return "a manifest of Docker's schema 1"
	}
	return "a " + k.String()
}

// unjudged says what the verdict about a document does not speak for.
func unjudged(r Result) string {
	const never = "no blob was looked at"
	if !r.Stats.Complete {
		return "not all of it could be read; " + never
	}
	return never
}

func (t *textReport) Close(int) error { return nil }

// unchecked says what the verdict does not speak for.
func unchecked(r Result) string {
	switch {
	case r.Err != nil:
		return "not finished: " + Text(r.Err.Error())
	case left(r) != "":
		return "not checked: " + left(r)
	case !r.Stats.Complete:
		return "not everything could be checked"
	case r.Selected:
		return "nothing of what was selected left unchecked"
	}
	return "nothing left unchecked"
}

// left lists by name what was not checked, "" for nothing.
func left(r Result) string {
	s := r.Stats
	var parts []string
	add := func(n int64, before, one, many string) {
		if n > 0 {
			parts = append(parts, before+plural(n, one, many))
		}
	}
	before := ""
	if r.Level == verify.LevelStructure {
		before = "the bytes of "
	}
	add(s.NotChecked, before, "blob", "blobs")
	add(s.NotFollowed, "", "entry of an unknown type", "entries of unknown types")
	add(s.DiffIDsNotChecked, "", "diff id", "diff ids")
	add(s.TablesNotChecked, "", "table of contents", "tables of contents")
	return strings.Join(parts, ", ")
}

func bytesOf(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }

// duration is rough on purpose: two runs over a small layout print the same.
func duration(d time.Duration) string {
	if d < time.Second {
		return "under 1 s"
	}
	return d.Round(100 * time.Millisecond).String()
}

func specOf(id rule.ID) string {
	r, _ := rule.Lookup(id)
	return r.Spec
}

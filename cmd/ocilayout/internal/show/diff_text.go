package show

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/dustin/go-humanize"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/model"
)

// MostLines is how many lines of one kind the text has.
const MostLines = 100

// Differences is what diff shows.
type Differences struct {
	SchemaVersion int    `json:"schemaVersion"`
	A             string `json:"a"`
	B             string `json:"b"`
	*Comparison
}

// Text writes a comparison for people.
func (d Differences) Text(w io.Writer, screen Screen) {
	t := &diffText{w, d, screen}
	t.line("%s", t.answer())
	t.line("")
	t.line("A  %s", report.Value(t.A))
	t.line("B  %s", report.Value(t.B))
	t.entries()
	t.only("A", t.OnlyInA)
	t.only("B", t.OnlyInB)
	for i := range t.Pairs {
		t.pair(&t.Pairs[i])
	}
}

// diffText prints a comparison. The Writer keeps its first error.
type diffText struct {
	io.Writer
	Differences
	Screen
}

func (t *diffText) line(format string, args ...any) { fmt.Fprintf(t, format+"\n", args...) }

// answer is the first line: whether the images unpack to the same files.
func (t *diffText) answer() string {
	images := make(map[string]int)
	total := 0
	var sum Files
	for _, p := range t.Pairs {
		f := p.Files
		if f.Verdict == FilesNone {
			continue
		}
		images[f.Verdict]++
		total++
		sum.Added, sum.AddedBytes = sum.Added+f.Added, sum.AddedBytes+f.AddedBytes
		sum.Removed, sum.RemovedBytes = sum.Removed+f.Removed, sum.RemovedBytes+f.RemovedBytes
		sum.Changed += f.Changed
	}
	parts := verdicts(images, total, sum)
	if total == 0 {
		parts = append(parts, "there are no two images to compare")
	}
	for _, side := range []struct {
		name  string
		items []Item
	}{{"A", t.OnlyInA}, {"B", t.OnlyInB}} {
		if n := len(side.items); n > 0 {
			parts = append(parts, fmt.Sprintf("%d only in %s", n, side.name))
		}
	}
	answer := strings.Join(parts, "; ")
	switch {
	case !t.Differs && t.Complete:
		return "nothing differs: " + answer
	case !t.Complete:
		return answer + "; not everything could be read"
	}
	return answer
}

// verdicts says of how many images what is known about their files.
func verdicts(images map[string]int, total int, sum Files) (parts []string) {
	for _, v := range []struct{ verdict, text string }{
		{FilesSame, "unpack to the same files"},
		{FilesAssumed, "unpack to the same files by their diff ids, and were not read"},
		{FilesDifferent, "unpack to different files: " + sizes(sum)},
		{FilesUnknown, "could not be unpacked, so that it is not known whether they have the same files"},
		{FilesSkipped, "are compared without their files"},
	} {
		switch n := images[v.verdict]; {
		case n == 0:
		case total == 1:
			parts = append(parts, "the images "+v.text)
		default:
			parts = append(parts, fmt.Sprintf("%d of %d pairs of images %s", n, total, v.text))
		}
	}
	return parts
}

func sizes(f Files) string {
	var parts []string
	if f.Added > 0 {
		parts = append(parts, fmt.Sprintf("%d added (%s)", f.Added, size(f.AddedBytes)))
	}
	if f.Removed > 0 {
		parts = append(parts, fmt.Sprintf("%d removed (%s)", f.Removed, size(f.RemovedBytes)))
	}
	if f.Changed > 0 {
		parts = append(parts, fmt.Sprintf("%d changed", f.Changed))
	}
	return strings.Join(parts, ", ")
}

func size(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }

// section prints a heading and n lines below it, not more than are read.
func (t *diffText) section(title string, n int, each func(i int)) {
	if n == 0 {
		return
	}
	t.line("  %s", title)
	for i := range min(n, MostLines) {
		each(i)
	}
	if n > MostLines {
		t.line("    and %d more", n-MostLines)
	}
}

func (t *diffText) entries() {
	e := t.Comparison.Entries
	if !saysMore(e) {
		return
	}
	t.line("")
	t.line("entries of index.json")
	t.members("index", e.Index)
	t.section("only in A", len(e.OnlyInA), func(i int) { t.entry("-", e.OnlyInA[i]) })
	t.section("only in B", len(e.OnlyInB), func(i int) { t.entry("+", e.OnlyInB[i]) })
	t.section("changed", len(e.Changed), func(i int) { t.entryChange(e.Changed[i]) })
}

func (t *diffText) entryChange(c EntryChange) {
	name := cell(c.A.Reference)
	if c.A.Reference != c.B.Reference {
		name += " -> " + cell(c.B.Reference)
	}
	t.line("    %s", t.Style.Change("~ "+name))
	if c.A.Digest != c.B.Digest {
		t.line("        A  %s  %s", cell(c.A.Digest), cell(c.A.MediaType))
		t.line("        B  %s  %s", cell(c.B.Digest), cell(c.B.MediaType))
	}
	for _, m := range c.Members {
		if m.Pointer != "/digest" && m.Pointer != "/size" && m.Pointer != "/mediaType" {
			t.line("        %s", t.Style.Change(member(m)))
		}
	}
}

// saysMore says whether the entries say more than the images themselves do, as two
// manifests that were selected do not.
func saysMore(e Entries) bool {
	if len(e.Index)+len(e.OnlyInA)+len(e.OnlyInB) > 0 {
		return true
	}
	for _, c := range e.Changed {
		if len(c.Members) > 0 || model.KindOf(c.A.MediaType) != model.KindManifest || model.KindOf(c.B.MediaType) != model.KindManifest {
			return true
		}
	}
	return false
}

func (t *diffText) entry(sign string, e Entry) {
	t.line("    %s %s  %s", t.Style.Change(sign), cell(e.Reference), cell(e.Digest))
}

func (t *diffText) only(name string, items []Item) {
	if len(items) == 0 {
		return
	}
	t.line("")
	t.line("only in %s", name)
	for _, it := range items[:min(len(items), MostLines)] {
		t.line("    %s  %s", title(it), cell(it.Digest))
	}
	if n := len(items) - MostLines; n > 0 {
		t.line("    and %d more", n)
	}
}

// title is what an item is called.
func title(it Item) string {
	text := it.Kind
	if it.Kind == KindArtifact {
		text += " " + cell(it.ArtifactType)
	}
	if it.Platform != "" {
		text += " " + itemPlatform(it)
	}
	const most = 5
	var names []string
	for _, name := range it.References[:min(len(it.References), most)] {
		names = append(names, report.Value(name))
	}
	if n := len(it.References) - most; n > 0 {
		names = append(names, fmt.Sprintf("and %d more", n))
	}
	if len(names) > 0 {
		text += " (" + strings.Join(names, ", ") + ")"
	}
	return text
}

func itemPlatform(it Item) string {
	text := cell(it.Platform)
	if it.OSVersion != "" {
		text += " " + report.Value(it.OSVersion)
	}
	return text
}

func (t *diffText) pair(p *Pair) {
	t.line("")
	heading := title(p.A)
	if b := title(p.B); b != heading {
		heading += " -> " + b
	}
	switch {
	case p.Same && p.Files.Verdict == FilesUnknown:
		heading += ": the same digest"
	case p.Same:
		heading += ": the same"
	}
	t.line("%s", heading)
	if p.Same {
		t.line("  %s", cell(p.A.Digest))
	} else {
		t.line("  A %s", cell(p.A.Digest))
		t.line("  B %s", cell(p.B.Digest))
	}
	if !p.SamePlatform {
		t.line("  platform")
		t.line("    %s %s -> %s", t.Style.Change("~"), itemPlatform(p.A), itemPlatform(p.B))
	}
	t.members("descriptor", p.Descriptor)
	t.members("manifest", p.Manifest)
	t.members("configuration", p.Config.Members)
	if p.Same {
		return
	}
	t.layers(p.Layers)
	if t.Complete && !p.Same && len(p.Manifest)+len(p.Config.Members) == 0 && sameLayers(p.Layers) {
		t.line("  nothing but how the documents are written")
	}
	t.files(&p.Files)
}

func sameLayers(layers []LayerPair) bool {
	for _, l := range layers {
		if l.State != LayerSame || l.A.Place != l.B.Place || l.A.MediaType != l.B.MediaType || len(l.Members) > 0 {
			return false
		}
	}
	return true
}

func (t *diffText) members(title string, members []Member) {
	t.section(title, len(members), func(i int) { t.line("    %s", t.Style.Change(member(members[i]))) })
}

// member is a line about one member, with as much of long values as is read.
func member(m Member) string {
	pointer := report.Value(m.Pointer)
	switch {
	case m.A == nil:
		return "+ " + pointer + ": " + value(m.B)
	case m.B == nil:
		return "- " + pointer + ": " + value(m.A)
	}
	return "~ " + pointer + ": " + value(m.A) + " -> " + value(m.B)
}

func value(raw json.RawMessage) string {
	const most = 200
	text := report.Text(string(raw))
	if len(text) > most {
		return fmt.Sprintf("%s... (%d bytes)", text[:most], len(raw))
	}
	return text
}

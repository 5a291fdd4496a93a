package show

import (
	"fmt"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
)

// layers lists the layers that are not the same, and where none is missing also
// those that stand elsewhere.
func (t *diffText) layers(layers []LayerPair) {
	count := make(map[string]int)
	for _, l := range layers {
		count[l.State]++
	}
	var parts []string
	for _, s := range []struct{ state, text string }{
		{LayerSame, "the same"}, {LayerRepacked, "with the same content, packed otherwise"},
		{LayerOnlyInA, "only in A"}, {LayerOnlyInB, "only in B"},
	} {
		if count[s.state] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[s.state], s.text))
		}
	}
	if len(parts) == 0 {
		return
	}
	moved := count[LayerOnlyInA]+count[LayerOnlyInB] == 0
	var listed []LayerPair
	for _, l := range layers {
		if l.State != LayerSame || moved && l.A.Place != l.B.Place || l.A.MediaType != l.B.MediaType || len(l.Members) > 0 {
			listed = append(listed, l)
		}
	}
	t.line("  layers: %s", strings.Join(parts, ", "))
	table := t.layerTable()
	for _, l := range listed[:min(len(listed), MostLines)] {
		layerRows(table, l)
		if len(l.Members) > 0 {
			table.Flush() // the Writer keeps its error
			table = t.layerTable()
		}
		for _, m := range l.Members {
			t.line("        %s", t.Style.Change(member(m)))
		}
	}
	table.Flush()
	if n := len(listed) - MostLines; n > 0 {
		t.line("    and %d more", n)
	}
}

func (t *diffText) layerTable() *report.Table {
	return report.NewTable(t, t.Width, report.Column{Paint: t.Style.Change}, report.Column{Right: true},
		report.Column{Short: report.ShortDigest}, report.Column{Flexible: true}).Indent(4)
}

func layerRows(table *report.Table, l LayerPair) {
	sign := map[string]string{LayerSame: "=", LayerRepacked: "~", LayerOnlyInA: "-", LayerOnlyInB: "+"}[l.State]
	for _, side := range []struct {
		name  string
		layer *ComparedLayer
	}{{"A", l.A}, {"B", l.B}} {
		if s := side.layer; s != nil {
			table.Row(fmt.Sprintf("%s %s %d", sign, side.name, s.Place), size(s.Size), cell(s.Digest), cell(s.MediaType))
		}
	}
}

func (t *diffText) files(f *Files) {
	if f.Verdict != FilesDifferent {
		return
	}
	t.line("  files: %s", sizes(*f))
	for _, file := range f.List {
		t.line("    %s", t.Style.Change(fileLine(file)))
	}
	if f.Omitted > 0 {
		t.line("    and %d more", f.Omitted)
	}
}

func fileLine(f FileChange) string {
	path := report.Value(f.Path)
	switch f.Change {
	case Added:
		return "+ " + path + "  " + brief(f.B)
	case Removed:
		return "- " + path + "  " + brief(f.A)
	}
	var parts []string
	for _, what := range f.What {
		parts = append(parts, changed(what, f.A, f.B))
	}
	return "~ " + path + "  " + strings.Join(parts, ", ")
}

// brief describes a file that is on one side only.
func brief(i *FileInfo) string {
	text := i.Type
	switch {
	case i.Link != "":
		text += " -> " + report.Value(i.Link)
	case i.HardLink != "":
		text += ", hard link of " + report.Value(i.HardLink)
	case i.Type == "file":
		text += ", " + size(i.Size)
	}
	return text
}

// changed says how one member of a file changed.
func changed(what string, a, b *FileInfo) string {
	pairs := map[string][2]string{
		"type": {a.Type, b.Type}, "mode": {a.Mode, b.Mode}, "uid": {fmt.Sprint(a.UID), fmt.Sprint(b.UID)}, "gid": {fmt.Sprint(a.GID), fmt.Sprint(b.GID)},
		"size": {size(a.Size), size(b.Size)}, "link": {cell(a.Link), cell(b.Link)}, "hardLink": {cell(a.HardLink), cell(b.HardLink)},
		"device": {a.Device, b.Device}, "modified": {a.Modified, b.Modified},
	}
	name := map[string]string{"digest": "content", "hardLink": "hard link", "link": "target"}[what]
	if name == "" {
		name = what
	}
	if p, ok := pairs[what]; ok && p[0] != p[1] {
		return name + " " + p[0] + " -> " + p[1]
	}
	return name
}

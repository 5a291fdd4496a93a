package main

import (
	"fmt"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout/compare"
)

// layers lists the layers that are not the same, and where none is missing also
// those that stand elsewhere.
func (t *diffText) layers(layers []compare.LayerPair) {
	count := make(map[string]int)
	for _, l := range layers {
		count[l.State]++
	}
	var parts []string
	for _, s := range []struct{ state, text string }{
		{compare.LayerSame, "the same"}, {compare.LayerRepacked, "with the same content, packed otherwise"},
		{compare.LayerOnlyInA, "only in A"}, {compare.LayerOnlyInB, "only in B"},
	} {
		if count[s.state] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[s.state], s.text))
		}
	}
	if len(parts) == 0 {
		return
	}
	moved := count[compare.LayerOnlyInA]+count[compare.LayerOnlyInB] == 0
	var listed []compare.LayerPair
	for _, l := range layers {
		if l.State != compare.LayerSame || moved && l.A.Place != l.B.Place || l.A.MediaType != l.B.MediaType || len(l.Members) > 0 {
			listed = append(listed, l)
		}
	}
	t.line("  layers: %s", strings.Join(parts, ", "))
	table := t.layerTable()
	for _, l := range listed[:min(len(listed), mostLines)] {
		layerRows(table, l)
		if len(l.Members) > 0 {
			table.Flush() // the Writer keeps its error
			table = t.layerTable()
		}
		for _, m := range l.Members {
			t.line("        %s", t.style.Change(member(m)))
		}
	}
	table.Flush()
	if n := len(listed) - mostLines; n > 0 {
		t.line("    and %d more", n)
	}
}

func (t *diffText) layerTable() *report.Table {
	return report.NewTable(t, t.width, report.Column{Paint: t.style.Change}, report.Column{Right: true},
		report.Column{Short: report.ShortDigest}, report.Column{Flexible: true}).Indent(4)
}

func layerRows(table *report.Table, l compare.LayerPair) {
	sign := map[string]string{compare.LayerSame: "=", compare.LayerRepacked: "~", compare.LayerOnlyInA: "-", compare.LayerOnlyInB: "+"}[l.State]
	for _, side := range []struct {
		name  string
		layer *compare.Layer
	}{{"A", l.A}, {"B", l.B}} {
		if s := side.layer; s != nil {
			table.Row(fmt.Sprintf("%s %s %d", sign, side.name, s.Place), size(s.Size), cell(s.Digest), cell(s.MediaType))
		}
	}
}

func (t *diffText) files(f *compare.Files) {
	if f.Verdict != compare.FilesDifferent {
		return
	}
	t.line("  files: %s", sizes(*f))
	for _, file := range f.List {
		t.line("    %s", t.style.Change(fileLine(file)))
	}
	if f.Omitted > 0 {
		t.line("    and %d more", f.Omitted)
	}
}

func fileLine(f compare.File) string {
	path := report.Value(f.Path)
	switch f.Change {
	case compare.Added:
		return "+ " + path + "  " + brief(f.B)
	case compare.Removed:
		return "- " + path + "  " + brief(f.A)
	}
	var parts []string
	for _, what := range f.What {
		parts = append(parts, changed(what, f.A, f.B))
	}
	return "~ " + path + "  " + strings.Join(parts, ", ")
}

// brief describes a file that is on one side only.
func brief(i *compare.FileInfo) string {
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
func changed(what string, a, b *compare.FileInfo) string {
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

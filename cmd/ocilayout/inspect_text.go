package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/render"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/inspect"
)

// inspectText writes sections for people. Lines of tables are cut to width, if
// that is not 0.
func inspectText(w io.Writer, r *inspect.Report, width int) error {
	var b strings.Builder
	switch {
	case len(r.Entries) == 0:
		b.WriteString("no entries in index.json\n")
	case r.Index == nil && r.Manifest == nil:
		b.WriteString(several(r))
		briefs(&b, "Entries", r.Entries, width)
	}
	if x := r.Index; x != nil {
		indexText(&b, x, width)
		briefs(&b, "Manifests", r.Manifests, width)
		if r.Manifest == nil && len(r.Manifests) > 1 {
			b.WriteString("\n--platform or LAYOUT@DIGEST shows one in full\n")
		}
	}
	if m := r.Manifest; m != nil {
		if r.Index != nil {
			b.WriteString("\n")
		}
		manifestText(&b, m, width)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// several says why nothing is shown in full.
func several(r *inspect.Report) string {
	if len(r.Entries) == 1 {
		return "1 entry of index.json, which is neither a manifest nor an index\n"
	}
	return fmt.Sprintf("%d entries of index.json; LAYOUT:REF or LAYOUT@DIGEST shows one in full\n", len(r.Entries))
}

// section is a list of labels and values. A value that is "" is left out.
type section struct {
	b    *strings.Builder
	wide int
}

func (s section) line(label string, values ...string) {
	for _, value := range values {
		if value != "" {
			fmt.Fprintf(s.b, "%-*s  %s\n", s.wide, label, render.Value(value))
			label = strings.Repeat(" ", len(label)-len(strings.TrimLeft(label, " ")))
		}
	}
}

// set writes pairs, sorted by key.
func (s section) set(label string, pairs map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		s.line(label, key+"="+pairs[key])
		label = strings.Repeat(" ", len(label)-len(strings.TrimLeft(label, " ")))
	}
}

func indexText(b *strings.Builder, x *inspect.Index, width int) {
	s := section{b, 13}
	s.line("Kind", cmp.Or(x.ArtifactKind, "index"))
	s.line("Reference", x.References...)
	s.line("Digest", x.Digest)
	s.line("Media type", x.MediaType)
	s.line("Artifact type", x.ArtifactType)
	s.line("Size", ownAndTotal(x.Size, x.TotalSize))
	s.line("State", string(x.State))
	s.blob("Subject", x.Subject)
	s.set("Annotations", x.Annotations)
	referrers(b, x.Referrers, width)
}

func (s section) blob(label string, d *inspect.Blob) {
	if d != nil {
		s.line(label, strings.TrimSpace(d.Digest+" "+string(d.State)))
	}
}

func ownAndTotal(own, total int64) string {
	return bytesOf(own) + ", " + bytesOf(total) + " in all"
}

func manifestText(b *strings.Builder, m *inspect.Manifest, width int) {
	s := section{b, 13}
	s.line("Kind", cmp.Or(m.ArtifactKind, m.Kind))
	s.line("Reference", m.References...)
	s.line("Digest", m.Digest)
	s.line("Media type", m.MediaType)
	s.line("Artifact type", m.ArtifactType)
	if m.Platform != nil {
		s.line("Platform", m.Platform.String())
		s.line("OS features", m.Platform.OSFeatures...)
	}
	s.line("Size", ownAndTotal(m.Size, m.TotalSize))
	s.line("State", string(m.State))
	s.blob("Subject", m.Subject)
	s.set("Annotations", m.Annotations)
	s.line("Note", m.Notes...)
	configText(b, m)
	layersText(b, m, width)
	if len(m.Files) > 0 {
		t := newTable(b, "Files", width)
		t.row("LAYER", "SIZE", "MEDIA TYPE", "TITLE")
		for _, f := range m.Files {
			t.row(strconv.Itoa(f.Layer), bytesOf(f.Size), cell(f.MediaType), cell(f.Title))
		}
		t.flush()
	}
	referrers(b, m.Referrers, width)
}

func configText(b *strings.Builder, m *inspect.Manifest) {
	if m.Config == nil {
		return
	}
	b.WriteString("\nConfig\n")
	s := section{b, 13}
	s.line("  Digest", m.Config.Digest)
	s.line("  Media type", m.Config.MediaType)
	s.line("  State", string(m.Config.State))
	c := m.Image
	if c == nil {
		return
	}
	s.line("  Image id", c.ID)
	s.line("  Created", c.Created)
	s.line("  Author", c.Author)
	s.line("  User", c.User)
	s.line("  Env", c.Env...)
	s.line("  Entrypoint", quoted(c.Entrypoint))
	s.line("  Cmd", quoted(c.Cmd))
	s.line("  Working dir", c.WorkingDir)
	s.line("  Ports", c.ExposedPorts...)
	s.line("  Volumes", c.Volumes...)
	s.set("  Labels", c.Labels)
	s.line("  Stop signal", c.StopSignal)
}

// quoted is a command line, with quotes around what holds spaces.
func quoted(args []string) string {
	var words []string
	for _, arg := range args {
		if arg == "" || strings.ContainsAny(arg, " '") {
			arg = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// layersText writes the layers, and between them the lines of the history that
// made none; then what each is called by.
func layersText(b *strings.Builder, m *inspect.Manifest, width int) {
	if len(m.Layers) == 0 && len(m.History) == 0 {
		return
	}
	t := newTable(b, "Layers", width)
	t.row("LAYER", "SIZE", "COMPRESSION", "STATE", "CREATED BY")
	next := 0
	layers := func(until int) {
		for ; next < until; next++ {
			l := m.Layers[next]
			by := "-"
			if l.History != nil {
				by = madeBy(*l.History)
			}
			t.row(strconv.Itoa(next), bytesOf(l.Size), cell(l.Compression), layerState(l), by)
		}
	}
	for _, h := range m.History {
		if h.Layer >= 0 {
			layers(h.Layer + 1)
		} else {
			t.row("-", "-", "-", "-", madeBy(h))
		}
	}
	layers(len(m.Layers))
	t.flush()
	for n, l := range m.Layers {
		fmt.Fprintf(b, "\nLayer %d\n", n)
		s := section{b, 13}
		s.line("  Digest", l.Digest)
		s.line("  Diff id", l.DiffID)
		s.line("  Chain id", l.ChainID)
		s.line("  Media type", l.MediaType)
		s.line("  URLs", l.URLs...)
		s.set("  Annotations", l.Annotations)
	}
}

func layerState(l inspect.Layer) string {
	if l.State == layout.StateMissing && len(l.URLs) > 0 {
		return "missing, elsewhere"
	}
	return cell(string(l.State))
}

func madeBy(h inspect.History) string { return cell(cmp.Or(h.CreatedBy, h.Comment)) }

func briefs(b *strings.Builder, title string, entries []inspect.Brief, width int) {
	if len(entries) == 0 {
		return
	}
	t := newTable(b, title, width)
	t.row("KIND", "PLATFORMS", "SIZE", "CREATED", "STATE", "DIGEST", "REFERENCE")
	for _, e := range entries {
		platforms := strings.Join(e.Platforms, ",")
		if e.OSVersion != "" {
			platforms += " " + e.OSVersion
		}
		t.row(cell(kindOf(e.Kind, e.ArtifactType, e.ArtifactKind)), cell(platforms), bytesOf(e.TotalSize), cell(e.Created), cell(string(e.State)),
			cell(e.Digest), cell(strings.Join(e.References, ", ")))
	}
	t.flush()
}

func referrers(b *strings.Builder, all []inspect.Referrer, width int) {
	if len(all) == 0 {
		return
	}
	t := newTable(b, "Referrers", width)
	t.row("KIND", "FOUND BY", "SIZE", "STATE", "DIGEST", "REFERENCE")
	for _, r := range all {
		t.row(cell(kindOf("artifact", r.ArtifactType, r.ArtifactKind)), strings.Join(r.FoundBy, ", "), bytesOf(r.Size), cell(string(r.State)),
			cell(r.Digest), cell(strings.Join(r.References, ", ")))
	}
	t.flush()
}

// table is a titled table, indented, with its lines cut to a width.
type table struct {
	b     *strings.Builder
	lines strings.Builder
	cells *tabwriter.Writer
	width int
}

func newTable(b *strings.Builder, title string, width int) *table {
	fmt.Fprintf(b, "\n%s\n", title)
	t := &table{b: b, width: width}
	t.cells = tabwriter.NewWriter(&t.lines, 0, 0, 2, ' ', 0)
	return t
}

func (t *table) row(cells ...string) { fmt.Fprintln(t.cells, "  "+strings.Join(cells, "\t")) }

func (t *table) flush() {
	t.cells.Flush() // a strings.Builder takes everything
	for line := range strings.Lines(t.lines.String()) {
		line = strings.TrimRight(line, " \n")
		if t.width > 3 && len(line) > t.width {
			line = line[:t.width-3] + "..."
		}
		t.b.WriteString(line + "\n")
	}
}

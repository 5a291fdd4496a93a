package show

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
)

// page is what is shown of an inspection. Writing to it never fails.
type page struct {
	strings.Builder
	Screen
}

// Text writes sections for people.
func (r *Inspection) Text(w io.Writer, screen Screen) error {
	b := page{Screen: screen}
	switch {
	case len(r.Entries) == 0:
		b.WriteString("no entries in index.json\n")
	case r.Index == nil && r.Manifest == nil:
		b.WriteString(several(r))
		briefs(&b, "Entries", r.Entries)
	}
	if x := r.Index; x != nil {
		indexText(&b, x)
		briefs(&b, "Manifests", r.Manifests)
		if r.Manifest == nil && len(r.Manifests) > 1 {
			b.WriteString("\n--platform or LAYOUT@DIGEST shows one in full\n")
		}
	}
	if m := r.Manifest; m != nil {
		if r.Index != nil {
			b.WriteString("\n")
		}
		manifestText(&b, m)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// several says why nothing is shown in full.
func several(r *Inspection) string {
	if len(r.Entries) == 1 {
		return "1 entry of index.json, which is neither a manifest nor an index\n"
	}
	return fmt.Sprintf("%d entries of index.json; LAYOUT:REF or LAYOUT@DIGEST shows one in full\n", len(r.Entries))
}

// section is a list of labels and values. A value that is "" is left out.
type section struct {
	b    *page
	wide int
}

func (s section) line(label string, values ...string) {
	for _, value := range values {
		if value != "" {
			fmt.Fprintf(s.b, "%-*s  %s\n", s.wide, label, report.Value(value))
			label = strings.Repeat(" ", len(label)-len(strings.TrimLeft(label, " ")))
		}
	}
}

// state writes what is wrong, if something is.
func (s section) state(label string, state layout.State) {
	if state != layout.StateOK {
		fmt.Fprintf(s.b, "%-*s  %s\n", s.wide, label, s.b.Style.Mark(string(state)))
	}
}

// set writes pairs, sorted by key.
func (s section) set(label string, pairs map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		s.line(label, key+"="+pairs[key])
		label = strings.Repeat(" ", len(label)-len(strings.TrimLeft(label, " ")))
	}
}

func indexText(b *page, x *Index) {
	s := section{b, 13}
	s.line("Kind", cmp.Or(x.ArtifactKind, "index"))
	s.line("Reference", x.References...)
	s.line("Digest", x.Digest)
	s.line("Media type", x.MediaType)
	s.line("Artifact type", x.ArtifactType)
	s.line("Size", ownAndTotal(x.Size, x.TotalSize))
	s.state("State", x.State)
	s.blob("Subject", x.Subject)
	s.set("Annotations", x.Annotations)
	referrers(b, x.Referrers)
}

func (s section) blob(label string, d *Blob) {
	if d != nil {
		value := strings.TrimRight(report.Value(d.Digest)+" "+s.b.Style.Mark(string(d.State)), " ")
		fmt.Fprintf(s.b, "%-*s  %s\n", s.wide, label, value)
	}
}

func ownAndTotal(own, total int64) string {
	return bytesOf(own) + ", " + bytesOf(total) + " in all"
}

func manifestText(b *page, m *Manifest) {
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
	s.state("State", m.State)
	s.blob("Subject", m.Subject)
	s.set("Annotations", m.Annotations)
	s.line("Note", m.Notes...)
	configText(b, m)
	layersText(b, m)
	if len(m.Files) > 0 {
		t := b.newTable("Files",
			report.Column{Header: "LAYER"}, report.Column{Header: "SIZE", Right: true},
			report.Column{Header: "MEDIA TYPE", Flexible: true}, report.Column{Header: "TITLE", Flexible: true})
		for _, f := range m.Files {
			t.Row(strconv.Itoa(f.Layer), bytesOf(f.Size), cell(f.MediaType), cell(f.Title))
		}
		t.Flush()
	}
	referrers(b, m.Referrers)
}

func configText(b *page, m *Manifest) {
	if m.Config == nil {
		return
	}
	b.WriteString("\nConfig\n")
	s := section{b, 13}
	s.line("  Digest", m.Config.Digest)
	s.line("  Media type", m.Config.MediaType)
	s.state("  State", m.Config.State)
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
func layersText(b *page, m *Manifest) {
	if len(m.Layers) == 0 && len(m.History) == 0 {
		return
	}
	t := b.newTable("Layers",
		report.Column{Header: "LAYER"}, report.Column{Header: "SIZE", Right: true}, report.Column{Header: "COMPRESSION"},
		report.Column{Header: "STATE", Paint: b.Style.Mark}, report.Column{Header: "CREATED BY", Flexible: true})
	next := 0
	layers := func(until int) {
		for ; next < until; next++ {
			l := m.Layers[next]
			by := "-"
			if l.History != nil {
				by = madeBy(*l.History)
			}
			t.Row(strconv.Itoa(next), bytesOf(l.Size), cell(l.Compression), layerState(l), by)
		}
	}
	for _, h := range m.History {
		if h.Layer >= 0 {
			layers(h.Layer + 1)
		} else {
			t.Row("-", "-", "-", "-", madeBy(h))
		}
	}
	layers(len(m.Layers))
	t.Flush()
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

func layerState(l InspectedLayer) string {
	if l.State == layout.StateMissing && len(l.URLs) > 0 {
		return "missing, elsewhere"
	}
	return cell(string(l.State))
}

func madeBy(h History) string { return cell(cmp.Or(h.CreatedBy, h.Comment)) }

func briefs(b *page, title string, entries []Brief) {
	if len(entries) == 0 {
		return
	}
	t := b.newTable(title,
		report.Column{Header: "KIND", Flexible: true}, report.Column{Header: "PLATFORMS", Flexible: true}, report.Column{Header: "SIZE", Right: true}, report.Column{Header: "CREATED", Short: report.ShortTime, Flexible: true},
		report.Column{Header: "STATE", Paint: b.Style.Mark}, report.Column{Header: "DIGEST", Short: report.ShortDigest}, report.Column{Header: "REFERENCE", Flexible: true})
	for _, e := range entries {
		platforms := strings.Join(e.Platforms, ",")
		if e.OSVersion != "" {
			platforms += " " + e.OSVersion
		}
		t.Row(cell(kindOf(e.Kind, e.ArtifactType, e.ArtifactKind)), cell(platforms), bytesOf(e.TotalSize), cell(e.Created), cell(string(e.State)),
			cell(e.Digest), cell(strings.Join(e.References, ", ")))
	}
	t.Flush()
}

func referrers(b *page, all []Referrer) {
	if len(all) == 0 {
		return
	}
	t := b.newTable("Referrers",
		report.Column{Header: "KIND", Flexible: true}, report.Column{Header: "FOUND BY", Flexible: true}, report.Column{Header: "SIZE", Right: true},
		report.Column{Header: "STATE", Paint: b.Style.Mark}, report.Column{Header: "DIGEST", Short: report.ShortDigest}, report.Column{Header: "REFERENCE", Flexible: true})
	for _, r := range all {
		t.Row(cell(kindOf("artifact", r.ArtifactType, r.ArtifactKind)), strings.Join(r.FoundBy, ", "), bytesOf(r.Size), cell(string(r.State)),
			cell(r.Digest), cell(strings.Join(r.References, ", ")))
	}
	t.Flush()
}

// newTable writes a title, and returns the table that goes below it.
func (p *page) newTable(title string, columns ...report.Column) *report.Table {
	fmt.Fprintf(p, "\n%s\n", title)
	return report.NewTable(p, p.Width, columns...).Indent(2)
}

package report

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// How much text shows before it only counts.
const (
	mostPlaces  = 3  // of findings of one rule
	mostGood    = 5  // layouts of which each has a line though nothing is wrong with it
	mostNames   = 10 // layouts named at the end
	screenLines = 24 // after which a heading may be out of sight
	plainWidth  = 80 // columns where there is no terminal
)

// textReport is for people, and may change. A layout is reported at its end: first the
// verdict, then the findings by rule, the worst first. What several layouts have in
// common comes at the end of the run, and last the verdict on all of them.
type textReport struct {
	o     Options
	out   paper
	found groups // in this layout

	layouts int             // that were reported
	verdict map[Verdict]int // how many layouts came to it
	bad     []string        // headings of those that are not valid, for the end
	good    []string        // headings of the first that are, until it is known whether there are few
	common  groups          // in all layouts
	total   Result          // what the foot of a run with several layouts speaks of
	worst   *group          // over the run
	hidden  bool            // findings were counted and not shown
	since   int             // lines since the first heading in bad
	started bool            // total has the level of a layout
}

func newText(w io.Writer, o Options) *textReport {
	t := &textReport{o: o, out: newPaper(w, o), verdict: make(map[Verdict]int), common: groups{keep: mostPlaces}}
	t.found = t.empty()
	return t
}

func (t *textReport) empty() groups {
	if t.o.All {
		return groups{most: t.o.MaxFindings}
	}
	return groups{keep: mostPlaces, most: t.o.MaxFindings}
}

func (t *textReport) Finding(path string, f verify.Finding) error {
	t.found.add(path, f, unproven(f) && !t.fails(f.Severity))
	return nil
}

// fails says whether findings of a severity make a layout invalid.
func (t *textReport) fails(s rule.Severity) bool { return t.o.FailOn != rule.Unset && s >= t.o.FailOn }

// shows says whether findings of a kind are shown, and not only counted.
func (t *textReport) shows(k groupKind) bool {
	return t.o.Verbose || k.unchecked || k.severity >= rule.Warning || t.fails(k.severity)
}

func (t *textReport) several() bool { return t.o.Count > 1 || t.layouts > 1 }

// many says that there are too many layouts to say something of each.
func (t *textReport) many() bool { return t.o.Count > mostGood && !t.o.Verbose && !t.o.All }

func (t *textReport) Layout(r Result) error {
	found := t.found
	t.found = t.empty()
	t.layouts++
	t.verdict[r.Verdict]++
	if t.many() {
		// Of a thousand layouts that one tool wrote, each has the same warnings.
		found.move(&t.common, func(k groupKind) bool { return !k.unchecked && !t.fails(k.severity) && t.shows(k) })
	}
	all := found.worstFirst()
	shown := all[:0]
	for _, g := range all {
		if t.shows(g.groupKind) {
			shown = append(shown, g)
		}
	}
	heading := t.heading(r, &found)
	if r.Verdict == Valid && t.many() && len(shown) == 0 {
		if len(t.good) <= mostGood {
			t.good = append(t.good, heading+t.contents(r, " - "))
		}
	} else {
		if r.Verdict != Valid {
			t.bad = append(t.bad, heading)
		}
		t.block(r, &found, heading, shown)
	}
	if t.several() && !t.o.Verbose {
		t.sum(r, &found)
	}
	return t.out.flush()
}

// block is what there is to say of one layout.
func (t *textReport) block(r Result, found *groups, heading string, shown []*group) {
	before := t.out.lines
	if extent := t.contents(r, map[bool]string{true: " - ", false: "; "}[r.Verdict == Valid]); r.Verdict == Valid || r.Verdict == Invalid && !t.several() {
		heading += extent
	}
	t.out.sentence(heading)
	if len(shown) > 0 && !t.several() {
		t.out.gap()
	}
	for _, g := range shown {
		t.group(g, false)
	}
	foot := unfinished(r, found)
	if !t.several() || t.o.Verbose {
		foot = append(t.foot(r, found), foot...)
	}
	if len(shown) > 0 || len(foot) > 0 && !t.several() && r.Verdict != Valid {
		t.out.gap()
	}
	if len(foot) > 0 {
		t.out.sentence(strings.Join(foot, " "))
		if t.several() {
			t.out.gap()
		}
	}
	if t.o.Verbose {
		t.extent(r)
	}
	if len(t.bad) > 0 {
		t.since += t.out.lines - before
	}
}

// group shows the findings of one rule, and remembers the worst of those which do not say
// themselves what to do.
func (t *textReport) group(g *group, several bool) {
	says := g.unchecked && lifts(g.kept[0].Finding) != ""
	if !says && (t.worst == nil || g.severity > t.worst.severity) {
		t.worst = g
	}
	if t.out.group(g, several) {
		t.hidden = true
	}
}

// sum adds what the foot of a run says of a layout.
func (t *textReport) sum(r Result, found *groups) {
	if !t.started && r.Started {
		t.started, t.total.Level, t.total.Document = true, r.Level, r.Document
	}
	s, to := r.Stats, &t.total.Stats
	to.BytesRead += s.BytesRead
	to.UnreferencedBlobs += s.UnreferencedBlobs
	to.UnreferencedBytes += s.UnreferencedBytes
	to.NotChecked += notChecked(r, found)
	to.TablesNotChecked += s.TablesNotChecked
	to.DiffIDsNotChecked += s.DiffIDsNotChecked
	to.NotFollowed += s.NotFollowed
	to.Layers += s.Layers
	to.Infos += t.notes(r, found)
	to.Excepted += s.Excepted
	t.total.Duration += r.Duration
}

func (t *textReport) Close(status int) error {
	if len(t.good) <= mostGood {
		for _, heading := range t.good {
			t.out.sentence(heading)
		}
		t.out.gap()
	}
	before := t.out.lines
	for _, g := range t.common.worstFirst() {
		t.group(g, true)
	}
	if t.out.lines > before {
		t.out.gap()
	}
	if t.several() {
		t.out.gap()
	}
	if t.several() && !t.o.Verbose {
		t.out.sentence(strings.Join(t.foot(t.total, new(groups)), " "))
	}
	if t.worst != nil {
		t.out.sentence("Why and what to do: ocilayout explain " + string(t.worst.rule))
	}
	if t.hidden && t.o.All {
		t.out.sentence("--max-findings shows more of them.")
	} else if t.hidden {
		t.out.sentence("All of them: --all. For scripts: --report json:FILE")
	}
	t.again()
	if t.several() {
		t.out.sentence(t.all(status))
	}
	return t.out.flush()
}

// again names what is not valid where that was said more than a screen ago.
func (t *textReport) again() {
	if t.since <= screenLines {
		return
	}
	t.out.gap()
	names := t.bad[:min(len(t.bad), mostNames)]
	if t.o.All || t.o.Verbose {
		names = t.bad
	}
	for _, heading := range names {
		t.out.sentence(heading)
	}
	if left := len(t.bad) - len(names); left > 0 {
		t.out.sentence("... " + fmt.Sprint(left) + " more")
	}
}

// all is the verdict on a run with several layouts.
func (t *textReport) all(status int) string {
	text := plural(int64(t.layouts), "layout", "layouts")
	if t.total.Document {
		text = plural(int64(t.layouts), "document", "documents")
	}
	if status == exit.StatusInterrupted && t.layouts < t.o.Count {
		text += " of " + fmt.Sprint(t.o.Count)
	}
	var parts []string
	for _, v := range []Verdict{Valid, Invalid, Incomplete} {
		parts = append(parts, fmt.Sprint(t.verdict[v])+" "+string(v))
	}
	text += ": " + strings.Join(parts, ", ")
	if status == exit.StatusInterrupted {
		text += "; interrupted"
	}
	if !t.total.Document && !t.o.Verbose {
		text += " - " + bytesOf(t.total.Stats.BytesRead) + " read in " + duration(t.total.Duration)
	}
	return text
}

// heading is the verdict on a layout or document, in one line.
func (t *textReport) heading(r Result, found *groups) string {
	var counts []string
	for _, s := range []rule.Severity{rule.Error, rule.Warning, rule.Info} {
		n := map[rule.Severity]int64{rule.Error: r.Stats.Errors, rule.Warning: r.Stats.Warnings, rule.Info: r.Stats.Infos}[s] - found.unchecked(s)
		if n > 0 && (s != rule.Info || t.fails(s)) {
			counts = append(counts, counted(n, s))
		}
	}
	name, found1 := Value(r.Path)+": ", strings.Join(counts, ", ")
	switch {
	case !r.Started && r.Document:
		return name + t.out.verdict(Incomplete) + " - not validated"
	case !r.Started:
		return name + t.out.verdict(Incomplete) + " - not verified"
	case r.Verdict == Valid && found1 != "":
		return name + t.out.verdict(Valid) + ", " + found1
	case r.Verdict == Valid:
		return name + t.out.verdict(Valid)
	case r.Verdict == Invalid:
		return name + t.out.verdict(Invalid) + " - " + found1
	}
	text := name + t.out.verdict(Incomplete) + " - " + cmp.Or(found1, "no errors")
	if r.Err != nil {
		return text + " so far"
	}
	return text + ", but not everything was checked"
}

// contents says what was looked at, behind a separator.
func (t *textReport) contents(r Result, separator string) string {
	if r.Document && r.Kind == model.KindLayout {
		return separator + noun(r.Kind)
	}
	if r.Document {
		return separator + noun(r.Kind) + "; no blob was looked at"
	}
	text := separator + plural(r.Stats.Manifests, "manifest", "manifests") + ", " + plural(r.Stats.Blobs, "blob", "blobs") + ", " + bytesOf(r.Stats.Bytes)
	if r.Selected {
		text += "; only what was selected"
	}
	return text
}

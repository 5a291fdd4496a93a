package report

import (
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// foot says in sentences what stands in no finding that was shown: what is not
// referenced, the notes, and what was not checked.
func (t *textReport) foot(r Result, found *groups) []string {
	var all []string
	s := r.Stats
	if s.UnreferencedBlobs > 0 {
		verb := " are"
		if s.UnreferencedBlobs == 1 {
			verb = " is"
		}
		all = append(all, plural(s.UnreferencedBlobs, "blob", "blobs")+" ("+bytesOf(s.UnreferencedBytes)+")"+verb+" unreferenced.")
	}
	if n := t.notes(r, found); n == 1 {
		all = append(all, counted(n, rule.Info)+"; -v shows it.")
	} else if n > 1 {
		all = append(all, counted(n, rule.Info)+"; -v shows them.")
	}
	if s.Excepted == 1 {
		all = append(all, "1 finding is excepted.")
	} else if s.Excepted > 1 {
		all = append(all, plural(s.Excepted, "finding", "findings")+" are excepted.")
	}
	if left := left(r, found); left != "" {
		all = append(all, "Not checked: "+left+".")
	}
	return all
}

// notes are the findings that are counted as notes and not shown. Those about unreferenced
// blobs have a sentence of their own.
func (t *textReport) notes(r Result, found *groups) int64 {
	if t.o.Verbose || t.fails(rule.Info) {
		return 0
	}
	return max(r.Stats.Infos-found.unchecked(rule.Info)-found.of(rule.Info, rule.BlobUnreferenced), 0)
}

// notChecked are the blobs whose bytes were not checked, but for those that are said to be
// missing.
func notChecked(r Result, found *groups) int64 {
	return max(r.Stats.NotChecked-found.of(rule.Error, rule.BlobMissing)-found.of(rule.Warning, rule.BlobMissing), 0)
}

// left lists by name what was not checked, "" for nothing.
func left(r Result, found *groups) string {
	if r.Document {
		return ""
	}
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
	add(notChecked(r, found), before, "blob", "blobs")
	add(s.NotFollowed, "", "entry of an unknown type", "entries of unknown types")
	add(s.DiffIDsNotChecked, "", "diff id", "diff ids")
	add(s.TablesNotChecked, "", "table of contents", "tables of contents")
	if r.Level != verify.LevelContent && s.Layers > 0 {
		parts = append(parts, "what is in layers; --level content checks that")
	} else if r.Level == verify.LevelStructure && len(parts) > 0 {
		parts[len(parts)-1] += "; --level digest checks them"
	}
	return strings.Join(parts, ", ")
}

// unfinished says what kept a layout from being checked to its end, where no finding does.
func unfinished(r Result, found *groups) []string {
	switch {
	case !r.Started:
	case r.Err != nil:
		return []string{"Not finished: " + strings.TrimPrefix(Text(r.Err.Error()), Value(r.directory())+": ") + "."}
	case r.Verdict == Invalid && !r.Stats.Complete && !found.anyUnproven():
		return []string{"Not everything could be checked."}
	}
	return nil
}

// anyUnproven says whether a finding means that something was not checked.
func (g *groups) anyUnproven() bool {
	for _, of := range g.byKind {
		if unproven(of.kept[0].Finding) {
			return true
		}
	}
	return false
}

// extent is what -v says of a layout besides: all that was looked at, and the digest of
// index.json, which nothing in a layout vouches for.
func (t *textReport) extent(r Result) {
	s := r.Stats
	if r.Document || !r.Started {
		return
	}
	t.out.gap()
	t.out.sentence(plural(s.Indexes, "index", "indexes") + ", " + plural(s.Manifests, "manifest", "manifests") + ", " +
		plural(s.Configs, "config", "configs") + ", " + plural(s.Layers, "layer", "layers") + "; " +
		bytesOf(s.BytesRead) + " read in " + duration(r.Duration) + ", at level " + r.Level.String() + ".")
	if s.IndexDigest != "" {
		t.out.line("index.json is " + string(s.IndexDigest)) // whole, to be copied
	}
	t.out.gap()
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

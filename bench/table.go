package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// result is a row with what was measured.
type result struct {
	*row
	ours, theirs series
	missing      []string
}

// wallRatio is that of the medians, and so is processorRatio.
func (r *result) wallRatio() float64 { return float64(r.ours.wall()) / float64(r.theirs.wall()) }

func (r *result) processorRatio() float64 {
	return float64(r.ours.processor()) / float64(max(r.theirs.processor(), 1))
}

// more is what we take beyond the other.
func (r *result) more() time.Duration { return r.ours.wall() - r.theirs.wall() }

// met returns the aim in words, and whether it is met: "" where there is none, or
// nothing to hold it against.
func (r *result) met() (words, met string) {
	switch {
	case r.aim.more > 0:
		words = fmt.Sprintf("under %d ms more", r.aim.more.Milliseconds())
	case r.aim.ratio > 0:
		words = fmt.Sprintf("at most %g", r.aim.ratio)
	default:
		return "", ""
	}
	if len(r.missing) > 0 {
		return words, ""
	}
	if r.aim.more > 0 {
		return words, yes(r.more() < r.aim.more)
	}
	return words, yes(r.wallRatio() <= r.aim.ratio)
}

func yes(met bool) string {
	if met {
		return "yes"
	}
	return "no"
}

// cells returns the row as the table shows it.
func (r *result) cells() []string {
	ours := []string{r.layout, r.level, seconds(r.ours.wall()), seconds(r.ours.processor()), memory(r.ours.memory()), r.beside}
	aim, met := r.met()
	if len(r.missing) > 0 {
		return append(ours, "not run: no "+strings.Join(r.missing, ", "), "", "", "", "", aim, met)
	}
	ratio := fmt.Sprintf("%.2f", r.wallRatio())
	if r.aim.more > 0 {
		ratio += fmt.Sprintf(" (%+.1f ms)", r.more().Seconds()*1000)
	}
	return append(ours, seconds(r.theirs.wall()), seconds(r.theirs.processor()), memory(r.theirs.memory()),
		ratio, fmt.Sprintf("%.2f", r.processorRatio()), aim, met)
}

var heads = []string{"layout", "level", "wall", "CPU", "peak", "beside", "its wall", "its CPU", "its peak", "ratio of wall", "ratio of CPU", "aim", "met"}

// page returns what was measured, as Markdown.
func (o options) page(machine []string, samples map[string]*sample, results []result, everywhere []levelled) string {
	var b strings.Builder
	for _, line := range machine {
		fmt.Fprintf(&b, "- %s\n", line)
	}
	fmt.Fprintf(&b, "- Each command %s after one that is not counted, in turn with the other. Wall and CPU are medians, peaks are the largest.\n", times(o.runs))
	if o.scale != 1 {
		fmt.Fprintf(&b, "- **Scale %g**: sizes and numbers are %g times those that are named here. The aims are made for 1.\n", o.scale, o.scale)
	}
	b.WriteString("\n| layout | holds | blobs | bytes of blobs | of their layers, unpacked |\n|---|---|---|---|---|\n")
	for _, name := range order {
		if s := samples[name]; s != nil {
			fmt.Fprintf(&b, "| %s | %s | %d | %s | %s |\n", name, recipes[name].title, s.Blobs, memory(s.Bytes), memory(s.plain()))
		}
	}
	b.WriteString("\n")
	line(&b, heads)
	line(&b, dashes(len(heads)))
	for _, r := range results {
		line(&b, r.cells())
	}
	if len(everywhere) > 0 {
		b.WriteString("\nocilayout by itself, at every level:\n\n" + levelTable(everywhere))
	}
	b.WriteString("\n" + peaks(results, everywhere))
	fmt.Fprintf(&b, "\n%s\n", apart(results))
	return b.String()
}

// peaks says what the most memory was, and holds it against the aims.
func peaks(results []result, everywhere []levelled) string {
	most, met := int64(0), true
	aims := "under " + memory(mostMemory(""))
	see := func(layout string, s series) {
		most = max(most, s.memory())
		limit := mostMemory(layout)
		met = met && s.memory() < limit
		if limit != mostMemory("") {
			aims = fmt.Sprintf("under %s, and under %s with a million blobs", memory(mostMemory("")), memory(limit))
		}
	}
	for _, r := range results {
		if r.level != decoder {
			see(r.layout, r.ours)
		}
	}
	for _, l := range everywhere {
		for _, s := range l.at {
			see(l.layout, s)
		}
	}
	return fmt.Sprintf("The peak memory of ocilayout in all of these: %s. Aim: %s. Met: %s.\n", memory(most), aims, yes(met))
}

func times(n int) string {
	if n == 1 {
		return "ran once"
	}
	return fmt.Sprintf("ran %d times", n)
}

// apart says how far the runs of one command lie apart: ratios are not to be
// trusted further than that.
func apart(results []result) string {
	ours, theirs := 0.0, 0.0
	for _, r := range results {
		ours = max(ours, r.ours.spread())
		if len(r.missing) == 0 {
			theirs = max(theirs, r.theirs.spread())
		}
	}
	return fmt.Sprintf("Wall times of one command lay at most %.0f %% of the median apart for ocilayout, and %.0f %% for the others.", 100*ours, 100*theirs)
}

func (s *sample) plain() int64 {
	n := int64(0)
	for _, l := range s.Layers {
		n += l.Plain
	}
	return n
}

func dashes(n int) []string { return slices.Repeat([]string{"---"}, n) }

func line(b *strings.Builder, cells []string) {
	b.WriteString("| " + strings.Join(cells, " | ") + " |\n")
}

// seconds has three digits.
func seconds(d time.Duration) string {
	switch s := d.Seconds(); {
	case s < 0.1:
		return fmt.Sprintf("%.1f ms", 1000*s)
	case s < 1:
		return fmt.Sprintf("%.0f ms", 1000*s)
	case s < 10:
		return fmt.Sprintf("%.2f s", s)
	default:
		return fmt.Sprintf("%.1f s", s)
	}
}

func memory(n int64) string {
	switch {
	case n == 0:
		return ""
	case n < mib:
		return fmt.Sprintf("%.0f KiB", float64(n)/(1<<10))
	case n < 10*mib:
		return fmt.Sprintf("%.1f MiB", float64(n)/mib)
	default:
		return fmt.Sprintf("%.0f MiB", float64(n)/mib)
	}
}

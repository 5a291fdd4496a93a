package main

import (
	"context"
	"fmt"
	"os"
	"strings"
)

// levels are those of ocilayout, in the order in which they are measured.
var levels = []string{"structure", "digest", "content"}

// levelled is what a layout took at each level.
type levelled struct {
	layout string
	at     []series
}

// levels measures the layouts at every level, one after the other in each round.
func (o options) levels(ctx context.Context, samples map[string]*sample) ([]levelled, error) {
	var all []levelled
	for _, name := range order {
		s := samples[name]
		if s == nil {
			continue
		}
		l := levelled{name, make([]series, len(levels))}
		for i := range o.runs + 1 {
			fmt.Fprintf(os.Stderr, "%s, at every level: run %d of %d\n", name, i, o.runs)
			for at, level := range levels {
				e, err := o.ours(ctx, &row{layout: name, level: level}, s)
				if err != nil {
					return nil, fmt.Errorf("%s at level %s: %w", name, level, err)
				}
				if i > 0 {
					l.at[at] = append(l.at[at], e)
				}
			}
		}
		all = append(all, l)
	}
	return all, nil
}

// levelTable returns what was measured at every level, as Markdown.
func levelTable(all []levelled) string {
	var b strings.Builder
	heads := []string{"layout"}
	for _, level := range levels {
		heads = append(heads, level+": wall", "CPU", "peak")
	}
	line(&b, heads)
	line(&b, dashes(len(heads)))
	for _, l := range all {
		cells := []string{l.layout}
		for _, s := range l.at {
			cells = append(cells, seconds(s.wall()), seconds(s.processor()), memory(s.memory()))
		}
		line(&b, cells)
	}
	return b.String()
}

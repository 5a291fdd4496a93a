// Command bench measures ocilayout beside what a user would run in its place, and
// prints a table of both. It makes the layouts that it measures with. See
// docs/performance.md; "make bench" runs it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// options are the flags.
type options struct {
	bin   string
	dir   string
	runs  int
	scale float64
	only  string
	write string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, flags()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func flags() options {
	var o options
	flag.StringVar(&o.bin, "bin", "", "`directory` of ocilayout, gunzip, measured and gcrvalidate; default that of this program")
	flag.StringVar(&o.dir, "dir", "", "`directory` for the layouts, which are kept there for the next run; default a temporary one, which is removed")
	flag.IntVar(&o.runs, "runs", 5, "`times` that each command is measured")
	flag.Float64Var(&o.scale, "scale", 1, "`factor` by which the layouts are larger or smaller")
	flag.StringVar(&o.only, "only", "", "measure only the rows with this `text`, as in gzip or igzip")
	flag.StringVar(&o.write, "write", "", "write the table into this `page` as well, between its marks")
	flag.Parse()
	return o
}

func run(ctx context.Context, o options) (err error) {
	if flag.NArg() > 0 || o.runs < 1 || o.scale <= 0 {
		return errors.New("-runs is a number from 1 up, -scale is above 0, and there are no arguments")
	}
	if o.write != "" {
		if err := writable(o.write); err != nil { // which is better known before an hour's work
			return err
		}
	}
	if o.bin == "" {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		o.bin = filepath.Dir(self)
	}
	chosen := choice(o.only)
	if len(chosen) == 0 {
		return fmt.Errorf("no row has %q in it", o.only)
	}
	if err := allThere(chosen); err != nil {
		return err
	}
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "ocilayout-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
	}
	return o.table(ctx, chosen)
}

// table measures the rows, and prints them.
func (o options) table(ctx context.Context, chosen []row) error {
	here := machine(ctx, o.bin)
	samples, err := o.samples(ctx, chosen)
	if err != nil {
		return err
	}
	var results []result
	for _, r := range chosen {
		measured, err := o.measure(ctx, &r, samples[r.layout])
		if err != nil {
			return fmt.Errorf("%s beside %s: %w", r.layout, r.beside, err)
		}
		results = append(results, measured)
	}
	var everywhere []levelled
	if o.only == "" {
		if everywhere, err = o.levels(ctx, samples); err != nil {
			return err
		}
	}
	text := o.page(here, samples, results, everywhere)
	if _, err := os.Stdout.WriteString(text); err != nil || o.write == "" {
		return err
	}
	return writePage(o.write, text)
}

// choice returns the rows that the text is in.
func choice(text string) []row {
	return slices.DeleteFunc(slices.Clone(rows), func(r row) bool {
		if r.asked {
			return text != r.layout
		}
		return !strings.Contains(strings.Join([]string{r.layout, r.level, r.beside}, " "), text)
	})
}

// missing returns the programs that the row needs and that are not installed.
func (r *row) missing() []string {
	return slices.DeleteFunc(slices.Clone(r.needs), func(name string) bool {
		_, err := exec.LookPath(name)
		return err == nil
	})
}

// allThere is for CI, where a row that is left out would not be seen.
func allThere(chosen []row) error {
	if os.Getenv("CI") == "" {
		return nil
	}
	for _, r := range chosen {
		if gone := r.missing(); len(gone) > 0 {
			return fmt.Errorf("CI is set, and %s is not installed", strings.Join(gone, ", "))
		}
	}
	return nil
}

// samples makes the layouts that the rows need.
func (o options) samples(ctx context.Context, chosen []row) (map[string]*sample, error) {
	if err := o.space(chosen); err != nil {
		return nil, err
	}
	samples := make(map[string]*sample)
	for _, name := range order {
		if !slices.ContainsFunc(chosen, func(r row) bool { return r.layout == name }) {
			continue
		}
		fmt.Fprintf(os.Stderr, "layout %s: %s\n", name, recipes[name].title)
		var err error
		if samples[name], err = want(ctx, o.dir, name, o.scale); err != nil {
			return nil, err
		}
	}
	return samples, nil
}

// scratch is what the largest copy that a command writes takes, at scale 1.
const scratch = 1500 * mib

// space makes sure that the layouts have room, before the disk is full.
func (o options) space(chosen []row) error {
	needed := float64(scratch)
	for name, recipe := range recipes {
		_, err := os.Stat(place(o.dir, name, o.scale))
		if err != nil && slices.ContainsFunc(chosen, func(r row) bool { return r.layout == name }) {
			needed += float64(recipe.space)
		}
	}
	if err := os.MkdirAll(o.dir, 0o755); err != nil {
		return err
	}
	var there syscall.Statfs_t
	if err := syscall.Statfs(o.dir, &there); err != nil {
		return err
	}
	free := float64(there.Bavail) * float64(there.Bsize)
	if needed *= o.scale; free < needed {
		return fmt.Errorf("%s has %.1f GiB free, and %.1f are needed: name another directory with -dir, or make less with -scale", o.dir, free/(1<<30), needed/(1<<30))
	}
	return nil
}

// measure runs the two commands of a row in turn: once so that the files are in the
// page cache, and then as often as is asked for. Each run has to do its work.
func (o options) measure(ctx context.Context, r *row, s *sample) (result, error) {
	done := result{row: r, missing: r.missing()}
	if len(done.missing) > 0 {
		fmt.Fprintf(os.Stderr, "%s, %s, beside %s: left out, as %s is not installed\n", r.layout, r.level, r.beside, strings.Join(done.missing, ", "))
	}
	for i := range o.runs + 1 {
		fmt.Fprintf(os.Stderr, "%s, %s, beside %s: run %d of %d\n", r.layout, r.level, r.beside, i, o.runs)
		theirs, err := o.theirs(ctx, r, s)
		if err != nil {
			return done, err
		}
		ours, err := o.ours(ctx, r, s)
		if err != nil {
			return done, err
		}
		if i > 0 {
			done.theirs, done.ours = append(done.theirs, theirs), append(done.ours, ours)
		}
	}
	return done, nil
}

func (o options) ours(ctx context.Context, r *row, s *sample) (effort, error) {
	e, stdout, err := measure(ctx, o.bin, r.ours(paths{layout: s.Dir, list: s.list(), bin: o.bin}))
	if err == nil {
		err = valid(r, s, stdout)
	}
	return e, err
}

// theirs runs the other command, unless there is none to run.
func (o options) theirs(ctx context.Context, r *row, s *sample) (e effort, err error) {
	if len(r.missing()) > 0 {
		return effort{}, nil
	}
	p := paths{layout: s.Dir, list: s.list(), bin: o.bin}
	if p.scratch, err = os.MkdirTemp(o.dir, "scratch-"); err != nil {
		return effort{}, err
	}
	defer func() {
		err = errors.Join(err, os.RemoveAll(p.scratch))
		if r.writes {
			syscall.Sync() // so that what it wrote does not go to the disk in our time
		}
	}()
	e, stdout, err := measure(ctx, o.bin, r.command(p))
	if err == nil {
		err = r.check(s, p, stdout)
	}
	return e, err
}

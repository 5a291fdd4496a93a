package layer_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// recorded returns a layer as it is applied to skeletons.
func recorded(t *testing.T, spool *layer.Spool, files []file) *layer.Changes {
	t.Helper()
	changes := layer.NewChanges(spool, layer.Limits{})
	for i, f := range files {
		changes.Add(entryOf(f, i))
	}
	if err := changes.Done(); err != nil {
		t.Fatal(err)
	}
	return changes
}

// A skeleton that returned to a mark meets what one meets that never was elsewhere.
func TestMarks(t *testing.T) {
	spool := layer.NewSpool(func() (string, error) { return "", errors.ErrUnsupported })
	defer spool.Close()
	for seed := 0; seed < 2000; seed += testrun.OneOf(7, 51) {
		random := rand.New(rand.NewPCG(uint64(seed), 2))
		layers := make([]*layer.Changes, 6)
		for i := range layers {
			files := wild(random)
			if seed%50 == 0 { // so that the table grows in between
				for j := range random.IntN(4000) {
					files = append(files, regular(fmt.Sprint("many", i, "/", j), ""))
				}
			}
			layers[i] = recorded(t, spool, files)
		}
		report := func(tree *layer.Tree, n int) (problems []layer.Problem) {
			if err := tree.ApplyChanges(t.Context(), layers[n], func(p layer.Problem) { problems = append(problems, p) }); err != nil {
				t.Fatal(err)
			}
			return problems
		}
		tree := layer.NewSkeleton(layer.Limits{})
		type state struct {
			mark *layer.Mark
			held []int // layers
		}
		var marks []state
		var held []int
		for range 12 {
			switch {
			case random.IntN(3) == 0:
				marks = append(marks, state{tree.Mark(), held[:len(held):len(held)]})
			case random.IntN(3) == 0 && len(marks) > 0:
				n := random.IntN(len(marks))
				if !marks[n].mark.Return() {
					t.Fatal("it does not return")
				}
				held, marks = marks[n].held, marks[:n+1]
			}
			next := random.IntN(len(layers))
			got := report(tree, next)
			fresh := layer.NewSkeleton(layer.Limits{})
			for _, n := range held {
				report(fresh, n)
			}
			if d := cmp.Diff(report(fresh, next), got); d != "" {
				t.Fatalf("seed %d, %v upon %v (-fresh +returned):\n%s", seed, next, held, d)
			}
			held = append(held[:len(held):len(held)], next)
		}
		for _, l := range layers {
			l.Free()
		}
	}
}

// Too much to remember is not remembered, and nobody returns to a mark that was passed.
func TestMarksThatAreLost(t *testing.T) {
	spool := layer.NewSpool(nil)
	defer spool.Close()
	var many []file
	for i := range 120_000 {
		many = append(many, regular(fmt.Sprint(i), ""))
	}
	large, small := recorded(t, spool, many), recorded(t, spool, []file{regular("a", "")})
	tree := layer.NewSkeleton(layer.Limits{})
	first := tree.Mark()
	if err := tree.ApplyChanges(t.Context(), small, nil); err != nil {
		t.Fatal(err)
	}
	second := tree.Mark()
	if !first.Return() || second.Return() || !first.Return() {
		t.Error("it does not return to the first, or to the second")
	}
	if err := tree.ApplyChanges(t.Context(), large, nil); err != nil {
		t.Fatal(err)
	}
	if first.Return() {
		t.Error("it returns behind 120,000 names")
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opencontainers/go-digest"
)

// A row that names no layout would fail only when its turn comes.
func TestRows(t *testing.T) {
	for _, r := range rows {
		if recipes[r.layout].make == nil || !slices.Contains(order, r.layout) {
			t.Errorf("no layout %s", r.layout)
		}
		if (r.script == "") == (r.args == nil) || r.check == nil || r.beside == "" {
			t.Errorf("%s beside %q: it needs one command, and a check", r.layout, r.beside)
		}
	}
	if len(order) != len(recipes) {
		t.Errorf("%d layouts, %d of them in order", len(recipes), len(order))
	}
}

func runs(walls ...time.Duration) series {
	var s series
	for _, w := range walls {
		s = append(s, effort{wall: w, processor: 2 * w, memory: int64(w)})
	}
	return s
}

func TestSeries(t *testing.T) {
	s := runs(50, 10, 20)
	if s.wall() != 20 || s.processor() != 40 || s.memory() != 50 || s.spread() != 2 {
		t.Error(s.wall(), s.processor(), s.memory(), s.spread())
	}
	if s := runs(10, 40, 20, 30); s.wall() != 25 {
		t.Error(s.wall())
	}
}

func TestAims(t *testing.T) {
	for _, test := range []struct {
		aim  aim
		ours time.Duration
		met  string
	}{
		{aim{ratio: 1.05}, 105, "yes"},
		{aim{ratio: 1.05}, 106, "no"},
		{aim{more: 10}, 109, "yes"},
		{aim{more: 10}, 110, "no"},
		{aim{}, 1, ""},
	} {
		r := result{row: &row{aim: test.aim}, ours: runs(test.ours), theirs: runs(100)}
		if _, met := r.met(); met != test.met {
			t.Errorf("%+v: %q for %d", test.aim, met, test.ours)
		}
		if got := len(r.cells()); got != len(heads) {
			t.Errorf("%d cells below %d heads", got, len(heads))
		}
	}
}

func TestPeaks(t *testing.T) {
	of := func(layout, level string, peak int64) result {
		return result{row: &row{layout: layout, level: level}, ours: series{{memory: peak}}}
	}
	for _, test := range []struct {
		results []result
		levels  []levelled
		met     string
	}{
		{[]result{of("small", "digest", 99*mib), of("million", "digest", 299*mib), of("single", decoder, 999*mib)}, nil, "Met: yes."},
		{[]result{of("small", "digest", 100*mib)}, nil, "Met: no."},
		{[]result{of("million", "digest", 300*mib)}, nil, "Met: no."},
		{nil, []levelled{{"small", []series{{{memory: 1}}, {{memory: 100 * mib}}}}}, "Met: no."},
	} {
		if got := peaks(test.results, test.levels); !strings.Contains(got, test.met) {
			t.Errorf("%s, want %s", got, test.met)
		}
	}
}

// What takes long is measured where it is asked for by name alone.
func TestChoice(t *testing.T) {
	layouts := func(text string) map[string]bool {
		all := make(map[string]bool)
		for _, r := range choice(text) {
			all[r.layout] = true
		}
		return all
	}
	if got := layouts(""); got["million"] || !got["small"] || !got["tiny"] {
		t.Error(got)
	}
	if got := layouts("million"); !got["million"] || len(got) != 1 {
		t.Error(got)
	}
	if got := layouts("find"); got["million"] || !got["small"] {
		t.Error(got)
	}
}

// What is not installed is said, and no aim is met without it.
func TestMissing(t *testing.T) {
	r := result{row: &row{needs: []string{"no-such-program", "go"}, aim: aim{ratio: 1}}, ours: runs(1)}
	if r.missing = r.row.missing(); !slices.Equal(r.missing, []string{"no-such-program"}) {
		t.Fatal(r.missing)
	}
	cells := r.cells()
	if len(cells) != len(heads) || !slices.Contains(cells, "not run: no no-such-program") || cells[len(cells)-1] != "" {
		t.Errorf("%q", cells)
	}
	t.Setenv("CI", "true")
	if err := allThere([]row{*r.row}); err == nil || !strings.Contains(err.Error(), "no-such-program") {
		t.Error(err)
	}
}

func TestSums(t *testing.T) {
	a, b := digest.FromString("a").Encoded(), digest.FromString("b").Encoded()
	out := []byte("SHA2-256(" + a + ")= " + b + "\nSHA2-256(stdin)= " + a + "\n")
	if err := sums(out, []string{a, b}); err != nil {
		t.Error(err)
	}
	for _, right := range [][]string{{a}, {a, a}, {a, b, b}} {
		if sums(out, right) == nil {
			t.Errorf("%q is taken for right", right)
		}
	}
}

func TestValid(t *testing.T) {
	r, s := &row{level: "digest"}, &sample{Dir: "x"}
	if err := valid(r, s, []byte("x: valid - 1 manifest, 3 blobs, 2.0 KiB\n\n1 index; 2.0 KiB read in under 1 s, at level digest.\n")); err != nil {
		t.Error(err)
	}
	for _, out := range []string{"", "x: valid - 1 manifest\n\n1 index, at level content.\n", "x: valid, 1 warning - 1 manifest\n\n1 index, at level digest.\n"} {
		if valid(r, s, []byte(out)) == nil {
			t.Errorf("%q is taken for valid", out)
		}
	}
}

func TestLevelTable(t *testing.T) {
	table := levelTable([]levelled{{"small", []series{runs(time.Second), runs(2 * time.Second), runs(3 * time.Second)}}})
	lines := strings.Split(strings.TrimSpace(table), "\n")
	for _, l := range lines {
		if len(lines) != 3 || strings.Count(l, "|") != strings.Count(lines[0], "|") {
			t.Fatalf("%s", table)
		}
	}
	if !strings.HasPrefix(lines[2], "| small | 1.00 s | 2.00 s | ") || !strings.Contains(lines[2], "| 3.00 s | 6.00 s |") {
		t.Errorf("%s", lines[2])
	}
}

func TestUnpackedBytes(t *testing.T) {
	s, r := &sample{Layers: []packed{{Plain: 12}}}, &row{level: decoder}
	if err := valid(r, s, []byte("12\n")); err != nil {
		t.Error(err)
	}
	for _, out := range []string{"", "1", "123\n"} {
		if valid(r, s, []byte(out)) == nil {
			t.Errorf("%q is taken for right", out)
		}
	}
}

func TestPage(t *testing.T) {
	page := []byte("before\n" + begin + "old\n" + end + "after\n")
	got, err := filled(page, "new\n")
	if err != nil || string(got) != "before\n"+begin+"\nnew\n\n"+end+"after\n" {
		t.Errorf("%s, %v", got, err)
	}
	if again, err := filled(got, "new\n"); err != nil || !bytes.Equal(again, got) {
		t.Errorf("%s, %v", again, err)
	}
	for _, page := range []string{"", begin, end, end + begin} {
		if _, err := filled([]byte(page), ""); err == nil {
			t.Errorf("%q has both marks", page)
		}
	}
}

// Slices have the size that is asked for, however few files there are, and are the
// same every time.
func TestChoose(t *testing.T) {
	few, more := t.TempDir(), t.TempDir()
	for name, size := range map[string]int{filepath.Join(few, "a"): 10, filepath.Join(more, "b"): 7, filepath.Join(more, "c"): 20} {
		if err := os.WriteFile(name, make([]byte, size), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var first [][]byte
	for range 2 {
		slices, err := choose([]string{few, more, filepath.Join(few, "none")}, 3, 25)
		if err != nil {
			t.Fatal(err)
		}
		for i, s := range slices {
			total := int64(0)
			names := make(map[string]bool)
			for _, f := range s {
				total += f.size
				names[f.name] = true
			}
			if total != 25 || len(names) != len(s) {
				t.Errorf("slice %d: %d bytes, %v", i, total, s)
			}
			var b bytes.Buffer
			if err := s.write(&b); err != nil {
				t.Fatal(err)
			}
			if first = append(first, b.Bytes()); len(first) > 3 && !bytes.Equal(first[i], b.Bytes()) {
				t.Errorf("slice %d is another the second time", i)
			}
		}
	}
	if _, err := choose([]string{filepath.Join(few, "none")}, 1, 1); err == nil {
		t.Error("files are found where there are none")
	}
}

// A layout is made once, is what it says it is, and is not taken for finished when
// it was not.
func TestWant(t *testing.T) {
	dir := t.TempDir()
	made, err := want(t.Context(), dir, "small", 0.001)
	if err != nil {
		t.Fatal(err)
	}
	if made.Blobs != 101 || made.Bytes == 0 {
		t.Errorf("%+v", made)
	}
	again, err := want(t.Context(), dir, "small", 0.001)
	if err != nil || again.Blobs != made.Blobs || again.Bytes != made.Bytes {
		t.Errorf("%+v, %v", again, err)
	}
	if err := os.Remove(made.Dir + ".json"); err != nil {
		t.Fatal(err)
	}
	if _, err := want(t.Context(), dir, "small", 0.001); err == nil {
		t.Error("what was not finished is taken for a layout")
	}
}

// A layout whose making is cut short leaves nothing behind.
func TestWantCancelled(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := want(ctx, dir, "random", 0.001); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := want(t.Context(), dir, "random", 0.001); err != nil {
		t.Error(err)
	}
}

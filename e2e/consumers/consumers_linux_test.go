package consumers

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/apex/log"
	"github.com/apex/log/handlers/discard"
	"github.com/ocilayout/ocilayout/e2e/consumers/stack"
	"github.com/sirupsen/logrus"
)

func TestMain(m *testing.M) {
	logrus.SetOutput(io.Discard)
	log.SetHandler(discard.Default)
	os.Exit(m.Run())
}

// env returns a number from the environment.
func env(t *testing.T, name string, otherwise uint64) uint64 {
	value := os.Getenv(name)
	if value == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// temporary returns a directory, and has temporary files of the consumers go
// where they are.
func temporary(t *testing.T) string {
	if os.Getuid() != 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("devices and owners need root")
		}
		t.Skip("devices and owners need root")
	}
	dir, err := base()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("TMPDIR", storageTemp)
	return dir
}

func TestConsumersAgreeWithVerdict(t *testing.T) {
	dir := temporary(t)
	count := uint64(500)
	if os.Getenv("OCILAYOUT_EXHAUSTIVE") != "" {
		count = 10_000
	}
	count = env(t, "CONSUMERS_STACKS", count)
	seed := env(t, "CONSUMERS_SEED", 1)
	first := env(t, "CONSUMERS_FIRST", 0)

	var next atomic.Uint64
	next.Store(first)
	var mu sync.Mutex
	seen := make(map[string]bool)
	var wg sync.WaitGroup
	for worker := range 2 {
		wg.Go(func() {
			err := inCell(func(in *cell) {
				dir := filepath.Join(dir, fmt.Sprint(worker))
				for number := next.Add(1) - 1; number < first+count; number = next.Add(1) - 1 {
					tr, err := try(in, dir, stack.Generate(seed, number))
					if err != nil {
						t.Errorf("stack %d: %v", number, err)
						continue
					}
					for _, v := range tr.check() {
						small := stack.Shrink(tr.stack, 200, func(s stack.Stack) bool {
							again, err := try(in, dir, s)
							return err == nil && again.breaks(v.property)
						})
						again, err := try(in, dir, small)
						if err != nil {
							t.Errorf("stack %d: %v", number, err)
							continue
						}
						text := v.property + "\n" + again.report()
						mu.Lock()
						if !seen[text] {
							t.Errorf("stack %d of seed %d: %s", number, seed, text)
						}
						seen[text] = true
						mu.Unlock()
					}
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// What random stacks have shown is tried every time.
func TestKnownKinds(t *testing.T) {
	dir := temporary(t)
	name := "testdata/kinds.txt"
	if other := os.Getenv("CONSUMERS_LISTING"); other != "" {
		name = other
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	err = inCell(func(in *cell) {
		for listing := range strings.SplitSeq(string(raw), "\n\n") {
			s, err := stack.Parse(listing)
			if err != nil {
				t.Error(err)
				continue
			}
			if len(s) == 0 {
				continue // a comment
			}
			tr, err := try(in, filepath.Join(dir, "known"), s)
			if err != nil {
				t.Errorf("%v\n%v", err, s)
				continue
			}
			for _, v := range tr.check() {
				t.Errorf("%s\n%s", v.property, tr.report())
			}
			if name != "testdata/kinds.txt" {
				t.Log("\n" + tr.report())
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

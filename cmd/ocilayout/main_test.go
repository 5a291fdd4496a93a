package main

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite what the scripts and docs/report.md expect to what the program does now")

func TestMain(m *testing.M) {
	if os.Getenv("GORACE") == "" {
		os.Setenv("GORACE", "atexit_sleep_ms=0") // a second for each program that the tests run
	}
	testscript.Main(cleaning{m}, map[string]func(){
		"ocilayout": main,
		// Where many tests run at once, half a second is not enough to be sure of a
		// report.
		"ocilayout-patient": func() { os.Exit(mainStatus(leeway{work: halfSecond.work, all: 5 * time.Second})) },
	})
}

// TestScript runs the scripts of testdata/script, each in a directory of its
// own. Beside what testscript brings they may use the commands of
// script_test.go, and $LAYOUTS, which is testdata/layouts of this repository.
func TestScript(t *testing.T) {
	layouts, err := filepath.Abs(filepath.Join("..", "..", "testdata", "layouts"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(layouts); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("LAYOUTS", layouts)
			e.Setenv("GORACE", os.Getenv("GORACE"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ascii":    scriptASCII,
			"blob":     scriptBlob,
			"exits":    scriptExits,
			"expand":   scriptExpand,
			"flip":     scriptFlip,
			"layout":   scriptLayout,
			"truncate": scriptTruncate,

			"pack":       scriptPack,
			"pack-files": scriptPackFiles,
		},
		Deadline:            time.Now().Add(15 * time.Minute), // nothing hangs
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

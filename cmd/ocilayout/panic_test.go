package main

import (
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

type panicking struct{}

func (panicking) Write([]byte) (int, error) { panic("\x1b[31mof a layout") }

// A panic has a status of its own, and not the one that the Go runtime gives it.
// What it says may come from a layout.
func TestPanicStatus(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"rules"}, {"--help"}, {"verify", "../../testdata/layouts/good-image"}, {"ls", "../../testdata/layouts/good-image"}} {
		var stderr strings.Builder
		status := run(t.Context(), append([]string{"ocilayout"}, args...), panicking{}, &stderr)
		if status != exit.StatusFailed || !strings.HasPrefix(stderr.String(), "ocilayout: this is a defect of ocilayout") ||
			strings.Contains(stderr.String(), "\x1b") || !strings.Contains(stderr.String(), "panic_test.go") {
			t.Errorf("%q: status %d\n%s", args, status, &stderr)
		}
	}
}

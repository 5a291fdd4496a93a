package show_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
	"github.com/ocilayout/ocilayout/layout"
)

// On a terminal the lines of tables are cut to its width, and nowhere else.
func TestInspectWidth(t *testing.T) {
	l, err := layout.Open(filepath.Join("..", "..", "..", "..", "testdata", "layouts", "diff-id-not-checked-buildkit"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r, err := show.Inspect(context.Background(), l, layout.Selector{}, show.InspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r.Manifest.Layers[0].History.CreatedBy = strings.Repeat("COPY ", 40)
	r.Manifest.History[0].CreatedBy = r.Manifest.Layers[0].History.CreatedBy
	for width, want := range map[int]int{0: 240, 80: 80, 100: 100} {
		var b strings.Builder
		if err := r.Text(&b, show.Screen{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if strings.HasPrefix(line, "  0 ") {
				if got := len(line) - 1; width > 0 && got != want || width == 0 && got < 200 {
					t.Errorf("width %d: %d columns: %s", width, got, line)
				}
			}
		}
	}
}

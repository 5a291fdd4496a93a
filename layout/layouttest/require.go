package layouttest

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/verify"
)

// RequireValid ends the test where the layout at the root of fsys is not valid, with
// the findings, one a line. Valid is what "ocilayout verify" calls valid: no finding
// counts as an error, and nothing was left unchecked, down to the files in the layers.
//
// A directory is os.DirFS(dir), and what a [Builder] wrote to an afero.Fs is
// afero.NewIOFS(fsys). Symlinks are not followed: see [layout.FromFS].
func RequireValid(t testing.TB, fsys fs.FS) {
	t.Helper()
	r, err := verify.Run(context.Background(), layout.FromFS(fsys), verify.Options{})
	if err != nil {
		t.Fatalf("the layout cannot be verified: %v", err)
	}
	var lines strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&lines, "\n%v", f)
	}
	if r.Omitted > 0 {
		fmt.Fprintf(&lines, "\nand %d more", r.Omitted)
	}
	switch {
	case r.Stats.Errors > 0:
		t.Fatalf("the layout is not valid:%s", &lines)
	case r.Err() != nil:
		t.Fatalf("the layout could not be checked whole:%s", &lines)
	}
}

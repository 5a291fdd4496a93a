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
	v := verify.New(layout.FromFS(fsys), verify.Options{})
	var lines strings.Builder
	for f, err := range v.Findings(context.Background()) {
		if err != nil {
			t.Fatalf("the layout cannot be verified: %v", err)
		}
		fmt.Fprintf(&lines, "\n%s: %s: %s (%s)", f.Severity, place(f), f.Message, f.Rule)
	}
	switch s := v.Stats(); {
	case s.Errors > 0:
		t.Fatalf("the layout is not valid:%s", &lines)
	case !s.Complete:
		t.Fatalf("the layout could not be checked whole:%s", &lines)
	}
}

// place says where a finding is.
func place(f verify.Finding) string {
	text := f.Path
	if f.Pointer != "" {
		text += "#" + f.Pointer
	}
	if f.Entry != "" {
		text += fmt.Sprintf(", %q", f.Entry)
	}
	return text
}

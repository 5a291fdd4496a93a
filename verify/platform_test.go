package verify_test

import (
	"errors"
	"testing"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/spf13/afero"
)

// A platform that no entry runs on, as one that is misspelt, verifies nothing,
// and so must not end well.
func TestPlatformOfNoEntry(t *testing.T) {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	image := b.Image("linux/amd64", b.Layer(layouttest.Files{"a": "a"}))
	image.Platform = &model.Platform{OS: "linux", Architecture: "amd64"}
	b.Entry(b.Index(image), "v1")
	if err := b.Finish(); err != nil {
		t.Fatal(err)
	}
	for platform, found := range map[string]bool{"linux/amd64": true, "linux/amd46": false} {
		p, err := model.ParsePlatform(platform)
		if err != nil {
			t.Fatal(err)
		}
		v := verify.New(layout.New(fsys), verify.Options{Platforms: []model.Platform{p}})
		var last error
		for _, err := range v.Findings(t.Context()) {
			last = err
		}
		if found != (last == nil) || !found && !errors.Is(last, layout.ErrNoEntry) || v.Stats().Complete != found {
			t.Errorf("%s: %v, complete %v", platform, last, v.Stats().Complete)
		}
	}
}

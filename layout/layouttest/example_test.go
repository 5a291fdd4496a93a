package layouttest_test

import (
	"context"
	"fmt"
	"log"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/verify"
	"github.com/spf13/afero"
)

// A layout is made, damaged by one bit, and verified before and after.
func Example() {
	fsys := afero.NewMemMapFs()
	b := layouttest.New(fsys)
	layer := b.Layer(layouttest.Files{"etc/motd": "hello\n"})
	b.Entry(b.Image("linux/amd64", layer), "v1")
	if err := b.Finish(); err != nil {
		log.Fatal(err)
	}

	check := func() {
		v := verify.New(layout.New(fsys), verify.Options{})
		for f, err := range v.Findings(context.Background()) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("%s %s\n  %s\n", f.Severity, f.Rule, f.Path)
		}
		fmt.Println("errors:", v.Stats().Errors)
	}

	check()
	if err := layouttest.Corrupt(fsys, blobs.Path(layer.Digest), 1000); err != nil {
		log.Fatal(err)
	}
	check()

	// Output:
	// errors: 0
	// error blob-digest-mismatch
	//   blobs/sha256/cc8ff3f5250ff3be377de9efef9c0fb8adcfd70bbbc240d25df9bf16540ac4b9
	// errors: 1
}

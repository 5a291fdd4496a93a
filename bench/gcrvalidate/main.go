// Command gcrvalidate validates the one image of a layout with
// go-containerregistry, as a program that has it for its library would, and prints
// the digest of the image's manifest. It is what the benchmark runs beside
// ocilayout.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gcrvalidate LAYOUT")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "gcrvalidate:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		return err
	}
	list, err := index.IndexManifest()
	if err != nil {
		return err
	}
	if len(list.Manifests) != 1 {
		return errors.New("the layout has not exactly one entry")
	}
	d := list.Manifests[0].Digest
	image, err := index.Image(d)
	if err != nil {
		return err
	}
	if err := validate.Image(image); err != nil {
		return err
	}
	_, err = fmt.Println(d)
	return err
}

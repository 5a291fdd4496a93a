package layout_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"strings"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/layout/archive"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// What lies in a tar archive, and in any fs.FS, is a layout like a directory.
func ExampleFromFS() {
	ctx := context.Background()

	directory, err := layout.Open("../testdata/layouts/real/umoci-new")
	if err != nil {
		log.Fatal(err)
	}
	tarball, err := layout.OpenArchive(ctx, "../testdata/layouts/archive-unterminated.tar", archive.Options{})
	if err != nil {
		log.Fatal(err)
	}
	embeddedFiles, err := fs.Sub(embedded, "testdata/embedded") // an embed.FS
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range []*layout.Layout{directory, tarball, layout.FromFS(embeddedFiles)} {
		index := l.Index(ctx, layout.Limits{})
		if index.Err != nil {
			log.Fatal(index.Err)
		}
		fmt.Println("entries in index.json:", len(index.Doc.(*model.Index).Manifests))
		if err := l.Close(); err != nil {
			log.Fatal(err)
		}
	}
	// Output:
	// entries in index.json: 1
	// entries in index.json: 1
	// entries in index.json: 1
}

// A file of the image of every platform is read, without unpacking anything.
func ExampleImage_FS() {
	l, err := layout.Open("../testdata/layouts/real/buildah-manifest")
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()

	ctx := context.Background()
	images, err := l.Images(ctx, layout.Selector{RefName: "1.0"})
	if err != nil {
		log.Fatal(err)
	}
	for _, image := range images {
		root, err := image.FS(ctx, layer.Limits{})
		if err != nil {
			log.Fatal(err)
		}
		content, err := fs.ReadFile(root, "etc/arch")
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s: %q\n", image.Platform, content)
	}
	// Output:
	// linux/amd64: "amd64\n"
	// linux/arm64: "arm64\n"
}

// Everything that index.json leads to, and what is missing.
func ExampleLayout_Walk() {
	l, err := layout.Open("../testdata/layouts/real/buildah-manifest")
	if err != nil {
		log.Fatal(err)
	}
	defer l.Close()

	for v := range l.Walk(context.Background(), layout.WalkOptions{}) {
		if v.From == nil {
			continue // index.json itself
		}
		depth := strings.Repeat("  ", len(v.Trail())-1)
		fmt.Printf("%s%s of %d bytes\n", depth, v.Kind(), v.Edge.Descriptor.Size)
		if v.Blob != nil && errors.Is(v.Blob.Err, fs.ErrNotExist) {
			fmt.Printf("%sis missing: %s\n", depth, v.Edge.Descriptor.Digest)
		}
	}
	// Output:
	// index of 546 bytes
	//   manifest of 540 bytes
	//     config of 372 bytes
	//     layer of 266 bytes
	//   manifest of 540 bytes
	//     config of 372 bytes
	//     layer of 266 bytes
}

// Two images are the same if their manifests have the same digest: which of the images
// of one layout are not in another?
func ExampleLayout_Images() {
	ctx := context.Background()
	images := func(dir string) []layout.Image {
		l, err := layout.Open(dir)
		if err != nil {
			log.Fatal(err)
		}
		defer l.Close()
		found, err := l.Images(ctx, layout.Selector{})
		if err != nil {
			log.Fatal(err) // a document is missing, or is not what its descriptor says
		}
		return found
	}

	there := make(map[digest.Digest]bool)
	for _, image := range images("../testdata/layouts/real/buildah-push") {
		there[image.Descriptor.Digest] = true
	}
	for _, image := range images("../testdata/layouts/real/buildah-manifest") {
		fmt.Println(image.Platform, image.Descriptor.Digest.Encoded()[:12], there[image.Descriptor.Digest])
	}
	// Output:
	// linux/amd64 6f586b8e6fe4 true
	// linux/arm64 e1c47839ab7c false
}

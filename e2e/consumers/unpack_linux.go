package consumers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	containerd "github.com/containerd/containerd/v2/pkg/archive"
	moby "github.com/moby/go-archive"
	umoci "github.com/opencontainers/umoci/oci/layer"
	storage "go.podman.io/storage/pkg/archive"
)

// consumer is a program that unpacks the layers of an image: each onto what the
// ones below left, or each into a directory of its own, which overlayfs puts
// together.
type consumer struct {
	name    string
	overlay bool
	// jailed says that the program changes its root to the directory it unpacks
	// to. The others are given its path.
	jailed bool
	umask  int // that the program works under
	// apply unpacks a layer. lower are the directories of the layers below, the
	// next one first, where layers have their own.
	apply func(root string, lower []string, layer []byte) error
}

var consumers = []consumer{
	{
		name: "containerd", umask: 0o022,
		apply: func(root string, _ []string, layer []byte) error {
			_, err := containerd.Apply(context.Background(), root, bytes.NewReader(layer))
			return err
		},
	},
	{
		name: "moby", umask: 0, jailed: true,
		apply: func(root string, _ []string, layer []byte) error {
			_, err := moby.UnpackLayer(root, bytes.NewReader(layer), &moby.TarOptions{})
			return err
		},
	},
	{
		name: "storage", umask: 0, jailed: true,
		apply: func(root string, _ []string, layer []byte) error {
			if err := os.Mkdir(storageTemp, 0o700); err != nil {
				return err
			}
			_, err := storage.UnpackLayer(root, bytes.NewReader(layer), &storage.TarOptions{})
			return errors.Join(err, os.RemoveAll(storageTemp))
		},
	},
	{
		name: "umoci", umask: 0o022,
		apply: func(root string, _ []string, layer []byte) error {
			return umoci.UnpackLayer(root, bytes.NewReader(layer), &umoci.UnpackOptions{OnDiskFormat: umoci.DirRootfs{}})
		},
	},
	{
		name: "containerd-overlay", umask: 0o022, overlay: true,
		apply: func(root string, lower []string, layer []byte) error {
			var options []containerd.ApplyOpt
			if len(lower) > 0 { // the base is unpacked before there is an overlay
				options = append(options, containerd.WithConvertWhiteout(containerd.OverlayConvertWhiteout), containerd.WithParents(lower))
			}
			_, err := containerd.Apply(context.Background(), root, bytes.NewReader(layer), options...)
			return err
		},
	},
	{
		name: "moby-overlay", umask: 0o022, overlay: true, jailed: true,
		apply: func(root string, _ []string, layer []byte) error {
			return moby.Unpack(bytes.NewReader(layer), root, &moby.TarOptions{WhiteoutFormat: moby.OverlayWhiteoutFormat})
		},
	},
	{
		name: "storage-overlay", umask: 0o022, overlay: true, jailed: true,
		apply: func(root string, _ []string, layer []byte) error {
			return storage.Unpack(bytes.NewReader(layer), root, &storage.TarOptions{WhiteoutFormat: storage.OverlayWhiteoutFormat})
		},
	},
}

// storageTemp is a directory for temporary files within the root, which
// containers/storage makes as well before it unpacks.
const storageTemp = "/temp-storage-extract"

// outcome is what became of a stack: a tree, or an error.
type outcome struct {
	tree tree
	err  error
}

// unpack has a consumer unpack the layers below a directory, which it cannot
// leave, and reads back what came of it.
func (c *consumer) unpack(in *cell, dir string, layers [][]byte) outcome {
	defer os.RemoveAll(dir)
	var names []string // of the directories unpacked to
	for i, layer := range layers {
		name := "/rootfs"
		if c.overlay {
			name = fmt.Sprintf("/%d", i)
		}
		if !slices.Contains(names, name) {
			if err := os.MkdirAll(filepath.Join(dir, name), 0o755); err != nil {
				return outcome{err: err}
			}
			names = slices.Insert(names, 0, name)
		}
		root, prison := name, dir
		if c.jailed {
			root, prison = "/", filepath.Join(dir, name)
		}
		err := in.within(prison, c.umask, func() error { return c.apply(root, names[1:], layer) })
		if err != nil {
			return outcome{err: fmt.Errorf("layer %d: %w", i, err)}
		}
	}
	if outside, err := os.ReadDir(dir); err != nil || len(outside) != len(names) {
		return outcome{err: fmt.Errorf("it wrote outside of the root: %v %v", outside, err)}
	}
	merged := make(tree)
	for _, name := range slices.Backward(names) {
		var t tree
		err := in.within(filepath.Join(dir, name), 0, func() (err error) {
			t, err = readTree(name)
			return err
		})
		if err != nil {
			return outcome{err: err}
		}
		merged.put(t, c.overlay)
	}
	merged.link()
	return outcome{tree: merged}
}

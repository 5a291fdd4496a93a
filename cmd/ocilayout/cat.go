package main

import (
	"archive/tar"
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

func catCommand() *cli.Command {
	return &cli.Command{
		Name:      "cat",
		Usage:     "print a document, a blob, or a file of an image",
		ArgsUsage: "LAYOUT:REF|LAYOUT@DIGEST [PATH]",
		UsageText: "ocilayout cat LAYOUT:REF|LAYOUT@DIGEST [PATH] [FLAGS]\n\nExample: ocilayout cat ./image-dir:latest /etc/os-release --platform linux/amd64",
		Description: "LAYOUT@DIGEST prints any blob, LAYOUT:REF the document that the reference names, and with a PATH a file of the image. " +
			"The bytes are verified as they stream: if they are wrong, the status is 1, and what was printed is not to be used. " +
			"On a terminal, control characters are shown escaped.",
		Flags:  append([]cli.Flag{&cli.StringFlag{Name: "path", Usage: "print the file at `PATH` of the image's root file system, as the second argument does"}, cli.PlatformFlag()}, slices.Concat(cli.LayoutFlags(), cli.LayerLimitFlags())...),
		Action: runCat,
	}
}

func runCat(c *cli.Context) error {
	w := c.App.Writer
	if term.IsTerminal(w) {
		w = report.Terminal(w)
	}
	out := bufio.NewWriter(w)
	switch {
	case c.IsSet("path") && c.NArg() < 2:
		return catFile(c, out, c.String("path"))
	case c.IsSet("path"):
		return exit.Usagef("cat prints one file, but got a PATH as well as --path")
	case c.NArg() == 2:
		return catFile(c, out, c.Args().Get(1))
	case c.NArg() > 2:
		return exit.Usagef("cat takes one LAYOUT:REF and one PATH, but got %d arguments", c.NArg())
	case c.NArg() == 0:
		return exit.Usagef("cat needs a LAYOUT:REF or a LAYOUT@DIGEST")
	case c.IsSet("platform"):
		return exit.Usagef("--platform goes with the PATH of a file")
	}
	a, err := cli.OneAddress(c, "LAYOUT:REF or LAYOUT@DIGEST")
	if err != nil {
		return err
	}
	if a.Selector.All() {
		return exit.Usagef("cat needs a LAYOUT:REF or a LAYOUT@DIGEST")
	}
	l, err := cli.Open(c, &a)
	if err != nil {
		return err
	}
	defer l.Close()
	d, err := blobOf(c, l, a)
	if err == nil {
		err = cmp.Or(l.Copy(c.Context, out, d), out.Flush())
	}
	if err != nil {
		out.Flush()
		return cli.NotRead(a, err)
	}
	return nil
}

// blobOf returns the digest that is asked for. A digest by itself may be that of
// any blob.
func blobOf(c *cli.Context, l *layout.Layout, a cli.Address) (digest.Digest, error) {
	if err := l.Check(); err != nil {
		return "", err
	}
	if a.Selector.RefName == "" {
		return a.Selector.Digest, nil
	}
	root := l.Index(c.Context, layout.Limits{})
	index, ok := root.Doc.(*model.Index)
	if !ok {
		return "", fmt.Errorf("%s: %w", root.Path, cmp.Or(root.Err, root.Problems.Err()))
	}
	places, err := layout.Resolve(index, a.Selector)
	if err != nil {
		return "", err
	}
	return index.Manifests[places[0]].Digest, nil
}

// catFile prints a file of an image. The layer that it comes from is read to its
// end, so that it is known to be the one that the manifest names.
func catFile(c *cli.Context, out *bufio.Writer, name string) error {
	if name == "" {
		return exit.Usagef("the PATH of a file is given, but empty")
	}
	limits := cli.LayerLimits(c)
	a, l, img, err := cli.OneImage(c, c.Args().Slice()[:min(1, c.NArg())])
	if err != nil {
		return err
	}
	defer l.Close()
	root, err := img.FS(c.Context, limits)
	if err != nil {
		return cli.NotRead(a, err)
	}
	cli.WarnOfFiles(c.App.ErrWriter, a, root.Doubts)
	n, _ := root.Tree.Lookup(name)
	switch {
	case n == nil:
		return cli.NotRead(a, fmt.Errorf("the image has no file %q", name))
	case n.Type == tar.TypeDir:
		return cli.NotRead(a, fmt.Errorf("%q is a directory: 'ocilayout files' lists what is in it", name))
	case n.Type != tar.TypeReg:
		return cli.NotRead(a, fmt.Errorf("%q is no regular file", name))
	}
	var printing error
	err = img.Scan(c.Context, n.Layer, limits, func(e *layer.Entry) {
		if e.Number == n.Entry {
			_, printing = io.Copy(out, e.Content)
		}
	})
	if err := errors.Join(err, printing, out.Flush()); err != nil {
		return cli.NotRead(a, err)
	}
	return nil
}

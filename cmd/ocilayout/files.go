package main

import (
	"archive/tar"
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/term"
	"github.com/ocilayout/ocilayout/layout"
)

func filesCommand() *cli.Command {
	return &cli.Command{
		Name:      "files",
		Usage:     "list the files of an image, with the layer each came from",
		ArgsUsage: "[LAYOUT[:REF]]",
		UsageText: "ocilayout files [LAYOUT[:REF]] [FLAGS]\n\nExample: ocilayout files ./image-dir:latest --platform linux/arm64",
		Description: "Lists the root file system that the image's layers make, or with --layer the entries of one layer as its archive has them, " +
			"whiteouts included. Layers are counted from 0, the base. Everything that is read is held against its digest.",
		Flags: append([]cli.Flag{
			&cli.IntFlag{Name: "layer", Value: -1, Usage: "only layer `N`, as it is", DefaultText: "all, merged"},
			cli.FormatFlag(cli.TextFormat, "json"), cli.PlatformFlag(),
		}, slices.Concat(cli.LayoutFlags(), cli.LayerLimitFlags())...),
		Action: runFiles,
	}
}

// file is a file as the files command shows it.
type file struct {
	Path   string            `json:"path"`
	Type   string            `json:"type"`
	Mode   string            `json:"mode"`
	UID    int               `json:"uid"`
	GID    int               `json:"gid"`
	Size   int64             `json:"size"`
	Time   string            `json:"modified"`
	Link   string            `json:"link"`
	Layer  int               `json:"layer"` // -1: a directory that no layer has an entry for
	Xattrs map[string]string `json:"xattrs,omitempty"`

	mode string // as ls -l shows it
}

// fileList is what files --format json prints, before the files.
type fileList struct {
	SchemaVersion int    `json:"schemaVersion"`
	Path          string `json:"path"`
	Platform      string `json:"platform"`
}

var fileTypes = map[byte]string{
	tar.TypeReg: "file", tar.TypeDir: "directory", tar.TypeSymlink: "symlink", tar.TypeLink: "hardlink",
	tar.TypeChar: "character device", tar.TypeBlock: "block device", tar.TypeFifo: "fifo",
}

func newFile(path string, n *layer.Node) file {
	kind := fileTypes[n.Type]
	if kind == "" {
		kind = "unknown"
	}
	return file{
		Path: path, Type: kind, Mode: fmt.Sprintf("%04o", n.Mode), UID: n.UID, GID: n.GID, Size: n.Size,
		Time: n.Time.UTC().Format("2006-01-02T15:04:05Z"), Link: n.Link, Layer: n.Layer, Xattrs: n.Xattrs, mode: strings.Replace(n.FileMode().String(), "L", "l", 1),
	}
}

func runFiles(c *cli.Context) error {
	limits := cli.LayerLimits(c)
	a, opened, img, err := cli.OneImage(c, c.Args().Slice())
	if err != nil {
		return err
	}
	defer opened.Close()
	l := fileLister{ctx: c.Context, img: img, only: c.Int("layer"), limits: limits}
	files, err := l.files()
	if err != nil {
		return cli.NotRead(a, err)
	}
	cli.WarnOfFiles(c.App.ErrWriter, a, l.doubts)
	out := bufio.NewWriter(c.App.Writer)
	if cli.Format(c) == "json" {
		err = report.JSONList(out, fileList{1, a.Given, img.Platform.String()}, "files", files)
	} else {
		err = listFiles(out, term.Width(c.App.Writer), files)
	}
	if l.err != nil {
		return errors.Join(report.Flush(out, err), cli.NotRead(a, l.err))
	}
	return report.Flush(out, err)
}

// fileLister goes through the files of an image, or the entries of one layer.
type fileLister struct {
	ctx    context.Context
	img    *layout.Image
	only   int // the layer, -1 for all
	limits layer.Limits
	doubts layer.Doubts
	err    error // of reading a layer again
}

// mostHeld is how many entries of one layer are held. A layer that has more is read
// again each time that they are gone through.
const mostHeld = 50_000

// files returns what goes through the files, any number of times. Everything was
// read once, and compared with its digest.
func (l *fileLister) files() (iter.Seq[file], error) {
	if l.only >= 0 {
		return l.entries()
	}
	root, err := l.img.FS(l.ctx, l.limits)
	if err != nil {
		return nil, err
	}
	l.doubts = root.Doubts
	return func(yield func(file) bool) {
		for path, n := range root.Tree.All() {
			if !yield(newFile(path, n)) {
				return
			}
		}
	}, nil
}

func (l *fileLister) entries() (iter.Seq[file], error) {
	if l.only >= len(l.img.Manifest.Layers) {
		return nil, fmt.Errorf("no layer %d: the image has %d", l.only, len(l.img.Manifest.Layers))
	}
	count, held := 0, []file{}
	err := l.each(func(f file) {
		if count++; count <= mostHeld {
			held = append(held, f)
		}
	})
	if err != nil || count <= mostHeld {
		return slices.Values(held), err
	}
	return func(yield func(file) bool) {
		more := true
		err := l.each(func(f file) { more = more && yield(f) })
		if l.err == nil && more {
			l.err = err
		}
	}, nil
}

func (l *fileLister) each(do func(file)) error {
	return l.img.Scan(l.ctx, l.only, l.limits, func(e *layer.Entry) {
		n := layer.NodeOf(e)
		n.Layer = l.only
		f := newFile(strings.Clone(e.Name), n)
		f.Link = strings.Clone(e.Linkname)
		do(f)
	})
}

func listFiles(w io.Writer, width int, files iter.Seq[file]) error {
	table := report.NewTable(w, width, report.Column{Header: "MODE"}, report.Column{Header: "OWNER"}, report.Column{Header: "SIZE", Right: true},
		report.Column{Header: "LAYER", Right: true}, report.Column{Header: "PATH", Flexible: true})
	return table.Stream(func(yield func([]string) bool) {
		for f := range files {
			path := report.Value(f.Path)
			if f.Link != "" {
				path += " -> " + report.Value(f.Link)
			}
			from := "-"
			if f.Layer >= 0 {
				from = strconv.Itoa(f.Layer)
			}
			if !yield([]string{f.mode, fmt.Sprintf("%d:%d", f.UID, f.GID), strconv.FormatInt(f.Size, 10), from, path}) {
				return
			}
		}
	})
}

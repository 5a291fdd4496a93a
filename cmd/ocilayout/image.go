package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/urfave/cli/v2"
)

// oneImage opens the layout that the command's argument names, and finds the one
// image that argument and --platform select. The caller closes the layout.
func oneImage(c *cli.Context) (address, *layout.Layout, *layout.Image, error) {
	wanted, err := platforms(c)
	if err != nil {
		return address{}, nil, nil, err
	}
	a, l, err := oneLayout(c)
	if err != nil {
		return a, nil, nil, err
	}
	img, err := pick(c.Context, l, a, wanted)
	if err != nil {
		l.Close()
		return a, nil, nil, notRead(a, err)
	}
	return a, l, img, nil
}

// pick returns the one image that is selected, or an error that lists them.
func pick(ctx context.Context, l *layout.Layout, a address, wanted []model.Platform) (*layout.Image, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	images, err := l.Images(ctx, a.selector, wanted...)
	if err != nil {
		if blobs.Absent(err) && len(wanted) == 0 {
			err = fmt.Errorf("%w; where only some platforms are in the layout, --platform chooses one", err)
		}
		return nil, err
	}
	switch len(images) {
	case 0:
		return nil, errors.New("no image is selected")
	case 1:
		return &images[0], nil
	}
	var which []string
	for _, img := range images {
		which = append(which, img.Platform.String()+" @"+string(img.Descriptor.Digest))
	}
	return nil, fmt.Errorf("%d images are selected; --platform, a reference or a digest picks one: %s", len(images), strings.Join(which, ", "))
}

// notRead is the status for something that could not be shown: 1 where its bytes
// are wrong, 3 where it could not be read.
func notRead(a address, err error) error {
	status := statusFailed
	if errors.Is(err, layout.ErrMismatch) {
		status = statusFindings
	}
	return with(status, fmt.Errorf("%s: %w", a.path, err))
}

// warnOfFiles prints, about files that are shown, that other tools may find something
// else in the layers.
func warnOfFiles(w io.Writer, a address, d layer.Doubts) {
	where := fmt.Sprintf("%s in layer %d", report.Value(d.First.Name), d.Layer)
	switch {
	case d.Lost > 0:
		complain(w, fmt.Errorf("%s: there is no place for %d of the entries of its layers, such as %s: 'ocilayout verify' says why", report.Value(a.path), d.Lost, where))
	case d.Differs > 0:
		complain(w, fmt.Errorf("%s: other tools may make other files of its layers, as of %s: 'ocilayout verify' says why", report.Value(a.path), where))
	}
}

package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
)

// OneImage opens the layout that the command's argument names, and finds the one
// image that argument and --platform select. The caller closes the layout.
func OneImage(c *Context) (Address, *layout.Layout, *layout.Image, error) {
	a, l, err := OneLayout(c)
	if err != nil {
		return a, nil, nil, err
	}
	img, err := pick(c.Context, l, a, Platforms(c))
	if err != nil {
		l.Close()
		return a, nil, nil, NotRead(a, err)
	}
	return a, l, img, nil
}

// pick returns the one image that is selected, or an error that lists them.
func pick(ctx context.Context, l *layout.Layout, a Address, wanted []model.Platform) (*layout.Image, error) {
	if err := l.Check(); err != nil {
		return nil, err
	}
	images, err := l.Images(ctx, a.Selector, wanted...)
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

// NotRead returns err with the status for something that could not be shown: 1 where its
// bytes are wrong, 3 where it could not be read.
func NotRead(a Address, err error) error {
	status := exit.StatusFailed
	if errors.Is(err, layout.ErrMismatch) {
		status = exit.StatusFindings
	}
	return exit.With(status, fmt.Errorf("%s: %w", a.Path, err))
}

// WarnOfFiles prints, about files that are shown, that other tools may find something
// else in the layers.
func WarnOfFiles(w io.Writer, a Address, d layer.Doubts) {
	where := fmt.Sprintf("%s in layer %d", report.Value(d.First.Name), d.Layer)
	switch {
	case d.Lost > 0:
		report.Complain(w, fmt.Errorf("%s: there is no place for %d of the entries of its layers, such as %s: 'ocilayout verify' says why", report.Value(a.Path), d.Lost, where))
	case d.Differs > 0:
		report.Complain(w, fmt.Errorf("%s: other tools may make other files of its layers, as of %s: 'ocilayout verify' says why", report.Value(a.Path), where))
	}
}

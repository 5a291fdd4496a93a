package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
)

// OneImage opens the layout that the one of arguments names, and finds the one image
// that it and --platform select. The caller closes the layout.
func OneImage(c *Context, arguments []string) (Address, *layout.Layout, *layout.Image, error) {
	a, l, err := openedIn(c, arguments)
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
	switch {
	case len(images) == 1:
		return &images[0], nil
	case len(images) > 1:
		return nil, severalImages(images)
	case len(wanted) > 0:
		return nil, NoImage(wanted, Available(ctx, l, a.Selector))
	}
	return nil, errors.New("there is no image here")
}

// severalImages says which images there are, and how one of them is chosen: each way
// that is named tells at least two of them apart.
func severalImages(images []layout.Image) error {
	const most = 20
	var tags, which []string
	platforms, tagged := make(map[string]bool), make(map[string]bool)
	for _, img := range images {
		platform := report.Value(img.Platform.String())
		platforms[platform] = true
		if tag := slices.Concat(img.RefNames, []string{""})[0]; tag != "" && !tagged[tag] {
			tagged[tag] = true
			tags = append(tags, report.Value(tag))
		}
		which = append(which, platform+" "+report.Value(report.ShortDigest(string(img.Descriptor.Digest))))
	}
	var ways []string
	if len(tags) > 1 {
		ways = append(ways, "a tag")
	}
	ways = append(ways, "a digest")
	if len(platforms) > 1 {
		ways = append(ways, "--platform")
	}
	list := "tags "
	if len(tags) != len(images) {
		list, tags = "", which
	}
	list += strings.Join(tags[:min(len(tags), most)], ", ")
	if len(tags) > most {
		list += fmt.Sprintf(" and %d more", len(tags)-most)
	}
	choice := strings.Join(ways, " or ")
	if len(ways) == 3 {
		choice = "a tag, a digest or --platform"
	}
	return fmt.Errorf("this matches %d images (%s); choose one with %s", len(images), list, choice)
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

package model_test

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ocilayout/ocilayout/model"
)

func TestLoadReader(t *testing.T) {
	const text = `{"imageLayoutVersion":"1.0.0","x":[1,2]}`
	for _, limit := range []int64{0, -1, int64(len(text)), math.MaxInt64} {
		l, problems, err := model.LoadReader[model.ImageLayout](iotest.OneByteReader(strings.NewReader(text)), limit, model.Limits{})
		if err != nil || len(problems) > 0 || l.Version != "1.0.0" || string(l.Raw()) != text {
			t.Errorf("limit %d: %v, %v, %v", limit, l, problems, err)
		}
	}
	l, problems, err := model.LoadReader[model.ImageLayout](strings.NewReader(`{"imageLayoutVersion":1}`), 0, model.Limits{})
	if err != nil || l == nil {
		t.Fatalf("%v, %v", l, err)
	}
	wantPlaces(t, problems, "json-type /imageLayoutVersion")
	l, problems, err = model.LoadReader[model.ImageLayout](strings.NewReader(``), 0, model.Limits{})
	if err != nil || l != nil {
		t.Errorf("nothing to read gives %v, %v", l, err)
	}
	wantPlaces(t, problems, "json-syntax ")
	_, problems, _ = model.LoadReader[model.ImageLayout](strings.NewReader(text), 0, model.Limits{Items: 1})
	wantPlaces(t, problems, "limit-json /imageLayoutVersion")
}

func TestLoadReaderFails(t *testing.T) {
	const text = `{"imageLayoutVersion":"1.0.0"}`
	source := &counted{Reader: strings.NewReader(text + strings.Repeat(" ", 1<<20))}
	l, problems, err := model.LoadReader[model.ImageLayout](source, int64(len(text))-1, model.Limits{})
	if !errors.Is(err, model.ErrTooLarge) || l != nil || problems != nil {
		t.Errorf("too much to read gives %v, %v, %v", l, problems, err)
	}
	if source.n > len(text) {
		t.Errorf("%d bytes were read", source.n)
	}
	broken := errors.New("broken")
	_, _, err = model.LoadReader[model.ImageLayout](io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), 0, model.Limits{})
	if !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
}

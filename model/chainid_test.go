package model_test

import (
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

func TestChainID(t *testing.T) {
	a, b, c := digest.FromString("a"), digest.FromString("b"), digest.FromString("c")
	ab := digest.FromString(a.String() + " " + b.String())
	for _, test := range []struct {
		diffIDs []digest.Digest
		want    digest.Digest
	}{
		{nil, ""},
		{[]digest.Digest{a}, a},
		{[]digest.Digest{a, b}, ab},
		{[]digest.Digest{a, b, c}, digest.FromString(ab.String() + " " + c.String())},
	} {
		if got := model.ChainID(test.diffIDs); got != test.want {
			t.Errorf("%v: %s, not %s", test.diffIDs, got, test.want)
		}
	}
	// Whatever algorithm the diff ids have, that of the chain is sha256.
	long := digest.SHA512.FromString("a")
	if got := model.ChainID([]digest.Digest{long, b}); got.Algorithm() != digest.SHA256 {
		t.Error(got)
	}
}

func TestImageID(t *testing.T) {
	raw := []byte(`{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}`)
	image, _ := model.LoadImage(raw)
	if got, want := image.ID(), digest.FromBytes(raw); got != want {
		t.Errorf("ID = %s, want %s", got, want)
	}
	if got := new(model.Image).ID(); got != "" {
		t.Errorf("ID of an image made in Go = %s", got)
	}
}

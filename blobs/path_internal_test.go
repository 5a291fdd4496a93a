package blobs

import (
	"path"
	"testing"

	"github.com/opencontainers/go-digest"
)

func TestWithin(t *testing.T) {
	d := digest.FromString("x")
	for _, dir := range []string{".", "/", "blobs", "/srv/blobs", "../shared"} {
		if got, want := within(dir, d), path.Join(dir, "sha256", d.Encoded()); got != want {
			t.Errorf("within %s: %s, want %s", dir, got, want)
		}
	}
	for _, a := range []digest.Algorithm{digest.SHA256, digest.SHA384, digest.SHA512} {
		h := a.Hash()
		h.Write([]byte("x"))
		if got, want := digestOf(a, h.Sum(nil)), a.FromString("x"); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

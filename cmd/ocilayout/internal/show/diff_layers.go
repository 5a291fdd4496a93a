package show

import (
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// layers pairs the layers of two images: by digest first, then by diff id, each
// with the first that is left.
func layers(a, b *image) []LayerPair {
	pairs := []LayerPair{}
	found := make(map[int]int) // places in A to places in B
	paired := make(map[int]bool)
	match := func(key func(*image, int) digest.Digest) {
		left := make(map[digest.Digest][]int)
		for j := range b.count() {
			if k := key(b, j); !paired[j] && k != "" {
				left[k] = append(left[k], j)
			}
		}
		for i := range a.count() {
			k := key(a, i)
			if _, done := found[i]; done || len(left[k]) == 0 {
				continue
			}
			found[i], paired[left[k][0]] = left[k][0], true
			left[k] = left[k][1:]
		}
	}
	match(func(img *image, n int) digest.Digest { return img.manifest.Layers[n].Digest })
	match(func(img *image, n int) digest.Digest { return img.diffIDs[n] })
	for i := range a.count() {
		if j, ok := found[i]; ok {
			pairs = append(pairs, pairOf(a, b, i, j))
		} else {
			pairs = append(pairs, LayerPair{State: LayerOnlyInA, A: a.layer(i), Members: []Member{}})
		}
	}
	for j := range b.count() {
		if !paired[j] {
			pairs = append(pairs, LayerPair{State: LayerOnlyInB, B: b.layer(j), Members: []Member{}})
		}
	}
	return pairs
}

// pairOf says of two layers with the same content what differs.
func pairOf(a, b *image, i, j int) LayerPair {
	x, y := &a.manifest.Layers[i], &b.manifest.Layers[j]
	p := LayerPair{State: LayerSame, A: a.layer(i), B: b.layer(j), Members: differences(x, y, "/mediaType", "/digest", "/size")}
	if x.Digest != y.Digest {
		p.State = LayerRepacked
	}
	return p
}

func (img *image) count() int {
	if img.manifest == nil {
		return 0
	}
	return len(img.manifest.Layers)
}

func (img *image) layer(n int) *ComparedLayer {
	d := &img.manifest.Layers[n]
	return &ComparedLayer{n, d.MediaType, string(d.Digest), string(img.diffIDs[n]), d.Size}
}

// sameStack says whether two images have the same layers in the same order, by
// what key returns for each, "" for unknown.
func sameStack(a, b *image, key func(*image, int) digest.Digest) bool {
	if a.manifest == nil || b.manifest == nil || a.count() != b.count() {
		return false
	}
	for n := range a.count() {
		if k := key(a, n); k == "" || k != key(b, n) {
			return false
		}
	}
	return true
}

func byDigest(img *image, n int) digest.Digest { return img.manifest.Layers[n].Digest }
func byDiffID(img *image, n int) digest.Digest { return img.diffIDs[n] }

// isLayer says whether the layer is one that unpacks to files.
func (img *image) isLayer(n int) bool {
	return model.KindOf(img.manifest.Layers[n].MediaType) == model.KindLayer
}

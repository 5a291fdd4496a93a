package model

import "github.com/opencontainers/go-digest"

// ChainID returns the digest of the stack of layers that the diff ids name, base
// first (config.md, Layer ChainID): that of one layer is its diff id, and that
// of more is the sha256 digest of the ChainID of those below, a space, and the
// diff id on top. It is "" for no layers.
func ChainID(diffIDs []digest.Digest) digest.Digest {
	var chain digest.Digest
	for i, d := range diffIDs {
		if i == 0 {
			chain = d
		} else {
			chain = digest.FromString(string(chain) + " " + string(d))
		}
	}
	return chain
}

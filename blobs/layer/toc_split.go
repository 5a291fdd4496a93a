package layer

import "github.com/opencontainers/go-digest"

// checkSplit checks the part of a zstd:chunked layer from which readers build the
// archive again: its place, its digest, and what it unpacks to.
func (c *tocCheck) checkSplit() error {
	at := c.claim.split
	switch {
	case !c.claim.chunked:
		return nil
	case at.offset == 0 && c.table.splitSum != "":
		return problem("the table of contents has the digest of a tar-split, and no annotation says where that is", chunkedPrefix+chunkedSplitPosition, "")
	case at.offset == 0:
		return nil
	case c.footer != nil && c.footer.split != (region{}) && c.footer.split != at:
		return problem("the footer and the annotation name different places for the tar-split", at.String(), c.footer.split.String())
	}
	p := compressedPart{what: "the tar-split", at: at}
	if err := c.within(p.what, at); err != nil {
		return err
	}
	for _, d := range []digest.Digest{c.table.splitSum, c.claim.splitSum} {
		if d != "" {
			p.compressed = append(p.compressed, promise{d, "the tar-split does not hash to its digest"})
		}
	}
	return c.readPart(p)
}

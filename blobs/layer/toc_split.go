package layer

import (
	"bufio"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strconv"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// checkSplit checks the part of a zstd:chunked layer from which readers build the
// archive again: its place, its digest, and what it unpacks to.
func (c *tocCheck) checkSplit() error {
	at, sums := c.claim.split, []digest.Digest{c.table.splitSum, c.claim.splitSum}
	switch {
	case !c.claim.chunked:
		return nil
	case at.offset == 0 && c.table.splitSum != "":
		return problem("the table of contents has the digest of a tar-split, and no annotation says where that is", chunkedPrefix+chunkedSplitPosition, "")
	case at.offset == 0:
		return nil
	case c.footer != nil && c.footer.split != (region{}) && c.footer.split != at:
		f := c.footer.split
		return problem("the footer and the annotation name different places for the tar-split",
			fmt.Sprintf("%d:%d:%d", at.offset, at.length, at.unpacked), fmt.Sprintf("%d:%d:%d", f.offset, f.length, f.unpacked))
	case at.offset > c.blob.Size || at.length > c.blob.Size-at.offset:
		return problem("the tar-split would lie past the blob's end", fmt.Sprintf("%d bytes at %d", at.length, at.offset), fmt.Sprintf("%d bytes in the blob", c.blob.Size))
	}
	return c.blob.ReadFrom(c.ctx, at.offset, func(r io.Reader) error { return c.split(io.LimitReader(r, at.length), at.unpacked, sums) })
}

func (c *tocCheck) split(r io.Reader, length int64, want []digest.Digest) error {
	want = slices.DeleteFunc(want, func(d digest.Digest) bool { return d == "" })
	var sums []hash.Hash
	var writers []io.Writer
	for _, d := range want {
		h, err := model.NewHash(d.Algorithm())
		if err != nil {
			return err
		}
		sums, writers = append(sums, h), append(writers, h)
	}
	all := io.MultiWriter(writers...)
	source := bufio.NewReader(failing{&tap{ctx: c.ctx, r: r, see: func(p []byte) { all.Write(p) }}})
	n, failed := unpackZstd(c.ctx, source, length, io.Discard, func(io.Reader) error { return nil })
	if _, err := io.Copy(io.Discard, source); err != nil {
		return c.unreadable(err)
	}
	for i, sum := range sums {
		if got := digest.NewDigest(want[i].Algorithm(), sum); got != want[i] {
			return problem("the tar-split does not hash to its digest", string(want[i]), string(got))
		}
	}
	if failed != nil {
		err := c.unreadable(failed)
		if _, ok := errors.AsType[*tocProblem](err); ok {
			return problem("the tar-split cannot be unpacked", "", failed.Error())
		}
		return err
	}
	if n != length {
		return problem("the tar-split does not unpack to the length that the annotation promises", strconv.FormatInt(length, 10), lengthWord(n, length))
	}
	return nil
}

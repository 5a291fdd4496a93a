package layer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// Annotations of a layer's descriptor that promise a table of contents, by which
// some runtimes read the layer instead of by its tar archive.
const (
	AnnotationStargzTOC       = "containerd.io/snapshot/stargz/toc.digest"
	AnnotationChunkedChecksum = chunkedPrefix + chunkedChecksum
	AnnotationChunkedPosition = chunkedPrefix + chunkedPosition
	// AnnotationStargzLayer stands at a blob that holds nothing but the table of a
	// layer: its value is that layer's digest.
	AnnotationStargzLayer = "containerd.io/snapshot/stargz/layer.digest"
	// AnnotationStargzSize is how many bytes a layer with a table unpacks to.
	AnnotationStargzSize = "io.containers.estargz.uncompressed-size"
)

// The annotations of zstd:chunked are spelled in two ways: some tools know the one
// alone, and some the other.
const (
	chunkedPrefix    = "io.github.containers.zstd-chunked."
	chunkedOldPrefix = "io.containers.zstd-chunked."

	chunkedChecksum      = "manifest-checksum"
	chunkedPosition      = "manifest-position"
	chunkedSplitPosition = "tarsplit-position"
	chunkedSplitChecksum = "tarsplit-checksum"
)

// TOCClaim is what a descriptor promises about a table of contents. Two that
// promise the same are equal.
type TOCClaim struct {
	Annotation string        // the key that makes the claim
	Digest     digest.Digest // of the table: as it is for eStargz, compressed for zstd:chunked
	chunked    bool
	json       digest.Digest // of the table unpacked, where zstd:chunked is claimed to be eStargz as well
	table      region
	split      region        // of the archive without contents, for zstd:chunked; none where offset is 0
	splitSum   digest.Digest // "" for none
	unpacked   int64         // what the layer unpacks to, -1 for no word about it
}

// region is a part of a blob that holds something compressed.
type region struct{ offset, length, unpacked int64 }

func (r region) String() string { return fmt.Sprintf("%d:%d:%d", r.offset, r.length, r.unpacked) }

var errTOCClaim = errors.New("an annotation about the table of contents cannot be understood")

// ClaimedTOC returns what a descriptor's annotations promise, nil for nothing.
// Those of zstd:chunked may come with that of eStargz, about the same table.
func ClaimedTOC(annotations map[string]string) (*TOCClaim, error) {
	key, checksum, err := chunkedValue(annotations, chunkedChecksum)
	value, stargz := annotations[AnnotationStargzTOC]
	claim := &TOCClaim{Annotation: AnnotationStargzTOC, unpacked: -1}
	switch {
	case err != nil:
		return claim, err
	case key == "" && !stargz:
		return nil, nil
	}
	if stargz {
		if claim.Digest, err = tocDigest(AnnotationStargzTOC, value); err != nil {
			return claim, err
		}
	}
	if size, ok := annotations[AnnotationStargzSize]; ok {
		if claim.unpacked, ok = position(size); !ok {
			return claim, fmt.Errorf("%w: %s is no number of bytes", errTOCClaim, AnnotationStargzSize)
		}
	}
	if key == "" {
		return claim, nil
	}
	claim.Annotation, claim.chunked, claim.json = key, true, claim.Digest
	if claim.Digest, err = tocDigest(key, checksum); err != nil {
		return claim, err
	}
	return claim, claim.regions(annotations)
}

// chunkedValue returns an annotation of zstd:chunked and its key, which is "" where
// there is none. Where both spellings are there, they have to say the same.
func chunkedValue(annotations map[string]string, name string) (key, value string, err error) {
	newer, isNewer := annotations[chunkedPrefix+name]
	older, isOlder := annotations[chunkedOldPrefix+name]
	switch {
	case isNewer && isOlder && newer != older:
		return chunkedPrefix + name, newer, fmt.Errorf("%w: %s and %s say different things", errTOCClaim, chunkedPrefix+name, chunkedOldPrefix+name)
	case isNewer:
		return chunkedPrefix + name, newer, nil
	case isOlder:
		return chunkedOldPrefix + name, older, nil
	}
	return "", "", nil
}

func tocDigest(key, value string) (digest.Digest, error) {
	d, err := model.ParseDigest(value)
	if err != nil || !model.Computable(d.Algorithm()) {
		return "", fmt.Errorf("%w: %s is no digest that can be computed", errTOCClaim, key)
	}
	return d, nil
}

// regions takes where the parts of a zstd:chunked layer are.
func (c *TOCClaim) regions(annotations map[string]string) error {
	key, value, err := chunkedValue(annotations, chunkedPosition)
	if err != nil {
		return err
	}
	var ok bool
	if value, ok = strings.CutSuffix(value, ":1"); ok {
		c.table, ok = parseRegion(value)
	}
	if !ok {
		if key == "" {
			key = AnnotationChunkedPosition
		}
		return fmt.Errorf("%w: %s is not <offset>:<length>:<unpacked length>:1", errTOCClaim, key)
	}
	if key, value, err = chunkedValue(annotations, chunkedSplitPosition); err != nil {
		return err
	}
	if key != "" {
		if c.split, ok = parseRegion(value); !ok {
			return fmt.Errorf("%w: %s is not <offset>:<length>:<unpacked length>", errTOCClaim, key)
		}
	}
	if key, value, err = chunkedValue(annotations, chunkedSplitChecksum); err != nil || key == "" {
		return err
	}
	c.splitSum, err = tocDigest(key, value)
	return err
}

// parseRegion reads "offset:length:unpacked length".
func parseRegion(s string) (r region, ok bool) {
	parts := strings.Split(s, ":")
	if len(parts) != 3 {
		return r, false
	}
	for i, into := range []*int64{&r.offset, &r.length, &r.unpacked} {
		if *into, ok = position(parts[i]); !ok {
			return r, false
		}
	}
	return r, true
}

// position reads a number of bytes: digits, and nothing else.
func position(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && s[0] >= '0' && s[0] <= '9'
}

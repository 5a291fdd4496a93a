package model

import (
	"errors"
	"fmt"
	"strconv"
	"sync"

	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// largeData is more than a descriptor embeds without making its document a
// burden.
const largeData = 64 << 10

// validate judges a descriptor that stands in that role; "" is by itself.
func (d *Descriptor) validate(c *checker, role Role) {
	c.required(&d.Members, rule.DescriptorMemberMissing, "a descriptor", "mediaType", d.MediaType == "")
	c.required(&d.Members, rule.DescriptorMemberMissing, "a descriptor", "digest", d.Digest == "")
	c.required(&d.Members, rule.DescriptorMemberMissing, "a descriptor", "size", d.shape != nil && d.Size == 0)
	c.mediaType(&d.Members, "mediaType", d.MediaType)
	c.mediaType(&d.Members, "artifactType", d.ArtifactType)
	d.validateDigest(c)
	if d.Size < 0 {
		c.report(rule.DescriptorSizeNegative, "size", "the size is negative", "0 or more", strconv.FormatInt(d.Size, 10))
	}
	d.validateEmptyBlob(c)
	c.each("urls", len(d.URLs), func(i int) {
		if d.URLs[i] != "" || !d.Wrong("urls") {
			c.descriptorURL(d.URLs[i])
		}
	})
	d.validateData(c)
	d.validateEmpty(c)
	c.annotations(&d.Members, "annotations", d.Annotations)
	if d.Platform == nil {
		return
	}
	if role == RoleConfig || role == RoleLayer {
		c.report(rule.PlatformMisplaced, "platform", "a platform says something of manifests, and nothing here", "", clip(d.Platform.String()))
	}
	c.in("platform", func() { d.Platform.validate(c) })
}

func (d *Descriptor) validateDigest(c *checker) {
	if d.Digest == "" && (!d.Has("digest") || d.Wrong("digest")) || !c.digest("digest", string(d.Digest)) {
		return
	}
	switch algorithm := d.Digest.Algorithm(); algorithm {
	case digest.SHA256:
	case digest.SHA512, BLAKE3:
		c.report(rule.DigestNotSHA256, "digest", "the digest is not by sha256, the one algorithm that everybody computes", "sha256", string(algorithm))
	default:
		c.report(rule.DigestAlgorithmUnregistered, "digest", "the digest is by an algorithm that the specification does not register", "", clip(string(algorithm)))
	}
}

// digestsOfNothing are those of no bytes, by each algorithm that can be computed.
var digestsOfNothing = sync.OnceValue(func() map[digest.Algorithm]digest.Digest {
	all := make(map[digest.Algorithm]digest.Digest)
	for a := range hashes {
		all[a], _ = FromBytes(a, nil) // which they can be
	}
	return all
})

// validateEmptyBlob holds size and digest against each other where one of them says that
// there are no bytes, which is the one content that a digest tells by itself.
func (d *Descriptor) validateEmptyBlob(c *checker) {
	if d.Size < 0 || d.Size == 0 && !d.Has("size") || d.Wrong("size") || d.MediaType == MediaTypeEmptyJSON {
		return
	}
	parsed, err := ParseDigest(string(d.Digest))
	if err != nil {
		return
	}
	nothing := digestsOfNothing()[parsed.Algorithm()]
	switch {
	case nothing == "": // of an algorithm that cannot be computed
	case d.Size == 0 && parsed != nothing:
		c.report(rule.DescriptorEmptyBlob, "digest", "the size is 0, and the digest is not that of no bytes", string(nothing), string(parsed))
	case d.Size > 0 && parsed == nothing:
		c.report(rule.DescriptorEmptyBlob, "size", "the digest is that of no bytes, and the size is not 0", "0", strconv.FormatInt(d.Size, 10))
	}
}

func (d *Descriptor) validateData(c *checker) {
	if d.Data == nil {
		return
	}
	if len(d.Data) > largeData {
		c.report(rule.DataLarge, "data", "so much embedded data makes the document large for everybody who reads it",
			"at most "+strconv.Itoa(largeData)+" bytes", strconv.Itoa(len(d.Data))+" bytes")
	}
	if d.Size < 0 || d.Loaded() && (!d.Has("size") || d.Wrong("size")) {
		return // which is fault enough
	}
	switch err := d.DataDefect(); {
	case errors.Is(err, ErrSize):
		c.report(rule.DataMismatch, "data", "the embedded data has not the descriptor's size", strconv.FormatInt(d.Size, 10)+" bytes", fmt.Sprintf("%d bytes", len(d.Data)))
	case errors.Is(err, ErrDigestMismatch):
		got, _ := FromBytes(d.Digest.Algorithm(), d.Data) // which is computable, or the defect would not be known
		c.report(rule.DataMismatch, "data", "the embedded data does not hash to the descriptor's digest", string(d.Digest), string(got))
	}
}

// validateEmpty holds a descriptor of the empty media type against the one that
// it can be (manifest.md, Guidance for an Empty Descriptor).
func (d *Descriptor) validateEmpty(c *checker) {
	if d.MediaType != MediaTypeEmptyJSON {
		return
	}
	empty := EmptyDescriptor()
	const message = "the empty media type is that of the two bytes {} alone"
	if d.Size >= 0 && d.Size != empty.Size && (!d.Loaded() || d.Has("size") && !d.Wrong("size")) {
		c.report(rule.EmptyDescriptor, "size", message, strconv.FormatInt(empty.Size, 10), strconv.FormatInt(d.Size, 10))
	}
	parsed, err := ParseDigest(string(d.Digest))
	if err != nil {
		return
	}
	if want, err := FromBytes(parsed.Algorithm(), []byte(EmptyJSON)); err == nil && want != parsed {
		c.report(rule.EmptyDescriptor, "digest", message, string(want), string(parsed))
	}
}

// isEmptyJSON says whether d is that of the empty JSON, by any algorithm that
// can be computed.
func isEmptyJSON(d digest.Digest) bool {
	parsed, err := ParseDigest(string(d))
	if err != nil {
		return false
	}
	want, err := FromBytes(parsed.Algorithm(), []byte(EmptyJSON))
	return err == nil && parsed == want
}

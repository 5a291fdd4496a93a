package model_test

import (
	"errors"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

func hex(n int) string { return strings.Repeat("0123456789abcdef", n/16+1)[:n] }

var soundDigests = []string{
	"sha256:" + hex(64), "sha384:" + hex(96), "sha512:" + hex(128), "blake3:" + hex(64),
	// Algorithms that nobody registered, among them the specification's example.
	"sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564", "multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8",
	"md5:d41d8cd98f00b204e9800998ecf8427e", "a:b", "0:0", "a.b_c-d+e:=", "foo:bar", "con:aux", "sha256.x:AB", "x:-", "x:_", "x:" + hex(100_000),
}

var hostileDigests = []string{
	"", ":", "sha256", "sha256:", ":" + hex(64), hex(64),
	"sha256:" + hex(63), "sha256:" + hex(65), "sha256:" + strings.ToUpper(hex(64)), "sha256:" + hex(63) + "g", "sha256:" + hex(63) + "A",
	"sha384:" + hex(95), "sha512:" + hex(127), "sha512:" + hex(64), "sha512:" + strings.ToUpper(hex(128)),
	"blake3:" + hex(63), "blake3:" + hex(128), "blake3:" + strings.ToUpper(hex(64)),
	"SHA256:" + hex(64), "Sha256:" + hex(64), " sha256:" + hex(64), "sha256 :" + hex(64), "sha256: " + hex(63),
	"sha256:" + hex(64) + "\n", "sha256:" + hex(64) + "\x00", "sha256:" + hex(64) + " ", "\nsha256:" + hex(64), "sha256\n:" + hex(64), "foo:bar\n", "foo\n:bar",
	"sha256:" + hex(64) + ":", "sha256:" + hex(32) + ":" + hex(31), "a:b:c", "sha256::" + hex(64),
	"sha256:../../etc/passwd", "../sha256:" + hex(64), "..:..", ".:.", "a:.", "a:..", "a:../b", "a/b:c", "a:b/c", `a:b\c`, `a\b:c`, "/:x", "x:/", "//:x", "a:b\x00c",
	"a..b:c", "a+:b", "+a:b", "a++b:c", "a.:b", ".a:b", "-:b", "a-:b", "_a:b", "a--b:c",
	"x:é", "é:x", "x:%2e%2e", "x:~", "x:b+c", "x:b c", "x:$b", "x:*", "x:\xff", "\xff:x", "x:\u202e", "K:\u212a", "ſha256:" + hex(64), "sha256:" + strings.Repeat("٠", 32),
	"sha256:" + hex(1<<20),
}

func TestParseDigest(t *testing.T) {
	for _, s := range soundDigests {
		d, err := model.ParseDigest(s)
		if err != nil || string(d) != s {
			t.Errorf("ParseDigest(%.100q) = %.100q, %v", s, d, err)
			continue
		}
		wantSplit(t, d)
	}
	for _, s := range hostileDigests {
		d, err := model.ParseDigest(s)
		if !errors.Is(err, model.ErrDigest) || d != "" {
			t.Errorf("ParseDigest(%.100q) = %.100q, %v, want none and ErrDigest", s, d, err)
		}
		if err != nil && len(err.Error()) > 200 {
			t.Errorf("ParseDigest(%.100q): the error has %d bytes", s, len(err.Error()))
		}
	}
}

// wantSplit checks that a parsed digest can be split, and makes two clean
// elements of a path.
func wantSplit(t *testing.T, d digest.Digest) {
	t.Helper()
	algorithm, encoded := string(d.Algorithm()), d.Encoded()
	if algorithm+":"+encoded != string(d) {
		t.Errorf("%.100q is split into %.100q and %.100q", d, algorithm, encoded)
	}
	for _, element := range []string{algorithm, encoded} {
		if element == "" || element == "." || element == ".." || strings.ContainsAny(element, "/\\\x00") || path.Base(element) != element || path.Clean(element) != element {
			t.Errorf("%.100q is no clean element of a path", element)
		}
	}
	if !model.ValidAlgorithm(algorithm) || !model.ValidEncoded(encoded) {
		t.Errorf("the parts of %.100q are refused", d)
	}
}

func TestComputable(t *testing.T) {
	for _, a := range []digest.Algorithm{"sha256", "sha384", "sha512", "blake3"} {
		if !model.Computable(a) {
			t.Errorf("%s cannot be computed", a)
		}
	}
	for _, a := range []digest.Algorithm{"", "BLAKE3", "blake3-256", "md5", "sha1", "SHA256", "sha256+b64u", "sha256 ", "sha512-256"} {
		if model.Computable(a) {
			t.Errorf("%q is said to be computable", a)
		}
		if h, err := model.NewHash(a); h != nil || !errors.Is(err, digest.ErrDigestUnsupported) {
			t.Errorf("NewHash(%q) = %v, %v", a, h, err)
		}
		if d, err := model.FromBytes(a, nil); d != "" || !errors.Is(err, digest.ErrDigestUnsupported) {
			t.Errorf("FromBytes(%q) = %v, %v", a, d, err)
		}
	}
}

// countUp returns the input of BLAKE3's own test vectors: n bytes that count
// from 0 to 250, over and over.
func countUp(n int) []byte {
	raw := make([]byte, n)
	for i := range raw {
		raw[i] = byte(i % 251)
	}
	return raw
}

// The answers are those of FIPS 180-4's examples and of BLAKE3's
// test_vectors.json, cut to 32 bytes. The lengths are around those at which
// BLAKE3 begins a block, a chunk and a further layer of its tree.
func TestKnownAnswers(t *testing.T) {
	for _, tc := range []struct {
		algorithm digest.Algorithm
		raw       []byte
		encoded   string
	}{
		{digest.SHA256, []byte("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{digest.SHA384, []byte("abc"), "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
		{digest.SHA512, []byte("abc"), "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
		{model.BLAKE3, nil, "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"},
		{model.BLAKE3, countUp(1), "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213"},
		{model.BLAKE3, countUp(1023), "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11"},
		{model.BLAKE3, countUp(1024), "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7"},
		{model.BLAKE3, countUp(1025), "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444"},
		{model.BLAKE3, countUp(2049), "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030"},
		{model.BLAKE3, countUp(8193), "bab6c09cb8ce8cf459261398d2e7aef35700bf488116ceb94a36d0f5f1b7bc3b"},
		{model.BLAKE3, countUp(31744), "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47"},
	} {
		want := digest.NewDigestFromEncoded(tc.algorithm, tc.encoded)
		if got, err := model.FromBytes(tc.algorithm, tc.raw); err != nil || got != want {
			t.Errorf("%d bytes: %v, %v, want %v", len(tc.raw), got, err, want)
		}
		h, err := model.NewHash(tc.algorithm)
		if err != nil {
			t.Fatal(err)
		}
		for chunk := range slices.Chunk(tc.raw, 1000) {
			h.Write(chunk)
		}
		if got := digest.NewDigest(tc.algorithm, h); got != want {
			t.Errorf("%d bytes in pieces: %v, want %v", len(tc.raw), got, want)
		}
		if _, err := model.ParseDigest(string(want)); err != nil {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// What a descriptor embeds, and the empty JSON, are held against a digest by any
// algorithm that can be computed.
func TestBLAKE3Descriptor(t *testing.T) {
	const empty = "blake3:6e46dd10defc9b56c29a6ec56b508c21f54c08192194e4df25bf36f0c9c3c279"
	d := model.Descriptor{MediaType: model.MediaTypeEmptyJSON, Digest: empty, Size: 2, Data: []byte("{}")}
	if err := d.DataDefect(); err != nil {
		t.Errorf("DataDefect = %v", err)
	}
	if got := rulesOf(&d); !slices.Equal(got, []rule.ID{rule.DigestNotSHA256}) {
		t.Errorf("the empty descriptor breaks %v", got)
	}
	d.Digest = digest.Digest(strings.Replace(empty, "6e46", "6e47", 1))
	if err := d.DataDefect(); !errors.Is(err, model.ErrDigestMismatch) {
		t.Errorf("DataDefect = %v, want ErrDigestMismatch", err)
	}
	if got := rulesOf(&d); !slices.Equal(got, []rule.ID{rule.DigestNotSHA256, rule.DataMismatch, rule.EmptyDescriptor}) {
		t.Errorf("a descriptor of something else breaks %v", got)
	}
	d.Digest = "multihash+base58:QmRZxt2b1FVZPNqd8hsiykDL3TdBDeTSPX9Kv46HmX4Gx8"
	if err := d.DataDefect(); !errors.Is(err, digest.ErrDigestUnsupported) {
		t.Errorf("DataDefect = %v, want ErrDigestUnsupported", err)
	}
	if got := rulesOf(&d); !slices.Equal(got, []rule.ID{rule.DigestAlgorithmUnregistered}) {
		t.Errorf("a descriptor that cannot be checked breaks %v", got)
	}
}

func rulesOf(d *model.Descriptor) []rule.ID {
	var ids []rule.ID
	for p := range d.Validate() {
		ids = append(ids, p.Rule)
	}
	return ids
}

func TestValidAlgorithmAndEncoded(t *testing.T) {
	for _, s := range []string{"", ".", "..", "a/b", "A", "a.", ".a", "a\n", "sha256\n", "a:b", " a", "a b", "a..b", "ä"} {
		if model.ValidAlgorithm(s) {
			t.Errorf("the algorithm %q is taken", s)
		}
	}
	for _, s := range []string{"", ".", "..", "a/b", "a.b", "a\n", "a:b", " a", "a+b", "ä", `a\b`, "a\x00"} {
		if model.ValidEncoded(s) {
			t.Errorf("the encoded part %q is taken", s)
		}
	}
}

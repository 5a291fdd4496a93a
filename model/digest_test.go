package model_test

import (
	"errors"
	"path"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
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
	for _, a := range []digest.Algorithm{"sha256", "sha384", "sha512"} {
		if !model.Computable(a) || a.FromString("") == "" {
			t.Errorf("%s cannot be computed", a)
		}
	}
	for _, a := range []digest.Algorithm{"", "blake3", "md5", "sha1", "SHA256", "sha256+b64u", "sha256 ", "sha512-256"} {
		if model.Computable(a) {
			t.Errorf("%q is said to be computable", a)
		}
	}
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

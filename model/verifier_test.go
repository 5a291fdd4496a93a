package model_test

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// The ways in which a digest is wrong are told apart.
func TestDigestErrors(t *testing.T) {
	for s, want := range map[string]error{
		"":                           digest.ErrDigestInvalidFormat,
		"sha256":                     digest.ErrDigestInvalidFormat,
		"sha256:" + hex(63):          digest.ErrDigestInvalidLength,
		"sha256:" + hex(65):          digest.ErrDigestInvalidLength,
		"sha512:" + hex(64):          digest.ErrDigestInvalidLength,
		"blake3:" + hex(63):          digest.ErrDigestInvalidLength,
		"sha256:" + hex(63) + "A":    digest.ErrDigestInvalidFormat,
		"sha512:" + hex(127) + "g":   digest.ErrDigestInvalidFormat,
		"blake3:" + hex(63) + "A":    digest.ErrDigestInvalidFormat,
		"sha256:" + hex(64) + "\n":   digest.ErrDigestInvalidFormat,
		"sha256:../../../etc/passwd": digest.ErrDigestInvalidFormat,
		"SHA256:" + hex(64):          digest.ErrDigestInvalidFormat,
		"sha256+b64u:" + "LCa0a2j_/": digest.ErrDigestInvalidFormat,
	} {
		_, err := model.ParseDigest(s)
		for _, kind := range []error{digest.ErrDigestInvalidFormat, digest.ErrDigestInvalidLength, digest.ErrDigestUnsupported} {
			if errors.Is(err, kind) != (kind == want) {
				t.Errorf("ParseDigest(%q): %v is %v: %t", s, err, kind, kind != want)
			}
		}
		if !errors.Is(err, model.ErrDigest) {
			t.Errorf("ParseDigest(%q): %v is not ErrDigest", s, err)
		}
		if _, err := model.Verifier(digest.Digest(s)); !errors.Is(err, want) {
			t.Errorf("Verifier(%q): %v", s, err)
		}
	}
	const unregistered = "sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564"
	if _, err := model.Verifier(unregistered); !errors.Is(err, digest.ErrDigestUnsupported) || errors.Is(err, model.ErrDigest) {
		t.Errorf("Verifier(%q): %v", unregistered, err)
	}
}

var contents = map[string]bool{"the content": true, "the c0ntent": false, "the conten": false, "the content\x00": false, "": false}

// Only the bytes that the digest stands for are verified.
func TestVerifier(t *testing.T) {
	for _, a := range []digest.Algorithm{digest.SHA256, digest.SHA384, digest.SHA512} {
		for content, want := range contents {
			v, err := model.Verifier(a.FromString("the content"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(v, iotest.OneByteReader(strings.NewReader(content))); err != nil {
				t.Fatal(err)
			}
			if v.Verified() != want || v.Digest() != a.FromString(content) {
				t.Errorf("%s: Verified is %t of %q", a, !want, content)
			}
		}
	}
	v, _ := model.Verifier(digest.FromString("ab"))
	for _, step := range []struct {
		add  string
		want bool
	}{{"", false}, {"a", false}, {"b", true}, {"", true}, {"c", false}} {
		if _, err := v.Write([]byte(step.add)); err != nil || v.Verified() != step.want {
			t.Errorf("after %q Verified is %t, %v", step.add, !step.want, err)
		}
	}
}

func TestVerifyReader(t *testing.T) {
	d := model.Describe("text/plain", []byte("the content"))
	for content, want := range map[string]error{
		"the content": nil, "the c0ntent": model.ErrDigestMismatch, "the conten": model.ErrSize, "the content\x00": model.ErrSize, "": model.ErrSize,
	} {
		for _, r := range []io.Reader{strings.NewReader(content), iotest.OneByteReader(strings.NewReader(content)), iotest.DataErrReader(strings.NewReader(content))} {
			if err := model.VerifyReader(r, d); !errors.Is(err, want) {
				t.Errorf("VerifyReader(%q): %v, want %v", content, err, want)
			}
		}
	}
	long := &counted{Reader: strings.NewReader(strings.Repeat("x", 1<<20))}
	if err := model.VerifyReader(long, d); !errors.Is(err, model.ErrSize) || long.n != int(d.Size)+1 {
		t.Errorf("%v after %d bytes, want %d", err, long.n, d.Size+1)
	}
	broken := errors.New("broken")
	for _, content := range []string{"the", "the content"} {
		if err := model.VerifyReader(io.MultiReader(strings.NewReader(content), iotest.ErrReader(broken)), d); !errors.Is(err, broken) {
			t.Errorf("after %q: %v", content, err)
		}
	}
	for _, test := range []struct {
		digest digest.Digest
		size   int64
		want   error
	}{
		{"", 0, digest.ErrDigestInvalidFormat}, {"md5:" + digest.Digest(hex(32)), 11, digest.ErrDigestUnsupported},
		{d.Digest, -1, model.ErrSize}, {d.Digest, math.MinInt64, model.ErrSize}, {d.Digest, math.MaxInt64, model.ErrSize},
	} {
		if err := model.VerifyReader(strings.NewReader("the content"), model.Descriptor{Digest: test.digest, Size: test.size}); !errors.Is(err, test.want) {
			t.Errorf("digest %q, size %d: %v, want %v", test.digest, test.size, err, test.want)
		}
	}
	nothing := model.Describe("text/plain", nil)
	if err := model.VerifyReader(strings.NewReader(""), nothing); err != nil {
		t.Errorf("an empty blob: %v", err)
	}
}

func TestDigestReader(t *testing.T) {
	for _, a := range []digest.Algorithm{digest.SHA256, digest.SHA384, digest.SHA512} {
		d, n, err := model.DigestReader(a, iotest.HalfReader(strings.NewReader("the content")))
		if d != a.FromString("the content") || n != 11 || err != nil {
			t.Errorf("%s: %s, %d, %v", a, d, n, err)
		}
	}
	for _, a := range []digest.Algorithm{"", "md5", "SHA256", "sha256:x", "\xff"} {
		if d, n, err := model.DigestReader(a, iotest.ErrReader(io.ErrUnexpectedEOF)); !errors.Is(err, digest.ErrDigestUnsupported) || d != "" || n != 0 {
			t.Errorf("%q: %s, %d, %v", a, d, n, err)
		}
	}
	broken := errors.New("broken")
	if d, n, err := model.DigestReader(digest.SHA256, io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(broken))); !errors.Is(err, broken) || d != "" || n != 3 {
		t.Errorf("%s, %d, %v", d, n, err)
	}
}

// counted counts the bytes that are read.
type counted struct {
	io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += n
	return n, err
}

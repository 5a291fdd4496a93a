package layer_test

import (
	"archive/tar"
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/model"
)

func TestSniff(t *testing.T) {
	plain := archive(t, regular("a", "b"))
	tests := []struct {
		name  string
		start []byte
		want  layer.Compression
	}{
		{"nothing", nil, layer.Empty},
		{"one byte", []byte{0x1f}, layer.Unknown},
		{"a tar archive", plain, layer.None},
		{"its first block", plain[:512], layer.None},
		{"a byte less than that", plain[:511], layer.Unknown},
		{"an archive without magic", block("old", '0', 0), layer.None},
		{"an older one yet", block("older", 0, 0), layer.None},
		{"a sum of signed bytes", signed(block("caf\xe9", '0', 0)), layer.None},
		{"an archive with a wrong checksum", damaged(plain, 148, '7'), layer.Unknown},
		{"an archive with a changed name", damaged(plain, 0, 'b'), layer.Unknown},
		{"an archive without a checksum", append(append(bytes.Clone(plain[:148]), make([]byte, 8)...), plain[156:]...), layer.Unknown},
		{"an archive with two numbers for a checksum", apart(plain[:512]), layer.Unknown},
		{"the end of an archive", make([]byte, 1024), layer.None},
		{"one block of zeros", make([]byte, 512), layer.None},
		{"less than a block of zeros", make([]byte, 511), layer.Unknown},
		{"zeros but for where a checksum would be", damaged(make([]byte, 512), 150, 'x'), layer.Unknown},
		{"gzip", gzipped(t, plain), layer.Gzip},
		{"the magic of gzip", []byte{0x1f, 0x8b}, layer.Gzip},
		{"half of it", []byte{0x1f, 0x8c}, layer.Unknown},
		{"zstd", zstded(t, plain), layer.Zstd},
		{"the magic of zstd", []byte{0x28, 0xb5, 0x2f, 0xfd}, layer.Zstd},
		{"three quarters of it", []byte{0x28, 0xb5, 0x2f}, layer.Unknown},
		{"an old version of zstd", []byte{0x27, 0xb5, 0x2f, 0xfd}, layer.Unknown},
		{"a skippable frame", append(skippable("first"), zstded(t, plain)...), layer.Zstd},
		{"the last skippable magic", []byte{0x5f, 0x2a, 0x4d, 0x18}, layer.Zstd},
		{"one after the last", []byte{0x60, 0x2a, 0x4d, 0x18}, layer.Unknown},
		{"three quarters of a skippable magic", []byte{0x50, 0x2a, 0x4d}, layer.Unknown},
		{"bzip2", []byte("BZh91AY&SY"), layer.Bzip2},
		{"xz", []byte("\xfd7zXZ\x00\x00\x04"), layer.XZ},
		{"half of xz", []byte("\xfd7zX"), layer.Unknown},
		{"zip", []byte("PK\x03\x04"), layer.Unknown},
		{"text", bytes.Repeat([]byte("no archive\n"), 100), layer.Unknown},
		{"JSON", bytes.Repeat([]byte("{\"schemaVersion\": 2}"), 100), layer.Unknown},
	}
	for _, test := range tests {
		if got := layer.Sniff(test.start); got != test.want {
			t.Errorf("Sniff of %s = %v, want %v", test.name, got, test.want)
		}
	}
}

// damaged returns b with another byte at a place.
func damaged(b []byte, at int, c byte) []byte {
	b = bytes.Clone(b)
	b[at] = c
	return b
}

// apart puts a blank between the digits of a header's checksum.
func apart(b []byte) []byte {
	b = bytes.Clone(b)
	copy(b[148:156], append(append([]byte{}, b[149:152]...), ' ', b[152], b[153], 0, ' '))
	return b
}

// signed gives a header the checksum that tools write which take its bytes for
// signed numbers.
func signed(b []byte) []byte {
	b = bytes.Clone(b)
	sum := 8 * int(' ')
	for i, c := range b {
		if i < 148 || i >= 156 {
			sum += int(int8(c))
		}
	}
	for i := range 6 {
		b[148+i] = '0' + byte(sum>>(15-3*i)&7)
	}
	return b
}

func TestSniffNoise(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	block := make([]byte, 512)
	for range 5000 {
		for i := range block {
			block[i] = byte(random.Uint32())
		}
		if got := layer.Sniff(block); got != layer.Unknown {
			t.Fatalf("Sniff of noise = %v: %x", got, block)
		}
	}
}

// Sniff takes any number of bytes, and says the same of more than it wants.
func TestSniffLengths(t *testing.T) {
	for name, whole := range map[string][]byte{
		"tar": archive(t, regular("a", "b")), "gzip": gzipped(t, []byte("x")), "zstd": zstded(t, []byte("x")),
		"skippable": skippable("x"), "bzip2": []byte("BZh91AY"), "xz": []byte("\xfd7zXZ\x00\x00"),
	} {
		want := layer.Sniff(whole)
		for n := range whole {
			got := layer.Sniff(whole[:n:n])
			if n == 0 && got != layer.Empty || n > 0 && got != want && got != layer.Unknown {
				t.Errorf("Sniff of %d bytes of %s = %v", n, name, got)
			}
			if n >= 512 && got != want {
				t.Errorf("Sniff of %d bytes of %s = %v, want %v", n, name, got, want)
			}
		}
	}
}

func TestDeclared(t *testing.T) {
	tests := map[string]layer.Compression{
		"application/vnd.oci.image.layer.v1.tar":                               layer.None,
		"application/vnd.oci.image.layer.v1.tar+gzip":                          layer.Gzip,
		"application/vnd.oci.image.layer.v1.tar+zstd":                          layer.Zstd,
		"application/vnd.oci.image.layer.nondistributable.v1.tar":              layer.None,
		"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip":         layer.Gzip,
		"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd":         layer.Zstd,
		"application/vnd.docker.image.rootfs.diff.tar":                         layer.None,
		"application/vnd.docker.image.rootfs.diff.tar.gzip":                    layer.Gzip,
		"application/vnd.docker.image.rootfs.diff.tar.zstd":                    layer.Zstd,
		"application/vnd.docker.image.rootfs.foreign.diff.tar":                 layer.None,
		"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip":            layer.Gzip,
		"application/vnd.oci.image.manifest.v1+json":                           layer.Unknown,
		"application/vnd.oci.image.layer.v1.tar+xz":                            layer.Unknown,
		"application/vnd.oci.image.layer.v1.TAR":                               layer.Unknown,
		"application/vnd.oci.image.layer.v1.tar+gzip ":                         layer.Unknown,
		"application/vnd.oci.image.layer.v1.tar+gzip+encrypted":                layer.Unknown,
		"application/vnd.oci.image.layer.v1.tar+gzip; charset=utf-8":           layer.Unknown,
		"application/octet-stream":                                             layer.Unknown,
		"":                                                                     layer.Unknown,
		"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip\x00":     layer.Unknown,
		"application/vnd.oci.image.layer.nondistributable.v1.tar+zstd:chunked": layer.Unknown,
	}
	for mediaType, want := range tests {
		got := layer.Declared(mediaType)
		if got != want {
			t.Errorf("Declared(%q) = %v, want %v", mediaType, got, want)
		}
		if known := model.KindOf(mediaType) == model.KindLayer; known != (got != layer.Unknown) {
			t.Errorf("%q is a layer's to one package and none to the other", mediaType)
		}
	}
}

// Each compression has a word of its own.
func TestCompressionString(t *testing.T) {
	seen := make(map[string]bool)
	for c := layer.Unknown; c <= layer.Empty; c++ {
		if word := c.String(); word == "" || seen[word] {
			t.Errorf("compression %d is called %q", c, word)
		} else {
			seen[word] = true
		}
	}
}

// The name of a first entry may look like the start of another format.
func TestSniffTarNamedLikeBzip2(t *testing.T) {
	var archive bytes.Buffer
	w := tar.NewWriter(&archive)
	if err := w.WriteHeader(&tar.Header{Name: "BZhome/", Typeflag: tar.TypeDir, Mode: 0o755}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got := layer.Sniff(archive.Bytes()); got != layer.None {
		t.Errorf("%v, and not a plain tar", got)
	}
}

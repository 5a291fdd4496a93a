package layer_test

import (
	"bytes"
	"errors"
	"io"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// However an archive is compressed, it is the same archive.
func TestScanCompressions(t *testing.T) {
	for _, large := range []bool{false, true} {
		plain := sample(t, large)
		want := []string{
			". 5 755 0:e3b0c442>", "etc 5 755 0:e3b0c442>", "etc/passwd 0 644 22:880a0678>",
			"etc/link 2 777 0:e3b0c442>passwd", "etc/same 1 644 0:e3b0c442>etc/passwd", "etc/.wh.gone 0 644 0:e3b0c442>",
		}
		if large {
			want = append(want, "var/data 0 644 200000:70ecc4dc>", "usr/"+name(300)+" 0 644 9:e634cc1d>")
		}
		half := len(plain) / 2
		blobs := map[string][]byte{
			"tar": plain, "gzip": gzipped(t, plain), "zstd": zstded(t, plain),
			"gzip, two members":           gzipped(t, plain[:half], plain[half:]),
			"gzip, empty members first":   gzipped(t, nil, nil, plain),
			"gzip, empty members between": gzipped(t, plain[:half], nil, nil, plain[half:]),
			"gzip, empty members last":    gzipped(t, plain, nil, nil),
			"zstd, two frames":            zstded(t, plain[:half], plain[half:]),
			"zstd, empty frames":          zstded(t, nil, plain[:half], nil, plain[half:], nil),
			"zstd, skippable frame first": join(skippable("table"), zstded(t, plain)),
			"zstd, skippable frames":      join(skippable(""), skippable("x"), zstded(t, plain[:half]), skippable("y"), zstded(t, plain[half:]), skippable(name(100_000))),
		}
		if !large {
			blobs["gzip, a member for each byte"] = gzipped(t, slices.Collect(slices.Chunk(plain, 1))...)
		}
		for name, blob := range blobs {
			t.Run(name, func(t *testing.T) {
				got := scan(t, blob)
				if !got.whole() {
					t.Errorf("stream %v, archive %+v", got.Stream, got.Tar)
				}
				if compression, _, _ := strings.Cut(name, ","); !strings.HasSuffix(got.Compression.String(), compression) {
					t.Errorf("compression %v", got.Compression)
				}
				if got.Blob != sum(blob) {
					t.Errorf("blob %v, want %v", got.Blob, sum(blob))
				}
				if (blobSum{got.DiffIDs[0], got.Unpacked}) != (blobSum{digest.FromBytes(plain), int64(len(plain))}) {
					t.Errorf("unpacks to %v, %d bytes", got.DiffIDs, got.Unpacked)
				}
				if d := cmp.Diff(want, got.entries); d != "" {
					t.Errorf("entries (-want +got):\n%s", d)
				}
			})
		}
	}
}

type blobSum struct {
	digest digest.Digest
	size   int64
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// Other tools compress otherwise than the library that the tests use.
func TestScanTools(t *testing.T) {
	plain := sample(t, true)
	for _, command := range [][]string{
		{"gzip", "-n"}, {"gzip", "-1"}, {"gzip", "-9"}, {"pigz", "-p4", "-b128"}, {"pigz", "-i", "-b128"},
		{"zstd", "-1"}, {"zstd", "-19"}, {"zstd", "--no-check"}, {"zstd", "--long=27"}, {"zstd", "--long=27", "--ultra", "-20"}, {"zstd", "-T2", "-B1MiB"},
	} {
		t.Run(strings.Join(command, " "), func(t *testing.T) {
			testrun.Tool(t, command[0])
			c := exec.CommandContext(t.Context(), command[0], command[1:]...)
			c.Stdin = bytes.NewReader(plain)
			blob, err := c.Output()
			if err != nil {
				t.Fatal(err)
			}
			got := scan(t, blob)
			if got.Stream != nil || got.Tar.Err != nil || got.Tar.EndBlocks != 2 || got.Blob != sum(blob) {
				t.Errorf("scan = %+v", got.ScanResult)
			}
			if got.DiffIDs[0] != digest.FromBytes(plain) {
				t.Errorf("diff id %s", got.DiffIDs[0])
			}
			if want := scan(t, plain).entries; got.Tar.Entries != len(want) {
				t.Errorf("entries %q, want %q", got.entries, want)
			}
		})
	}
}

func TestScanManyEmptyMembers(t *testing.T) {
	plain := sample(t, false)
	blob := join(bytes.Repeat(gzipped(t, nil), 100_000), gzipped(t, plain))
	if got := scan(t, blob); !got.whole() || got.DiffIDs[0] != digest.FromBytes(plain) || got.Blob != sum(blob) {
		t.Errorf("scan = %+v", got.ScanResult)
	}
}

// What follows the archive's end is part of what the diff id is of.
func TestScanAfterTheEnd(t *testing.T) {
	plain := sample(t, false)
	tests := []struct {
		name     string
		after    []byte
		trailing bool
	}{
		{"nothing", nil, false},
		{"a block of zeros", make([]byte, 512), false},
		{"as GNU tar fills a record", make([]byte, 10240-len(plain)%10240), false},
		{"half a block of zeros", make([]byte, 300), false},
		{"megabytes of zeros", make([]byte, 3<<20), false},
		{"one other byte", []byte{1}, true},
		{"zeros, then one other byte", append(make([]byte, 1<<20), 1), true},
		{"one other byte, then zeros", append([]byte{1}, make([]byte, 1<<20)...), true},
		{"another archive", archive(t, regular("hidden", "x")), true},
	}
	for _, test := range tests {
		all := join(plain, test.after)
		for _, blob := range [][]byte{all, gzipped(t, all), gzipped(t, plain, test.after), zstded(t, all)} {
			t.Run(test.name+" "+layer.Sniff(blob).String(), func(t *testing.T) {
				got := scan(t, blob)
				if got.Stream != nil || got.Tar.Err != nil || got.Tar.EndBlocks != 2 {
					t.Fatalf("stream %v, archive %+v", got.Stream, got.Tar)
				}
				if got.Tar.Trailing != test.trailing || got.Tar.Entries != 6 {
					t.Errorf("archive %+v, want trailing %v", got.Tar, test.trailing)
				}
				if got.DiffIDs[0] != digest.FromBytes(all) || got.Unpacked != int64(len(all)) {
					t.Errorf("unpacks to %v, %d bytes", got.DiffIDs, got.Unpacked)
				}
			})
		}
	}
}

// What follows the last gzip member is part of the blob and not of what it
// unpacks to.
func TestScanAfterTheLastMember(t *testing.T) {
	plain := sample(t, false)
	compressed := gzipped(t, plain[:100], plain[100:1000], plain[1000:])
	tests := []struct {
		name  string
		after []byte
		want  error
	}{
		{"nothing", nil, nil},
		{"one zero", []byte{0}, layer.ErrTrailingZeros},
		{"many zeros", make([]byte, 1<<20), layer.ErrTrailingZeros},
		{"one byte", []byte{'x'}, layer.ErrTrailingData},
		{"the first byte of a member", []byte{0x1f}, layer.ErrTrailingData},
		{"zeros, then a byte", append(make([]byte, 1<<20), 1), layer.ErrTrailingData},
		{"zeros, then a member", append(make([]byte, 8), gzipped(t, plain)...), layer.ErrTrailingData},
		{"a member that breaks off", compressed[:20], layer.ErrCorrupt},
		{"the magic of a member", compressed[:2], layer.ErrCorrupt},
		{"the magic, then junk", []byte("\x1f\x8b junk that is no member"), layer.ErrCorrupt},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			blob := join(compressed, test.after)
			got := scan(t, blob)
			if !errors.Is(got.Stream, test.want) {
				t.Errorf("stream %v, want %v", got.Stream, test.want)
			}
			if got.Blob != sum(blob) || got.Tar.Entries != 6 {
				t.Errorf("blob %v, %d entries", got.Blob, got.Tar.Entries)
			}
			switch {
			case errors.Is(test.want, layer.ErrCorrupt):
				if got.DiffIDs != nil {
					t.Errorf("a diff id for a stream that was not unpacked: %v", got.DiffIDs)
				}
			case len(got.DiffIDs) != 1 || got.DiffIDs[0] != digest.FromBytes(plain):
				t.Errorf("diff ids %v", got.DiffIDs)
			case got.Tar.Err != nil || got.Tar.EndBlocks != 2 || got.Tar.Trailing:
				t.Errorf("archive %+v", got.Tar)
			}
		})
	}
}

// Padding after the compressed stream does not excuse an archive that breaks
// off.
func TestScanTrailingHidesNothing(t *testing.T) {
	plain := archive(t, regular("a", name(2000)))
	for _, after := range []string{"\x00", "junk"} {
		for _, part := range [][]byte{plain[:1000], plain[:512], plain[:700], []byte(name(1000))} {
			got := scan(t, join(gzipped(t, part), []byte(after)))
			if !errors.Is(got.Tar.Err, layer.ErrTar) {
				t.Errorf("%d bytes of an archive, then %q: archive %+v", len(part), after, got.Tar)
			}
		}
		got := scan(t, join(gzipped(t, plain[:512+2048]), []byte(after)))
		if got.Tar.Err != nil || got.Tar.EndBlocks != 0 || got.Tar.Entries != 1 {
			t.Errorf("an archive without an end, then %q: %+v", after, got.Tar)
		}
	}
}

// How an archive may end.
func TestScanEnds(t *testing.T) {
	content := padded("some content that does not fill a block")
	entry := join(block("file", '0', 39), content)
	end := make([]byte, 512)
	tests := []struct {
		name    string
		plain   []byte
		entries int
		blocks  int
		err     error
	}{
		{"nothing but an end", join(end, end), 0, 2, nil},
		{"nothing but half an end", end, 0, 1, nil},
		{"one entry", join(entry, end, end), 1, 2, nil},
		{"half an end", join(entry, end), 1, 1, nil},
		{"no end", entry, 1, 0, nil},
		{"no padding", entry[:512+39], 1, 0, nil},
		{"half a padding", entry[:512+39+100], 1, 0, nil},
		{"no content", entry[:512], 1, 0, layer.ErrTar},
		{"half the content", entry[:512+20], 1, 0, layer.ErrTar},
		{"half a header", join(entry, entry[:300]), 1, 0, layer.ErrTar},
		{"half a block of an end", join(entry, end[:300]), 1, 0, layer.ErrTar},
		{"an end and a half", join(entry, end, end[:300]), 1, 0, layer.ErrTar},
		{"an entry after half an end", join(entry, end, entry, end, end), 1, 0, layer.ErrTar},
		{"an entry of zeros", join(block("zeros", '0', 4096), make([]byte, 4096)), 1, 0, nil},
		{"an entry of zeros, half an end", join(block("zeros", '0', 4096), make([]byte, 4096), end), 1, 1, nil},
		{"an entry of 513 zeros", join(block("zeros", '0', 513), make([]byte, 1024)), 1, 0, nil},
		{"an entry of 513 zeros, half an end", join(block("zeros", '0', 513), make([]byte, 1024), end), 1, 1, nil},
		{"a directory, half an end", join(block("d/", '5', 0), end), 1, 1, nil},
		{"junk", bytes.Repeat([]byte("junk"), 1000), 0, 0, layer.ErrTar},
		{"junk after an entry", join(entry, bytes.Repeat([]byte("junk"), 1000)), 1, 0, layer.ErrTar},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := scan(t, gzipped(t, test.plain))
			if got.Stream != nil || got.DiffIDs[0] != digest.FromBytes(test.plain) || got.Unpacked != int64(len(test.plain)) {
				t.Errorf("stream %v, unpacks to %v, %d bytes", got.Stream, got.DiffIDs, got.Unpacked)
			}
			if !errors.Is(got.Tar.Err, test.err) || got.Tar.Entries != test.entries || got.Tar.Trailing {
				t.Errorf("archive %+v, want %d entries and %v", got.Tar, test.entries, test.err)
			}
			if test.err == nil && got.Tar.EndBlocks != test.blocks {
				t.Errorf("%d blocks at the end, want %d", got.Tar.EndBlocks, test.blocks)
			}
		})
	}
}

func TestScanNothing(t *testing.T) {
	got := scan(t, nil)
	if got.Compression != layer.Empty || got.Blob != sum(nil) || got.Stream != nil || got.Unpacked != 0 || got.Tar != (layer.Archive{}) {
		t.Errorf("scan of nothing = %+v", got.ScanResult)
	}
	for name, blob := range map[string][]byte{"gzip": gzipped(t, nil), "zstd": zstded(t, nil), "skippable": skippable("x")} {
		got := scan(t, blob)
		if got.Stream != nil || got.Unpacked != 0 || got.DiffIDs[0] != digest.FromString("") || got.Tar != (layer.Archive{}) {
			t.Errorf("scan of nothing as %s = %+v", name, got.ScanResult)
		}
	}
}

// What is no layer is hashed all the same.
func TestScanUnknown(t *testing.T) {
	for name, blob := range map[string][]byte{
		"text": []byte("no layer"), "a megabyte": []byte(noise(1 << 20)), "xz": []byte("\xfd7zXZ\x00\x00"), "bzip2": []byte("BZh91AY&SY"),
	} {
		got := scan(t, blob)
		if !errors.Is(got.Stream, layer.ErrFormat) || !errors.Is(got.Tar.Err, layer.ErrFormat) || got.DiffIDs != nil || got.Blob != sum(blob) {
			t.Errorf("scan of %s = %+v", name, got.ScanResult)
		}
	}
}

func TestScanAlgorithms(t *testing.T) {
	plain := sample(t, true)
	blob := gzipped(t, plain)
	blake3 := func(raw []byte) digest.Digest {
		d, err := model.FromBytes(model.BLAKE3, raw)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	algorithms := []digest.Algorithm{digest.SHA512, model.BLAKE3, digest.SHA256}
	got := scanReader(t, bytes.NewReader(blob), layer.ScanOptions{DiffIDs: algorithms})
	if want := []digest.Digest{digest.SHA512.FromBytes(plain), blake3(plain), digest.SHA256.FromBytes(plain)}; !slices.Equal(got.DiffIDs, want) {
		t.Errorf("diff ids %v, want %v", got.DiffIDs, want)
	}
	for a, want := range map[digest.Algorithm]digest.Digest{digest.SHA512: digest.SHA512.FromBytes(blob), model.BLAKE3: blake3(blob), "md5": "", "": ""} {
		result, err := layer.Scan(t.Context(), bytes.NewReader(blob), layer.ScanOptions{Blob: a})
		if err != nil || result.Blob.Size != int64(len(blob)) || result.DiffIDs != nil || result.Tar.Entries != 8 {
			t.Errorf("scan with %s = %+v, %v", a, result, err)
		}
		if result.Blob.Digest != want {
			t.Errorf("blob %v by %s", result.Blob, a)
		}
	}
	unread := readerFunc(func([]byte) (int, error) { t.Error("something was read"); return 0, io.EOF })
	_, err := layer.Scan(t.Context(), unread, layer.ScanOptions{DiffIDs: []digest.Algorithm{digest.SHA256, "md5"}})
	if !errors.Is(err, digest.ErrDigestUnsupported) {
		t.Errorf("diff ids by md5: %v", err)
	}
}

// What nothing is packed in has the diff id that it has as a blob, which is computed
// once, whatever else is asked for.
func TestScanAlgorithmsOfPlain(t *testing.T) {
	of := func(a digest.Algorithm, raw []byte) digest.Digest {
		d, err := model.FromBytes(a, raw)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	algorithms := []digest.Algorithm{digest.SHA512, model.BLAKE3, digest.SHA256}
	for _, plain := range [][]byte{sample(t, true), sample(t, false), nil} {
		for _, a := range append(algorithms, digest.SHA384, "md5", "") {
			result, err := layer.Scan(t.Context(), bytes.NewReader(plain), layer.ScanOptions{Blob: a, DiffIDs: algorithms})
			if err != nil || len(result.DiffIDs) != len(algorithms) || result.Unpacked != int64(len(plain)) {
				t.Fatalf("%d bytes, by %q: %+v, %v", len(plain), a, result, err)
			}
			for i, d := range result.DiffIDs {
				if d != of(algorithms[i], plain) {
					t.Errorf("%d bytes, by %q: diff id %v", len(plain), a, d)
				}
			}
			if model.Computable(a) && result.Blob.Digest != of(a, plain) {
				t.Errorf("%d bytes, by %q: blob %v", len(plain), a, result.Blob)
			}
		}
		cut, err := layer.Scan(t.Context(), bytes.NewReader(plain), layer.ScanOptions{
			Blob: digest.SHA256, DiffIDs: algorithms, Limits: layer.Limits{Bytes: 10},
		})
		if err != nil || (cut.DiffIDs == nil) != (len(plain) > 0) || cut.Blob != sum(plain) {
			t.Errorf("%d bytes, of which 10 are looked at: %+v, %v", len(plain), cut, err)
		}
	}
}

// A layer of one chunk is read by the caller itself.
func TestScanSmallInPlace(t *testing.T) {
	plain := sample(t, false)
	for _, blob := range [][]byte{nil, plain, gzipped(t, plain), zstded(t, plain), []byte("no layer")} {
		source := bytes.NewReader(blob)
		result, err := layer.Scan(t.Context(), readerFunc(func(p []byte) (int, error) {
			stack := make([]byte, 64<<10)
			if stack = stack[:runtime.Stack(stack, false)]; !bytes.Contains(stack, []byte("TestScanSmallInPlace(")) {
				t.Errorf("%d bytes are read elsewhere:\n%s", len(blob), stack)
			}
			return source.Read(p)
		}), layer.ScanOptions{Blob: digest.SHA256})
		if err != nil || result.Blob != sum(blob) {
			t.Errorf("%+v, %v", result, err)
		}
	}
}

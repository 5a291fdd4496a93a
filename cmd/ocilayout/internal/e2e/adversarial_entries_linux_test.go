package e2e

import (
	"archive/tar"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/opencontainers/go-digest"
)

// ofEntries are layers of so many entries, of which header says what they are.
func ofEntries(layers, n int, header func(layer, i int) tar.Header) func(t *testing.T) string {
	return layered(func() []aLayer {
		var all []aLayer
		for l := range layers {
			var blob bytes.Buffer
			z, _ := gzip.NewWriterLevel(&blob, gzip.BestSpeed)
			unpacked := digest.SHA256.Digester()
			put := func(p []byte) {
				unpacked.Hash().Write(p)
				z.Write(p)
			}
			for i := range n {
				h := header(l, i)
				if len(h.Name) > 100 {
					long := rawlayer.Padded(h.Name + "\x00")
					put(rawlayer.Header(tar.Header{Name: "././@LongLink", Typeflag: tar.TypeGNULongName, Size: int64(len(h.Name) + 1)}))
					put(long)
					h.Name = h.Name[:100]
				}
				put(rawlayer.Header(h))
			}
			put(rawlayer.End())
			z.Close()
			all = append(all, aLayer{gzipLayer, blob.Bytes(), unpacked.Digest()})
		}
		return all
	})
}

// hostileEntries are layers of many entries. What would be kept of each is little,
// and of all of them too much.
func hostileEntries() []adversary {
	memory := size(light, mostMemory)
	verified := func(status int, want ...string) (attempts []attempt) {
		for _, jobs := range []string{"1", "8"} {
			attempts = append(attempts, attempt{args: []string{"verify", "-j", jobs, "LAYOUT", "-f", "json"}, status: status, want: want, infos: true, memory: memory})
		}
		return attempts
	}
	listed := func(attempts []attempt, memory int, commands ...string) []attempt {
		for _, a := range big(commands...) {
			a.memory = memory
			attempts = append(attempts, a)
		}
		return attempts
	}
	file := func(l, i int) tar.Header { return header(fmt.Sprintf("usr/share/%d/%d/file-%d.txt", l, i/100, i), 0) }
	long := strings.Repeat(strings.Repeat("n", 246)+"/", 16)[:3940]
	link := func(l, i int) tar.Header {
		if i == 0 {
			return header("target", 0)
		}
		h := header(fmt.Sprintf("%d/%s%07d", i, long, i), 0)
		h.Typeflag, h.Linkname = tar.TypeLink, "target"
		return h
	}
	// Two million names are more than a list of files has memory for.
	removed := attempt{args: []string{"files", "LAYOUT"}, either: true, memory: memory}
	return []adversary{
		{name: "a layer of a million entries", make: ofEntries(1, size(150_000, 1_000_000), file),
			attempts: append(listed(verified(statusOK), memory, "files"), inFull(big("files -f json", "files --layer 0"))...)},
		{name: "eight layers of half a million entries", make: ofEntries(8, size(40_000, 500_000), file),
			attempts: verified(statusOK)},
		{name: "hard links of 4,000-byte names", make: ofEntries(1, size(8000, 80_000), link),
			attempts: verified(statusOK)},
		{name: "a million removals of what the layer below has", make: ofEntries(2, size(50_000, 1_000_000), func(l, i int) tar.Header {
			return header(fmt.Sprintf("d/%sfile-%d", strings.Repeat(".wh.", l), i), 0)
		}), attempts: append(verified(statusOK), removed)},
		{name: "a directory again and again", make: ofEntries(1, size(50_000, 1_000_000), func(_, i int) tar.Header {
			return tar.Header{Name: fmt.Sprintf("d%d/", i/2), Typeflag: tar.TypeDir, Mode: 0o755}
		}), attempts: verified(statusOK, "entry-duplicate-directory")},
		{name: "a directory of many files that is removed again and again", make: ofEntries(1, size(100_000, 500_000), func(_, i int) tar.Header {
			if i < 50_000 {
				return header(fmt.Sprintf("d/%d", i), 0)
			}
			return header([]string{"d/.wh..wh..opq", ".wh.d"}[i%2], 0)
		}), attempts: verified(statusFindings, "entry-duplicate", "whiteout-own-entry")},
	}
}

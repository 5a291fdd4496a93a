package e2e

import (
	"archive/tar"
	"slices"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/layout/layouttest/rawlayer"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

func header(name string, size int64) tar.Header {
	return tar.Header{Name: name, Size: size, Mode: 0o644, Typeflag: tar.TypeReg}
}

// stream is a layer of wrong bytes, and what has to be found in it.
type stream struct {
	mediaType string
	blob      []byte
	want      string
}

// streams is an image of such layers, in each of which something of its own is wrong.
func streams(name string, status int, all ...stream) adversary {
	a := adversary{name: name, show: true, make: layered(func() []aLayer {
		var layers []aLayer
		for _, s := range all {
			layers = append(layers, aLayer{s.mediaType, s.blob, digest.FromBytes(motd)})
		}
		return layers
	})}
	run := attempt{status: status, infos: true, memory: light, others: true}
	for i, s := range all {
		place := pathOf(string(s.blob))
		if s.want == "layer-media-type" { // which is the descriptor's
			place = "blobs/sha256/*#/layers/" + itoa(i) + "/mediaType"
		}
		run.want = append(run.want, s.want+" "+place)
	}
	a.attempts = []attempt{run}
	return a
}

// hostileStreams are layers that are no sound stream of what they promise.
func hostileStreams() []adversary {
	gz, zs := rawlayer.Gzip(motd), zstdArchive()
	changed := func(raw []byte, at int, to byte) []byte {
		raw = slices.Clone(raw)
		raw[(at+len(raw))%len(raw)] = to
		return raw
	}
	cut := []stream{{gzipLayer, gz[:1], "layer-media-type"}, {zstdLayer, zs[:1], "layer-media-type"}, {zstdLayer, zs[:3], "layer-media-type"}}
	for _, n := range []int{2, 9, 10, 11, len(gz) / 2, len(gz) - 9, len(gz) - 8, len(gz) - 1} {
		cut = append(cut, stream{gzipLayer, gz[:n], "layer-stream"})
	}
	for _, n := range []int{4, 5, 8, len(zs) / 2, len(zs) - 1} {
		cut = append(cut, stream{zstdLayer, zs[:n], "layer-stream"})
	}
	// A length of 2^60, and a dictionary that is not there.
	lie := append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0xc0, 0x00, 0, 0, 0, 0, 0, 0, 0, 0x10}, 0x03, 0, 0x10, 0)
	dictionary := []byte{0x28, 0xb5, 0x2f, 0xfd, 0x01, 0x00, 0x07, 0x01, 0, 0}
	return []adversary{
		streams("layers that break off", statusFindings, cut...),
		streams("layers with a wrong checksum, or more behind them", statusFindings,
			stream{gzipLayer, changed(gz, -8, gz[len(gz)-8]^1), "layer-stream"}, stream{gzipLayer, changed(gz, -1, 1), "layer-stream"},
			stream{gzipLayer, append(slices.Clone(gz), "garbage"...), "layer-trailing-data"}, stream{gzipLayer, append(slices.Clone(gz), make([]byte, 512)...), "layer-trailing-zeros"},
			stream{gzipLayer, changed(gz, 3, 0xe0), "layer-stream"}, stream{zstdLayer, append(slices.Clone(zs), "garbage"...), "layer-stream"}),
		streams("layers of no bytes", statusFindings, stream{gzipLayer, nil, "layer-media-type"}),
		streams("layers of no bytes, as zstd", statusFindings, stream{zstdLayer, nil, "layer-media-type"}),
		streams("layers compressed in another way", statusFindings, stream{gzipLayer, zs, "layer-media-type"}, stream{gzipLayer, motd, "layer-media-type"},
			stream{gzipLayer, []byte("\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4\x46"), "layer-media-type"}, stream{zstdLayer, gz, "layer-media-type"},
			stream{model.MediaTypeLayer, append(slices.Clone(gz), gz...), "layer-media-type"}, stream{gzipLayer, []byte("BZh91AY&SY"), "layer-media-type"}),
		streams("zstd frames that lie", statusFindings, stream{zstdLayer, dictionary, "layer-stream"}, stream{zstdLayer, lie, "limit-layer-window"},
			stream{zstdLayer, append(skippable(1<<32-1), "short"...), "layer-stream"}),
		{name: "gzip members and zstd frames one after the other", make: layered(func() []aLayer {
			half := len(motd) / 2
			return []aLayer{{gzipLayer, rawlayer.Gzip(motd[:half], nil, motd[half:]), digest.FromBytes(motd)},
				{zstdLayer, slices.Concat(rawlayer.Skippable([]byte("a")), rawlayer.Zstd(motd[:half]), rawlayer.Skippable([]byte("b")), rawlayer.Zstd(motd[half:]),
					rawlayer.Skippable([]byte("c"))), digest.FromBytes(motd)}}
		}), show: true, attempts: []attempt{{memory: light}}},
		{name: "layers that are not what the configuration promises", make: func(t *testing.T) string {
			return built(t, func(b *layouttest.Builder) {
				one, two := b.Layer(layouttest.Files{"a": "1"}), b.Layer(layouttest.Files{"b": "2"})
				one.DiffID, two.DiffID = two.DiffID, one.DiffID
				b.Entry(b.Image("linux/amd64", one, two), "v1")
			})
		}, show: true, attempts: []attempt{{status: statusFindings, memory: light, want: []string{
			"diff-id-mismatch blobs/sha256/*#/rootfs/diff_ids/0", "diff-id-mismatch blobs/sha256/*#/rootfs/diff_ids/1"}}}},
	}
}

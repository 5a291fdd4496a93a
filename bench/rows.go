package main

import (
	"path/filepath"
	"time"
)

// row is one line of the table: ocilayout at a level, and what does the same work
// in its place.
type row struct {
	layout string
	level  string   // or decoder
	beside string   // how the other command is named
	needs  []string // programs of the other command
	script string   // for sh, or "" for args
	args   []string
	check  func(*sample, paths, []byte) error
	aim    aim
	writes bool     // the other command writes many files
	asked  bool     // it is measured only where -only names its layout: it takes long
	flags  []string // of ocilayout, beside the level
}

// aim is what a row is to reach. The zero aim is none.
type aim struct {
	ratio float64       // of our wall time to the other's, at most
	more  time.Duration // that we take at most beyond the other
}

// paths are the places that a command may need. A script has them as $1 to $4.
type paths struct {
	layout  string
	list    string // of the layers, as xargs reads it
	scratch string // an empty directory to write into
	bin     string // where the programs of the benchmark lie
}

// command returns the other command of the row.
func (r *row) command(p paths) []string {
	if r.script == "" {
		return r.args
	}
	return []string{"sh", "-c", r.script, "sh", p.layout, p.list, p.scratch, p.bin}
}

// decoder stands for a level where it is not ocilayout that is measured, but what
// unpacks gzip in it.
const decoder = "its decoder alone"

// ours returns the command of ocilayout.
func (r *row) ours(p paths) []string {
	if r.level == decoder {
		return []string{"sh", "-c", `exec "$4/gunzip" <"$(xargs -0 <"$2")"`, "sh", p.layout, p.list, p.scratch, p.bin}
	}
	command := []string{filepath.Join(p.bin, "ocilayout"), "verify", "-v", "--level", r.level}
	return append(append(command, r.flags...), p.layout)
}

// rows are all that is measured. Each script does what a user would write who has
// no ocilayout, on as many processors.
var rows = []row{
	{
		layout: "random", level: "digest", beside: "`find`, `xargs -P`, `openssl dgst`", needs: []string{"find", "xargs", "openssl"},
		script: `find "$1/blobs" -type f -print0 | xargs -0 -P"$(nproc)" -n1 openssl dgst -sha256`,
		check:  allBlobs, aim: aim{ratio: 1.05},
	},
	{
		layout: "random", level: "content", beside: "`find`, `xargs -P`, `openssl dgst`", needs: []string{"find", "xargs", "openssl"},
		script: `find "$1/blobs" -type f -print0 | xargs -0 -P"$(nproc)" -n1 openssl dgst -sha256`,
		check:  allBlobs,
	},
	{
		layout: "gzip", level: "content", beside: "`xargs -P`, `igzip -dc`, `openssl dgst`", needs: []string{"xargs", "igzip", "openssl"},
		script: `xargs -0 -P"$(nproc)" -n1 sh -c 'igzip -dc "$1" | openssl dgst -sha256' sh <"$2"`,
		check:  allDiffIDs, aim: aim{ratio: 1.0},
	},
	{
		layout: "gzip", level: "content", beside: "go-containerregistry, `validate.Image`", needs: nil,
		script: `exec "$4/gcrvalidate" "$1"`,
		check:  manifestOf, aim: aim{ratio: 0.1},
	},
	{
		layout: "gzip", level: "content", beside: "`skopeo copy oci: dir:`", needs: []string{"skopeo"},
		script: `exec skopeo --insecure-policy copy --quiet "oci:$1:bench" "dir:$3/copy"`,
		check:  copied, writes: true,
	},
	{
		layout: "gzip", level: "content", beside: "`umoci unpack`", needs: []string{"umoci"},
		script: `if [ "$(id -u)" -eq 0 ]; then exec umoci unpack --image "$1:bench" "$3/bundle"; else exec umoci unpack --rootless --image "$1:bench" "$3/bundle"; fi`,
		check:  unpacked, writes: true,
	},
	{
		layout: "zstd", level: "content", beside: "`xargs -P`, `zstd -dc`, `openssl dgst`", needs: []string{"xargs", "zstd", "openssl"},
		script: `xargs -0 -P"$(nproc)" -n1 sh -c 'zstd -dc "$1" | openssl dgst -sha256' sh <"$2"`,
		check:  allDiffIDs, aim: aim{ratio: 1.1},
	},
	{
		layout: "single", level: "content", beside: "`openssl dgst`, and at the same time `igzip -dc`, `openssl dgst`", needs: []string{"xargs", "igzip", "openssl"},
		script: `f="$(xargs -0 <"$2")"; openssl dgst -sha256 "$f" & igzip -dc "$f" | openssl dgst -sha256 && wait $!`,
		check:  blobAndDiffID, aim: aim{ratio: 1.2},
	},
	{
		layout: "single", level: decoder, beside: "`igzip -dc`, what it writes thrown away", needs: []string{"xargs", "igzip"},
		script: `exec igzip -dc "$(xargs -0 <"$2")" >/dev/null`,
		check:  nothing,
	},
	{
		layout: "single", level: decoder, beside: "`libdeflate-gunzip -c`, what it writes thrown away", needs: []string{"xargs", "libdeflate-gunzip"},
		// It refuses a name that has no suffix.
		script: `f="$3/layer.gz" && ln -s "$(xargs -0 <"$2")" "$f" && exec libdeflate-gunzip -cf "$f" >/dev/null`,
		check:  nothing,
	},
	{
		layout: "single", level: decoder, beside: "klauspost's package compress/gzip", needs: []string{"xargs"},
		script: `exec "$4/gunzip" -with klauspost <"$(xargs -0 <"$2")"`,
		check:  unpackedBytes,
	},
	{
		layout: "single", level: decoder, beside: "the standard library's compress/gzip", needs: []string{"xargs"},
		script: `exec "$4/gunzip" -with standard <"$(xargs -0 <"$2")"`,
		check:  unpackedBytes,
	},
	{
		layout: "small", level: "structure", beside: "`find -printf '%s\\n'`", needs: []string{"find"},
		script: `exec find "$1/blobs" -type f -printf '%s\n'`,
		check:  allSizes, aim: aim{ratio: 5},
	},
	{
		layout: "small", level: "digest", beside: "`find`, `xargs -P -n1000`, `openssl dgst`", needs: []string{"find", "xargs", "openssl"},
		// Each process has a file of its own: lines of several would run into one another.
		script: `find "$1/blobs" -type f -print0 | xargs -0 -P"$(nproc)" -n1000 sh -c 'scratch="$1"; shift; exec openssl dgst -sha256 "$@" >"$scratch/$$"' sh "$3"`,
		check:  allBlobsInFiles,
	},
	{
		layout: "tiny", level: "content", beside: "`true`", needs: []string{"true"},
		args:  []string{"true"},
		check: nothing, aim: aim{more: 15 * time.Millisecond},
	},
	{
		layout: "million", level: "structure", beside: "`find -printf '%s\\n'`", needs: []string{"find"},
		script: `exec find "$1/blobs" -type f -printf '%s\n'`,
		check:  allSizes, asked: true, flags: manyDescriptors,
	},
	{
		layout: "million", level: "digest", beside: "`find`, `xargs -P -n1000`, `openssl dgst`", needs: []string{"find", "xargs", "openssl"},
		script: `find "$1/blobs" -type f -print0 | xargs -0 -P"$(nproc)" -n1000 sh -c 'scratch="$1"; shift; exec openssl dgst -sha256 "$@" >"$scratch/$$"' sh "$3"`,
		check:  allBlobsInFiles, asked: true, flags: manyDescriptors,
	},
}

// manyDescriptors lets in what is beyond the usual limit.
var manyDescriptors = []string{"--max-descriptors", "2000000"}

// mostMemory is what ocilayout may take at its peak with a layout.
func mostMemory(layout string) int64 {
	if layout == "million" {
		return 300 * mib
	}
	return 100 * mib
}

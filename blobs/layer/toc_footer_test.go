package layer_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/opencontainers/go-digest"
)

// The table is found as readers find it: by the end of the blob, in all forms that it
// has.
func TestTOCFooters(t *testing.T) {
	files := describedFiles()
	members, _ := membersOf(t, files)
	start, _ := packed(t, eStargz, members)
	toc := encode(t, tableOf(t, eStargz, files))
	table := gzipped(t, archive(t, regular("stargz.index.json", string(toc))))
	claim := map[string]string{layer.AnnotationStargzTOC: string(digest.FromBytes(toc))}
	end := gzipped(t, make([]byte, 1024))
	at := func(n int) []byte { return stargzFooter(t, n) }
	for name, test := range map[string]struct {
		blob     []byte
		table    []byte
		problems int
		follows  bool
	}{
		"as it is":                     {join(start, table, at(len(start))), nil, 0, false},
		"the older footer":             {join(start, table, emptyMember(t, fmt.Sprintf("%016xSTARGZ", len(start)), 47)), nil, 0, false},
		"after the archive's end":      {join(start, end, table, at(len(start)+len(end))), nil, 0, true},
		"and something more":           {join(start, end, table, gzipped(t, []byte("more")), at(len(start)+len(end))), nil, 0, false},
		"elsewhere":                    {join(start, emptyMember(t, "SG\x11\x00STARGZEXTERNALTOC", 46)), table, 0, false},
		"elsewhere, another":           {join(start, emptyMember(t, "SG\x11\x00STARGZEXTERNALTOC", 46)), gzipped(t, archive(t, regular("stargz.index.json", "{}"))), 1, false},
		"elsewhere, not a table":       {join(start, emptyMember(t, "SG\x11\x00STARGZEXTERNALTOC", 46)), gzipped(t, archive(t, regular("a", "{}"))), 1, false},
		"elsewhere, nothing":           {join(start, emptyMember(t, "SG\x11\x00STARGZEXTERNALTOC", 46)), []byte{}, 1, false},
		"no footer":                    {join(start, table), nil, 1, false},
		"a footer that leads before":   {join(start, table, at(len(start)-1)), nil, 1, false},
		"a footer that leads to start": {join(start, table, at(0)), nil, 1, false},
		"a footer that leads to it":    {join(start, table, at(len(start)+len(table))), nil, 1, false},
		"a footer that leads far":      {join(start, table, at(1<<60)), nil, 1, false},
		"a footer of something else":   {join(start, table, emptyMember(t, fmt.Sprintf("SG\x16\x00%016xSTARGX", len(start)), 51)), nil, 1, false},
		"a footer with no number":      {join(start, table, emptyMember(t, "SG\x16\x00-00000000000000fSTARGZ", 51)), nil, 1, false},
		"a second table":               {join(start, table, table, at(len(start))), nil, 0, false},
		"a second file beside it":      {join(start, gzipped(t, archive(t, regular("stargz.index.json", string(toc)), regular("x", ""))), at(len(start))), nil, 1, false},
		"a file after the table":       {join(start, gzipped(t, entryBytes(t, regular("stargz.index.json", string(toc)))), gzipped(t, archive(t, regular("x", ""))), at(len(start))), nil, 1, false},
		"a file of that name before":   {join(gzipped(t, entryBytes(t, regular("stargz.index.json", "{}"))), start, table, at(len(start))), nil, -1, false},
	} {
		t.Run(name, func(t *testing.T) {
			report := checkTOC(t, described{test.blob, claim, test.table}, 100, layer.Limits{})
			if n := len(report.Problems); n != test.problems && (test.problems >= 0 || n == 0) || report.Follows != test.follows {
				t.Errorf("report %+v", report)
			}
		})
	}
	if report := checkTOC(t, described{join(start, emptyMember(t, "SG\x11\x00STARGZEXTERNALTOC", 46)), claim, nil}, 100, layer.Limits{}); !report.Elsewhere || len(report.Problems) > 0 || !report.Footer {
		t.Errorf("a table that is not at hand: %+v", report)
	}
}

// The footer of zstd:chunked has to say what the annotation says.
func TestTOCChunkedFooters(t *testing.T) {
	files := describedFiles()
	d := chunked(t, files, encode(t, tableOf(t, zstdChunked, files)))
	var at, length, unpacked int
	if _, err := fmt.Sscanf(d.annotations[layer.AnnotationChunkedPosition], "%d:%d:%d:1", &at, &length, &unpacked); err != nil {
		t.Fatal(err)
	}
	body := d.blob[:at+length]
	stargzOnly := map[string]string{layer.AnnotationStargzTOC: string(digest.FromBytes(encode(t, tableOf(t, zstdChunked, files))))}
	for name, test := range map[string]struct {
		footer      []byte
		annotations map[string]string
		problems    int
	}{
		"of 40 bytes":                  {chunkedFooter("GnUlInUx", at, length, unpacked, 1), d.annotations, 0},
		"of 64 bytes":                  {chunkedFooter("GNUlInUx", at, length, unpacked, 1, 0, 0, 0), d.annotations, 0},
		"none":                         {nil, d.annotations, 0},
		"another place":                {chunkedFooter("GnUlInUx", at-1, length, unpacked, 1), d.annotations, 1},
		"another length":               {chunkedFooter("GNUlInUx", at, length+1, unpacked, 1, 0, 0, 0), d.annotations, 1},
		"another unpacked length":      {chunkedFooter("GNUlInUx", at, length, unpacked+1, 1, 0, 0, 0), d.annotations, 1},
		"the annotation of eStargz":    {chunkedFooter("GnUlInUx", at, length, unpacked, 1), stargzOnly, 0},
		"that, and a place far away":   {chunkedFooter("GnUlInUx", -1, length, unpacked, 1), stargzOnly, 1},
		"that, and a length too large": {chunkedFooter("GnUlInUx", at, 1<<40, unpacked, 1), stargzOnly, 1},
		"that, and no footer":          {nil, stargzOnly, 1},
		"that, and a footer of others": {chunkedFooter("GNUlInUx", at, length, unpacked, 1, 0, 0, 0), stargzOnly, 1},
	} {
		if got := problems(t, described{blob: join(body, test.footer), annotations: test.annotations}); len(got) != test.problems {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// chunkedFooter is a frame to skip of numbers and a word.
func chunkedFooter(mark string, numbers ...int) []byte {
	var b []byte
	for _, n := range numbers {
		b = binary.LittleEndian.AppendUint64(b, uint64(n))
	}
	return skippable(string(b) + mark)
}

// What keeps the blob from being read again is an error, and no problem of the table.
func TestTOCUnreadable(t *testing.T) {
	files := describedFiles()
	failure := errors.New("a fault of the disk")
	for format, make := range formats {
		d := make(t, files, encode(t, tableOf(t, format, files)))
		claim, err := layer.ClaimedTOC(d.annotations)
		if err != nil {
			t.Fatal(err)
		}
		whole := blobOf(t, d, layer.Limits{})
		for name, test := range map[string]struct {
			change func(b *layer.TOCBlob)
			want   error
		}{
			"another blob": {func(b *layer.TOCBlob) {
				b.Read = func(read func(io.Reader) (int64, error)) error {
					other := bytes.Clone(d.blob)
					other[len(other)/2] ^= 1
					_, err := read(bytes.NewReader(other))
					return err
				}
			}, blobs.ErrChanged},
			"no second reading": {func(b *layer.TOCBlob) { b.Read = func(func(io.Reader) (int64, error)) error { return failure } }, failure},
			"no part of it": {func(b *layer.TOCBlob) {
				b.ReadFrom = func(context.Context, int64, func(io.Reader) error) error { return failure }
			}, failure},
			"a table that cannot be read": {func(b *layer.TOCBlob) {
				n := 0
				b.ReadFrom = func(_ context.Context, offset int64, read func(io.Reader) error) error {
					if n++; n == 1 {
						return read(bytes.NewReader(d.blob[offset:]))
					}
					return read(io.MultiReader(bytes.NewReader(d.blob[offset:offset+30]), readerFunc(func([]byte) (int, error) { return 0, failure })))
				}
			}, failure},
		} {
			blob := whole
			test.change(&blob)
			if _, err := layer.CheckTOC(t.Context(), claim, blob, 10); !errors.Is(err, test.want) {
				t.Errorf("%s, %s: %v", format, name, err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := layer.CheckTOC(ctx, claim, whole, 10); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", format, err)
		}
	}
}

package layer

import (
	"archive/tar"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// Annotations of a layer's descriptor that promise a table of contents, by which
// some runtimes read the layer instead of by its tar archive.
const (
	AnnotationStargzTOC       = "containerd.io/snapshot/stargz/toc.digest"
	AnnotationChunkedChecksum = "io.github.containers.zstd-chunked.manifest-checksum"
	AnnotationChunkedPosition = "io.github.containers.zstd-chunked.manifest-position"
)

// stargzTOC is the entry of an eStargz archive that holds the table.
const stargzTOC = "stargz.index.json"

// maxTOC is the size in bytes of the largest table that is read.
const maxTOC = 64 << 20

// TOCClaim is what a descriptor promises about a table of contents.
type TOCClaim struct {
	Annotation string        // the key that makes the claim
	Digest     digest.Digest // of the table: as it is for eStargz, compressed for zstd:chunked
	chunked    bool
	json       digest.Digest // of the table unpacked, where zstd:chunked is claimed to be eStargz as well
	offset     int64         // within the blob, for zstd:chunked
	length     int64
	unpacked   int64
}

// ErrTOCClaim is what errors.Is finds in the error of ClaimedTOC.
var ErrTOCClaim = errors.New("an annotation about the table of contents cannot be understood")

// ClaimedTOC returns what a descriptor's annotations promise, nil for nothing.
// Those of zstd:chunked may come with that of eStargz, about the same table.
func ClaimedTOC(annotations map[string]string) (*TOCClaim, error) {
	checksum, chunked := annotations[AnnotationChunkedChecksum]
	value, stargz := annotations[AnnotationStargzTOC]
	var d digest.Digest
	var err error
	if stargz {
		d, err = tocDigest(AnnotationStargzTOC, value)
	}
	switch {
	case !chunked && !stargz:
		return nil, nil
	case !chunked || err != nil:
		return &TOCClaim{Annotation: AnnotationStargzTOC, Digest: d}, err
	}
	claim := &TOCClaim{Annotation: AnnotationChunkedChecksum, chunked: true, json: d}
	if claim.Digest, err = tocDigest(AnnotationChunkedChecksum, checksum); err != nil {
		return claim, err
	}
	return claim, claim.position(annotations[AnnotationChunkedPosition])
}

func tocDigest(key, value string) (digest.Digest, error) {
	d, err := model.ParseDigest(value)
	if err != nil || !model.Computable(d.Algorithm()) {
		return "", fmt.Errorf("%w: %s is no digest that can be computed", ErrTOCClaim, key)
	}
	return d, nil
}

// position takes "offset:length:unpacked length:type".
func (c *TOCClaim) position(value string) error {
	bad := fmt.Errorf("%w: %s is not <offset>:<length>:<unpacked length>:1", ErrTOCClaim, AnnotationChunkedPosition)
	parts := strings.Split(value, ":")
	if len(parts) != 4 || parts[3] != "1" {
		return bad
	}
	for i, into := range []*int64{&c.offset, &c.length, &c.unpacked} {
		n, err := strconv.ParseInt(parts[i], 10, 64)
		if err != nil || n < 0 {
			return bad
		}
		*into = n
	}
	if c.length > maxTOC || c.unpacked > maxTOC {
		return fmt.Errorf("%w: the table is larger than %d bytes", ErrTOCClaim, maxTOC)
	}
	return nil
}

// toc is the table itself, as far as it can be held against a tar archive. Both
// formats have these members.
type toc struct {
	Version int64      `json:"version"`
	Entries []tocEntry `json:"entries"`
	model.Members
}

type tocEntry struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Link   string `json:"linkName"`
	Size   int64  `json:"size"`
	Mode   int64  `json:"mode"`
	UID    int64  `json:"uid"`
	GID    int64  `json:"gid"`
	Digest string `json:"digest"`
	model.Members
}

// tocTypes are the words for the types of entries.
var tocTypes = map[byte]string{
	tar.TypeReg: "reg", tar.TypeLink: "hardlink", tar.TypeChar: "char", tar.TypeBlock: "block",
	tar.TypeDir: "dir", tar.TypeFifo: "fifo", tar.TypeSymlink: "symlink",
}

// TOCProblem is one way in which a table of contents is not what was promised,
// or disagrees with the archive.
type TOCProblem struct {
	Name     string // of the entry; "" for the table as a whole
	Message  string
	Expected string // by the archive, or by the annotation
	Actual   string // in the table
}

// TOCChecker holds a table of contents against the archive that it describes.
// It is given every entry and every byte of the blob as a scan comes by them,
// from two goroutines. What it keeps follows the number of entries.
type TOCChecker struct {
	claim   *TOCClaim
	table   bytes.Buffer // of the blob's bytes, for zstd:chunked; the entry, for eStargz
	seen    int64        // bytes of the blob so far
	found   bool
	entries []tocEntry
	content int64 // bytes of the entries
}

// NewTOCChecker returns a checker of one claim. To be given to
// ScanOptions.Entry and ScanOptions.Raw.
func NewTOCChecker(claim *TOCClaim) *TOCChecker { return &TOCChecker{claim: claim} }

// Write takes the next bytes of the blob.
func (c *TOCChecker) Write(p []byte) (int, error) {
	if c.claim.chunked {
		start := max(c.claim.offset-c.seen, 0)
		end := min(c.claim.offset+c.claim.length-c.seen, int64(len(p)))
		if start < end {
			c.table.Write(p[start:end])
		}
	}
	c.seen += int64(len(p))
	return len(p), nil
}

// Entry takes the next entry, and reads its content.
func (c *TOCChecker) Entry(e *Entry) error {
	if !c.claim.chunked && e.Path == stargzTOC {
		c.found = true
		_, err := io.CopyN(&c.table, e.Content, maxTOC+1)
		if err == io.EOF {
			err = nil
		}
		return err
	}
	t := tocEntry{Name: e.Path, Type: tocTypes[e.Typeflag], Mode: e.Mode & 0o7777, UID: int64(e.Uid), GID: int64(e.Gid)}
	switch e.Typeflag {
	case tar.TypeLink, tar.TypeSymlink:
		t.Link = e.Linkname
	case tar.TypeReg:
		t.Size = e.Size
		if e.Size > 0 && !Sparse(e.Header) {
			c.content += e.Size
			d := digest.SHA256.Digester()
			if _, err := io.Copy(d.Hash(), e.Content); err != nil {
				return err
			}
			t.Digest = string(d.Digest())
		}
	}
	c.entries = append(c.entries, t)
	return nil
}

// Problems compares, once the scan is over. It returns at most most of them.
func (c *TOCChecker) Problems(most int) []TOCProblem {
	raw, problem := c.raw()
	if problem != nil {
		return []TOCProblem{*problem}
	}
	// Beside each entry, there may be the pieces that large ones are cut into.
	items := 1000 + 2*len(c.entries) + int(c.content/512)
	table, problems := model.Load[toc](raw, model.Limits{Values: 50_000_000, Items: items})
	if table == nil || problems.Err() != nil {
		return []TOCProblem{{Message: "the table of contents cannot be loaded", Actual: fmt.Sprint(problems.Err())}}
	}
	return compareTOC(c.entries, table.Entries, most)
}

// raw returns the table's JSON, after holding it against its digest.
func (c *TOCChecker) raw() ([]byte, *TOCProblem) {
	switch {
	case !c.claim.chunked && !c.found:
		return nil, &TOCProblem{Message: "the archive has no table of contents", Expected: "an entry " + stargzTOC}
	case int64(c.table.Len()) > maxTOC:
		return nil, &TOCProblem{Message: "the table of contents is larger than the limit", Expected: fmt.Sprintf("at most %d bytes", maxTOC)}
	case c.claim.chunked && int64(c.table.Len()) < c.claim.length:
		return nil, &TOCProblem{Message: "the table of contents would lie past the blob's end",
			Expected: fmt.Sprintf("%d bytes at %d", c.claim.length, c.claim.offset), Actual: fmt.Sprintf("%d bytes in the blob", c.seen)}
	}
	if got, err := model.FromBytes(c.claim.Digest.Algorithm(), c.table.Bytes()); err != nil || got != c.claim.Digest {
		return nil, &TOCProblem{Message: "the table of contents does not hash to the digest that the annotation promises",
			Expected: string(c.claim.Digest), Actual: string(got)}
	}
	if !c.claim.chunked {
		return c.table.Bytes(), nil
	}
	return c.unpacked()
}

func (c *TOCChecker) unpacked() ([]byte, *TOCProblem) {
	decoder, err := newFrames(context.Background(), true, bufio.NewReader(bytes.NewReader(c.table.Bytes())))
	if err != nil {
		return nil, &TOCProblem{Message: "the table of contents cannot be unpacked", Actual: err.Error()}
	}
	defer decoder.close()
	var out bytes.Buffer
	_, err = io.CopyN(&out, decoder, c.claim.unpacked+1)
	switch {
	case err != nil && err != io.EOF:
		return nil, &TOCProblem{Message: "the table of contents cannot be unpacked", Actual: err.Error()}
	case int64(out.Len()) != c.claim.unpacked:
		return nil, &TOCProblem{Message: "the table of contents does not unpack to the length that the annotation promises",
			Expected: strconv.FormatInt(c.claim.unpacked, 10), Actual: strconv.Itoa(out.Len())}
	case c.claim.json != "":
		if got, err := model.FromBytes(c.claim.json.Algorithm(), out.Bytes()); err != nil || got != c.claim.json {
			return nil, &TOCProblem{Message: "the table of contents does not unpack to the digest that " + AnnotationStargzTOC + " promises",
				Expected: string(c.claim.json), Actual: string(got)}
		}
	}
	return out.Bytes(), nil
}

// compareTOC holds the table against the archive, entry by entry, by name.
func compareTOC(archive, table []tocEntry, most int) []TOCProblem {
	var problems []TOCProblem
	add := func(name, message, expected, actual string) {
		if len(problems) < most {
			problems = append(problems, TOCProblem{name, message, expected, actual})
		}
	}
	byName := make(map[string]*tocEntry, len(table))
	for i := range table {
		e := &table[i]
		if e.Type == "chunk" {
			continue // a further piece of the file before it
		}
		name := Clean(e.Name)
		if byName[name] != nil {
			add(name, "the table of contents lists the entry twice", "", "")
		}
		byName[name] = e
	}
	for i := range archive {
		a := &archive[i]
		t := byName[a.Name]
		if t == nil {
			add(a.Name, "the archive has an entry that the table of contents lacks", a.Type, "")
			continue
		}
		delete(byName, a.Name)
		for _, d := range differences(a, t) {
			add(a.Name, "the table of contents says otherwise than the archive about the "+d[0], d[1], d[2])
		}
	}
	for i := range table { // in the order of the table
		name := Clean(table[i].Name)
		if byName[name] == &table[i] {
			add(name, "the table of contents has an entry that the archive lacks", "", table[i].Type)
		}
	}
	return problems
}

// differences lists what differs between an entry of the archive and its entry
// in the table, as name, archive's and table's value.
func differences(a, t *tocEntry) [][3]string {
	var d [][3]string
	text := func(what, x, y string) {
		if x != y {
			d = append(d, [3]string{what, x, y})
		}
	}
	number := func(what string, x, y int64, base int) {
		if x != y {
			d = append(d, [3]string{what, strconv.FormatInt(x, base), strconv.FormatInt(y, base)})
		}
	}
	text("type", a.Type, t.Type)
	number("size", a.Size, t.Size, 10)
	number("mode", a.Mode, t.Mode&0o7777, 8)
	number("owner", a.UID, t.UID, 10)
	number("group", a.GID, t.GID, 10)
	text("link target", a.Link, t.Link)
	if a.Digest != "" && t.Digest != "" {
		text("content", a.Digest, t.Digest)
	}
	return d
}

package layer

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ocilayout/ocilayout/blobs"
)

// TOCBlob is a blob that is to be checked against the table of contents that it is
// claimed to have, once a scan has found it to be sound.
type TOCBlob struct {
	Size   int64
	First  ScanResult // what that scan found
	Limits Limits     // of that scan
	// Read has the whole blob read once more by a function, as a store's Read does, and
	// ReadFrom what begins at an offset, as far as the function likes.
	Read     func(read func(io.Reader) (int64, error)) error
	ReadFrom func(ctx context.Context, offset int64, read func(io.Reader) error) error
	// Table has the blob read that holds the table of this one alone. It is nil where
	// no such blob is known.
	Table func(ctx context.Context, read func(io.Reader) error) error
}

// TOCReport is what became of a claim.
type TOCReport struct {
	Problems  []TOCProblem
	Limit     bool // the table is larger than Limits.TOC, and was not read
	Elsewhere bool // the table is in a blob that is not at hand, so that it was not looked at
	// SplitWindow says that the tar-split needs more memory to unpack than it may take, so
	// that its digest was compared, and not what it says of the archive.
	SplitWindow bool
	// Footer says that the blob has the footer of its format. So it was not cut off,
	// whatever the archive in it looks like.
	Footer bool
	// Follows says that what follows the end of the archive is the table, and nothing
	// else.
	Follows bool
}

// TOCProblem is one way in which a table of contents is not what was promised,
// or disagrees with the archive.
type TOCProblem struct {
	Name     string // of the entry; "" for the table as a whole
	Message  string
	Expected string // by the archive, or by the annotation
	Actual   string // in the table
	// Missing says that the table lacks a digest, and is right in all that it has.
	Missing bool
}

// CheckTOC reads a blob as somebody does who reads it lazily: it looks for the table
// where the claim or the end of the blob say, reads it strictly, and goes through the
// archive once more, with each content read from where the table says it begins. Every
// attribute, place and digest has to be that of the archive. It returns at most most
// problems.
//
// The table is read from its place, and the blob once more as a whole; one that is not
// what it was at the first scan is an error that wraps [blobs.ErrChanged]. What is held
// of a table takes less memory than its JSON, and all that are read at once in the
// process take at most 64 MiB together, for which others wait. The error is that of
// reading, or the cause of a cancelled ctx.
func CheckTOC(ctx context.Context, claim *TOCClaim, blob TOCBlob, most int) (TOCReport, error) {
	blob.Limits = blob.Limits.WithDefaults()
	c := &tocCheck{ctx: ctx, claim: claim, blob: blob, most: most}
	err := c.run()
	if p, ok := errors.AsType[*tocProblem](err); ok {
		c.report.Problems, err = append(c.report.Problems, TOCProblem(*p)), nil
	}
	if errors.Is(err, errTOCLimit) {
		c.report.Limit, err = true, nil
	}
	return c.report, err
}

// tocCheck is one check of a claim.
type tocCheck struct {
	ctx    context.Context
	claim  *TOCClaim
	blob   TOCBlob
	most   int
	report TOCReport
	footer *footer
	table  *tocTable
	length int64 // of what the member unpacks to that holds the table
	ended  bool  // the archive's entry that holds the table was there
	buffer []byte
}

func (c *tocCheck) run() error {
	if err := c.readFooter(); err != nil {
		return err
	}
	release, err := c.readTOC()
	if release != nil {
		defer release()
	}
	if err != nil || c.table == nil {
		return err
	}
	if c.claim.unpacked >= 0 && c.claim.unpacked != c.blob.First.Unpacked {
		c.add("", "the layer unpacks to another length than "+AnnotationStargzSize+" promises", fmt.Sprint(c.claim.unpacked), fmt.Sprint(c.blob.First.Unpacked))
	}
	err = c.checkSplit()
	switch p, wrong := errors.AsType[*tocProblem](err); {
	case wrong:
		c.report.Problems = append(c.report.Problems, TOCProblem(*p))
	case err != nil:
		return err
	case c.claim.split.offset > 0:
		return c.blob.ReadFrom(c.ctx, c.claim.split.offset, func(r io.Reader) error { return c.rebuild(r, c.compare) })
	}
	return c.compare(nil)
}

func (c *tocCheck) readFooter() error {
	n := min(c.blob.Size, mostFooter)
	end := make([]byte, n)
	err := c.blob.ReadFrom(c.ctx, c.blob.Size-n, func(r io.Reader) error {
		_, err := io.ReadFull(r, end)
		return err
	})
	if err != nil {
		return err
	}
	c.footer = parseFooter(end)
	want := Gzip
	if c.claim.chunked || c.footer != nil && c.footer.chunked {
		want = Zstd
	}
	if got := c.blob.First.Compression; got != want {
		return problem("the layer is compressed in another way than a table of contents of this kind is for", want.String(), got.String())
	}
	c.report.Footer = c.footer != nil
	return nil
}

// compare goes through the archive with the table at hand. see, unless nil, is shown
// all of it.
func (c *tocCheck) compare(see func(p []byte)) error {
	if c.footer != nil && !c.footer.external && !c.footer.chunked {
		c.table.watch(c.footer.table.offset)
	}
	if name := c.table.disorder; name != "" {
		c.add(Clean(name), "a later entry of the table of contents has an earlier offset, so that readers who take the next offset for the end of this content cannot read it", "", "")
	}
	var again ScanResult
	err := c.blob.Read(func(r io.Reader) (int64, error) {
		var err error
		again, err = Scan(c.ctx, r, ScanOptions{
			Blob:   c.blob.First.Blob.Digest.Algorithm(),
			Limits: c.blob.Limits,
			Entry:  c.entry,
			begins: c.table.begins, unpacked: see,
		})
		return again.Blob.Size, err
	})
	switch {
	case err != nil:
		return err
	case again.Blob != c.blob.First.Blob:
		return fmt.Errorf("%w: it had other bytes when it was read once more", blobs.ErrChanged)
	}
	c.atEnd()
	return nil
}

// atEnd judges what is known only when all of the archive has gone by.
func (c *tocCheck) atEnd() {
	t := c.table
	for e := range t.from(0) {
		switch {
		case e.kind == kindChunk || e.is(fieldSeen):
		case t.found(Clean(e.text(fieldName))):
			c.add(Clean(e.text(fieldName)), "the table of contents lists the entry more often than the archive", "", tocKinds[e.kind])
		default:
			c.add(Clean(e.text(fieldName)), "the table of contents has an entry that the archive lacks", "", tocKinds[e.kind])
		}
		if end := e.number(fieldEnd); end != 0 && t.start(end) < 0 {
			c.add(Clean(e.text(fieldName)), "the table of contents ends the content where nothing in the blob ends", "", fmt.Sprint(end))
		}
	}
	if c.blob.First.Tar.Trailing && c.footer != nil && !c.footer.external && !c.footer.chunked {
		at := t.start(c.footer.table.offset)
		c.report.Follows = !c.ended && at == c.blob.First.Tar.trailingAt && at+c.length == c.blob.First.Unpacked
	}
}

// entry compares the next entry of the archive.
func (c *tocCheck) entry(e *Entry) {
	if e.Path == stargzTOC && !c.ended && !c.claim.chunked && c.isTable(e) {
		c.ended = true
		return
	}
	at, ok := c.table.find(e.Path)
	if !ok {
		if e.Typeflag != tar.TypeXGlobalHeader { // which is no file
			c.add(e.Path, "the archive has an entry that the table of contents lacks", tocTypes[e.Typeflag], "")
		}
		return
	}
	t := c.table.at(at)
	for _, d := range c.differences(e, &t) {
		c.add(e.Path, "the table of contents says otherwise than the archive about the "+d[0], d[1], d[2])
	}
	if e.Typeflag != tar.TypeReg || t.kind != kindReg || t.number(fieldSize) != e.Size {
		return // which is said, or has no content
	}
	if Sparse(e.Header) {
		c.add(e.Path, "the content of a sparse file is in no place that a table of contents could name", "", "")
		return
	}
	c.content(e, at)
}

// isTable says whether an entry is the table, and not a file of the same name.
func (c *tocCheck) isTable(e *Entry) bool {
	if c.footer == nil || c.footer.external {
		return false
	}
	start := c.table.start(c.footer.table.offset)
	return start >= 0 && start < e.Start
}

func (c *tocCheck) add(name, message, expected, actual string) {
	if len(c.report.Problems) < c.most {
		c.report.Problems = append(c.report.Problems, TOCProblem{Name: name, Message: message, Expected: expected, Actual: actual})
	}
}

// missing reports a digest that is not there.
func (c *tocCheck) missing(name, message string) {
	if len(c.report.Problems) < c.most {
		c.report.Problems = append(c.report.Problems, TOCProblem{Name: name, Message: message, Missing: true})
	}
}

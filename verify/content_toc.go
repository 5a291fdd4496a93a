package verify

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// noteTable notes a blob that holds the table of contents of some layer and nothing else.
func (c *layerCheck) noteTable(v *layout.Visit, n *node) {
	of, ok := v.Edge.Descriptor.Annotations[layer.AnnotationStargzLayer]
	if !ok || n == nil || v.Edge.Role != model.RoleLayer {
		return
	}
	if d, err := model.ParseDigest(of); err == nil && c.tables[d] == nil {
		c.tables[d] = n
	}
}

// maxTOCProblems is how many problems with the tables of one layer are looked for. The
// first of each kind are reported, and beyond so many a table is of another layer.
const maxTOCProblems = 1000

// tablesOfContents checks a layer that a scan found to be sound against the tables of contents
// that descriptors promise for it. It runs beside others.
func (c *layerCheck) tablesOfContents(ctx context.Context, n *node, first *layer.ScanResult, o *layerOutcome) error {
	store := c.layout.Blobs()
	blob := layer.TOCBlob{
		Size: first.Blob.Size, First: *first, Limits: c.options.LayerLimits,
		Read: func(read func(io.Reader) (int64, error)) error { return c.readLayer(n, read) },
		ReadFrom: func(ctx context.Context, offset int64, read func(io.Reader) error) error {
			if e := n.layer.embedded; e != nil && e.data != nil {
				return read(bytes.NewReader(e.data[offset:]))
			}
			return store.ReadFrom(ctx, n.Digest, n.Info, offset, read)
		},
	}
	if table := c.tables[n.Digest]; table != nil {
		if info, err := store.Stat(table.Digest); err == nil { // else that is said elsewhere
			blob.Table = func(ctx context.Context, read func(io.Reader) error) error {
				return store.ReadFrom(ctx, table.Digest, info, 0, read)
			}
		}
	}
	var found tally
	said := make(map[layer.TOCProblem]bool)
	for _, claim := range n.layer.claims {
		report, err := layer.CheckTOC(ctx, claim, blob, maxTOCProblems-len(said))
		if err != nil {
			return err
		}
		// What is wrong with the layer itself is wrong whatever is promised.
		report.Problems = slices.DeleteFunc(report.Problems, func(p layer.TOCProblem) bool { return said[p] })
		for _, p := range report.Problems {
			said[p] = true
			found.add(tableFinding(p))
		}
		if report.Elsewhere || report.SplitWindow {
			c.count(func(s *Stats) { s.TablesNotChecked++ })
		}
		o.table(report, c.options.LayerLimits.WithDefaults().TOC)
	}
	o.findings = append(o.findings, found.all()...)
	return nil
}

// tableFinding is the finding about a problem with a table.
func tableFinding(p layer.TOCProblem) Finding {
	id := rule.TOCMismatch
	if p.Missing {
		id = rule.TOCDigestMissing
	}
	return Finding{Rule: id, Entry: copyOf(p.Name), Message: p.Message, Expected: copyOf(p.Expected), Actual: copyOf(p.Actual)}
}

// table says what became of a promise. What the table vouches for is no finding about the
// archive any more.
func (o *layerOutcome) table(report layer.TOCReport, limit int64) {
	o.findings = slices.DeleteFunc(o.findings, func(f Finding) bool {
		return report.Footer && f.Rule == rule.TarUnterminated || report.Follows && f.Rule == rule.TarTrailing
	})
	switch {
	case report.Limit:
		o.findings = append(o.findings, Finding{Rule: rule.LimitLayerTOC,
			Message: "the table of contents is larger than the limit, and was not looked at", Expected: fmt.Sprintf("max-layer-toc %d", limit)})
	case report.SplitWindow:
		o.findings = append(o.findings, Finding{Rule: rule.TOCNotChecked,
			Message: "the tar-split needs a large window to be unpacked, so only its digest was checked, and not whether it makes this archive"})
	case report.Elsewhere:
		o.findings = append(o.findings, Finding{Rule: rule.TOCNotChecked,
			Message: "the table of contents lies in another image, which is not in the layout, so it was not checked"})
	}
}

package report

import (
	"bufio"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
)

// Column is a column of a Table.
type Column struct {
	Header string
	// Right puts cells at the right edge, as numbers are read.
	Right bool
	// Flexible columns are cut, with "..." at the end, where the table would be
	// wider than the terminal: always the widest of them first.
	Flexible bool
	// Short returns a shorter form of a cell, as ShortDigest does. It is asked for
	// every cell of the column where the table would be wider than the terminal,
	// before anything is cut.
	Short func(cell string) string
	// Paint returns a cell in colour, as Style.Mark does.
	Paint func(cell string) string
}

// Table lays out rows in columns that are two spaces apart. Cells are printable
// ASCII: what comes from a layout goes through Value first. Rows that Row adds are
// in memory until Flush, as the width of a column is that of its widest cell.
type Table struct {
	w       io.Writer
	width   int
	indent  int
	columns []Column
	rows    [][]string
}

const (
	gap      = 2
	ellipsis = "..."
	// least is how wide a flexible column stays in the narrowest terminal.
	least = 8
)

// NewTable returns a table that is to be no wider than width, which is that of
// the terminal. Where width is 0, as in a pipe, nothing is shortened or cut. There
// is no header if no column has one.
func NewTable(w io.Writer, width int, columns ...Column) *Table {
	return &Table{w: w, width: width, columns: columns}
}

// Indent puts so many spaces before each line, and returns the table.
func (t *Table) Indent(spaces int) *Table {
	t.indent = spaces
	return t
}

// Row adds a row, of one cell for each column.
func (t *Table) Row(cells ...string) { t.rows = append(t.rows, cells) }

// Flush writes the header and the rows. An error is one of writing.
func (t *Table) Flush() error { return t.Stream(slices.Values(t.rows)) }

// Stream writes the header and rows, none of which it keeps: it goes through rows
// twice, and has to get the same ones. An error is one of writing.
func (t *Table) Stream(rows iter.Seq[[]string]) error {
	widths, short := t.fit(rows)
	out := bufio.NewWriter(t.w)
	var header []string
	for _, c := range t.columns {
		header = append(header, c.Header)
	}
	if strings.Join(header, "") != "" {
		t.write(out, header, widths, nil, false)
	}
	for row := range rows {
		if err := t.write(out, row, widths, short, true); err != nil {
			return err
		}
	}
	return out.Flush()
}

func (t *Table) write(out *bufio.Writer, row []string, widths []int, short []bool, paint bool) error {
	spaces(out, t.indent)
	for i, cell := range row {
		c := &t.columns[i]
		if short != nil && short[i] {
			cell = c.Short(cell)
		}
		cell = Cut(cell, widths[i])
		pad := widths[i] - len(cell)
		if paint && c.Paint != nil {
			cell = c.Paint(cell)
		}
		if i > 0 {
			spaces(out, gap)
		}
		if c.Right {
			spaces(out, pad)
		}
		out.WriteString(cell)
		if !c.Right && i < len(row)-1 { // no spaces before the end of a line
			spaces(out, pad)
		}
	}
	return out.WriteByte('\n') // which has the error of all before
}

func spaces(out *bufio.Writer, n int) {
	for range n {
		out.WriteByte(' ')
	}
}

// fit returns how wide each column is to be, and which are to be shortened.
func (t *Table) fit(rows iter.Seq[[]string]) (widths []int, short []bool) {
	widths, short = make([]int, len(t.columns)), make([]bool, len(t.columns))
	shorter := make([]int, len(t.columns))
	for i, c := range t.columns {
		widths[i], shorter[i] = len(c.Header), len(c.Header)
	}
	for row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
			if t.width > 0 && t.columns[i].Short != nil {
				shorter[i] = max(shorter[i], len(t.columns[i].Short(cell)))
			}
		}
	}
	if t.width <= 0 {
		return widths, short
	}
	for i, c := range t.columns {
		if c.Short != nil && t.indent+total(widths) > t.width {
			widths[i], short[i] = shorter[i], true
		}
	}
	for over := t.indent + total(widths) - t.width; over > 0; over-- {
		i := t.widestFlexible(widths)
		if i < 0 {
			break
		}
		widths[i]--
	}
	return widths, short
}

// widestFlexible returns the column to cut, -1 if there is none that can be.
func (t *Table) widestFlexible(widths []int) int {
	found := -1
	for i, c := range t.columns {
		if c.Flexible && widths[i] > max(least, len(c.Header)) && (found < 0 || widths[i] > widths[found]) {
			found = i
		}
	}
	return found
}

func total(widths []int) int {
	sum := gap * (len(widths) - 1)
	for _, w := range widths {
		sum += w
	}
	return sum
}

// Cut returns as much of printable ASCII as fits into width, with "..." at the end
// where something is left out.
func Cut(s string, width int) string {
	if len(s) <= width {
		return s
	}
	if width <= len(ellipsis) {
		return s[:max(width, 0)]
	}
	return s[:width-len(ellipsis)] + ellipsis
}

// ShortDigest returns a digest with the first twelve digits of it, which is
// enough to distinguish it by sight. Anything else it returns as it is.
func ShortDigest(s string) string {
	const digits = 12
	algorithm, encoded, ok := strings.Cut(s, ":")
	if !ok || len(encoded) <= digits || strings.Trim(encoded, "0123456789abcdef") != "" {
		return s
	}
	return algorithm + ":" + encoded[:digits]
}

// ShortMediaType returns a media type without the words that nearly all of them
// begin with, so that what distinguishes it is not what is cut.
func ShortMediaType(s string) string {
	for _, prefix := range []string{"application/vnd.oci.image.", "application/vnd."} {
		if rest, ok := strings.CutPrefix(s, prefix); ok && rest != "" {
			return rest
		}
	}
	return s
}

// ShortTime returns the date of a time as RFC 3339 has it. Anything else it
// returns as it is.
func ShortTime(s string) string {
	if _, err := time.Parse(time.RFC3339, s); err != nil {
		return s
	}
	return s[:len(time.DateOnly)]
}

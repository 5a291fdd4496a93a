package render

import (
	"bufio"
	"io"
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
// ASCII: what comes from a layout goes through Value first. Rows are kept until
// Flush, as the width of a column is that of its widest cell.
type Table struct {
	w       io.Writer
	width   int
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
// the terminal. Where width is 0, as in a pipe, nothing is shortened or cut.
func NewTable(w io.Writer, width int, columns ...Column) *Table {
	t := &Table{w: w, width: width, columns: columns}
	var header []string
	for _, c := range columns {
		header = append(header, c.Header)
	}
	t.Row(header...)
	return t
}

// Row adds a row, of one cell for each column.
func (t *Table) Row(cells ...string) { t.rows = append(t.rows, cells) }

// Flush writes the header and the rows. An error is one of writing.
func (t *Table) Flush() error {
	widths := t.fit()
	out := bufio.NewWriter(t.w)
	for n, row := range t.rows {
		for i, cell := range row {
			cell = cut(cell, widths[i])
			pad := strings.Repeat(" ", widths[i]-len(cell))
			if paint := t.columns[i].Paint; paint != nil && n > 0 {
				cell = paint(cell)
			}
			switch {
			case t.columns[i].Right:
				cell = pad + cell
			case i < len(row)-1: // no spaces before the end of a line
				cell += pad
			}
			if i > 0 {
				cell = strings.Repeat(" ", gap) + cell
			}
			out.WriteString(cell) // Flush has the error
		}
		out.WriteByte('\n')
	}
	return out.Flush()
}

// fit shortens what has to be shortened, and returns how wide each column is to
// be.
func (t *Table) fit() []int {
	widths := make([]int, len(t.columns))
	for i := range t.columns {
		widths[i] = t.widest(i)
	}
	if t.width <= 0 {
		return widths
	}
	for i, c := range t.columns {
		if c.Short != nil && total(widths) > t.width {
			for _, row := range t.rows[1:] {
				row[i] = c.Short(row[i])
			}
			widths[i] = t.widest(i)
		}
	}
	for over := total(widths) - t.width; over > 0; over-- {
		i := t.widestFlexible(widths)
		if i < 0 {
			break
		}
		widths[i]--
	}
	return widths
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

func (t *Table) widest(column int) (width int) {
	for _, row := range t.rows {
		width = max(width, len(row[column]))
	}
	return width
}

func total(widths []int) int {
	sum := gap * (len(widths) - 1)
	for _, w := range widths {
		sum += w
	}
	return sum
}

// cut returns as much of printable ASCII as fits into width.
func cut(s string, width int) string {
	if len(s) <= width {
		return s
	}
	if width <= len(ellipsis) {
		return s[:max(width, 0)]
	}
	return s[:width-len(ellipsis)] + ellipsis
}

// ShortDigest returns a digest with the first twelve digits of it, which is
// enough to tell it from others by sight. Anything else it returns as it is.
func ShortDigest(s string) string {
	const digits = 12
	algorithm, encoded, ok := strings.Cut(s, ":")
	if !ok || len(encoded) <= digits || strings.Trim(encoded, "0123456789abcdef") != "" {
		return s
	}
	return algorithm + ":" + encoded[:digits]
}

// ShortTime returns the date of a time as RFC 3339 has it. Anything else it
// returns as it is.
func ShortTime(s string) string {
	if _, err := time.Parse(time.RFC3339, s); err != nil {
		return s
	}
	return s[:len(time.DateOnly)]
}

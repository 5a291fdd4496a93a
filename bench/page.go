package main

import (
	"bytes"
	"fmt"
	"os"
)

// The marks between which a page holds the table.
const (
	begin = "<!-- table: begin -->\n"
	end   = "<!-- table: end -->\n"
)

// writable makes sure that the page is there, and has the marks.
func writable(page string) error {
	raw, err := os.ReadFile(page)
	if err == nil {
		_, err = filled(raw, "")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	return nil
}

func writePage(page, text string) error {
	raw, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	if raw, err = filled(raw, text); err != nil {
		return err
	}
	return os.WriteFile(page, raw, 0o644)
}

// filled returns the page with the text between its marks.
func filled(page []byte, text string) ([]byte, error) {
	before, rest, ok := bytes.Cut(page, []byte(begin))
	_, after, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		return nil, fmt.Errorf("no lines %q and %q", begin[:len(begin)-1], end[:len(end)-1])
	}
	return fmt.Appendf(nil, "%s%s\n%s\n%s%s", before, begin, text, end, after), nil
}

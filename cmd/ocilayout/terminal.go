package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// isTerminal says whether w is a terminal.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// takesEscapes says whether w is a terminal that acts on escape sequences. A console of
// Windows is switched to do so.
func takesEscapes(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("TERM") != "dumb" && switchOnEscapes(w.(*os.File))
}

// widthOf returns how wide the terminal is that w is, 0 if it is not one.
func widthOf(w io.Writer) int {
	if !isTerminal(w) {
		return 0
	}
	width, _, err := term.GetSize(int(w.(*os.File).Fd()))
	if err != nil {
		return 0
	}
	return width
}

// isTerminalFile says whether the file of that name is a terminal.
func isTerminalFile(name string) bool {
	info, err := os.Stat(name)
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return isTerminal(f)
}

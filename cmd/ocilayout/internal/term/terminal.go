package term

import (
	"io"
	"os"

	xterm "golang.org/x/term"
)

// IsTerminal says whether w is a terminal.
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && xterm.IsTerminal(int(f.Fd()))
}

// TakesEscapes says whether w is a terminal that acts on escape sequences. A console of
// Windows is switched to do so.
func TakesEscapes(w io.Writer) bool {
	return IsTerminal(w) && os.Getenv("TERM") != "dumb" && switchOnEscapes(w.(*os.File))
}

// Width returns how wide the terminal is that w is, 0 if it is not one.
func Width(w io.Writer) int {
	if !IsTerminal(w) {
		return 0
	}
	width, _, err := xterm.GetSize(int(w.(*os.File).Fd()))
	if err != nil {
		return 0
	}
	return width
}

// IsTerminalFile says whether the file of that name is a terminal.
func IsTerminalFile(name string) bool {
	info, err := os.Stat(name)
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	f, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	return IsTerminal(f)
}

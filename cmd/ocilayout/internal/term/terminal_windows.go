package term

import (
	"os"

	"golang.org/x/sys/windows"
)

// switchOnEscapes has a console act on escape sequences, and says whether it does:
// those before Windows 10 cannot.
func switchOnEscapes(f *os.File) bool {
	console := windows.Handle(f.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(console, &mode); err != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}

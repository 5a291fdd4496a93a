package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// takesEscapes says whether a console acts on escape sequences. It has to be
// told to, and those before Windows 10 cannot.
func takesEscapes(f *os.File) bool {
	console := windows.Handle(f.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(console, &mode); err != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}

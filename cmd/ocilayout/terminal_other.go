//go:build !windows

package main

import "os"

// takesEscapes says whether a terminal acts on escape sequences, as any does
// that is in use today.
func takesEscapes(*os.File) bool { return true }

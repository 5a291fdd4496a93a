//go:build unix

package archive

// removeEarly says that an open file can lose its name, so that nothing is left of
// it however the program ends.
const removeEarly = true

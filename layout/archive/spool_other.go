//go:build !unix

package archive

// removeEarly says that an open file keeps its name.
const removeEarly = false

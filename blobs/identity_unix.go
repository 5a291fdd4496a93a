//go:build unix

package blobs

import (
	"io/fs"
	"syscall"
)

// identity returns a number by which a file is known as long as it is there, 0
// where the file system has none.
func identity(info fs.FileInfo) uint64 {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Ino)
	}
	return 0
}

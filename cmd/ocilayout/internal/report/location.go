package report

import (
	"fmt"
	"path/filepath"
	"strings"
)

// inLayout says whether the file of a finding lies in the layout. Only what
// --blob-dir names is elsewhere: it has a directory, and that is not blobs.
func inLayout(path string) bool {
	return !strings.Contains(path, "/") || strings.HasPrefix(path, "blobs/")
}

// stablePath names the file of a finding by words that are the same wherever the
// layout lies: a blob of another directory by its place within that.
func stablePath(path string) string {
	if inLayout(path) {
		return path
	}
	parts := strings.Split(path, "/")
	return "blobs/" + strings.Join(parts[max(0, len(parts)-2):], "/")
}

// fileURI returns a path of the file system as a URI reference: of an absolute
// one a file URI, else one relative to the working directory.
func fileURI(path string) string {
	slashed := filepath.ToSlash(path)
	if !filepath.IsAbs(path) {
		return percent(slashed)
	}
	return "file://" + percent("/"+strings.TrimPrefix(slashed, "/"))
}

// percent encodes every byte that is not unreserved in RFC 3986, so that a path
// is one and no scheme, query or fragment, whatever is in it.
func percent(path string) string {
	var b strings.Builder
	for _, c := range []byte(path) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

package rawlayer

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
)

// Listing returns a line for each entry that archive/tar reads in an archive: type, mode,
// time, name, link target and content. The error is that of archive/tar, beside what was
// read before it.
func Listing(raw []byte) ([]string, error) {
	var list []string
	for r := tar.NewReader(bytes.NewReader(raw)); ; {
		h, err := r.Next()
		if err == io.EOF {
			return list, nil
		}
		if err != nil {
			return list, err
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return list, err
		}
		list = append(list, fmt.Sprintf("%c %o %d %s>%s=%s", h.Typeflag, h.Mode, h.ModTime.Unix(), h.Name, h.Linkname, content))
	}
}

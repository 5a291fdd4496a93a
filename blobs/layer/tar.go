package layer

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/ocilayout/ocilayout/blobs/layer/tarheader"
)

// Entry is one entry of a layer's tar archive, with PAX and GNU headers
// resolved.
type Entry struct {
	*tar.Header
	Number int // from 0, in the order of the archive
	// Path is the name, relative to the root and cleaned: "etc/passwd"; "." is
	// the root itself. It begins with "../" where the name leads out of it.
	Path string
	// Content is the bytes of a regular file; empty for any other entry.
	Content io.Reader
	// Start is where the content begins within what the layer unpacks to.
	Start int64
	// Doubts are what tools differ in when they read its headers, nil for nothing.
	Doubts []tarheader.Doubt
}

// Archive is what reading a tar archive to its end found out.
type Archive struct {
	Entries int
	// Err is why not all of it was read: it is no tar archive or breaks off. It
	// wraps ErrTar, ErrEntries or the error of the stream below.
	Err error
	// EndBlocks is how many of the two blocks of zeros that end an archive there
	// are.
	EndBlocks int
	Trailing  bool // bytes other than zero follow the end
	// trailingAt is where the first of them is within what the layer unpacks to.
	trailingAt int64
}

// What errors.Is finds in Archive.Err.
var (
	ErrTar     = errors.New("not a sound tar archive")
	ErrEntries = errors.New("more entries than the limit")
)

// skipper is a reader that can pass over bytes. Its skip is a Read that leaves its
// buffer alone.
type skipper interface {
	io.Reader
	skip(n int) (int, error)
}

// readArchive reads the tar archive that r is, and then what follows it.
func readArchive(r skipper, most int, each func(*Entry)) Archive {
	watched := &watcher{r: r}
	reader := tar.NewReader(watched)
	var a Archive
	for {
		watched.begin()
		header, err := reader.Next()
		if err == io.EOF {
			a.EndBlocks = watched.endBlocks()
			a.Trailing, a.trailingAt, a.Err = trailing(r, watched.at)
			return a
		}
		if err != nil {
			a.Err = watched.tarError(err)
			return a
		}
		if a.Entries == most {
			a.Err = ErrEntries
			return a
		}
		watched.body(header)
		entry := &Entry{Header: header, Number: a.Entries, Path: Clean(header.Name), Content: reader, Start: watched.at}
		a.Entries++
		if each != nil {
			entry.Doubts = watched.headers.Doubts(header)
			each(entry)
		}
		if !sparse(header) {
			if err := watched.rest(reader); err != nil {
				a.Err = watched.tarError(err)
				return a
			}
		}
	}
}

// tarError tells what is wrong with the archive from what is wrong with the
// stream it comes in.
func (w *watcher) tarError(err error) error {
	if w.err != nil && w.err != io.EOF {
		return w.err
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it breaks off", ErrTar)
	}
	if why := w.headers.Fault(); why != "" && errors.Is(err, tar.ErrHeader) {
		return fmt.Errorf("%w: %v: %s", ErrTar, err, why)
	}
	return fmt.Errorf("%w: %v", ErrTar, err)
}

// sparse says whether reading the entry would give its holes too, which may be
// any number of bytes.
func sparse(h *tar.Header) bool { return Sparse(h) }

// Sparse says whether the entry is a sparse file, in one of GNU tar's formats.
func Sparse(h *tar.Header) bool { return tarheader.Sparse(h) }

// Clean returns the path that an entry's name or a hard link's target means:
// relative to the root, without "." and doubled or trailing slashes. What leads
// out of the root keeps its "..".
func Clean(name string) string {
	return path.Clean(strings.TrimLeft(name, "/"))
}

// trailing reads what follows an archive's end, which is at from, and says whether
// there is more than padding, and where.
func trailing(r io.Reader, from int64) (data bool, at int64, err error) {
	buffer := chunks.Get().(*[chunkSize]byte)
	defer chunks.Put(buffer)
	for {
		n, err := r.Read(buffer[:])
		for i, c := range buffer[:n] {
			if !data && c != 0 {
				data, at = true, from+int64(i)
			}
		}
		from += int64(n)
		if err == io.EOF {
			return data, at, nil
		}
		if err != nil {
			return data, at, err
		}
	}
}

// watcher sees the headers of an archive as its reader takes them, and how it ends: what
// the reader took since the last entry.
type watcher struct {
	r        skipper
	watching bool
	skipping bool // nobody wants what is read
	zeros    int  // bytes of zeros that were read last
	err      error

	headers tarheader.Headers // of the entry that the reader looks for, or is at
	at      int64             // how much was read
	start   int64             // where the headers begin
	next    int64             // where those of the next entry do
}

// begin is called before the reader looks for the next entry.
func (w *watcher) begin() {
	w.watching, w.zeros, w.start = true, 0, w.next
	w.headers.Reset()
}

// body is called before the reader is asked for an entry's content.
func (w *watcher) body(entry *tar.Header) {
	w.watching = false
	start, length := w.headers.Content(entry)
	w.next = w.start + start + tarheader.Padded(length)
}

// nowhere is where content is read to that is passed over: nothing writes there.
var nowhere [chunkSize]byte

// rest passes over what is left of an entry's content, which the archive's reader has
// no other way for than to read it.
func (w *watcher) rest(entry io.Reader) error {
	w.skipping = true
	defer func() { w.skipping = false }()
	for {
		if _, err := entry.Read(nowhere[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func (w *watcher) Read(p []byte) (n int, err error) {
	if w.skipping {
		n, err = w.r.skip(len(p))
	} else {
		n, err = w.r.Read(p)
	}
	if err != nil {
		w.err = err
	}
	before := w.at
	w.at += int64(max(n, 0))
	if w.watching && n > 0 {
		if skip := max(w.start-before, 0); skip < int64(n) { // what is left of the content before, or pads it
			w.headers.Write(p[skip:n])
		}
		rest := len(bytes.TrimRight(p[:n], "\x00"))
		if rest > 0 {
			w.zeros = 0
		}
		w.zeros += n - rest
	}
	return n, err
}

// endBlocks counts the blocks of zeros before the end; the padding of the last
// entry is less than one.
func (w *watcher) endBlocks() int { return min(w.zeros/512, 2) }

// Command gunzip unpacks the gzip stream that it reads, and prints how many bytes
// that gives. It is for the benchmark: what of the time of a scan is the decoder's?
//
//	gunzip -with standard <layer
package main

import (
	"bufio"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	klauspost "github.com/klauspost/compress/gzip"
	"github.com/ocilayout/ocilayout/blobs/layer/internal/inflate"
)

func main() {
	with := flag.String("with", "own", "`decoder`: own, standard or klauspost")
	flag.Parse()
	n, err := unpack(*with, bufio.NewReaderSize(os.Stdin, 128<<10))
	if err == nil {
		_, err = fmt.Println(n)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gunzip:", err)
		os.Exit(1)
	}
}

func unpack(with string, from *bufio.Reader) (n int64, err error) {
	var r io.Reader
	switch with {
	case "own":
		return members(from)
	case "standard":
		r, err = gzip.NewReader(from)
	case "klauspost":
		r, err = klauspost.NewReader(from)
	default:
		err = errors.New("no such decoder")
	}
	if err != nil {
		return 0, err
	}
	return io.Copy(io.Discard, r)
}

// members unpacks one member after the other, which the others do by themselves.
func members(from *bufio.Reader) (n int64, err error) {
	var r inflate.Reader
	for {
		if err := r.Reset(from); err != nil {
			return n, err
		}
		more, err := io.Copy(io.Discard, &r)
		n += more
		if err != nil {
			return n, err
		}
		if _, err := from.Peek(1); err == io.EOF {
			return n, nil
		}
	}
}

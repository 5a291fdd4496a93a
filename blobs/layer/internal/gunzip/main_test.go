package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"testing"
)

func TestUnpack(t *testing.T) {
	var packed bytes.Buffer
	for _, member := range []string{"one", "", "three"} {
		w := gzip.NewWriter(&packed)
		if _, err := w.Write([]byte(member)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	cut := packed.Bytes()[:packed.Len()-1]
	for _, with := range []string{"own", "standard", "klauspost"} {
		if n, err := unpack(with, bufio.NewReader(bytes.NewReader(packed.Bytes()))); n != 8 || err != nil {
			t.Errorf("%s: %d bytes, %v", with, n, err)
		}
		if _, err := unpack(with, bufio.NewReader(bytes.NewReader(cut))); err == nil {
			t.Errorf("%s: a stream that is cut off is taken", with)
		}
	}
	if _, err := unpack("none", bufio.NewReader(&packed)); err == nil {
		t.Error("there is no decoder of that name")
	}
}

package inflate

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// member is a gzip member of "hello", with the header's flags and what follows
// them.
func member(t testing.TB, flags byte, fields ...byte) []byte {
	t.Helper()
	plain := []byte("hello")
	return wrapped(deflated(t, plain, 6), plain, flags, fields...)
}

// changed is a member in which some bytes are another.
func changed(b []byte, at int, to ...byte) []byte {
	b = bytes.Clone(b)
	if at < 0 {
		at += len(b)
	}
	copy(b[at:], to)
	return b
}

func unzip(r *Reader, source *bufio.Reader) ([]byte, error) {
	if err := r.Reset(source); err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestMember(t *testing.T) {
	long := strings.Repeat("x", 1000)
	tests := map[string]struct {
		member []byte
		end    error
	}{
		"plain":           {member(t, 0), nil},
		"text":            {member(t, 1), nil},
		"everything":      {member(t, 0x1f, []byte("\x03\x00abcname\x00comment\xe9\x00")...), nil},
		"extra, empty":    {member(t, flagExtra, 0, 0), nil},
		"extra, long":     {member(t, flagExtra, []byte("\xe8\x03"+long)...), nil},
		"sum":             {member(t, flagSum), nil},
		"sum is wrong":    {changed(member(t, flagSum), 10, 1, 2), ErrHeader},
		"name":            {member(t, flagName, []byte(long[:511]+"\x00")...), nil},
		"name, too long":  {member(t, flagName, []byte(long[:512]+"\x00")...), ErrHeader},
		"no magic":        {changed(member(t, 0), 1, 0x8c), ErrHeader},
		"another method":  {changed(member(t, 0), 2, 7), ErrHeader},
		"reserved, 5":     {member(t, 0x20), ErrHeader},
		"reserved, 6":     {member(t, 0x40), ErrHeader},
		"reserved, 7":     {member(t, 0x80), ErrHeader},
		"checksum":        {changed(member(t, 0), -5, 0), ErrChecksum},
		"length":          {changed(member(t, 0), -4, 6), ErrChecksum},
		"no such block":   {changed(member(t, 0), 10, 7), ErrCorrupt},
		"nothing":         {nil, io.ErrUnexpectedEOF},
		"extra, cut":      {member(t, flagExtra, 0xff, 0xff), io.ErrUnexpectedEOF},
		"name never ends": {member(t, flagName, 'x')[:12], io.ErrUnexpectedEOF},
	}
	r := new(Reader)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for way, chunks := range chunked {
				source := bufio.NewReaderSize(chunks(io.MultiReader(bytes.NewReader(test.member), strings.NewReader("rest"))), 16)
				if test.end == io.ErrUnexpectedEOF {
					source.Reset(chunks(bytes.NewReader(test.member)))
				}
				plain, err := unzip(r, source)
				if !errors.Is(err, test.end) || (err == nil) != (test.end == nil) {
					t.Fatalf("%s: %v, want %v", way, err, test.end)
				}
				if rest, _ := io.ReadAll(source); err == nil && (string(plain) != "hello" || string(rest) != "rest") {
					t.Errorf("%s: %q, and behind it %q", way, plain, rest)
				}
			}
		})
	}
}

// An error of the source is handed on as it is, wherever it comes, and what stands
// before it is unpacked all the same.
func TestSourceFails(t *testing.T) {
	r, broken := new(Reader), errors.New("broken")
	whole := member(t, 0x1f, []byte("\x03\x00abcname\x00comment\x00")...)
	for n := range len(whole) {
		for way, chunks := range chunked {
			source := io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(broken))
			if _, err := unzip(r, bufio.NewReaderSize(chunks(source), 16)); err != broken {
				t.Errorf("%s: after %d bytes: %v", way, n, err)
			}
			stuck := io.MultiReader(bytes.NewReader(whole[:n]), readerFunc(func([]byte) (int, error) { return 0, nil }))
			if _, err := unzip(r, bufio.NewReaderSize(stuck, 16)); err != io.ErrNoProgress {
				t.Errorf("after %d bytes nothing comes: %v", n, err)
			}
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// The source is not asked for more than the member needs: what stands behind it may
// come much later.
func TestSourceIsNotAskedForMore(t *testing.T) {
	r := new(Reader)
	for name, plain := range plains(5000) {
		whole := zipped(t, plain)
		left := len(whole)
		source := readerFunc(func(p []byte) (int, error) {
			if left == 0 {
				t.Errorf("%s: more is wanted than there is", name)
				return 0, io.EOF
			}
			n := copy(p[:min(len(p), 1+left/3)], whole[len(whole)-left:])
			left -= n
			return n, nil
		})
		if got, err := unzip(r, bufio.NewReader(source)); err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

func zipped(t testing.TB, parts ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, part := range parts {
		w := gzip.NewWriter(&b)
		if _, err := w.Write(part); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// A million members of nothing are read one by one, and nothing is allocated.
func TestEmptyMembers(t *testing.T) {
	members := 1_000_000
	if testing.Short() {
		members /= 50
	}
	one := zipped(t, nil)
	left := members * len(one)
	source := bufio.NewReaderSize(readerFunc(func(p []byte) (n int, err error) {
		for n < len(p) && left > 0 {
			copied := copy(p[n:], one[len(one)-1-(left-1)%len(one):])
			n, left = n+copied, left-copied
		}
		if n == 0 {
			return 0, io.EOF
		}
		return n, nil
	}), 128<<10)
	r, p := new(Reader), make([]byte, 100)
	allocated := testing.AllocsPerRun(1, func() { // calls it twice
		for n := range members / 2 {
			if err := r.Reset(source); err != nil {
				t.Fatal(n, err)
			}
			if n, err := r.Read(p); n != 0 || err != io.EOF {
				t.Fatal(n, err)
			}
		}
	})
	// What is allocated for each member would be thousands. A few are the runtime's,
	// which are counted as well.
	if allocated > 100 {
		t.Errorf("%v allocations", allocated)
	}
	if rest, err := source.Peek(1); len(rest) != 0 {
		t.Errorf("more members are left, %v", err)
	}
}

func TestClosed(t *testing.T) {
	r := new(Reader)
	if err := r.Reset(bufio.NewReader(bytes.NewReader(member(t, 0)))); err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if n, err := r.Read(make([]byte, 10)); n != 0 || err == nil || err == io.EOF {
		t.Errorf("%d, %v", n, err)
	}
	if plain, err := unzip(r, bufio.NewReader(bytes.NewReader(member(t, 0)))); string(plain) != "hello" || err != nil {
		t.Errorf("used again: %q, %v", plain, err)
	}
}

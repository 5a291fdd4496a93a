package layer

import (
	"errors"
	"io"
	"testing"
)

// counted unpacks to a number of bytes, and leaves them as they are.
type counted struct{ left int64 }

func (c *counted) Read(p []byte) (int, error) {
	n := min(c.left, int64(len(p)))
	if c.left -= n; c.left == 0 {
		return int(n), io.EOF
	}
	return int(n), nil
}

func (c *counted) close() {}

func TestLimited(t *testing.T) {
	const gigabyte, mega = 1 << 30, 1 << 20
	tests := []struct {
		size, taken int64
		limits      Limits
		want        error
		read        int64
	}{
		{gigabyte, 100, Limits{}, io.EOF, gigabyte},
		{gigabyte + 1, 100, Limits{}, ErrRatio, gigabyte + 1},
		{8 * gigabyte, 100, Limits{}, ErrRatio, gigabyte + mega},
		{8 * gigabyte, 8 * gigabyte / 200, Limits{}, io.EOF, 8 * gigabyte},
		{8 * gigabyte, 4 * gigabyte / 200, Limits{}, ErrRatio, 4*gigabyte + mega},
		{8 * gigabyte, 100 * mega, Limits{Ratio: 80}, ErrRatio, 80*100*mega + mega},
		{8 * gigabyte, 100 * mega, Limits{Ratio: 100}, io.EOF, 8 * gigabyte},
		{8 * gigabyte, 8 * gigabyte, Limits{Bytes: 5 * gigabyte}, ErrBytes, 5*gigabyte + mega},
		{5 * gigabyte, 8 * gigabyte, Limits{Bytes: 5 * gigabyte}, io.EOF, 5 * gigabyte},
		{64*gigabyte + 1, 64 * gigabyte, Limits{}, ErrBytes, 64*gigabyte + 1},
	}
	buffer := make([]byte, mega)
	for _, test := range tests {
		l := &limited{&counted{test.size}, test.limits.WithDefaults(), func() int64 { return test.taken }, 0}
		var read int64
		var err error
		for err == nil {
			var n int
			n, err = l.Read(buffer)
			read += int64(n)
		}
		if !errors.Is(err, test.want) || read > test.read || read < test.read-mega {
			t.Errorf("%d bytes of %d, within %+v: %d read, %v", test.size, test.taken, test.limits, read, err)
		}
	}
}

package layer_test

import (
	"bytes"
	"io"
)

// zeros is a zstd frame of nothing but zeros, 128 KiB for each 4 bytes of it,
// with a window of 2 to that power.
type zeros struct {
	before []byte // unpacked as it is, up to 128 KiB
	blocks int64
	window byte
}

const zeroBlock = 128 << 10

// size is what the frame unpacks to.
func (z zeros) size() int64 { return int64(len(z.before)) + z.blocks*zeroBlock }

func (z zeros) reader() io.Reader {
	start := []byte{0x28, 0xb5, 0x2f, 0xfd, 0, (z.window - 10) << 3}
	if n := len(z.before); n > 0 {
		start = append(start, byte(n<<3), byte(n>>5), byte(n>>13))
		start = append(start, z.before...)
	}
	run := []byte{0x02, 0x00, 0x10, 0} // of 128 KiB
	last := []byte{0x03, 0x00, 0x10, 0}
	return io.MultiReader(bytes.NewReader(start), &repeated{of: run, left: z.blocks - 1}, bytes.NewReader(last))
}

// repeated yields the same bytes a number of times.
type repeated struct {
	of   []byte
	left int64
	rest []byte
}

func (r *repeated) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(r.rest) == 0 {
			if r.left == 0 {
				break
			}
			r.left--
			r.rest = r.of
		}
		copied := copy(p[n:], r.rest)
		r.rest = r.rest[copied:]
		n += copied
	}
	if n == 0 && len(p) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

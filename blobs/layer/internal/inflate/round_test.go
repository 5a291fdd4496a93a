package inflate

import (
	"bytes"
	"compress/flate"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// plains are contents of n bytes: what compresses well, badly, and as most does.
func plains(n int) map[string][]byte {
	random := rand.New(rand.NewPCG(3, uint64(n)))
	all := map[string][]byte{"zeros": make([]byte, n), "noise": make([]byte, n), "text": make([]byte, n), "runs": make([]byte, n)}
	for i := range n {
		all["noise"][i] = byte(random.Uint32())
		all["text"][i] = "etaoin shrdlu"[min(random.IntN(13), random.IntN(13))]
		if all["runs"][i] = byte(random.IntN(4)); i > 4 && random.IntN(20) > 0 {
			all["runs"][i] = all["runs"][i-1-i/100%4]
		}
	}
	if n > 100 { // words come again from further and further
		for i := 0; i < n; i += 10 + random.IntN(100) {
			from := random.IntN(i + 1)
			copy(all["text"][i:], all["text"][from:min(n, from+3+random.IntN(300))])
		}
	}
	return all
}

func deflated(t testing.TB, plain []byte, level int) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, level)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var levels = []int{-2, 0, 1, 5, 6, 9}

// samples are streams of each kind that unpack to about n bytes.
func samples(t testing.TB, n int) map[string][]byte {
	all := make(map[string][]byte)
	for name, plain := range plains(n) {
		if name == "noise" {
			plain = plain[:n/3]
		}
		for _, level := range []int{-2, 0, 6} {
			all[fmt.Sprintf("%s, level %d", name, level)] = deflated(t, plain, level)
		}
	}
	return all
}

func TestRound(t *testing.T) {
	testrun.NotShort(t, "it decodes many streams one after another")
	z := new(inflater)
	step := 701 * testrun.OneOf(3, 10)
	for n := 0; n <= 70_000; n += step {
		for name, plain := range plains(n) {
			for _, level := range levels {
				stream := append(deflated(t, plain, level), "more"...)
				got := own(z, bytes.NewReader(stream), 4096, noLimit)
				check(t, fmt.Sprintf("%s of %d bytes, level %d", name, n, level), got, outcome{plain, nil, len("more")})
			}
		}
	}
}

// What is larger than the output, and repeats what is one window back.
func TestLarge(t *testing.T) {
	testrun.NotShort(t, "it decodes many streams one after another")
	z := new(inflater)
	unit := plains(window)["noise"]
	for name, plain := range map[string][]byte{
		"window": bytes.Repeat(unit, 20),
		"zeros":  make([]byte, 3*outSize+1),
		"text":   plains(5*outSize + 7)["text"],
		"noise":  plains(2*outSize + 7)["noise"],
	} {
		for _, level := range levels {
			stream := deflated(t, plain, level)
			for way, chunks := range chunked {
				got := own(z, chunks(bytes.NewReader(stream)), 128<<10, noLimit)
				check(t, fmt.Sprintf("%s, level %d, %s", name, level, way), got, outcome{plain, nil, 0})
			}
		}
	}
}

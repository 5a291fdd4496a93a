package layer_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/layout/layouttest/testrun"
)

// What a scan says of a stream does not depend on those that were scanned before it,
// damaged ones among them.
func TestScanGzipAgain(t *testing.T) {
	testrun.NotShort(t, "it unpacks much, or many times")
	cut := []byte("\x1f\x8b\b\x00\x00\x00\x00\x00@\xff\xec\b\x00\x00") // in its code lengths
	alone := scanReader(t, bytes.NewReader(cut), layer.ScanOptions{}).Stream.Error()
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 2_000 {
		few := make([]byte, random.IntN(300))
		for i := range few {
			few[i] = byte(random.IntN(1 + random.IntN(64)))
		}
		other := gzipped(t, few)
		other[10+random.IntN(len(other)-10)] ^= 1 << random.IntN(8)
		scanReader(t, bytes.NewReader(other), layer.ScanOptions{})
		if got := scanReader(t, bytes.NewReader(cut), layer.ScanOptions{}).Stream.Error(); got != alone {
			t.Fatalf("%q, and after stream %d %q", alone, n, got)
		}
	}
}

package layout_test

import (
	"os"
	"testing"
)

// exhaustive says that tests leave nothing out: make exhaustive. It is asked within
// tests, so that go test notices a change, and does not give what it has cached.
func exhaustive() bool { return os.Getenv("OCILAYOUT_EXHAUSTIVE") != "" }

// oneOf returns of how many cases a test tries one: of n, or of short under -short,
// which is for the race detector. A prime reaches each kind of case where there are
// as many kinds in turn.
func oneOf(n, short int) int {
	switch {
	case exhaustive():
		return 1
	case testing.Short():
		return short
	}
	return n
}

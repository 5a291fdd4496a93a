//go:build race

package verify_test

// stride is of how many damaged versions of a file the tests look at one. The
// race detector makes each run twelve times as long; CI runs them all without it.
const stride = 29

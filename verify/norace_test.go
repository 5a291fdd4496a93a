//go:build !race

package verify_test

// stride is of how many damaged versions of a file the tests look at one.
const stride = 1

//go:build !race

package layout_test

const raceEnabled = false

// stride is of how many faults the tests look at one.
const stride = 1

//go:build race

package layout_test

const raceEnabled = true

// stride is of how many faults the tests look at one. The race detector makes each run
// ten times as long; CI looks at them all without it.
const stride = 7

//go:build !race

package inflate

const raceEnabled = false

// stride is of how many places to cut a stream the tests try one.
const stride = 1

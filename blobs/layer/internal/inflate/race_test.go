//go:build race

package inflate

const raceEnabled = true

// stride is of how many places to cut a stream the tests try one. Nothing here runs
// beside anything else, and CI tries them all without the race detector.
const stride = 17

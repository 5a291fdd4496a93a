//go:build patient

package term

import "time"

// Tests build the program with this tag where many run at once, so that half a second is
// not enough to be sure of a report. It changes how long the program waits after an
// interrupt, and nothing else.
func init() { forAll, forLastWord = 5*time.Second, time.Second }

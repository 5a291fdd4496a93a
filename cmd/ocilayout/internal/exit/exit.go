// Package exit has the exit statuses, and the errors that carry them. It imports
// nothing of the program.
package exit

import "fmt"

// Exit statuses. A script may rely on them.
const (
	StatusOK          = 0   // verified, and nothing left unchecked
	StatusFindings    = 1   // findings at or above --fail-on
	StatusUsage       = 2   // the command line cannot be understood
	StatusFailed      = 3   // it could not be carried out, or not to its end
	StatusInterrupted = 130 // SIGINT, SIGTERM or SIGHUP
)

// UsageError is a mistake on the command line.
type UsageError struct {
	Message string
	Hint    string // what to do instead; "" names the help
}

func (e *UsageError) Error() string { return e.Message }

// Usagef returns a usageError without a hint.
func Usagef(format string, args ...any) error {
	return &UsageError{Message: fmt.Sprintf(format, args...)}
}

// StatusError ends the run with a status, and with a message unless err is nil.
type StatusError struct {
	Status int
	Err    error
}

func (e *StatusError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("status %d", e.Status)
	}
	return e.Err.Error()
}

func (e *StatusError) Unwrap() error { return e.Err }

// With returns a statusError. err may be nil: nothing is printed then.
func With(status int, err error) error { return &StatusError{status, err} }

// Failed returns err with the status of what could not be carried out.
func Failed(err error) error { return With(StatusFailed, err) }

// Worse returns the status of two together: an interrupt, else findings, else
// what could not be carried out.
func Worse(a, b int) int {
	for _, status := range []int{StatusInterrupted, StatusFindings, StatusFailed} {
		if a == status || b == status {
			return status
		}
	}
	return StatusOK
}

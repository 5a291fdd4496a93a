package main

import "fmt"

// Exit statuses. A script may rely on them.
const (
	statusOK          = 0   // verified, and nothing left unchecked
	statusFindings    = 1   // findings at or above --fail-on
	statusUsage       = 2   // the command line cannot be understood
	statusFailed      = 3   // it could not be carried out, or not to its end
	statusInterrupted = 130 // SIGINT, SIGTERM or SIGHUP
)

// usageError is a mistake on the command line.
type usageError struct {
	message string
	hint    string // what to do instead; "" names the help
}

func (e *usageError) Error() string { return e.message }

// usagef returns a usageError without a hint.
func usagef(format string, args ...any) error {
	return &usageError{message: fmt.Sprintf(format, args...)}
}

// statusError ends the run with a status, and with a message unless err is nil.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("status %d", e.status)
	}
	return e.err.Error()
}

func (e *statusError) Unwrap() error { return e.err }

// with returns a statusError. err may be nil: nothing is printed then.
func with(status int, err error) error { return &statusError{status, err} }

// failed returns err with the status of what could not be carried out.
func failed(err error) error { return with(statusFailed, err) }

// worse returns the status of two together: an interrupt, else findings, else
// what could not be carried out.
func worse(a, b int) int {
	for _, status := range []int{statusInterrupted, statusFindings, statusFailed} {
		if a == status || b == status {
			return status
		}
	}
	return statusOK
}

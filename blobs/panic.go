package blobs

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
)

// PanicError is a panic that was caught: a defect of this module, or of the file
// system, reader or function that it was given. Wherever this module starts a
// goroutine it hands a panic back as one, since nobody else could. It does not
// wrap Value: what a defect says is no answer of the file system.
type PanicError struct {
	Value any    // that the panic was called with
	Where string // the function and line that panicked, "" where they are not known
	Stack []byte // of the goroutine that panicked, as debug.Stack has it
}

// Error gives the value and the place, on one line unless the value has several.
func (e *PanicError) Error() string {
	if e.Where == "" {
		return fmt.Sprintf("panic: %v", e.Value)
	}
	return fmt.Sprintf("panic: %v, in %s", e.Value, e.Where)
}

// Guard returns what do returns, or a *PanicError if it panics.
func Guard(do func() error) (err error) {
	defer func() {
		if p := Caught(recover()); p != nil {
			err = p
		}
	}()
	return do()
}

// Caught makes an error of what recover returned, nil of nil. It is to be called
// by the deferred function that recovers. A *PanicError stays the one that it is.
func Caught(value any) *PanicError {
	if value == nil {
		return nil
	}
	if p, ok := value.(*PanicError); ok {
		return p
	}
	return &PanicError{Value: value, Where: where(), Stack: debug.Stack()}
}

// where finds the function that panicked: it lies below the runtime's own, which
// called the deferred function.
func where() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	panicking := false
	for {
		frame, more := frames.Next()
		ofRuntime := strings.HasPrefix(frame.Function, "runtime.")
		if panicking && !ofRuntime {
			return fmt.Sprintf("%s line %d", frame.Function[strings.LastIndexByte(frame.Function, '/')+1:], frame.Line)
		}
		panicking = panicking || frame.Function == "runtime.gopanic"
		if !more {
			return ""
		}
	}
}

package consumers

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// cell is a thread whose root can be changed without that of any other one.
type cell struct {
	outside int // the root as it was
	thread  int
}

// errHang is the outcome of a consumer that waits for somebody to open a FIFO.
var errHang = errors.New("it opens a FIFO, and waits for ever")

// inCell calls do on a thread of its own, which ends with it.
func inCell(do func(*cell)) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlock it: the thread ends with the goroutine
		if err := unix.Unshare(unix.CLONE_FS); err != nil {
			done <- fmt.Errorf("unshare: %w", err)
			return
		}
		outside, err := unix.Open("/", unix.O_PATH|unix.O_CLOEXEC, 0)
		if err != nil {
			done <- fmt.Errorf("open /: %w", err)
			return
		}
		defer unix.Close(outside)
		do(&cell{outside, unix.Gettid()})
		done <- nil
	}()
	return <-done
}

// within calls do with a directory as root, under a umask. A panic is an error.
func (c *cell) within(root string, umask int, do func() error) (err error) {
	var done, hung atomic.Bool
	watch := time.AfterFunc(watchAfter, func() {
		for !done.Load() {
			if c.waits() {
				hung.Store(true)
				release(root)
			}
			time.Sleep(watchAfter)
		}
	})
	defer func() {
		done.Store(true)
		watch.Stop()
		if hung.Load() {
			err = errHang
		}
	}()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
		if e := unix.Fchdir(c.outside); e != nil {
			panic(e)
		}
		if e := unix.Chroot("."); e != nil {
			panic(e)
		}
		unix.Umask(0o022)
	}()
	if err := unix.Chroot(root); err != nil {
		return fmt.Errorf("chroot: %w", err)
	}
	if err := unix.Chdir("/"); err != nil {
		return fmt.Errorf("chdir: %w", err)
	}
	unix.Umask(umask)
	return do()
}

// watchAfter is how long after its start a consumer is looked at, and how often
// from then on.
const watchAfter = 100 * time.Millisecond

// waits says whether the thread waits for the other end of a FIFO.
func (c *cell) waits() bool {
	where, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/wchan", c.thread))
	return err == nil && strings.Contains(string(where), "wait_for_partner")
}

// release opens the other end of every FIFO below a directory for a moment.
func release(dir string) {
	_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Type() == fs.ModeNamedPipe {
			if fd, err := unix.Open(name, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOFOLLOW, 0); err == nil {
				time.Sleep(time.Millisecond)
				unix.Close(fd)
			}
		}
		return nil
	})
}

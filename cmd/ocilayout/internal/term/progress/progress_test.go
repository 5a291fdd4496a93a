package progress

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const mib = 1 << 20

// clear is what takes a line off the terminal.
const clear = "\r\x1b[K"

// wide is a terminal of that width.
func wide(n int) func() int { return func() int { return n } }

// screen keeps what is written to it.
type screen struct {
	mu   sync.Mutex
	text []byte
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.text = append(s.text, p...)
	return len(p), nil
}

// take returns what has been written since it was last asked.
func take(s *screen) string {
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	text := string(s.text)
	s.text = nil
	return text
}

// The line is drawn again and again, follows the width of the terminal, makes
// room for what else is written, and is gone in the end.
func TestMeter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b screen
		var done atomic.Int64
		width := int64(100)
		m := Start(&b, func() int { return int(atomic.LoadInt64(&width)) })
		defer m.Stop()
		expect := func(want string) {
			t.Helper()
			if got := take(&b); got != want {
				t.Errorf("%q, not %q", got, want)
			}
		}
		time.Sleep(redraw)
		expect("") // there is nothing to watch

		m.Watch("img", func() (int64, int64) { return done.Load(), 100 * mib })
		time.Sleep(redraw - 1)
		expect("") // a run that is as short as that shows nothing
		done.Store(20 * mib)
		time.Sleep(time.Nanosecond)
		expect("\r[===---------------]  20%  20 MiB of 100 MiB  100 MiB/s  1s left  img\x1b[K")

		// Less than the bar takes is left of the width.
		atomic.StoreInt64(&width, 50)
		done.Store(40 * mib)
		time.Sleep(redraw)
		expect("\r 40%  40 MiB of 100 MiB  100 MiB/s  1s left  img\x1b[K")

		// What else is written stands alone on its lines.
		io.WriteString(m.Writer(&b), "a finding\nand more")
		expect(clear + "a finding\nand more")
		time.Sleep(redraw)
		expect("") // a line that has no end yet is not drawn over
		io.WriteString(m.Writer(&b), " of it\n")
		expect(" of it\n")
		time.Sleep(redraw)
		if got := take(&b); !strings.HasPrefix(got, "\r 40%  ") {
			t.Errorf("it did not come back: %q", got)
		}

		m.Stop()
		expect(clear)
		m.Stop()
		time.Sleep(10 * redraw)
		expect("")
	})
}

// Where there is no terminal a line is added from time to time, and none is
// taken back.
func TestMeterWithoutTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b screen
		m := Start(&b, nil)
		start := time.Now()
		m.Watch("layout 1 of 2: img", func() (int64, int64) { return int64(time.Since(start).Seconds()) * mib, 60 * mib })
		time.Sleep(2 * report)
		want := " 16%  10 MiB of 60 MiB  1.0 MiB/s  50s left  layout 1 of 2: img\n" +
			" 33%  20 MiB of 60 MiB  1.0 MiB/s  40s left  layout 1 of 2: img\n"
		if got := take(&b); got != want {
			t.Errorf("%q, not %q", got, want)
		}
		m.Stop()
		if got := take(&b); got != "" {
			t.Errorf("%q", got)
		}
	})
}

// The rate follows what happens now, and not at once.
func TestRate(t *testing.T) {
	l := line{}
	var done int64
	step := func(seconds int, rate int64) float64 {
		for range seconds * 5 {
			done += rate / 5
			l.update(func() (int64, int64) { return done, 1 << 40 }, 200*time.Millisecond)
		}
		return l.rate
	}
	if got := step(1, 0); got != 0 || l.timed {
		t.Errorf("%f before anything is done", got)
	}
	if got := step(1, 1000); got < 999 || got > 1001 {
		t.Errorf("%f, not 1000", got)
	}
	if got := step(1, 100); got < 500 || got > 900 {
		t.Errorf("%f a second after it became slow", got)
	}
	if got := step(20, 100); got < 90 || got > 110 {
		t.Errorf("%f, not 100", got)
	}
}

// No line is wider than the terminal lets it be, and in none does anything stand
// that a terminal would act on.
func TestLine(t *testing.T) {
	label := "layout 10 of 12: some/where/img:latest"
	for _, l := range []line{
		{label: label},
		{label: label, done: 5, total: 5},
		{label: label, done: 7, total: 5}, // a file that grew
		{label: label, done: 1, total: 1 << 40, timed: true, rate: 0.5},
		{label: label, done: 1, total: 1 << 40, timed: true, rate: 1},
		{label: label, done: 1<<40 - 1, total: 1 << 40, timed: true, rate: 1 << 40},
		{label: label, done: 123 * mib, total: 4567 * mib, timed: true, rate: 89 * mib},
	} {
		for width := 1; width < 250; width++ {
			got := l.text(width)
			if len(got) >= width {
				t.Errorf("%d wide: %q", width, got)
			}
			if strings.IndexFunc(got, func(r rune) bool { return r < ' ' || r > '~' }) >= 0 {
				t.Errorf("%q", got)
			}
			if width > 130 && !strings.HasSuffix(got, "  "+label) {
				t.Errorf("%d wide: %q lacks the label", width, got)
			}
		}
	}
	l := line{label: label, done: 123 * mib, total: 4567 * mib, timed: true, rate: 89 * mib}
	for width, want := range map[int]string{
		0:   "  2%  123 MiB of 4.5 GiB  89 MiB/s  50s left  " + label,
		20:  "  2%",
		40:  "  2%  123 MiB of 4.5 GiB  89 MiB/s",
		80:  "[--------]   2%  123 MiB of 4.5 GiB  89 MiB/s  50s left  layout 10 of 12: so...",
		130: "[----------------------------]   2%  123 MiB of 4.5 GiB  89 MiB/s  50s left  " + label,
	} {
		if got := l.text(width); got != want {
			t.Errorf("%d wide: %q, not %q", width, got, want)
		}
	}
	if got := (&line{label: "img", done: 3 * mib, total: 3 * mib}).text(80); got != "3.0 MiB read  img" {
		t.Errorf("%q", got)
	}
}

func TestRemaining(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 1: "1s", 9 * time.Second: "9s", 185 * time.Second: "3m05s", time.Hour: "1h00m",
		130 * time.Minute: "2h10m", 100*time.Hour - 1: "days", 1e9 * time.Second: "days",
	} {
		if got := remaining(d); got != want {
			t.Errorf("%v is %q, not %q", d, got, want)
		}
	}
}

// broken is a terminal that has gone away.
type broken struct{ writes atomic.Int64 }

func (b *broken) Write([]byte) (int, error) {
	b.writes.Add(1)
	return 0, errors.New("gone")
}

// A terminal that has gone away is left alone, and keeps nothing from ending.
func TestMeterBroken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b broken
		m := Start(&b, wide(80))
		m.Watch("img", func() (int64, int64) { return 1, 2 })
		time.Sleep(10 * redraw)
		if n := b.writes.Load(); n != 1 {
			t.Errorf("%d writes", n)
		}
		m.Stop()
	})
}

// A panic of the drawing is not one of a goroutine that nobody can recover.
func TestMeterPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := Start(new(screen), wide(80))
		m.Watch("img", func() (int64, int64) { panic("a defect") })
		time.Sleep(10 * redraw)
		err := blobs.Guard(func() error { m.Stop(); return nil })
		if p, ok := errors.AsType[*blobs.PanicError](err); !ok || p.Value != "a defect" {
			t.Errorf("Stop: %v", err)
		}
	})
}

// No meter shows nothing, and changes nothing.
func TestMeterNil(t *testing.T) {
	var m *Meter
	var b screen
	m.Watch("img", nil)
	if w := m.Writer(&b); w != io.Writer(&b) {
		t.Error("the writer is another")
	}
	m.Stop()
}

// Writers may write while the line is drawn: each write stays whole.
func TestMeterConcurrent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b screen
		m := Start(&b, wide(80))
		m.Watch("img", func() (int64, int64) { return 1, 2 })
		w := m.Writer(&b)
		for i := range 100 {
			fmt.Fprintf(w, "finding %d\n", i)
			time.Sleep(redraw / 3)
		}
		m.Stop()
		shown := take(&b)
		for i := range 100 {
			want := fmt.Sprintf("finding %d\n", i)
			at := strings.Index(shown, want)
			if at < 0 || at > 0 && shown[at-1] != '\n' && !strings.HasSuffix(shown[:at], clear) {
				t.Errorf("%q does not begin a line", want)
			}
		}
		if !strings.HasSuffix(shown, "\n") && !strings.HasSuffix(shown, clear) {
			t.Errorf("it ends with %q", shown[max(0, len(shown)-80):])
		}
	})
}

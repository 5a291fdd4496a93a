// Package progress shows how far a long run has come, in a line that is drawn
// again and again.
package progress

import (
	"io"
	"math"
	"sync"
	"time"

	"github.com/ocilayout/ocilayout/blobs"
)

const (
	// redraw is how often the line on a terminal is drawn. The first time is also
	// after that long, so that short runs show none.
	redraw = 200 * time.Millisecond
	// report is how often a line is added where there is no terminal.
	report = 10 * time.Second
	// memory is how far back the rate looks, roughly.
	memory = 4 * time.Second
)

// Meter shows the progress of one thing after another. Its methods can be called
// from several goroutines, and those of a nil Meter show nothing.
type Meter struct {
	w      io.Writer
	width  func() int
	stop   chan struct{}
	once   sync.Once
	ended  sync.WaitGroup
	broken error // the panic that ended the drawing

	mu    sync.Mutex // held while anything is written
	stats func() (done, total int64)
	line  line
	last  time.Time // when line.done was last looked at
	drawn bool      // the line stands there now
	mid   bool      // something else stands there, whose line has no end yet
}

// Start returns a Meter that writes to w until Stop. The function width is asked
// whenever the line is drawn, so that it fits a terminal that is resized. Where
// it is nil there is no terminal: a line is added now and then, and nothing is
// ever taken back.
func Start(w io.Writer, width func() int) *Meter {
	m := &Meter{w: w, width: width, stop: make(chan struct{})}
	every := redraw
	if width == nil {
		every = report
	}
	m.ended.Go(func() {
		m.broken = blobs.Guard(func() error { m.tick(every); return nil })
	})
	return m
}

func (m *Meter) tick(every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-m.stop:
			return
		case now := <-ticker.C:
			m.draw(now)
		}
	}
}

// Watch turns to the next thing. It is called label, in printable ASCII, and
// stats says how many bytes of how many are done; the sum may still grow.
func (m *Meter) Watch(label string, stats func() (done, total int64)) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stats, m.line, m.last = stats, line{label: label}, time.Now()
}

// Stop ends the drawing, and leaves no line behind. Only the first call counts. A
// panic of the drawing is Stop's.
func (m *Meter) Stop() {
	if m == nil {
		return
	}
	m.once.Do(func() { close(m.stop) })
	m.ended.Wait()
	if m.broken != nil {
		panic(m.broken)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.clear()
}

// Writer returns a writer to the terminal that the line is on. The line is gone
// while something is written, and comes back later.
func (m *Meter) Writer(w io.Writer) io.Writer {
	if m == nil {
		return w
	}
	return &writer{m, w}
}

type writer struct {
	meter *Meter
	w     io.Writer
}

func (w *writer) Write(p []byte) (int, error) {
	w.meter.mu.Lock()
	defer w.meter.mu.Unlock()
	w.meter.clear()
	n, err := w.w.Write(p)
	if n > 0 {
		w.meter.mid = p[n-1] != '\n'
	}
	return n, err
}

func (m *Meter) draw(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.stats == nil {
		return
	}
	m.line.update(m.stats, now.Sub(m.last))
	m.last = now
	if m.mid {
		return
	}
	text := m.line.text(0) + "\n"
	if m.width != nil {
		text = "\r" + m.line.text(m.width()) + "\x1b[K"
	}
	if _, err := io.WriteString(m.w, text); err != nil {
		m.stats = nil // nobody is there to see it
	}
	m.drawn = m.width != nil
}

func (m *Meter) clear() {
	if m.drawn {
		io.WriteString(m.w, "\r\x1b[K") // as little can be done about an error as in draw
	}
	m.drawn = false
}

// update looks at how far it is, and how fast it got there. The rate forgets
// slowly, so that it neither jumps nor lags behind for long.
func (l *line) update(stats func() (done, total int64), passed time.Duration) {
	done, total := stats()
	if passed > 0 {
		current := float64(done-l.done) / passed.Seconds()
		weight := 1 - math.Exp(-passed.Seconds()/memory.Seconds())
		if !l.timed {
			weight = 1
		}
		l.rate += (current - l.rate) * weight
		l.timed = l.timed || done > 0
	}
	l.done, l.total = done, total
}

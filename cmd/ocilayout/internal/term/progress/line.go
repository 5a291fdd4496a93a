package progress

import (
	"fmt"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// line is what is shown.
type line struct {
	label       string
	done, total int64
	rate        float64 // bytes a second
	timed       bool    // rate is known
}

// text returns the line in at most width-1 characters, as some terminals begin a
// new line behind the last one, or as long as it is where width is 0. What
// matters least is left out first: the bar, the end of the label, then more.
func (l *line) text(width int) string {
	parts := l.parts()
	if width <= 0 {
		return strings.Join(append(parts, l.label), "  ")
	}
	room := max(width-1, 0)
	var b strings.Builder
	if size := min((width-60)/2, 30); size >= 8 && l.counting() {
		b.WriteString(l.bar(size) + " ")
	}
	for i, part := range append(parts, l.label) {
		if i > 0 {
			part = "  " + part
		}
		left := room - b.Len()
		if len(part) > left {
			if i == len(parts) && left > 8 {
				b.WriteString(part[:left-3] + "...")
			}
			break
		}
		b.WriteString(part)
	}
	return b.String()
}

// counting says whether it is known how much there is to do. While documents are
// read, what has been done is all that is known of.
func (l *line) counting() bool { return l.done < l.total }

// parts are what is known, the most important first, each as wide as it was
// before where that is possible.
func (l *line) parts() []string {
	if !l.counting() {
		return []string{size(l.done) + " read"}
	}
	parts := []string{
		fmt.Sprintf("%3d%%", int(100*float64(l.done)/float64(l.total))),
		size(l.done) + " of " + size(l.total),
	}
	if l.timed && l.rate >= 1 {
		left := time.Duration(min(float64(l.total-l.done)/l.rate, 1e9) * float64(time.Second))
		parts = append(parts, size(int64(l.rate))+"/s", remaining(left)+" left")
	}
	return parts
}

// bar draws how much is done in that many characters, with its ends.
func (l *line) bar(size int) string {
	inner := size - 2
	full := int(float64(inner) * float64(l.done) / float64(l.total))
	return "[" + strings.Repeat("=", full) + strings.Repeat("-", inner-full) + "]"
}

func size(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }

// remaining returns a time in two units at most: "9s", "3m05s", "2h10m".
func remaining(d time.Duration) string {
	seconds := int64((d + time.Second - 1) / time.Second)
	switch {
	case seconds < 60:
		return fmt.Sprintf("%ds", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%dm%02ds", seconds/60, seconds%60)
	case seconds < 100*3600:
		return fmt.Sprintf("%dh%02dm", seconds/3600, seconds/60%60)
	}
	return "days"
}

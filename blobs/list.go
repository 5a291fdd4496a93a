package blobs

// List is a list of values that grows without being copied, so that a long one
// takes no more than its values, and they keep their addresses. The zero value is
// empty.
type List[T any] struct {
	chunks []*[chunkLength]T
	n      int
}

const chunkLength = 256

// Len returns how many values there are.
func (l *List[T]) Len() int { return l.n }

// Add adds a value at the end, and returns its place.
func (l *List[T]) Add(value T) int {
	if l.n%chunkLength == 0 {
		l.chunks = append(l.chunks, new([chunkLength]T))
	}
	l.n++
	*l.At(l.n - 1) = value
	return l.n - 1
}

// At returns the value at place n.
func (l *List[T]) At(n int) *T { return &l.chunks[n/chunkLength][n%chunkLength] }

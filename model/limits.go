package model

// Limits bound what one document may hold, so that its size in memory follows
// from them and not from its sender. A zero field is its default. Where a limit
// is hit, loading reports rule limit-json and ends there.
type Limits struct {
	Depth  int // nesting of arrays and objects; default 64
	Values int // tokens altogether: names, scalars, and the ends of arrays and objects; default 1,000,000
	Items  int // elements of one array or members of one object; default 65,536
	String int // bytes of one string as written, quotes included; default 2 MiB
	Memory int // bytes that what is loaded takes beside the document's own, roughly; default 32 MiB
	// Done ends loading as a limit does, soon after it is closed; nil for never. It is
	// what the Done of a context returns: the document is of no use where that is
	// cancelled.
	Done <-chan struct{}
}

func (l Limits) withDefaults() Limits {
	if l.Depth == 0 {
		l.Depth = 64
	}
	if l.Values == 0 {
		l.Values = 1_000_000
	}
	if l.Items == 0 {
		l.Items = 65_536
	}
	if l.String == 0 {
		l.String = 2 << 20
	}
	if l.Memory == 0 {
		l.Memory = 32 << 20
	}
	return l
}

// maxProblems and maxPointers, the bytes of all their pointers, bound what is
// reported of a document that is wrong all over: a long name can stand in each.
const (
	maxProblems = 10_000
	maxPointers = 4 << 20
)

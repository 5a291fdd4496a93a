package layer

import "encoding/binary"

// list is an array that grows without being copied.
type list[T any] struct {
	chunks [][]T
	n      int
}

const listChunk = 1 << 12

// add appends, and returns the place of what it appended.
func (l *list[T]) add(v T) uint32 {
	last := len(l.chunks) - 1
	if last < 0 || len(l.chunks[last]) == listChunk {
		l.chunks = append(l.chunks, nil)
		last++
		if last > 0 {
			l.chunks[last] = make([]T, 0, listChunk)
		}
	}
	l.chunks[last] = append(l.chunks[last], v)
	l.n++
	return uint32(l.n - 1)
}

// cut leaves the first n.
func (l *list[T]) cut(n int) {
	l.chunks = l.chunks[:(n+listChunk-1)/listChunk]
	if last := len(l.chunks) - 1; last >= 0 {
		l.chunks[last] = l.chunks[last][:n-last*listChunk]
	}
	l.n = n
}

func (l *list[T]) at(i uint32) *T { return &l.chunks[i/listChunk][i%listChunk] }

// arena keeps strings one behind another. A place in it is the number of a chunk
// and, in the last 16 bits, a place there.
type arena struct {
	chunks [][]byte
	bytes  *int64 // that is counted up with what it takes
}

const arenaChunk = 1 << 16

// add returns the place of what it copies.
func (a *arena) add(s string) uint32 {
	need := len(s) + binary.MaxVarintLen32
	last := len(a.chunks) - 1
	if last < 0 || len(a.chunks[last])+need > cap(a.chunks[last]) || len(a.chunks[last]) >= arenaChunk {
		size := max(arenaChunk, need)
		if last < 0 {
			size = max(1<<10, need) // which is enough for most layers
		}
		a.chunks = append(a.chunks, make([]byte, 0, size))
		*a.bytes += int64(size)
		last++
	}
	at := len(a.chunks[last])
	a.chunks[last] = append(binary.AppendUvarint(a.chunks[last], uint64(len(s))), s...)
	return uint32(last)<<16 | uint32(at)
}

// get returns what add was given.
func (a *arena) get(at uint32) []byte {
	chunk := a.chunks[at>>16][at&(arenaChunk-1):]
	n, size := binary.Uvarint(chunk)
	return chunk[size : size+int(n)]
}

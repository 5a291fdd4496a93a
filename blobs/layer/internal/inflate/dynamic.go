package inflate

// order is the one in which the lengths of the codes of code lengths are stored.
var order = [lengths]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamic reads the codes of a block (RFC 1951, 3.2.7), and makes its tables.
func (z *inflater) dynamic() error {
	z.fixed = false
	if err := z.need(14); err != nil {
		return err
	}
	lits, dists, n := int(z.take(5))+257, int(z.take(5))+1, int(z.take(4))+4
	if lits > maxLit || dists > maxDist {
		return errLengths
	}
	shortest, err := z.lengthCode(n)
	if err != nil {
		return err
	}
	of := z.of[:lits+dists]
	if err := z.codeLengths(of, shortest); err != nil {
		return err
	}
	var ok bool
	if z.leastLit, ok = build(z.lit[:], litBits, of[:lits], litSymbols[:]); !ok {
		return errLengths
	}
	// The standard library has the bits of an end of the block at hand before it
	// looks a symbol up, and gives nothing more where a stream is cut off there.
	z.leastLit = max(z.leastLit, uint32(of[endOfBlock]))
	if z.leastDist, ok = build(z.dist[:], distBits, of[lits:], distSymbols[:]); !ok {
		return errLengths
	}
	return nil
}

// lengthCode makes the table of the code of code lengths, n of which are stored.
func (z *inflater) lengthCode(n int) (shortest uint32, err error) {
	var of [lengths]uint8
	for _, symbol := range order[:n] {
		if err := z.need(3); err != nil {
			return 0, err
		}
		of[symbol] = uint8(z.take(3))
	}
	shortest, ok := build(z.dist[:], lengthBits, of[:], lengthSymbols[:])
	if !ok {
		return 0, errLengths
	}
	return shortest, nil
}

// codeLengths fills of.
func (z *inflater) codeLengths(of []uint8, shortest uint32) error {
	for i := 0; i < len(of); {
		e, err := z.lookUp(z.dist[:], lengthBits, shortest)
		switch {
		case err != nil:
			return err
		case e&isSpecial != 0:
			return errLengths
		}
		z.take(e & bitsMask)
		symbol := uint8(e >> 16)
		if symbol < 16 {
			of[i] = symbol
			i++
			continue
		}
		value, n, err := z.repeated(of[:i], symbol)
		switch {
		case err != nil:
			return err
		case n > len(of)-i:
			return errLengths
		}
		for ; n > 0; n-- {
			of[i] = value
			i++
		}
	}
	return nil
}

// repeated returns the length that the symbol repeats, and how often.
func (z *inflater) repeated(before []uint8, symbol uint8) (value uint8, n int, err error) {
	base, extra := 3, uint32(2)
	switch symbol {
	case 16:
		if len(before) == 0 {
			return 0, 0, errLengths
		}
		value = before[len(before)-1]
	case 17:
		extra = 3
	default:
		base, extra = 11, 7
	}
	if err := z.need(extra); err != nil {
		return 0, 0, err
	}
	return value, base + int(z.take(extra)), nil
}

package inflate

// careful decodes one symbol of a compressed block, and a match with both its
// symbols. It takes no more of the source than that needs, so that it goes on to
// the very end of a stream that is cut off.
func (z *inflater) careful() error {
	e, err := z.lookUp(z.lit[:], litBits, z.leastLit)
	switch {
	case err != nil:
		return err
	case e&isLiteral != 0:
		z.take(e & bitsMask)
		z.out[z.w] = byte(e >> 16)
		z.w++
		return nil
	case e&isEnd == isEnd:
		z.take(e & bitsMask)
		z.state = atBlock
		return nil
	case e&isSpecial != 0:
		return errSymbol
	}
	length, err := z.value(e)
	if err != nil {
		return err
	}
	return z.match(int(length))
}

func (z *inflater) match(length int) error {
	e, err := z.lookUp(z.dist[:], distBits, z.leastDist)
	switch {
	case err != nil:
		return err
	case e&isSpecial != 0:
		return errSymbol
	}
	distance, err := z.value(e)
	switch {
	case err != nil:
		return err
	case int(distance) > z.w-z.low:
		return errDistance
	}
	for range length {
		z.out[z.w] = z.out[z.w-int(distance)]
		z.w++
	}
	return nil
}

// lookUp returns the entry of the code that comes next, and takes only what chose a
// second table for it. There have to be at least so many bits.
func (z *inflater) lookUp(table []uint32, width, least uint32) (uint32, error) {
	if err := z.need(least); err != nil {
		return 0, err
	}
	for {
		e, first := table[z.bits&(1<<width-1)], uint32(0)
		if isLinked(e) {
			first = width
			e = table[e>>16+uint32(z.bits>>width)&(1<<(e>>8&linkMask)-1)]
		}
		// Bits above count are zero, or those that come next: either way a code that
		// is no longer than count is the right one.
		if first+e>>8&bitsMask <= z.count {
			z.take(first)
			return e, nil
		}
		if err := z.need(z.count + 1); err != nil {
			return 0, err
		}
	}
}

// value returns the number that an entry and the bits behind its code make.
func (z *inflater) value(e uint32) (uint32, error) {
	if err := z.need(e & bitsMask); err != nil {
		return 0, err
	}
	n := e >> 8 & bitsMask
	z.take(n)
	return e>>16 + z.take(e&bitsMask-n), nil
}

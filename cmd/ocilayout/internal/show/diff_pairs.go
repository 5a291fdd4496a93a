package show

import "strings"

// pair returns the items of A with their counterparts in B, in the order of A,
// and puts the others into the result.
func (c *comparer) pair() [][2]*item {
	found := make(map[*item]*item)
	match := func(a, b *item) {
		found[a] = b
		a.paired, b.paired = true, true
	}
	if a, b := single(c.a.items), single(c.b.items); a != nil && b != nil {
		match(a, b)
	}
	for _, pass := range passes {
		pass.run(c.a.items, c.b.items, match)
	}
	var pairs [][2]*item
	for _, a := range c.a.items {
		b := found[a]
		if b == nil { // it may be paired already, under another name
			b = c.b.byDigest[a.desc.Digest]
		}
		if b == nil {
			c.result.OnlyInA = append(c.result.OnlyInA, a.Item)
		} else {
			pairs = append(pairs, [2]*item{a, b})
		}
	}
	for _, b := range c.b.items {
		switch a := c.a.byDigest[b.desc.Digest]; {
		case b.paired:
		case a != nil:
			pairs = append(pairs, [2]*item{a, b})
		default:
			c.result.OnlyInB = append(c.result.OnlyInB, b.Item)
		}
	}
	return pairs
}

// single returns the only image, or else the only item, nil if there are more.
func single(items []*item) *item {
	var images []*item
	for _, it := range items {
		if it.Kind != KindArtifact {
			images = append(images, it)
		}
	}
	switch {
	case len(images) == 1:
		return images[0]
	case len(items) == 1:
		return items[0]
	}
	return nil
}

// A pass pairs items that have one of their keys in common.
type pass struct {
	keys   func(*item) []string
	unique bool // only where one item of each side is left with the key
}

// passes find counterparts, the surest ones first.
var passes = []pass{
	{keys: named(func(it *item) string { return it.Digest })},
	{keys: named(versioned)},
	{keys: named(func(it *item) string { return it.key })},
	{keys: func(it *item) []string { return []string{it.Digest} }},
	{keys: artifacts, unique: true},
	{keys: keyed(versioned), unique: true},
	{keys: keyed(func(it *item) string { return it.key + "\x00" + release(it.OSVersion) }), unique: true},
	{keys: keyed(func(it *item) string { return it.key }), unique: true},
}

// artifacts of one name and type are counterparts even if they are about
// something else.
func artifacts(it *item) []string {
	if it.Kind != KindArtifact {
		return nil
	}
	return named(func(it *item) string { return it.ArtifactType })(it)
}

func versioned(it *item) string { return it.key + "\x00" + it.OSVersion }

// release is an os.version of Windows without its revision, which each month
// raises: images for another release are other images.
func release(version string) string {
	parts := strings.Split(version, ".")
	return strings.Join(parts[:min(len(parts), 3)], ".")
}

func keyed(key func(*item) string) func(*item) []string {
	return func(it *item) []string {
		if it.key == "" {
			return nil
		}
		return []string{key(it)}
	}
}

func named(key func(*item) string) func(*item) []string {
	return func(it *item) (keys []string) {
		for _, name := range it.References {
			keys = append(keys, name+"\x00"+key(it))
		}
		return keys
	}
}

// run goes through both lists once.
func (p pass) run(a, b []*item, match func(a, b *item)) {
	left, right := p.byKey(a), p.byKey(b)
	for _, x := range a {
		if x.paired {
			continue
		}
		for _, key := range p.keys(x) {
			if p.unique && (len(left[key]) != 1 || len(right[key]) != 1) {
				continue
			}
			for len(right[key]) > 0 && right[key][0].paired {
				right[key] = right[key][1:]
			}
			if len(right[key]) > 0 {
				match(x, right[key][0])
				break
			}
		}
	}
}

// byKey returns the items that have no counterpart yet.
func (p pass) byKey(items []*item) map[string][]*item {
	found := make(map[string][]*item)
	for _, it := range items {
		if it.paired {
			continue
		}
		for _, key := range p.keys(it) {
			found[key] = append(found[key], it)
		}
	}
	return found
}

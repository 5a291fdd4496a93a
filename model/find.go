package model

// Find returns the first entry whose platform p matches, which is the one to
// prefer where several do (image-index.md, manifests); see [Platform.Match].
// Entries without a platform are passed over. The descriptor is the index's own.
func (x *Index) Find(p Platform) (*Descriptor, bool) {
	for i := range x.Manifests {
		if entry := &x.Manifests[i]; entry.Platform != nil && p.Match(*entry.Platform) {
			return entry, true
		}
	}
	return nil, false
}

// Ref returns the entries that carry the reference name, in document order: more
// than one where images for several platforms share it. The descriptors are the
// index's own.
func (x *Index) Ref(name string) []*Descriptor {
	var entries []*Descriptor
	for i := range x.Manifests {
		if ref, ok := x.Manifests[i].Annotations[AnnotationRefName]; ok && ref == name {
			entries = append(entries, &x.Manifests[i])
		}
	}
	return entries
}

// Package layouttest makes OCI image layouts for tests: sound ones with a
// [Builder], and broken ones by the edits that follow, in any afero.Fs.
//
//	fsys := afero.NewMemMapFs()
//	b := layouttest.New(fsys)
//	layer := b.Layer(layouttest.Files{"etc/motd": "hello\n"})
//	b.Entry(b.Image("linux/amd64", layer), "v1")
//	err := b.Finish()
//	…
//	err = layouttest.Corrupt(fsys, blobs.Path(layer.Digest), 20)
//
// Layers of any shape come from [Builder.Archive] and [Builder.Pack], and those
// that no archiver would write from [RawHeader] and its like.
//
// A [Faults] makes a file system fail on plan: with errors, short and wrong bytes,
// lies about lengths and listings, and panics.
//
// The same calls give the same bytes, and so the same digests, in every run and
// with every version of Go. For a real directory, hand in
// afero.NewBasePathFs(afero.NewOsFs(), dir).
package layouttest

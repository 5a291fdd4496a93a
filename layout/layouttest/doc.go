// Package layouttest makes OCI image layouts for tests, in any afero.Fs: sound ones with
// a [Builder], and broken ones by the edits that follow. [RequireValid] checks one.
//
//	fsys := afero.NewMemMapFs()
//	b := layouttest.New(fsys)
//	layer := b.Layer(layouttest.Files{"etc/motd": "hello\n"})
//	b.Entry(b.Image("linux/amd64", layer), "v1")
//	err := b.Finish()
//	…
//	layouttest.RequireValid(t, afero.NewIOFS(fsys))
//	err = layouttest.Corrupt(fsys, blobs.Path(layer.Digest), 20)
//
// Layers of any shape come from [Builder.Archive] and [Builder.Pack].
//
// The same calls give the same bytes, and so the same digests, in every run and
// with every version of Go. For a real directory, hand in
// afero.NewBasePathFs(afero.NewOsFs(), dir).
package layouttest

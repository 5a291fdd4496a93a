package show_test

import (
	"archive/tar"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/show"
	"github.com/ocilayout/ocilayout/layout/layouttest"
	"github.com/ocilayout/ocilayout/model"
)

type layerEntries = []layouttest.Entry

// What two images unpack to is compared path by path.
func TestFiles(t *testing.T) {
	motd := layouttest.File("etc/motd", "hello\n")
	base := layerEntries{layouttest.Dir("etc/"), motd, layouttest.Symlink("etc/issue", "motd")}
	changed := func(edit func(*tar.Header)) layerEntries { return layerEntries{base[0], entry(motd, edit), base[2]} }
	linked := layerEntries{layouttest.File("a", "x"), layouttest.HardLink("b", "a")}
	device := func(minor int64) layerEntries {
		return layerEntries{{Header: tar.Header{Name: "null", Typeflag: tar.TypeChar, Devmajor: 1, Devminor: minor}}}
	}
	for _, test := range []struct {
		name string
		a, b []layerEntries
		o    show.DiffOptions
		want []string
	}{
		{name: "the same in other layers", a: []layerEntries{base}, b: []layerEntries{base[:2], base[2:]}},
		{name: "added", a: []layerEntries{base[:2]}, b: []layerEntries{base}, want: []string{"added etc/issue"}},
		{name: "removed", a: []layerEntries{base}, b: []layerEntries{base[:2]}, want: []string{"removed etc/issue"}},
		{name: "removed by a whiteout", a: []layerEntries{base}, b: []layerEntries{base, {layouttest.File("etc/.wh.motd", "")}}, want: []string{"removed etc/motd"}},
		{name: "removed by an opaque whiteout", a: []layerEntries{base}, b: []layerEntries{base, {layouttest.File("etc/.wh..wh..opq", ""), layouttest.File("etc/new", "")}},
			want: []string{"removed etc/issue", "removed etc/motd", "added etc/new"}},
		{name: "content", a: []layerEntries{base}, b: []layerEntries{{base[0], layouttest.File("etc/motd", "jello\n"), base[2]}}, want: []string{"changed etc/motd [digest]"}},
		{name: "size", a: []layerEntries{base}, b: []layerEntries{base, {layouttest.File("etc/motd", "bye\n")}}, want: []string{"changed etc/motd [size digest]"}},
		{name: "mode", a: []layerEntries{base}, b: []layerEntries{changed(func(h *tar.Header) { h.Mode = 0o4755 })}, want: []string{"changed etc/motd [mode]"}},
		{name: "owner", a: []layerEntries{base}, b: []layerEntries{changed(func(h *tar.Header) { h.Uid, h.Gid = 1, 2 })}, want: []string{"changed etc/motd [uid gid]"}},
		{name: "xattrs", a: []layerEntries{base}, b: []layerEntries{changed(func(h *tar.Header) { h.PAXRecords = map[string]string{"SCHILY.xattr.user.k": "\xff"} })},
			want: []string{"changed etc/motd [xattrs]"}},
		{name: "time left out", a: []layerEntries{base}, b: []layerEntries{changed(func(h *tar.Header) { h.ModTime = time.Unix(5, 0) })}},
		{name: "time", a: []layerEntries{base}, b: []layerEntries{changed(func(h *tar.Header) { h.ModTime = time.Unix(5, 0) })}, o: show.DiffOptions{Times: true},
			want: []string{"changed etc/motd [modified]"}},
		{name: "target", a: []layerEntries{base}, b: []layerEntries{base, {layouttest.Symlink("etc/issue", "/etc/motd")}}, want: []string{"changed etc/issue [link]"}},
		{name: "type", a: []layerEntries{base}, b: []layerEntries{base, {layouttest.Symlink("etc/motd", "x")}}, want: []string{"changed etc/motd [type mode size link]"}},
		{name: "hard link or copy", a: []layerEntries{linked}, b: []layerEntries{{linked[0], layouttest.File("b", "x")}}, want: []string{"changed b [hardLink]"}},
		{name: "content of a hard link", a: []layerEntries{linked}, b: []layerEntries{{layouttest.File("a", "y"), linked[1]}}, want: []string{"changed a [digest]", "changed b [digest]"}},
		{name: "device", a: []layerEntries{device(3)}, b: []layerEntries{device(5)}, want: []string{"changed null [device]"}},
		{name: "order of paths", a: nil, b: []layerEntries{{layouttest.File("a.b", ""), layouttest.Dir("a/"), layouttest.File("a/b", ""), layouttest.File("a-b", "")}},
			want: []string{"added a", "added a/b", "added a-b", "added a.b"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			sites := [2]site{newSite(), newSite()}
			for i, layers := range [][]layerEntries{test.a, test.b} {
				var packed []layouttest.Layer
				for _, entries := range layers {
					packed = append(packed, sites[i].packed(entries...))
				}
				sites[i].Entry(sites[i].Image("linux/amd64", packed...), "v1")
			}
			r := compared(t, sites[0], sites[1], test.o)
			if test.want == nil {
				test.want = []string{}
			}
			files := only(t, r).Files
			if diff := cmp.Diff(test.want, changes(files)); diff != "" {
				t.Error(diff)
			}
			if verdict := map[bool]string{true: show.FilesSame, false: show.FilesDifferent}[len(test.want) == 0]; files.Verdict != verdict || !r.Complete {
				t.Errorf("verdict %s, complete %v", files.Verdict, r.Complete)
			}
		})
	}
}

// The counts speak of all files, also of those that the list leaves out.
func TestFileCounts(t *testing.T) {
	a, b := newSite(), newSite()
	a.Entry(a.Image("linux/amd64", a.Layer(layouttest.Files{"1": "1", "2": "22", "3": "333"})), "v1")
	b.Entry(b.Image("linux/amd64", b.Layer(layouttest.Files{"2": "two", "3": "333", "4": "4444", "5": "55555"})), "v1")
	got := only(t, compared(t, a, b, show.DiffOptions{MaxFiles: 1})).Files
	first := got.List
	got.List = nil
	want := show.Files{Verdict: show.FilesDifferent, Added: 2, AddedBytes: 9, Removed: 1, RemovedBytes: 1, Changed: 1, ChangedBytesA: 2, ChangedBytesB: 3, Omitted: 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(first) != 1 || first[0].Path != "1" || first[0].B != nil {
		t.Errorf("%v", first)
	}
}

// Layers that hold the same in another form make the same files.
func TestRepacked(t *testing.T) {
	a, b := newSite(), newSite()
	archive := a.Archive(layouttest.File("f", "text"))
	a.Entry(a.Image("linux/amd64", a.Pack(model.MediaTypeLayerGzip, archive)), "v1")
	b.Entry(b.Image("linux/amd64", b.Pack(model.MediaTypeLayerZstd, archive)), "v1")
	for o, want := range map[*show.DiffOptions]string{
		{}: show.FilesSame, {Quick: true}: show.FilesAssumed, {NoFiles: true}: show.FilesSkipped,
	} {
		r := compared(t, a, b, *o)
		p := only(t, r)
		if p.Files.Verdict != want || !r.Differs || len(p.Layers) != 1 || p.Layers[0].State != show.LayerRepacked || len(p.Config.Members) > 0 {
			t.Errorf("%+v: %+v", o, p)
		}
	}
}

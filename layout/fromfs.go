package layout

import (
	"io/fs"
	"os"

	"github.com/spf13/afero"
)

// FromFS returns the layout at the root of fsys, such as an embed.FS, an
// fstest.MapFS or a *zip.Reader, and reads nothing yet. Nothing writes to fsys. A
// symlink is not followed where fsys can tell one, as an [fs.ReadLinkFS] or by the mode
// of the file. For a directory on disk, [Open] is faster, follows symlinks that stay
// within, and lets none lead out, which os.DirFS does not promise. The layout is safe
// for concurrent use if fsys is; its Close closes nothing of fsys.
func FromFS(fsys fs.FS) *Layout { return New(ioFs{afero.FromIOFS{FS: fsys}}) }

// ioFs adds symlinks to afero's adapter, of which every operation that would write is
// fs.ErrPermission.
type ioFs struct{ afero.FromIOFS }

func (f ioFs) LstatIfPossible(name string) (os.FileInfo, bool, error) {
	info, err := fs.Lstat(f.FS, name)
	_, tells := f.FS.(fs.ReadLinkFS)
	return info, tells, err
}

// ReadlinkIfPossible makes it an afero.LinkReader.
func (f ioFs) ReadlinkIfPossible(name string) (string, error) { return fs.ReadLink(f.FS, name) }

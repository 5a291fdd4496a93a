package verify

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// maxAccounts bounds what is read of a passwd or group file.
const maxAccounts = 1 << 20

// user looks for the user and group of an image in its own files, as converters
// to a runtime bundle have to (conversion.md, Config.User). It reads the layers
// once more, so it is done only where the rule is asked for.
func (c *contentCheck) user(img *image) {
	facts := c.facts(img)
	if facts == nil || facts.user == "" || c.unsound(img) {
		return
	}
	user, group, _ := strings.Cut(facts.user, ":")
	if isNumber(user) && (group == "" || isNumber(group)) {
		return
	}
	files, err := c.files(img)
	if err != nil {
		c.emitUnreadable(err, Finding{Path: img.manifest.Path, Trail: img.manifest.Trail()})
		return
	}
	for _, account := range []struct{ name, file string }{{user, "etc/passwd"}, {group, "etc/group"}} {
		if account.name == "" || isNumber(account.name) {
			continue
		}
		known, err := hasAccount(files, account.file, account.name)
		if err != nil {
			c.emitUnreadable(err, Finding{Path: img.manifest.Path, Trail: img.manifest.Trail()})
			return
		}
		if !known {
			f := c.aboutConfig(img, "/config/User")
			f.Rule, f.Message, f.Actual = rule.ConfigUserUnknown, "no line of /"+account.file+" in the image is for this name", account.name
			c.emit(f)
		}
	}
}

// unsound says whether some layer of the image could not be unpacked, which is
// reported elsewhere.
func (c *contentCheck) unsound(img *image) bool {
	for _, l := range img.layers {
		if l.plan == nil || l.plan.facts == nil || !l.plan.facts.whole {
			return true
		}
	}
	return false
}

// files returns the file system that the image's layers make.
func (c *contentCheck) files(img *image) (layer.FS, error) {
	algorithm, encoded := path.Split(strings.TrimPrefix(img.manifest.Path, model.BlobsDir+"/"))
	image, err := c.layout.Image(c.ctx, &model.Descriptor{
		MediaType: model.MediaTypeManifest,
		Digest:    digest.NewDigestFromEncoded(digest.Algorithm(strings.TrimSuffix(algorithm, "/")), encoded),
		Size:      img.manifest.Size,
	})
	if err != nil {
		return layer.FS{}, err
	}
	return image.FS(c.ctx, c.options.LayerLimits)
}

// hasAccount says whether a file of the form of passwd has a line for the name.
// A file that is not there has none.
func hasAccount(files fs.FS, file, name string) (bool, error) {
	f, err := files.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer f.Close()
	rest := &io.LimitedReader{R: f, N: maxAccounts}
	lines := bufio.NewScanner(rest)
	lines.Buffer(nil, maxAccounts)
	for lines.Scan() {
		if account, _, ok := strings.Cut(lines.Text(), ":"); ok && account == name {
			return true, nil
		}
	}
	if rest.N == 0 {
		return false, blobs.ErrTooLarge
	}
	return false, lines.Err()
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

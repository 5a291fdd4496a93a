package verify

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/blobs/layer"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// schedule notes which jobs an image waits for.
func (c *contentCheck) schedule() {
	for i, id := range c.jobs {
		if plan := c.rows.At(int(id)).layer; plan != nil {
			plan.job = i + 1
		}
	}
	for _, img := range c.images {
		for _, l := range img.layers {
			if l.plan != nil {
				img.ready = max(img.ready, l.plan.job-1)
			}
		}
	}
}

// imageRules are what an image is checked for once its layers were read, in the order of
// the findings.
func (c *contentCheck) imageRules() []func(*image) {
	return []func(*image){c.diffIDs, c.base, c.user, c.stack}
}

// checkImages checks, in order, the images whose jobs are done once that one is.
func (c *contentCheck) checkImages(done int) {
	for ; c.checked < len(c.images) && c.images[c.checked].ready <= done && !c.stopped; c.checked++ {
		img := c.images[c.checked]
		c.guard(Finding{Path: img.manifest.Path, Trail: img.manifest.Trail()}, func() {
			for _, check := range c.rules {
				check(img)
			}
		})
		for _, l := range img.layers {
			if l.plan == nil {
				continue
			}
			if l.plan.images--; l.plan.images == 0 {
				l.plan.facts.free()
				l.plan.facts = nil
			}
		}
	}
}

// diffIDs compares the configuration with the layers, place by place.
func (c *contentCheck) diffIDs(img *image) {
	facts := c.facts(img)
	if facts == nil {
		return
	}
	f := c.aboutConfig(img, "/rootfs/diff_ids")
	if len(facts.diffIDs) != img.count {
		f.Rule = rule.DiffIDCount
		f.Message = "the manifest has another number of layers than the configuration has diff ids, so that none can be held against the other"
		f.Expected, f.Actual = strconv.Itoa(img.count), strconv.Itoa(len(facts.diffIDs))
		c.emit(f)
		return
	}
	for i, l := range img.layers {
		f := f
		f.Pointer = fmt.Sprintf("/rootfs/diff_ids/%d", i)
		c.diffID(f, img, i, l, facts.diffIDs)
	}
}

// diffID compares one layer with its diff id. What kept the layer from being unpacked is
// reported elsewhere.
func (c *contentCheck) diffID(f Finding, img *image, i int, l imageLayer, diffIDs []digest.Digest) {
	want, err := model.ParseDigest(string(diffIDs[i]))
	if err != nil || l.node < 0 {
		return
	}
	if why := c.unknowable(l); why != "" {
		artifact := model.ArtifactKind("", "", c.strings[l.mediaType]) != ""
		if artifact && c.at(int(l.node)).Digest == want {
			return // an attestation or the like, which nobody unpacks
		}
		if c.count(func(s *Stats) { s.DiffIDsNotChecked++ }); artifact {
			return
		}
		c.emit(Finding{Rule: rule.DiffIDNotChecked, Path: img.manifest.Path, Pointer: l.pointer(), Digest: c.nodes.At(int(l.node)).Digest, Trail: img.manifest.Trail(),
			Message: fmt.Sprintf("the diff id of layer %d was not checked: %s", i, why), Actual: c.strings[l.mediaType]})
		return
	}
	if !model.Computable(want.Algorithm()) {
		f.Rule, f.Message, f.Actual = rule.DigestAlgorithmUnsupported, "the diff id's algorithm cannot be computed here, so it was not checked", string(want.Algorithm())
		c.emit(f)
		return
	}
	if l.facts() == nil {
		return
	}
	got, ok := l.facts().diffIDs[want.Algorithm()]
	if !ok || got == want {
		return
	}
	f.Rule = rule.DiffIDMismatch
	f.Message = fmt.Sprintf("layer %d unpacks to %s, and its diff id is %s", i, got, want)
	if blob := c.nodes.At(int(l.node)).Digest; blob == want {
		f.Message += "; that is the digest of the layer's blob, which is compressed, where the diff id is that of the archive in it"
	}
	for other, d := range diffIDs {
		if d == got {
			f.Message += fmt.Sprintf("; what it unpacks to is diff id %d", other)
			break
		}
	}
	f.Expected, f.Actual = string(want), string(got)
	c.emit(f)
}

// unknowable says why nobody can tell what a layer unpacks to.
func (c *contentCheck) unknowable(l imageLayer) string {
	switch {
	case !l.isLayer:
		return "its media type is not that of a layer"
	case l.facts() != nil:
	case c.rows.At(int(l.node)).reported.has(rule.BlobMissingExcused):
		return "the blob is absent"
	}
	return ""
}

// base compares an image with the base image that its annotations name, where the
// layout has that, too: the layers of the base are the lowest of the image
// (annotations.md, Pre-Defined Annotation Keys).
func (c *contentCheck) base(img *image) {
	if img.base == "" {
		return
	}
	facts, base := c.facts(img), c.imageAt(blobs.Path(img.base))
	if facts == nil || base == nil || base == img || c.facts(base) == nil {
		return
	}
	for i, d := range c.facts(base).diffIDs {
		if i < len(facts.diffIDs) && facts.diffIDs[i] == d {
			continue
		}
		f := Finding{Rule: rule.AnnotationBaseLayers, Path: img.manifest.Path, Pointer: model.Pointer("annotations", model.AnnotationBaseDigest),
			Trail: img.manifest.Trail(), Message: "the image does not begin with the layers of the base image that it names", Expected: string(d)}
		if i < len(facts.diffIDs) {
			f.Actual = string(facts.diffIDs[i])
		}
		c.emit(f)
		return
	}
}

// imageAt returns the image whose manifest lies at the path, nil for none.
func (c *contentCheck) imageAt(path string) *image {
	if c.byPath == nil {
		c.byPath = make(map[string]*image, len(c.images))
		for _, img := range c.images {
			c.byPath[img.manifest.Path] = img
		}
	}
	return c.byPath[path]
}

// aboutConfig returns the beginning of a finding about the configuration.
func (c *contentCheck) aboutConfig(img *image, pointer string) Finding {
	config := c.nodes.At(img.config)
	return Finding{Path: config.Info.Path, Pointer: pointer, Digest: config.Digest,
		Trail: append(img.manifest.Trail(), img.manifest.Path+"#/config")}
}

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
	return slices.ContainsFunc(img.layers, func(l imageLayer) bool { return l.facts() == nil || !l.facts().whole })
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

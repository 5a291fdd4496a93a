package layout

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/model"
)

// What is looked at to say what lies where no layout is.
const (
	mostNames    = 1000    // of one directory
	mostListed   = 1000    // directories on the search for layouts below
	deepest      = 4       // of those
	mostManifest = 4 << 20 // bytes of a manifest.json
)

// notLayout says why there is no layout, and what there is in its place.
func (l *Layout) notLayout() error {
	if l.archive != nil && l.archive.Cut() {
		return fmt.Errorf("%w in the part of the archive that was looked at: %s", ErrNotLayout, l.limits())
	}
	if what := (&stranger{Layout: l, names: l.some(".")}).describe(); what != "" {
		return fmt.Errorf("%w; %s", ErrNotLayout, what)
	}
	return ErrNotLayout
}

// some returns names of a directory, sorted.
func (l *Layout) some(dir string) []string {
	names, _ := blobs.SomeNames(l.fs, dir, mostNames) // what cannot be listed is not described
	return names
}

// stranger is what lies where a layout was looked for.
type stranger struct {
	*Layout
	names []string // in the root
}

func (s *stranger) has(names ...string) bool {
	for _, name := range names {
		if !slices.Contains(s.names, name) {
			return false
		}
	}
	return true
}

func (s *stranger) dir(name string) bool { return s.Root(name).Dir }

// describe returns "" where it is nothing known.
func (s *stranger) describe() string {
	for _, known := range []func() string{s.empty, s.manifest, s.legacy, s.blobsOnly, s.stores, s.bundle, s.rootfs, s.below, s.archives} {
		if what := known(); what != "" {
			return what
		}
	}
	return ""
}

func (s *stranger) empty() string {
	if len(s.names) > 0 {
		return ""
	}
	if _, err := blobs.SomeNames(s.fs, ".", 1); err != nil {
		return ""
	}
	return "it is empty"
}

// manifest describes what has a manifest.json, of which there are several kinds.
func (s *stranger) manifest() string {
	if !s.Root(dockerFile).Regular {
		return ""
	}
	raw, err := s.ReadFile(context.Background(), dockerFile, mostManifest)
	if err != nil {
		return ""
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	switch kind := model.Detect(raw); {
	case isDockerList(raw):
		return "it is a Docker archive, as podman, skopeo, kaniko and Docker before version 25 write it: " + s.convert("docker-archive")
	case (kind == model.KindManifest || kind == model.KindIndex) && s.has("version"):
		return "it is an image as skopeo writes it to 'dir:': " + s.convert("dir")
	case kind == model.KindManifest || kind == model.KindIndex:
		return "its " + dockerFile + " is the " + kind.String() + " of an image, whose blobs a layout has in " + model.BlobsDir
	}
	return ""
}

// isDockerList says whether a manifest.json is that of a Docker archive: a list of
// objects with Config and Layers.
func isDockerList(raw []byte) bool {
	var list []struct {
		Config *string
		Layers *[]string
	}
	return json.Unmarshal(raw, &list) == nil && len(list) > 0 && list[0].Config != nil && list[0].Layers != nil
}

// convert returns the commands that make a layout with skopeo of one that it reads as
// transport.
func (s *stranger) convert(transport string) string {
	archived := transport == "docker-archive"
	switch {
	case archived == s.IsArchive():
		return "convert it with 'skopeo copy " + s.word(transport+":", "") + " oci:LAYOUT'"
	case archived:
		return "pack and convert it with 'tar -C " + s.word("", "") + " -cf FILE .' and 'skopeo copy docker-archive:FILE oci:LAYOUT'"
	}
	return "unpack and convert it with 'mkdir DIR', 'tar -C DIR -xf " + s.word("", "") + "' and 'skopeo copy dir:DIR oci:LAYOUT'"
}

// legacy describes what docker save wrote before Docker 1.10.
func (s *stranger) legacy() string {
	if !s.has("repositories") || s.has(dockerFile) {
		return ""
	}
	for _, name := range s.names {
		if isHex(name, 64) && s.Root(name+"/layer.tar").Regular {
			return "it is what docker save wrote before Docker 1.10: load it with 'docker load', and save it with Docker 25 or later"
		}
	}
	return ""
}

// blobsOnly describes a part of a layout.
func (s *stranger) blobsOnly() string {
	named := 0
	for _, name := range s.names {
		if isHex(name, 64) {
			named++
		}
	}
	switch {
	case s.has(model.BlobsDir, "ingest") && s.dir("ingest") && s.dir(model.BlobsDir):
		return contentStore
	case s.has(model.BlobsDir) && s.dir(model.BlobsDir+"/sha256"):
		return "it has the blobs of a layout, but not the files that lead to them: the copy is not whole"
	case named > 0 && 2*named > len(s.names) && s.Root(s.first(isDigest)).Regular:
		return "it looks like the directory of blobs within a layout: name the layout's own directory, two levels further up"
	case s.has("sha256") && s.dir("sha256") && len(s.names) <= 3 && slices.ContainsFunc(s.some("sha256"), isDigest):
		return "it looks like the directory blobs of a layout: name the directory that holds it"
	}
	return ""
}

func (s *stranger) first(is func(string) bool) string {
	if i := slices.IndexFunc(s.names, is); i >= 0 {
		return s.names[i]
	}
	return ""
}

func isDigest(name string) bool { return isHex(name, 64) }

const contentStore = "it is containerd's store of content, which has no index of images: export an image from containerd, as 'ctr images export FILE REF' does"

// stores describes where programs keep images for themselves.
func (s *stranger) stores() string {
	for _, store := range []struct {
		dir, what string
	}{
		{"io.containerd.content.v1.content", contentStore},
		{"io.containerd.metadata.v1.bolt", contentStore},
		{"docker/registry/v2", registryStorage},
		{"registry/v2/repositories", registryStorage},
		{"v2/repositories", registryStorage},
		{"overlay-images", containersStorage},
		{"vfs-images", containersStorage},
		{"btrfs-images", containersStorage},
		{"image/overlay2", "it is where Docker keeps its images: save one with 'docker save -o FILE IMAGE', with Docker 25 or later"},
	} {
		if s.dir(store.dir) {
			return store.what
		}
	}
	return ""
}

const (
	registryStorage   = "it is the storage of a registry: copy an image out of the registry, with 'skopeo copy docker://HOST/NAME:TAG oci:LAYOUT'"
	containersStorage = "it is the storage of podman, buildah and CRI-O: copy an image out of it, with 'skopeo copy containers-storage:IMAGE oci:LAYOUT'"
)

func (s *stranger) bundle() string {
	if s.has("config.json", "rootfs") && s.dir("rootfs") {
		return "it is a bundle for a runtime, unpacked from an image: verify the layout that it comes from"
	}
	return ""
}

// below describes what has layouts further down. The search goes breadth first, so
// that it names those that are nearest, and is bounded.
func (s *stranger) below() string {
	type place struct {
		dir   string
		depth int
	}
	var found []string
	listed, more := 0, false
	for queue := []place{{".", 0}}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if listed++; listed > mostListed {
			more = true
			break
		}
		for _, name := range s.some(at.dir) {
			dir := path.Join(at.dir, name)
			if info, err := s.lstat(dir); err != nil || !info.IsDir() {
				continue
			}
			if s.Root(dir+"/"+model.LayoutFile).Regular || s.Root(dir+"/"+model.IndexFile).Regular && s.Root(dir+"/"+model.BlobsDir).Dir {
				found = append(found, dir)
			} else if at.depth+1 < deepest && len(queue) <= mostListed {
				queue = append(queue, place{dir, at.depth + 1})
			}
		}
	}
	if len(found) == 0 {
		return ""
	}
	return s.layoutsBelow(found, more)
}

func (s *stranger) layoutsBelow(found []string, more bool) string {
	const most = 5
	if len(found) == 1 && !more {
		if s.IsArchive() {
			return fmt.Sprintf("the layout lies in the directory %s of the archive: unpack it with 'mkdir DIR' and 'tar -C DIR -xf %s', and name DIR/%s", quoted(found[0]), s.word("", ""), quoted(found[0]))
		}
		return fmt.Sprintf("the layout lies in the directory %s: 'ocilayout verify %s'", quoted(found[0]), s.word("", found[0]))
	}
	var words []string
	for _, dir := range found[:min(most, len(found))] {
		if s.IsArchive() {
			words = append(words, quoted(dir))
		} else {
			words = append(words, s.word("", dir))
		}
	}
	count := strconv.Itoa(len(found))
	if more {
		count += " or more"
	}
	if s.IsArchive() {
		return fmt.Sprintf("%s layouts lie below, in %s%s: unpack the archive, and name them", count, strings.Join(words, ", "), andMore(len(found)-most))
	}
	return fmt.Sprintf("%s layouts lie below: 'ocilayout verify %s'%s", count, strings.Join(words, " "), andMore(len(found)-most))
}

func andMore(n int) string {
	if n <= 0 {
		return ""
	}
	return fmt.Sprintf(" and %d more", n)
}

// archives describes a directory of files that may be layouts by themselves.
func (s *stranger) archives() string {
	if s.IsArchive() {
		return ""
	}
	var found []string
	for _, name := range s.names {
		for _, ending := range []string{".tar", ".tar.gz", ".tgz", ".tar.zst", ".oci"} {
			if strings.HasSuffix(name, ending) && s.Root(name).Regular {
				found = append(found, s.word("", name))
				break
			}
		}
	}
	switch len(found) {
	case 0:
		return ""
	case 1:
		return "there is an archive in it: 'ocilayout verify " + found[0] + "'"
	}
	const most = 5
	return fmt.Sprintf("there are %d archives in it: 'ocilayout verify %s'%s", len(found), strings.Join(found[:min(most, len(found))], " "), andMore(len(found)-most))
}

func (s *stranger) rootfs() string {
	usual := 0
	for _, name := range []string{"bin", "dev", "etc", "home", "lib", "opt", "proc", "root", "sbin", "sys", "tmp", "usr", "var"} {
		if s.has(name) {
			usual++
		}
	}
	if usual < 4 || !s.has("etc") && !s.has("usr") {
		return ""
	}
	return "it is a root file system, as an image unpacks to: verify the layout that it comes from"
}

// word returns what was opened, or a file below it, as a word for a shell, after a
// prefix. Names that no shell takes between plain quotes are for people to make out.
func (s *stranger) word(prefix, below string) string {
	name := s.opened
	if name == "" {
		name = "DIRECTORY"
		if s.IsArchive() {
			name = "FILE"
		}
	}
	if below != "" {
		name = path.Join(name, below)
	}
	word := prefix + name
	if strings.TrimLeft(name, "-") != name && prefix == "" {
		word = "./" + name
	}
	if strings.Trim(word, plainCharacters) == "" {
		return word
	}
	if quoted(word) == word && !strings.ContainsAny(word, "'$`!") {
		return `"` + word + `"`
	}
	return strconv.QuoteToASCII(word)
}

const plainCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:@%+=,-"

// isHex says whether a name is n hexadecimal digits.
func isHex(name string, n int) bool {
	return len(name) == n && strings.Trim(name, "0123456789abcdefABCDEF") == ""
}

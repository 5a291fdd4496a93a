package verify

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/blobs"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
	"github.com/opencontainers/go-digest"
)

// dockerFile is what docker save writes beside index.json. Docker's classic store loads
// by it, and everyone else by index.json, so that the two have to agree.
const dockerFile = "manifest.json"

// dockerImage is an image in it. Paths are those of files in the layout.
type dockerImage struct {
	Config   string   `json:"Config"`
	RepoTags []string `json:"RepoTags" oci:"nullable"`
	Layers   []string `json:"Layers" oci:"nullable"`
	model.Members
}

type dockerList struct {
	Images []dockerImage `json:"images"`
	model.Members
}

// docker is what a run knows of manifest.json.
type docker struct {
	images  []dockerImage
	configs map[digest.Digest][]int // the images that have a configuration
	entries []map[int]bool          // of each image, the entries of index.json that lead to it
	layers  []dockerLayers          // of each image, what the manifest has
	leading map[int]bool            // entries of index.json that lead to an image
	entry   int                     // that is walked now
}

type dockerLayers struct {
	differ           bool
	expected, actual string
}

// dockerManifest reads manifest.json, where it is Docker's, and judges what can be judged
// before the walk.
func (r *run) dockerManifest() {
	if !r.options.Select.All() {
		return
	}
	r.rootNames, r.rootErr = r.layout.ExtraFiles()
	if !slices.Contains(r.rootNames, dockerFile) {
		return
	}
	switch f := r.layout.Root(dockerFile); {
	case f.Err != nil:
		r.emitUnreadable(f.Err, Finding{Path: dockerFile})
		return
	case !f.Regular:
		return
	}
	raw, err := r.layout.ReadFile(r.ctx, dockerFile, r.options.Limits.Document)
	switch {
	case errors.Is(err, blobs.ErrTooLarge):
		// Docker reads it, however large it is.
		r.emit(Finding{Rule: rule.LimitDocument, Path: dockerFile, Message: "the file is larger than the limit, and was not compared with index.json",
			Expected: "max-document " + strconv.FormatInt(r.options.Limits.Document, 10)})
		return
	case err != nil:
		r.emitUnreadable(err, Finding{Path: dockerFile})
		return
	}
	trimmed := bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if !json.Valid(trimmed) || !bytes.HasPrefix(bytes.TrimLeft(trimmed, " \t\r\n"), []byte("[")) {
		return // of another program
	}
	list, problems := model.Load[dockerList](slices.Concat([]byte(`{"images":`), trimmed, []byte("}")), r.options.Limits.OfDocument(int64(len(raw))))
	if list == nil || !isDocker(list.Images) {
		return
	}
	for _, p := range problems {
		r.emit(Finding{Rule: rule.DockerManifestMismatch, Path: dockerFile, Pointer: strings.TrimPrefix(p.Pointer, "/images"),
			Message: "programs may read it in different ways: " + p.Message, Expected: p.Expected, Actual: p.Actual})
	}
	d := &docker{images: list.Images, configs: make(map[digest.Digest][]int), leading: make(map[int]bool)}
	d.entries, d.layers = make([]map[int]bool, len(d.images)), make([]dockerLayers, len(d.images))
	for i, img := range d.images {
		if config, ok := blobOfPath(img.Config); ok && len(d.configs[config]) < mostTwins {
			d.configs[config] = append(d.configs[config], i)
		}
	}
	r.docker = d
}

// mostTwins is how many images of one configuration are compared. Docker writes one, with
// all its names.
const mostTwins = 16

// isDocker says whether a list is Docker's: each element has a Config, and some Layers.
func isDocker(images []dockerImage) bool {
	layers := false
	for i := range images {
		if !images[i].Has("Config") && !images[i].Has("Layers") {
			return false
		}
		layers = layers || images[i].Has("Layers")
	}
	return layers
}

// blobOfPath returns the digest of the blob that a path is that of.
func blobOfPath(name string) (digest.Digest, bool) {
	algorithm, encoded, ok := strings.Cut(strings.TrimPrefix(path.Clean(name), model.BlobsDir+"/"), "/")
	if !ok {
		return "", false
	}
	d, err := model.ParseDigest(algorithm + ":" + encoded)
	return d, err == nil && blobs.Path(d) == path.Clean(name)
}

// meet compares what the walk meets with manifest.json.
func (d *docker) meet(v *layout.Visit) {
	if d == nil {
		return
	}
	if v.From.Path == model.IndexFile && v.Edge.Role == model.RoleManifest {
		d.entry = v.Edge.Index
	}
	if v.Document == nil || v.Edge.Role != model.RoleManifest {
		return
	}
	m, ok := v.Document.Doc.(*model.Manifest)
	if !ok {
		return
	}
	if model.Runnable(v.Edge.Descriptor) && model.KindOf(m.Config.MediaType) == model.KindImage && m.ArtifactType == "" &&
		slices.ContainsFunc(m.Layers, func(l model.Descriptor) bool { return model.KindOf(l.MediaType) == model.KindLayer }) {
		d.leading[d.entry] = true
	}
	for _, i := range d.configs[m.Config.Digest] {
		first := d.entries[i] == nil
		if first {
			d.entries[i] = make(map[int]bool)
		}
		d.entries[i][d.entry] = true
		// Where several manifests have one configuration, one of them has to fit.
		if differs := compareLayers(d.images[i].Layers, m); first || !differs.differ {
			d.layers[i] = differs
		}
	}
}

// compareLayers compares the layers of an image of manifest.json with those of a manifest.
func compareLayers(paths []string, m *model.Manifest) dockerLayers {
	if len(paths) != len(m.Layers) {
		return dockerLayers{true, strconv.Itoa(len(m.Layers)) + " layers", strconv.Itoa(len(paths)) + " layers"}
	}
	for i, name := range paths {
		if d, _ := blobOfPath(name); d != m.Layers[i].Digest {
			return dockerLayers{true, blobs.Path(m.Layers[i].Digest), name}
		}
	}
	return dockerLayers{}
}

// tellDocker reports where manifest.json and index.json do not agree, once the walk is
// over.
func (r *run) tellDocker(index *model.Index) {
	d := r.docker
	if d == nil || index == nil {
		return
	}
	places, other := entriesByDigest(index), false
	for i, img := range d.images {
		at := "/" + strconv.Itoa(i)
		lacks := r.dockerFiles(at, img)
		if lacks || r.stopped {
			continue
		}
		switch {
		case d.entries[i] == nil && r.partial:
		case d.entries[i] == nil:
			other = true
			r.emit(Finding{Rule: rule.DockerManifestMismatch, Path: dockerFile, Pointer: at + "/Config",
				Message: "docker load takes an image from here that no entry of index.json leads to, as which others load the layout", Actual: img.Config})
		case d.layers[i].differ:
			r.emit(Finding{Rule: rule.DockerManifestMismatch, Path: dockerFile, Pointer: at + "/Layers",
				Message:  "docker load takes other layers for the image than its manifest has, by which others load the layout",
				Expected: d.layers[i].expected, Actual: d.layers[i].actual})
		default:
			r.dockerNames(at, img, namesOf(index, places, d.entries[i]))
		}
	}
	if r.partial || other {
		return
	}
	listed := make(map[digest.Digest]bool)
	for _, entries := range d.entries {
		for i := range entries {
			listed[index.Manifests[i].Digest] = true
		}
	}
	for i := range index.Manifests {
		if d.leading[i] && !listed[index.Manifests[i].Digest] {
			r.emit(Finding{Rule: rule.DockerManifestNames, Path: model.IndexFile, Pointer: "/manifests/" + strconv.Itoa(i), Digest: index.Manifests[i].Digest,
				Message: dockerFile + " has no image of this entry, so that docker load into the classic store leaves it out"})
		}
	}
}

// dockerFiles judges whether what an image of manifest.json names is there. It says
// whether something is not.
func (r *run) dockerFiles(at string, img dockerImage) (lacks bool) {
	check := func(pointer, name string) {
		if r.stopped || r.cut {
			return
		}
		f := Finding{Rule: rule.DockerManifestMissing, Path: dockerFile, Pointer: pointer, Actual: name}
		if d, ok := blobOfPath(name); ok {
			if info, err := r.layout.Blobs().Find(d); err == nil && !info.Misplaced() || err != nil && !blobs.Absent(err) {
				return
			}
			f.Digest = d
		} else if filepath.IsLocal(name) && r.layout.Root(path.Clean(name)).Regular {
			return
		}
		lacks = true
		f.Message = "the list of images for docker load names a file that is not in the layout"
		r.emit(f)
	}
	check(at+"/Config", img.Config)
	for i, name := range img.Layers {
		check(at+"/Layers/"+strconv.Itoa(i), name)
	}
	return lacks
}

// entriesByDigest are the places in index.json of each digest.
func entriesByDigest(index *model.Index) map[digest.Digest][]int {
	places := make(map[digest.Digest][]int)
	for i := range index.Manifests {
		d := index.Manifests[i].Digest
		places[d] = append(places[d], i)
	}
	return places
}

// namesOf returns the names that entries of index.json have, those of the same digest
// included.
func namesOf(index *model.Index, places map[digest.Digest][]int, entries map[int]bool) []string {
	var names []string
	seen := make(map[digest.Digest]bool)
	for _, i := range slices.Sorted(maps.Keys(entries)) {
		digest := index.Manifests[i].Digest
		if seen[digest] {
			continue
		}
		seen[digest] = true
		for _, i := range places[digest] {
			d := &index.Manifests[i]
			if name := cmp.Or(d.Annotations["io.containerd.image.name"], d.Annotations[model.AnnotationRefName]); name != "" {
				names = append(names, name)
			}
		}
	}
	return names
}

// dockerNames compares the names that docker load gives an image with those of index.json,
// which are whole or the tag alone.
func (r *run) dockerNames(at string, img dockerImage, names []string) {
	f := Finding{Rule: rule.DockerManifestNames, Path: dockerFile, Pointer: at + "/RepoTags", Expected: shortList(names), Actual: shortList(img.RepoTags)}
	if len(img.RepoTags) == 0 {
		f.Message = "RepoTags is empty, so that docker load gives the image no name"
		r.emit(f)
		return
	}
	known, tags := make(map[string]bool), make(map[string]bool)
	for _, name := range names {
		known[name], known[dockerName(name)] = true, true
	}
	for _, tag := range img.RepoTags {
		tags[dockerName(tag)], tags[tagOf(tag)] = true, true
	}
	unknown := func(tag string) bool { return !known[dockerName(tag)] && !known[tagOf(tag)] }
	untold := func(name string) bool { return !tags[dockerName(name)] && !tags[name] }
	if slices.ContainsFunc(img.RepoTags, unknown) || slices.ContainsFunc(names, untold) {
		f.Message = "docker load gives the image other names than index.json has for it"
		r.emit(f)
	}
}

func tagOf(name string) string {
	name = dockerName(name)
	return name[strings.LastIndexByte(name, ':')+1:]
}

// dockerName writes a name out as Docker understands it.
func dockerName(name string) string {
	first, rest, ok := strings.Cut(name, "/")
	switch {
	case !ok:
		name = "docker.io/library/" + name
	case !strings.ContainsAny(first, ".:") && first != "localhost":
		name = "docker.io/" + name
	case first == "docker.io" && !strings.Contains(rest, "/"):
		name = "docker.io/library/" + rest
	}
	if !strings.ContainsAny(name[strings.LastIndexByte(name, '/'):], ":@") {
		name += ":latest"
	}
	return name
}

// shortList joins a few names.
func shortList(names []string) string {
	const most = 10
	if len(names) > most {
		return strings.Join(names[:most], ", ") + " and " + strconv.Itoa(len(names)-most) + " more"
	}
	return strings.Join(names, ", ")
}

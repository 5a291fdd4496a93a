package verify

import (
	"cmp"
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

// dockerRules compare Docker's manifest.json with index.json and what that leads to.
type dockerRules struct {
	common
	root    *rootFacts
	images  []dockerImage           // in manifest.json
	configs map[digest.Digest][]int // the images that have a configuration
	entries []map[int]bool          // of each image, the entries of index.json that lead to it
	layers  []dockerLayers          // of each image, whether its layers are those of a manifest
	leading map[int]bool            // entries of index.json that lead to an image
	entry   int                     // that is walked now
	index   *model.Index            // which the walk forgets
}

// mostTwins is how many images of one configuration are compared. Docker writes one, with
// all its names.
const mostTwins = 16

// begin takes up what the root check read.
func (d *dockerRules) begin(index model.Document) {
	if d.images = d.root.docker; d.images == nil {
		return
	}
	d.index, _ = index.(*model.Index)
	d.configs, d.leading = make(map[digest.Digest][]int), make(map[int]bool)
	d.entries, d.layers = make([]map[int]bool, len(d.images)), make([]dockerLayers, len(d.images))
	for i, img := range d.images {
		if config, ok := blobOfPath(img.Config); ok && len(d.configs[config]) < mostTwins {
			d.configs[config] = append(d.configs[config], i)
		}
	}
}

type dockerLayers struct {
	differ           bool
	expected, actual string
}

// visit compares what the walk comes to with manifest.json.
func (d *dockerRules) visit(v *layout.Visit) {
	if d.images == nil {
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

// end reports where manifest.json and index.json do not agree.
func (d *dockerRules) end() {
	index := d.index
	if d.images == nil || index == nil {
		return
	}
	places, other := entriesByDigest(index), false
	for i, img := range d.images {
		at := "/" + strconv.Itoa(i)
		lacks := d.files(at, img)
		if lacks || d.stopped {
			continue
		}
		switch {
		case d.entries[i] == nil && d.partial:
		case d.entries[i] == nil:
			other = true
			d.emit(Finding{Rule: rule.DockerManifestMismatch, Path: dockerFile, Pointer: at + "/Config",
				Message: "docker load takes an image from here that no entry of index.json leads to, as which others load the layout", Actual: img.Config})
		case d.layers[i].differ:
			d.emit(Finding{Rule: rule.DockerManifestMismatch, Path: dockerFile, Pointer: at + "/Layers",
				Message:  "docker load takes other layers for the image than its manifest has, by which others load the layout",
				Expected: d.layers[i].expected, Actual: d.layers[i].actual})
		default:
			d.names(at, img, namesOf(index, places, d.entries[i]))
		}
	}
	if d.partial || other {
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
			d.emit(Finding{Rule: rule.DockerManifestNames, Path: model.IndexFile, Pointer: "/manifests/" + strconv.Itoa(i), Digest: index.Manifests[i].Digest,
				Message: dockerFile + " has no image of this entry, so that docker load into the classic store leaves it out"})
		}
	}
}

// files checks whether what an image of manifest.json names is there. It says
// whether something is not.
func (d *dockerRules) files(at string, img dockerImage) (lacks bool) {
	check := func(pointer, name string) {
		if d.stopped || d.root.truncated {
			return
		}
		f := Finding{Rule: rule.DockerManifestMissing, Path: dockerFile, Pointer: pointer, Actual: name}
		if blob, ok := blobOfPath(name); ok {
			if info, err := d.layout.Blobs().Find(blob); err == nil && !info.Misplaced() || err != nil && !blobs.Absent(err) {
				return
			}
			f.Digest = blob
		} else if filepath.IsLocal(name) && d.layout.Root(path.Clean(name)).Regular {
			return
		}
		lacks = true
		f.Message = "the list of images for docker load names a file that is not in the layout"
		d.emit(f)
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

// names compares the names that docker load gives an image with those of index.json,
// which are whole or the tag alone.
func (d *dockerRules) names(at string, img dockerImage, names []string) {
	f := Finding{Rule: rule.DockerManifestNames, Path: dockerFile, Pointer: at + "/RepoTags", Expected: shortList(names), Actual: shortList(img.RepoTags)}
	if len(img.RepoTags) == 0 {
		f.Message = "RepoTags is empty, so that docker load gives the image no name"
		d.emit(f)
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
	unlisted := func(name string) bool { return !tags[dockerName(name)] && !tags[name] }
	if slices.ContainsFunc(img.RepoTags, unknown) || slices.ContainsFunc(names, unlisted) {
		f.Message = "docker load gives the image other names than index.json has for it"
		d.emit(f)
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

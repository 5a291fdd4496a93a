package verify

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
)

// Place is where a finding is, as people call it: in which image, and which part of it.
// What is not known is "". Blobs that several images share are named by the first that
// the walk came to. Its strings hold text of the layout, cut
// off after 256 bytes.
type Place struct {
	Reference string // reference name of the entry of index.json that leads there
	Platform  string // of the image, as "linux/arm64/v8"
	// Role is what the finding is about in its image, or index: "index", "manifest",
	// "config", "layer", "subject" or "blob".
	Role    string
	Layer   int    // where Role is "layer": which one of its manifest, from 0
	History string // where Role is "layer": what created it, as the configuration says
}

// Bounds of what is remembered for places: bytes of a name, of one instruction, and of
// all instructions.
const (
	maxPlaceName   = 256
	maxHistoryLine = 120
	maxHistory     = 8 << 20
)

// placeNames knows the documents of a layout by the names that places have. It is
// filled by the walk. Nil knows nothing.
type placeNames struct {
	references []string                  // of the entries of index.json
	documents  map[string]*documentNames // by path
	platforms  map[string]string         // each once
	history    int                       // bytes of what created layers
}

// documentNames are the names of an index or a manifest.
type documentNames struct {
	role, reference, platform string
	history                   []string // for each layer, of a manifest
}

func newPlaceNames() *placeNames {
	return &placeNames{documents: make(map[string]*documentNames), platforms: make(map[string]string)}
}

// begin notes the reference names in index.json.
func (p *placeNames) begin(index *model.Index) {
	p.references = make([]string, len(index.Manifests))
	for i := range index.Manifests {
		p.references[i] = shortened(index.Manifests[i].Annotations[model.AnnotationRefName], maxPlaceName)
	}
}

// visit notes what a descriptor says of a document. The first one counts.
func (p *placeNames) visit(v *layout.Visit) {
	if v.From == nil || v.Blob == nil {
		return
	}
	switch kind := v.Kind(); {
	case v.Edge.Role == model.RoleConfig:
		if names := p.documents[v.From.Path]; names != nil && v.Document != nil {
			if config, ok := v.Document.Doc.(*model.Image); ok {
				p.config(names, config)
			}
		}
	case kind.Graph() && v.Edge.Role != model.RoleSubject && p.documents[v.Blob.Info.Path] == nil:
		names := &documentNames{role: "manifest"}
		if kind == model.KindIndex {
			names.role = "index"
		}
		if above := p.documents[v.From.Path]; above != nil {
			names.reference, names.platform = above.reference, above.platform
		} else if v.From.Path == model.IndexFile && v.Edge.Index < len(p.references) {
			names.reference = p.references[v.Edge.Index]
		}
		if named := v.Edge.Descriptor.Platform; named != nil {
			names.platform = p.platform(*named)
		}
		p.documents[v.Blob.Info.Path] = names
	}
}

// config notes what the configuration of an image says, when it is first visited.
func (p *placeNames) config(names *documentNames, config *model.Image) {
	names.platform = cmp.Or(names.platform, p.platform(config.Platform()))
	if names.history != nil {
		return
	}
	for _, h := range config.History {
		if h.EmptyLayer {
			continue
		}
		line := shortened(h.CreatedBy, maxHistoryLine)
		if p.history += len(line) + 16; p.history > maxHistory {
			return
		}
		names.history = append(names.history, line)
	}
}

func (p *placeNames) platform(of model.Platform) string {
	if of.OS == "" && of.Architecture == "" {
		return ""
	}
	name := shortened(of.String(), maxPlaceName)
	if known, ok := p.platforms[name]; ok {
		return known
	}
	p.platforms[name] = name
	return name
}

// shortened returns at most that many bytes of a string, which it does not keep alive.
func shortened(s string, most int) string {
	return strings.ToValidUTF8(strings.Clone(s[:min(len(s), most)]), "")
}

// of returns the place of a finding.
func (p *placeNames) of(f Finding) (at Place) {
	if p == nil {
		return at
	}
	pointer := f.Pointer
	names := p.documents[f.Path]
	if names != nil {
		at.Role = names.role
	} else if f.Path != model.IndexFile && len(f.Trail) > 0 {
		var path string
		path, pointer, _ = strings.Cut(f.Trail[len(f.Trail)-1], "#")
		names = p.documents[path]
	}
	if names != nil {
		at.Reference, at.Platform = names.reference, names.platform
	} else {
		entry := f.Path + "#" + f.Pointer
		if len(f.Trail) > 0 {
			entry = f.Trail[0]
		}
		if rest, ok := strings.CutPrefix(entry, model.IndexFile+"#/manifests/"); ok {
			number, _, _ := strings.Cut(rest, "/")
			if i, err := strconv.Atoi(number); err == nil && i < len(p.references) {
				at.Reference = p.references[i]
			}
		}
	}
	p.part(&at, names, pointer)
	return at
}

// part says which part of a document a pointer leads to.
func (p *placeNames) part(at *Place, names *documentNames, pointer string) {
	member, rest, _ := strings.Cut(strings.TrimPrefix(pointer, "/"), "/")
	number, _, _ := strings.Cut(rest, "/")
	switch member {
	case "config", "subject":
		at.Role = member
	case "blobs", "manifests":
		if number != "" {
			at.Role = strings.TrimSuffix(member, "s")
		}
	case "layers", "fsLayers":
		i, err := strconv.Atoi(number)
		if err != nil {
			return
		}
		at.Role, at.Layer = "layer", i
		if names != nil && i < len(names.history) {
			at.History = names.history[i]
		}
	}
}

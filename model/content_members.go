package model

import (
	"reflect"
	"slices"
)

// contentMembers are, for each type of object, the members that lead to content or
// say what it is. Go's encoding/json takes a name in other letter case for one of
// these, and of several the last: who reads so gets other content than who reads
// the name as it is. Members that only describe are not listed.
var contentMembers = map[reflect.Type][]string{
	reflect.TypeFor[ImageLayout]():      {"imageLayoutVersion"},
	reflect.TypeFor[Index]():            {"schemaVersion", "mediaType", "artifactType", "manifests", "subject"},
	reflect.TypeFor[Manifest]():         {"schemaVersion", "mediaType", "artifactType", "config", "layers", "subject"},
	reflect.TypeFor[ArtifactManifest](): {"mediaType", "artifactType", "blobs", "subject"},
	reflect.TypeFor[Schema1Manifest]():  {"schemaVersion", "mediaType", "fsLayers"},
	reflect.TypeFor[FSLayer]():          {"blobSum"},
	// The annotations of a descriptor hold the name of an image, and where the table
	// of contents of a layer or the keys to it are.
	reflect.TypeFor[Descriptor](): {"mediaType", "digest", "size", "urls", "annotations", "data", "platform", "artifactType"},
	reflect.TypeFor[Platform]():   {"architecture", "os", "os.version", "os.features", "variant"},
	reflect.TypeFor[Image]():      {"architecture", "os", "os.version", "os.features", "variant", "rootfs", "config"},
	reflect.TypeFor[RootFS]():     {"type", "diff_ids"},
	// What a container runs, and as whom.
	reflect.TypeFor[ImageConfig](): {"User", "Env", "Entrypoint", "Cmd", "WorkingDir"},
}

// leadsToContent says whether the member of that name in an object of the type does.
func leadsToContent(t reflect.Type, name string) bool {
	return slices.Contains(contentMembers[t], name)
}

package model_test

import (
	"fmt"

	"github.com/ocilayout/ocilayout/model"
)

// The two steps: loading tells what is malformed, validating what is missing or
// against the specification. Neither stops at the first problem.
func ExampleLoadManifest() {
	manifest, problems := model.LoadManifest([]byte(`{
		"schemaVersion": 2,
		"mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": {"mediaType": "application/vnd.oci.image.config.v1+json", "size": "702"},
		"layers": [{"mediaType": "text/plain; charset=utf-8", "digest": "sha256:abc", "size": -1}],
		"layers": []
	}`))
	for _, p := range problems {
		fmt.Println(p)
	}
	if manifest == nil {
		return // no JSON object at all
	}
	for p := range manifest.Validate() {
		fmt.Println(p)
	}
	// Output:
	// /config/size: the value has the wrong type: string (json-type)
	// /layers: the name stands more than once in its object: layers (json-duplicate-name)
	// /config/digest: a descriptor needs the member digest (descriptor-member-missing)
	// /layers/0/mediaType: the value is no media type: text/plain; charset=utf-8 (media-type-grammar)
	// /layers/0/digest: not a digest: sha256 has 64 lower-case hexadecimal digits: sha256:abc (digest-encoding)
	// /layers/0/size: the size is negative: -1 (descriptor-size-negative)
}

// Has tells a member that is zero from one that is not there, and Unknown
// yields what the specification does not know.
func ExampleMembers() {
	d, _ := model.LoadDescriptor([]byte(`{"mediaType": "text/plain", "size": 0, "com.example": [1, 2]}`))
	fmt.Println("size:", d.Size, d.Has("size"))
	fmt.Println("digest:", d.Digest == "", d.Has("digest"))
	for name, value := range d.Unknown() {
		fmt.Printf("%s: %s\n", name, value)
	}
	// Output:
	// size: 0 true
	// digest: true false
	// com.example: [1, 2]
}

// A document of your own is loaded as strictly as those of the
// specification.
func ExampleLoad() {
	type Maintainer struct {
		Name string `json:"name" oci:"required"`
		model.Members
	}
	type Chart struct {
		Name        string           `json:"name" oci:"required"`
		Version     string           `json:"version" oci:"required"`
		Icon        string           `json:"icon,omitempty" oci:"nullable"`
		Maintainers []Maintainer     `json:"maintainers,omitempty"`
		Source      model.Descriptor `json:"source,omitzero"`
		model.Members
	}
	chart, problems := model.Load[Chart]([]byte(`{
		"name": "web",
		"Version": "1.0",
		"icon": null,
		"maintainers": [{"name": "Ada"}, {"name": 7}],
		"source": {"mediaType": "application/x-tar", "size": 10.0}
	}`), model.Limits{})
	for _, p := range problems {
		fmt.Println(p.Pointer, p.Rule)
	}
	fmt.Println(chart.Name, chart.Maintainers[0].Name, chart.Has("version"))
	raw, err := model.Encode(chart)
	fmt.Println(string(raw), err)
	// Output:
	// /Version json-case-variant
	// /maintainers/1/name json-type
	// /source/size json-integer
	// web Ada false
	// {"name":"web","maintainers":[{"name":"Ada"},{"name":7}],"source":{"mediaType":"application/x-tar","size":10.0},"Version":"1.0"} <nil>
}

func ExampleEncode() {
	config := []byte(`{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}`)
	manifest := model.NewManifest(model.Describe(model.MediaTypeImageConfig, config))
	manifest.Annotations = map[string]string{model.AnnotationVersion: "1.0"}
	raw, err := model.EncodeIndent(manifest, "  ")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", raw)
	// Output:
	// {
	//   "schemaVersion": 2,
	//   "mediaType": "application/vnd.oci.image.manifest.v1+json",
	//   "config": {
	//     "mediaType": "application/vnd.oci.image.config.v1+json",
	//     "digest": "sha256:c5b1d63604f273462ef36fadac3182d43ae6a6138731cf594b314835cf1c034f",
	//     "size": 78
	//   },
	//   "layers": [],
	//   "annotations": {
	//     "org.opencontainers.image.version": "1.0"
	//   }
	// }
}

func ExampleManifest_Edges() {
	manifest := model.NewManifest(model.EmptyDescriptor(), model.Describe("text/plain", []byte("hello")))
	for edge := range manifest.Edges() {
		fmt.Println(edge.Role, edge.Pointer, edge.Descriptor.MediaType, edge.Descriptor.Size)
	}
	// Output:
	// config /config application/vnd.oci.empty.v1+json 2
	// layer /layers/0 text/plain 5
}

// A program that uses the Go types of image-spec.
func ExampleManifest_Spec() {
	manifest, problems := model.LoadManifest([]byte(`{"schemaVersion": 2, "config": {"size": 2}, "layers": [], "com.example": 1}`))
	if err := problems.Err(); err != nil {
		fmt.Println(err)
		return
	}
	converted := manifest.Spec() // a v1.Manifest, without com.example
	converted.ArtifactType = "application/vnd.example"

	again := model.ManifestFromSpec(converted)
	fmt.Println(converted.Config.Size, again.ArtifactType, again.Raw() == nil)
	// Output:
	// 2 application/vnd.example true
}

package model_test

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// A document that lies in a file. Opening and closing it is the caller's.
func ExampleLoadReader() {
	file, err := os.Open("../testdata/layouts/real/umoci-new/index.json")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()

	index, problems, err := model.LoadReader[model.Index](file, 1<<20, model.Limits{})
	if err != nil {
		log.Fatal(err) // it could not be read, or is larger than 1 MiB
	}
	if err := problems.Err(); err != nil {
		log.Fatal(err) // it is no index, or a malformed one
	}
	fmt.Println("schema version:", index.SchemaVersion)
	for _, entry := range index.Manifests {
		fmt.Println(entry.MediaType, entry.Annotations[model.AnnotationRefName])
	}
	// Output:
	// schema version: 2
	// application/vnd.oci.image.manifest.v1+json 1.0
}

// Only what is an error by the rule table makes a document one to refuse.
func ExampleProblems_Err() {
	image, problems := model.LoadImage([]byte(`{
		"architecture": "amd64",
		"os": "linux",
		"rootfs": {"type": "tar", "diff_ids": []},
		"com.example.note": "a member that the specification does not know"
	}`))
	fmt.Println("malformed:", problems.Err())
	for p := range image.Validate() {
		if p.Pointer == "/rootfs/type" {
			fmt.Printf("%s at %s: expected %q, found %q\n", p.Rule, p.Pointer, p.Expected, p.Actual)
		}
	}
	// Output:
	// malformed: <nil>
	// config-rootfs-type at /rootfs/type: expected "layers", found "tar"
}

// One document in the forms that it can be written in.
func ExampleCanonical() {
	descriptor, _ := model.LoadDescriptor([]byte(`{"size": 2, "mediaType": "text/plain", "com.example": 1.50}`))
	descriptor.Digest = digest.FromString("hi")

	compact, err := model.Encode(descriptor)
	fmt.Println(string(compact), err)
	canonical, err := model.Canonical(compact)
	fmt.Println(string(canonical), err)
	members, err := model.Map(descriptor)
	fmt.Println(members["size"], members["com.example"], err)
	fmt.Println(string(descriptor.Raw()))
	// Output:
	// {"mediaType":"text/plain","digest":"sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4","size":2,"com.example":1.50} <nil>
	// {"com.example":1.5,"digest":"sha256:8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4","mediaType":"text/plain","size":2} <nil>
	// 2 1.50 <nil>
	// {"size": 2, "mediaType": "text/plain", "com.example": 1.50}
}

// A change that would break the document is refused, and changes nothing.
func ExampleManifest_AddLayer() {
	manifest := model.NewManifest(model.EmptyDescriptor())
	manifest.ArtifactType = "application/vnd.example.note"

	note := model.Describe("text/plain", []byte("hello"))
	if err := note.SetAnnotation(model.AnnotationTitle, "note.txt"); err != nil {
		log.Fatal(err)
	}
	if err := manifest.AddLayer(note); err != nil {
		log.Fatal(err)
	}
	if err := manifest.SetAnnotation(model.AnnotationVendor, "Example"); err != nil {
		log.Fatal(err)
	}

	err := manifest.AddLayer(model.Descriptor{MediaType: "text/plain", Digest: "sha256:abc", Size: 5})
	fmt.Println("refused:", errors.Is(err, model.ErrRefused))
	fmt.Println("layers:", len(manifest.Layers))
	// Output:
	// refused: true
	// layers: 1
}

// An image configuration from nothing.
func ExampleImage_AddLayer() {
	image := &model.Image{OS: "linux", Architecture: "arm64"}
	layer := digest.FromString("a tar archive, not compressed")
	err := errors.Join(
		image.AddLayer(layer, model.History{CreatedBy: "COPY app /", Created: "2025-01-01T00:00:00Z"}),
		image.AppendHistory(model.History{CreatedBy: "ENV PATH=/", EmptyLayer: true}),
		image.SetEnv("PATH", "/"),
		image.SetLabel("com.example.team", "web"),
		image.ExposePort("8080/tcp"),
		image.AddVolume("/data"),
	)
	if err != nil {
		log.Fatal(err)
	}
	raw, err := model.EncodeIndent(image, "  ")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(raw))
	fmt.Println("chain id is the diff id of a single layer:", model.ChainID(image.RootFS.DiffIDs) == layer)
	// Output:
	// {
	//   "architecture": "arm64",
	//   "os": "linux",
	//   "config": {
	//     "ExposedPorts": {
	//       "8080/tcp": {}
	//     },
	//     "Env": [
	//       "PATH=/"
	//     ],
	//     "Volumes": {
	//       "/data": {}
	//     },
	//     "Labels": {
	//       "com.example.team": "web"
	//     }
	//   },
	//   "rootfs": {
	//     "type": "layers",
	//     "diff_ids": [
	//       "sha256:0eb3a45334d8d8a8e4ceaa61ca97403edf6542eef43dac6c035e92bd8d1777dc"
	//     ]
	//   },
	//   "history": [
	//     {
	//       "created": "2025-01-01T00:00:00Z",
	//       "created_by": "COPY app /"
	//     },
	//     {
	//       "created_by": "ENV PATH=/",
	//       "empty_layer": true
	//     }
	//   ]
	// }
	// chain id is the diff id of a single layer: true
}

// What was loaded can be looked up by name or pointer, and taken out again.
func ExampleGet() {
	index, _ := model.LoadIndex([]byte(`{
		"schemaVersion": 2,
		"manifests": [],
		"annotations": {"com.example/team": "web"},
		"com.example": {"built": [2024, 2025]}
	}`))
	for _, pointer := range []string{
		"/com.example/built/1",
		model.Pointer("annotations", "com.example/team"),
		"/manifests/0",
	} {
		value, err := model.Get(index, pointer)
		if errors.Is(err, model.ErrNotFound) {
			fmt.Println(pointer, "is not there")
			continue
		}
		fmt.Println(pointer, string(value))
	}

	if err := model.Unset(index, "com.example"); err != nil {
		log.Fatal(err)
	}
	raw, err := model.Encode(index)
	fmt.Println(string(raw), err)
	fmt.Println(model.MemberNames[model.Index]())
	// Output:
	// /com.example/built/1 2025
	// /annotations/com.example~1team "web"
	// /manifests/0 is not there
	// {"schemaVersion":2,"manifests":[],"annotations":{"com.example/team":"web"}} <nil>
	// [schemaVersion mediaType artifactType manifests subject annotations]
}

// The entry of an index for one platform, or under one reference name.
func ExampleIndex_Find() {
	index := model.NewIndex()
	for _, name := range []string{"linux/amd64", "linux/arm64/v8", "windows/amd64"} {
		platform, err := model.ParsePlatform(name)
		if err != nil {
			log.Fatal(err)
		}
		entry := model.Describe(model.MediaTypeManifest, []byte(name))
		entry.Platform = &platform
		if err := errors.Join(entry.SetAnnotation(model.AnnotationRefName, "v1"), index.AddManifest(entry)); err != nil {
			log.Fatal(err)
		}
	}

	wanted, err := model.ParsePlatform("linux/arm64")
	if err != nil {
		log.Fatal(err)
	}
	if entry, ok := index.Find(wanted); ok {
		fmt.Println(entry.Platform, entry.Size, "bytes")
	}
	fmt.Println("entries named v1:", len(index.Ref("v1")))
	// Output:
	// linux/arm64/v8 14 bytes
	// entries named v1: 3
}

// The ways in which a digest can be of no use are told apart.
func ExampleParseDigest() {
	for _, s := range []string{
		"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
		"sha256+b64u:LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564",
		"sha256:44136fa",
		"../../etc/passwd",
	} {
		d, err := model.ParseDigest(s)
		if err == nil {
			_, err = model.Verifier(d)
		}
		switch {
		case errors.Is(err, digest.ErrDigestInvalidFormat):
			fmt.Println("no digest:", s)
		case errors.Is(err, digest.ErrDigestInvalidLength):
			fmt.Println("too short or too long:", s)
		case errors.Is(err, digest.ErrDigestUnsupported):
			fmt.Println("cannot be computed here:", d.Algorithm(), d.Encoded())
		default:
			fmt.Println("fine:", d.Algorithm())
		}
	}
	// Output:
	// fine: sha256
	// cannot be computed here: sha256+b64u LCa0a2j_xo_5m0U8HTBBNBNCLXBkg7-g-YpeiGJm564
	// too short or too long: sha256:44136fa
	// no digest: ../../etc/passwd
}

// Content is held against its descriptor as it streams.
func ExampleVerifyReader() {
	descriptor := model.Describe("text/plain", []byte("hello"))
	for _, content := range []string{"hello", "jello", "hell", "hello, world"} {
		err := model.VerifyReader(strings.NewReader(content), descriptor)
		fmt.Printf("%q: size wrong %t, digest wrong %t\n", content,
			errors.Is(err, model.ErrSize), errors.Is(err, model.ErrDigestMismatch))
	}
	// Output:
	// "hello": size wrong false, digest wrong false
	// "jello": size wrong false, digest wrong true
	// "hell": size wrong true, digest wrong false
	// "hello, world": size wrong true, digest wrong false
}

// A program lets its user choose the algorithm.
func ExampleDigestReader() {
	algorithm := digest.Canonical
	flags := flag.NewFlagSet("digest", flag.ContinueOnError)
	flags.Var(&algorithm, "algorithm", "digest `algorithm`")
	if err := flags.Parse([]string{"-algorithm", "sha512"}); err != nil {
		log.Fatal(err)
	}

	d, size, err := model.DigestReader(algorithm, strings.NewReader("hello"))
	fmt.Println(d.Algorithm(), size, err)
	fmt.Println(errors.Is(algorithm.Set("md5"), digest.ErrDigestUnsupported))
	// Output:
	// sha512 5 <nil>
	// true
}

// Required members of a document of your own, under a rule id of your own.
func ExampleRequired() {
	type Maintainer struct {
		Name string `json:"name" oci:"required"`
		model.Members
	}
	type Chart struct {
		Name        string       `json:"name" oci:"required"`
		Version     string       `json:"version" oci:"required"`
		Maintainers []Maintainer `json:"maintainers,omitempty"`
		model.Members
	}
	chart, problems := model.Load[Chart]([]byte(`{"name": "", "maintainers": [{"name": "Ada"}, {}]}`), model.Limits{})
	if err := problems.Err(); err != nil {
		log.Fatal(err)
	}
	for p := range model.Required(chart, "chart-member-missing") {
		fmt.Println(p)
	}
	// Output:
	// /version: the member version is required (chart-member-missing)
	// /maintainers/1/name: the member name is required (chart-member-missing)
}

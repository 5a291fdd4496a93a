package model_test

import (
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

const (
	inToto = "application/vnd.in-toto+json"
	cosign = "application/vnd.dev.cosign.simplesigning.v1+json"
)

// Each media type in each place: an entry of an index, the configuration, a layer
// beside a tar layer, a layer of an artifact, and the subject.
func TestRoles(t *testing.T) {
	const (
		ok      = ``
		role    = `media-type-role /mediaType`
		entry   = `index-entry-type-unknown /mediaType`
		schema1 = `docker-schema1 /mediaType`
		config  = `config-type-unknown /mediaType`
		docker  = `docker-document /mediaType`
		inImage = `layer-type-in-image /mediaType`
		layer   = `layer-type-unknown /mediaType`
		mixed   = `media-type-mixed /mediaType`
		subject = `subject-type /mediaType`
		letters = `media-type-case /mediaType`
		grammar = `media-type-grammar /mediaType`
	)
	upper := strings.ToUpper
	for mediaType, want := range map[string][5]string{ // entry, config, layer of an image, layer of an artifact, subject
		model.MediaTypeIndex:              {ok, role, role, role, ok},
		model.MediaTypeManifest:           {ok, role, role, role, ok},
		model.MediaTypeDockerManifestList: {ok, role, role, role, ok},
		model.MediaTypeDockerManifest:     {ok, role, role, role, ok},
		model.MediaTypeImageConfig:        {role, ok, role, role, subject},
		model.MediaTypeDockerImageConfig:  {role, docker, role, role, subject},
		model.MediaTypeLayout:             {role, role, role, role, subject},
		model.MediaTypeDescriptor:         {role, role, role, role, subject},
		model.MediaTypeEmptyJSON:          {role, ok, ok, ok, subject},

		model.MediaTypeLayer:                     {role, role, ok, ok, subject},
		model.MediaTypeLayerGzip:                 {role, role, ok, ok, subject},
		model.MediaTypeLayerZstd:                 {role, role, ok, ok, subject},
		model.MediaTypeLayerNonDistributable:     {role, role, ok, ok, subject},
		model.MediaTypeLayerNonDistributableGzip: {role, role, ok, ok, subject},
		model.MediaTypeLayerNonDistributableZstd: {role, role, ok, ok, subject},
		model.MediaTypeDockerLayer:               {role, role, mixed, mixed, subject},
		model.MediaTypeDockerLayerGzip:           {role, role, mixed, mixed, subject},
		model.MediaTypeDockerLayerZstd:           {role, role, mixed, mixed, subject},
		model.MediaTypeDockerLayerForeign:        {role, role, mixed, mixed, subject},
		model.MediaTypeDockerLayerForeignGzip:    {role, role, mixed, mixed, subject},

		model.MediaTypeDockerSchema1:        {schema1, role, role, role, ok},
		model.MediaTypeDockerSchema1Signed:  {schema1, role, role, role, ok},
		model.MediaTypeArtifactManifest:     {ok, role, role, role, ok},
		model.MediaTypeORASArtifactManifest: {ok, role, role, role, ok},
		"application/xml":                   {entry, config, inImage, layer, ok},
		inToto:                              {entry, ok, inImage, ok, ok},
		model.MediaTypeLayerGzip + "x":      {entry, config, layer, layer, ok}, // an extension

		upper(model.MediaTypeIndex):       {letters, letters, letters, letters, letters},
		upper(model.MediaTypeLayerGzip):   {letters, letters, letters, letters, letters},
		upper(model.MediaTypeImageConfig): {letters, letters, letters, letters, letters},
		upper(model.MediaTypeEmptyJSON):   {letters, letters, letters, letters, letters},
		"application/xml; charset=utf-8":  {grammar, grammar, grammar, grammar, grammar},
		"":                                {grammar, grammar, grammar, grammar, grammar},
	} {
		t.Run(mediaType, func(t *testing.T) {
			d := typed(mediaType)
			at := func(n int, pointer string) string { return strings.Replace(want[n], " /", " "+pointer+"/", 1) }
			wantPlaces(t, collect(validators["index"](t, indexOf(d))), at(0, "/manifests/0"))
			artifact := `"artifactType":"application/vnd.example"`
			wantPlaces(t, collect(validators["manifest"](t, with(manifestOf(d, typed(model.MediaTypeEmptyJSON)), behindImage(mediaType, artifact)))), at(1, "/config"))
			wantPlaces(t, collect(validators["manifest"](t, manifestOf(someConfig, someLayer, d))), at(2, "/layers/1"))
			wantPlaces(t, collect(validators["manifest"](t, with(manifestOf(typed(model.MediaTypeEmptyJSON), d), artifact))), at(3, "/layers/0"))
			wantPlaces(t, collect(validators["manifest"](t, with(manifestOf(someConfig, someLayer), `"subject":`+d))), at(4, "/subject"))
			wantPlaces(t, collect(validators["index"](t, with(indexOf(), `"subject":`+d))), at(4, "/subject"))
		})
	}
}

// An image's configuration makes an artifact of what has no tar layer.
func behindImage(mediaType, artifact string) string {
	if model.KindOf(mediaType) == model.KindImage {
		return ""
	}
	return artifact
}

func TestRolesOfWrongTypes(t *testing.T) {
	const wrong = `{"mediaType":5,"digest":"` + someDigest + `","size":2}`
	judgeLoaded(t, model.MediaTypeManifest, []judged{
		{"config", manifestOf(wrong, someLayer), ``},
		{"layer", manifestOf(someConfig, wrong), ``},
		{"layers", manifestOf(someConfig, wrong, typed("text/plain")), `layer-type-unknown /layers/1/mediaType`},
		{"elements", manifestOf(someConfig, "5", "null", `"x"`), ``},
		{"no config", manifestOf("5", someLayer), ``},
		{"layers that are none", `{` + asManifest + `"schemaVersion":2,"config":` + someConfig + `,"layers":null}`, ``},
		{"artifact type", with(manifestOf(typed(model.MediaTypeEmptyJSON), someLayer), `"artifactType":5`), ``},
		{"subject", with(manifestOf(someConfig, someLayer), `"subject":`+wrong), ``},
		{"sizes", manifestOf(`{"mediaType":"a/b","digest":"`+otherDigest+`","size":"0"}`, `{"mediaType":"`+model.MediaTypeLayer+`","digest":"`+otherDigest+`","size":"0"}`), `config-type-unknown /config/mediaType`},
		{"own media type", `{"mediaType":5,"schemaVersion":2,"config":` + someConfig + `,"layers":[` + someLayer + `]}`, ``},
	})
	judgeLoaded(t, model.MediaTypeIndex, []judged{
		{"entry", indexOf(wrong), ``},
		{"elements", indexOf("5", "null"), ``},
		{"subject", with(indexOf(), `"subject":null`), ``},
	})
}

func TestArtifacts(t *testing.T) {
	empty, zero := typed(model.MediaTypeEmptyJSON), `{"mediaType":"a/b","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0}`
	const artifact = `"artifactType":"application/vnd.example"`
	attestation := with(typed(inToto), `"annotations":{"in-toto.io/predicate-type":"https://slsa.dev/provenance/v0.2"}`)
	judge(t, "manifest", []judged{
		{"by the guidance", with(manifestOf(empty, typed("text/plain")), artifact), `layer-type-unknown /layers/0/mediaType`},
		{"without content", with(manifestOf(empty, empty), artifact), ``},
		{"without a type", manifestOf(empty, empty), `manifest-artifact-type-missing /artifactType`},
		{"with a configuration of its own", manifestOf(typed("a/config"), empty), `config-type-unknown /config/mediaType`},
		{"artifact type and image", with(manifestOf(someConfig, someLayer), artifact), ``},
		{"no tar layer", manifestOf(someConfig, typed("text/plain")), `layer-type-unknown /layers/0/mediaType`},
		{"some tar layer", manifestOf(someConfig, typed("text/plain"), someLayer), `layer-type-in-image /layers/0/mediaType`},
		{"a tar layer in capitals", manifestOf(someConfig, typed(strings.ToUpper(model.MediaTypeLayer))), `media-type-case /layers/0/mediaType`},
		{"no layers at all", manifestOf(someConfig), `manifest-layers-empty /layers`},
		{"no layers and an artifact type", with(manifestOf(someConfig), artifact), `manifest-layers-empty /layers`},
		{"attestation of BuildKit", manifestOf(someConfig, attestation), ``},
		{"signature of cosign", manifestOf(someConfig, with(typed(cosign), `"annotations":{"dev.cosignproject.cosign/signature":"x"}`)), ``},
		{"a configuration and a layer of known kinds", manifestOf(typed("application/vnd.cncf.helm.config.v1+json"), typed("application/vnd.cncf.helm.chart.content.v1.tar+gzip")), ``},
		{"configuration of no bytes", manifestOf(zero, typed(inToto)), "config-type-unknown /config/mediaType\nconfig-zero-size /config/size"},
		{"layers of no bytes", with(manifestOf(empty, zero, zero), artifact),
			"layer-type-unknown /layers/0/mediaType\nlayer-type-unknown /layers/1/mediaType\nartifact-layers-empty /layers"},
		{"one of no bytes", with(manifestOf(empty, zero, empty), artifact), "layer-type-unknown /layers/0/mediaType"},
		{"the empty JSON as an image's", manifestOf(`{"mediaType":"`+model.MediaTypeImageConfig+`","digest":"`+someDigest+`","size":2}`, someLayer), `empty-as-other /config/mediaType`},
		{"the empty JSON as something else", manifestOf(`{"mediaType":"a/b","digest":"`+someDigest+`","size":2}`, someLayer), "config-type-unknown /config/mediaType\nempty-as-other /config/mediaType"},
		{"without a media type", manifestOf(`{"digest":"`+someDigest+`","size":2}`, someLayer), `descriptor-member-missing /config/mediaType`},
		{"among the layers it is nothing", manifestOf(someConfig, someLayer, `{"mediaType":"`+model.MediaTypeLayer+`","digest":"`+someDigest+`","size":2}`), ``},
	})
}

// Docker's documents: told of once, with the members that only OCI ones have.
func TestDockerDocuments(t *testing.T) {
	const (
		docker = `docker-document /mediaType`
		list   = `{"mediaType":"` + model.MediaTypeDockerManifestList + `","schemaVersion":2,"manifests":[`
		own    = `{"mediaType":"` + model.MediaTypeDockerManifest + `","schemaVersion":2,"config":`
	)
	var (
		config, layer = typed(model.MediaTypeDockerImageConfig), typed(model.MediaTypeDockerLayerGzip)
		foreign       = with(typed(model.MediaTypeDockerLayerForeignGzip), `"urls":["https://example.com"]`)
		all           = `"annotations":{},"urls":[]`
	)
	judge(t, "manifest", []judged{
		{"sound", own + config + `,"layers":[` + layer + `]}`, docker},
		{"with URLs of foreign layers", own + config + `,"layers":[` + foreign + `]}`, docker},
		{"with every member", own + with(config, all) + `,"layers":[` + layer + `,` + with(layer, all) + `],"annotations":{},"subject":` + someManifest + `,"artifactType":"a/b"}`,
			docker + "\ndocker-member /artifactType\ndocker-member /subject\ndocker-member /annotations\ndocker-member /layers/1/annotations\n" +
				"docker-member /config/annotations\ndocker-member /config/urls"},
		{"with OCI layers", own + config + `,"layers":[` + layer + `,` + someLayer + `,` + someLayer + `]}`, docker + "\nmedia-type-mixed /layers/1/mediaType"},
		{"with an OCI configuration", own + someConfig + `,"layers":[` + layer + `]}`, docker},
		{"OCI with docker layers", manifestOf(someConfig, someLayer, layer, layer), `media-type-mixed /layers/1/mediaType`},
		{"OCI with a docker configuration", manifestOf(config, someLayer), `docker-document /config/mediaType`},
		{"OCI members are its own", with(manifestOf(with(someConfig, all), with(someLayer, all)), `"annotations":{},"artifactType":"a/b"`), ``},
		{"schema 1", `{"mediaType":"` + model.MediaTypeDockerSchema1 + `","schemaVersion":1,"config":` + someConfig + `,"layers":[` + someLayer + `]}`,
			"document-media-type /mediaType\nschema-version /schemaVersion"},
	})
	judge(t, "index", []judged{
		{"sound", list + typed(model.MediaTypeDockerManifest) + `]}`, docker},
		{"with OCI entries", list + someManifest + `]}`, docker},
		{"with every member", list + with(typed(model.MediaTypeDockerManifest), all) + `],"annotations":{},"subject":` + someManifest + `,"artifactType":"a/b"}`,
			docker + "\ndocker-member /artifactType\ndocker-member /subject\ndocker-member /annotations\ndocker-member /manifests/0/annotations\ndocker-member /manifests/0/urls"},
		{"OCI with docker entries", indexOf(typed(model.MediaTypeDockerManifest)), ``},
	})
	// By the descriptor alone, and where the two differ, which is told already.
	m := loadedSoundly(t, `{"schemaVersion":2,"config":`+config+`,"layers":[`+layer+`],"annotations":{}}`, model.LoadManifest)
	wantPlaces(t, collect(m.ValidateAs(model.As{MediaType: model.MediaTypeDockerManifest})), "document-media-type-missing /mediaType\n"+docker+"\ndocker-member /annotations")
	m = loadedSoundly(t, manifestOf(someConfig, someLayer), model.LoadManifest)
	wantPlaces(t, collect(m.ValidateAs(model.As{MediaType: model.MediaTypeDockerManifest})), `media-type-mismatch-docker /mediaType`)
	m = loadedSoundly(t, own+someConfig+`,"layers":[`+someLayer+`],"annotations":{}}`, model.LoadManifest)
	wantPlaces(t, collect(m.ValidateAs(model.As{MediaType: model.MediaTypeManifest})), `media-type-mismatch-docker /mediaType`)
}

package model_test

import (
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

// judged is a document and what validating it finds.
type judged struct{ name, text, want string }

// judge validates documents of one kind. Loading them may find nothing.
func judge(t *testing.T, document string, tests []judged) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantPlaces(t, collect(validators[document](t, test.text)), test.want)
		})
	}
}

// judgeLoaded validates documents in which loading finds something, too: want has
// only what validating adds to it.
func judgeLoaded(t *testing.T, mediaType string, tests []judged) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			doc, problems := model.Decode(mediaType, []byte(test.text), model.Limits{})
			if doc == nil || len(problems) == 0 {
				t.Fatalf("loaded %v with %v, want a document and problems", doc, problems)
			}
			wantPlaces(t, collect(doc.Validate()), test.want)
		})
	}
}

// The documents below are sound but for the members that are put into them.

func imageWith(members string) string {
	return `{"rootfs":{"type":"layers","diff_ids":[]},"architecture":"amd64","os":"linux"` + behind(members) + `}`
}

func configWith(members string) string { return imageWith(`"config":{` + members + `}`) }

func descriptorWith(members string) string {
	return `{"mediaType":"a/b","digest":"` + otherDigest + `","size":11` + behind(members) + `}`
}

// typed is a sound descriptor of that media type.
func typed(mediaType string) string {
	if mediaType == model.MediaTypeEmptyJSON {
		return `{"mediaType":"` + mediaType + `","digest":"` + someDigest + `","size":2}`
	}
	return `{"mediaType":"` + mediaType + `","digest":"` + otherDigest + `","size":11}`
}

// with puts members into an object that has some.
func with(object, members string) string {
	return strings.TrimSuffix(object, "}") + behind(members) + "}"
}

func indexOf(entries ...string) string {
	return `{` + asIndex + `"schemaVersion":2,"manifests":[` + strings.Join(entries, ",") + `]}`
}

func manifestOf(config string, layers ...string) string {
	return `{` + asManifest + `"schemaVersion":2,"config":` + config + `,"layers":[` + strings.Join(layers, ",") + `]}`
}

func behind(members string) string {
	if members == "" {
		return ""
	}
	return "," + members
}

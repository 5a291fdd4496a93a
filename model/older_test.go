package model_test

import (
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/ocilayout/ocilayout/model"
)

// Documents of the kinds that there were before those of the specification.
func TestOlderKinds(t *testing.T) {
	const (
		dropped = `artifact-manifest-dropped /mediaType`
		own     = `{"mediaType":"` + model.MediaTypeArtifactManifest + `","artifactType":"a/b"`
		old     = `{"schemaVersion":1,"fsLayers":[`
	)
	judgeAs(t, model.MediaTypeArtifactManifest, []judged{
		{"sound", own + `,"blobs":[` + typed("text/plain") + `],"subject":` + someManifest + `,"annotations":{"com.example.a":"b"}}`, dropped},
		{"nothing in it", own + `}`, dropped},
		{"without a media type", `{"artifactType":"a/b"}`, "document-media-type-missing /mediaType\n" + dropped},
		{"an image manifest", `{"mediaType":"` + model.MediaTypeManifest + `"}`, `media-type-mismatch /mediaType`},
		{"members of others", own + `,"layers":[],"manifests":[]}`, dropped + "\ndocument-ambiguous-typed /layers\ndocument-ambiguous-typed /manifests"},
		{"blobs", own + `,"blobs":[{"mediaType":"a","digest":"b","size":-1}]}`,
			dropped + "\nmedia-type-grammar /blobs/0/mediaType\ndigest-grammar /blobs/0/digest\ndescriptor-size-negative /blobs/0/size"},
		{"subject", own + `,"subject":` + someLayer + `}`, dropped + "\nsubject-type /subject/mediaType"},
	})
	judgeAs(t, model.MediaTypeDockerSchema1, []judged{
		{"sound", old + `{"blobSum":"` + someDigest + `"},{"blobSum":"` + someDigest + `"}]}`, ``},
		{"without layers", `{"schemaVersion":1}`, `manifest-member-missing /fsLayers`},
		{"digests", old + `{"blobSum":"sha256:x"},{"blobSum":""},{}]}`,
			"digest-encoding /fsLayers/0/blobSum\ndigest-grammar /fsLayers/1/blobSum\ndescriptor-member-missing /fsLayers/2/blobSum"},
		{"members of others", old + `],"layers":[]}`, `document-ambiguous /layers`},
	})
}

// What a container runs by can hold no NUL.
func TestConfigNUL(t *testing.T) {
	const at = "config-nul /config/"
	judge(t, "image", []judged{
		{"Env", configWith(`"Env":["A=b","C=\u0000","D\u0000=e"]`), at + "Env/1\n" + at + "Env/2"},
		{"Entrypoint", configWith(`"Entrypoint":["a\u0000b"]`), at + "Entrypoint/0"},
		{"Cmd", configWith(`"Cmd":["a","","\u0000"]`), at + "Cmd/2"},
		{"User", configWith(`"User":"root\u0000x"`), at + "User"},
		{"WorkingDir", configWith(`"WorkingDir":"/a\u0000"`), at + "WorkingDir"},
		{"Volumes", configWith(`"Volumes":{"/a\u0000b":{}}`), at + "Volumes/~1a\x00b"},
		{"the value of a label", configWith(`"Labels":{"com.example.a":"\u0000"}`), at + "Labels/com.example.a"},
		{"members of Docker's", configWith(`"Shell":["sh\u0000"],"Healthcheck":{"Test":["CMD","\u0000","\u0000"]},"OnBuild":["RUN a"]`), at + "Shell\n" + at + "Healthcheck"},
		{"a member that nobody knows", configWith(`"Else":"\u0000"`), ``},
		{"another control character", configWith(`"Env":["A=\u0001\n"]`), ``},
	})
}

// Documents in 16 or 32 bits a character are named as such, with and without a mark.
func TestWideEncodings(t *testing.T) {
	const text = `{"imageLayoutVersion":"1.0.0"}`
	wide := func(mark string, size int, order binary.ByteOrder) []byte {
		raw := []byte(mark)
		for _, unit := range utf16.Encode([]rune(text)) {
			b := make([]byte, size)
			if size == 2 {
				order.PutUint16(b, unit)
			} else {
				order.PutUint32(b, uint32(unit))
			}
			raw = append(raw, b...)
		}
		return raw
	}
	little, big := binary.LittleEndian, binary.BigEndian
	for _, test := range []struct {
		name string
		raw  []byte
	}{
		{"UTF-16LE", wide("\xff\xfe", 2, little)}, {"UTF-16LE", wide("", 2, little)}, {"UTF-16LE", []byte("\xff\xfe")},
		{"UTF-16BE", wide("\xfe\xff", 2, big)}, {"UTF-16BE", wide("", 2, big)},
		{"UTF-32LE", wide("\xff\xfe\x00\x00", 4, little)}, {"UTF-32LE", wide("", 4, little)},
		{"UTF-32BE", wide("\x00\x00\xfe\xff", 4, big)}, {"UTF-32BE", wide("", 4, big)},
	} {
		doc, problems := model.LoadImageLayout(test.raw)
		if doc != nil || len(problems) != 1 || place(problems[0]) != "json-syntax " || problems[0].Actual != test.name ||
			!strings.Contains(problems[0].Message, "iconv -f "+test.name[:len("UTF-16")]) {
			t.Errorf("%q: %v, want it to be called %s", test.raw[:2], problems, test.name)
		}
	}
	for _, raw := range []string{"", "{}", "{\x00", "\x00\x00\x00\x00", "\xef\xbb\xbf{}", "\xff{}"} {
		if _, problems := model.LoadImageLayout([]byte(raw)); len(problems) > 0 && strings.HasPrefix(problems[0].Actual, "UTF-") {
			t.Errorf("%q is called %v", raw, problems)
		}
	}
}

// judgeAs validates documents as what a descriptor calls them.
func judgeAs(t *testing.T, mediaType string, tests []judged) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			doc, problems := model.Decode(mediaType, []byte(test.text), model.Limits{})
			wantPlaces(t, problems, "")
			wantPlaces(t, collect(doc.ValidateAs(model.As{MediaType: mediaType})), test.want)
		})
	}
}

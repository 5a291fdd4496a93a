package model_test

import (
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// What could not be loaded stays where it was, and what was set since is
// written all the same.
func TestEncodeRepairedLists(t *testing.T) {
	const damaged = `{"urls":["a",1,"b",{"x":[1, 2]}],"annotations":{"y":2,"x":"1","w":null}}`
	tests := []struct {
		name   string
		text   string
		change func(*model.Descriptor)
		want   string
	}{
		{"nothing", damaged, func(*model.Descriptor) {}, `{"urls":["a",1,"b",{"x":[1,2]}],"annotations":{"w":null,"x":"1","y":2}}`},
		{"appended", damaged, func(d *model.Descriptor) { d.URLs = append(d.URLs, "c", "") },
			`{"urls":["a",1,"b",{"x":[1,2]},"c",""],"annotations":{"w":null,"x":"1","y":2}}`},
		{"set in place", damaged, func(d *model.Descriptor) { d.URLs[1], d.URLs[2] = "fixed", "" },
			`{"urls":["a","fixed","",{"x":[1,2]}],"annotations":{"w":null,"x":"1","y":2}}`},
		{"removed", damaged, func(d *model.Descriptor) { d.URLs = d.URLs[1:] },
			`{"urls":[1,"b",{"x":[1,2]}],"annotations":{"w":null,"x":"1","y":2}}`},
		{"an empty one among them removed", `{"urls":["",1,"b"]}`, func(d *model.Descriptor) { d.URLs = d.URLs[:2] }, `{"urls":["",1]}`},
		{"emptied", damaged, func(d *model.Descriptor) { d.URLs = nil }, `{"urls":["a",1,"b",{"x":[1,2]}],"annotations":{"w":null,"x":"1","y":2}}`},
		{"map", damaged, func(d *model.Descriptor) { d.Annotations["y"], d.Annotations["v"] = "3", "" },
			`{"urls":["a",1,"b",{"x":[1,2]}],"annotations":{"v":"","w":null,"x":"1","y":"3"}}`},
		{"repeated name", `{"annotations":{"a":1,"a":"2","b":"3","b":4}}`, func(d *model.Descriptor) { d.Annotations["c"] = "" },
			`{"annotations":{"a":1,"b":"3","c":""}}`},
		{"no list at all", `{"urls":{"a":1},"annotations":[]}`, func(d *model.Descriptor) { d.URLs, d.Annotations = []string{"a"}, map[string]string{"b": "c"} },
			`{"urls":["a"],"annotations":{"b":"c"}}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, _ := model.LoadDescriptor([]byte(test.text))
			test.change(d)
			if got := mustEncode(t, d); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// The elements may themselves be lists, maps or objects.
func TestEncodeRepairedBelow(t *testing.T) {
	n, _ := model.Load[node]([]byte(`{"children":[null,{"name":5},7],"byDigest":{"b":1,"a":{"name":"x"}},"table":[[1,"x"],[2],null],"blobs":["?","e30="]}`), model.Limits{})
	n.Children = append(n.Children, &node{Name: "new"})
	n.ByDigest[digest.Digest("c")] = node{Name: "y"}
	n.Table[0] = append(n.Table[0], 3)
	n.Table = append(n.Table, nil)
	n.Blobs = append(n.Blobs, []byte("x"))
	want := `{"children":[null,{"name":5},7,{"name":"new"}],"byDigest":{"a":{"name":"x"},"b":1,"c":{"name":"y"}},` +
		`"table":[[1,"x",3],[2],null,[]],"blobs":["?","e30=","eA=="]}`
	if got := mustEncode(t, n); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}

	m, _ := model.LoadManifest([]byte(`{"layers":[` + someLayer + `,"none",{"size":"5"}]}`))
	m.Layers = append(m.Layers, model.EmptyDescriptor())
	if got, want := mustEncode(t, m), `{"layers":[`+someLayer+`,"none",{"size":"5"},`+mustEncode(t, model.EmptyDescriptor())+`]}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Of a list in which the document was broken off, what was read is written.
func TestEncodeBrokenOff(t *testing.T) {
	d, _ := model.LoadDescriptor([]byte(`{"urls":["a","b`))
	if got, want := mustEncode(t, d), `{"urls":["a",""]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

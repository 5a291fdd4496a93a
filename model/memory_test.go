package model_test

import (
	"testing"
	"unsafe"

	"github.com/ocilayout/ocilayout/model"
)

// A list takes the memory of its elements, whatever stands in them, and nothing
// that grew and was thrown away.
func TestLoadRoom(t *testing.T) {
	for name, elements := range map[string]struct {
		text string
		n    int
	}{
		"none":      {` `, 0},
		"one":       {`{}`, 1},
		"spaces":    {" {} ,\n{}\t", 2},
		"strings":   {`{"mediaType":"],[{,"},{"mediaType":"\"],"},{"mediaType":"\\"}`, 3},
		"arrays":    {`{"urls":["a","b"],"x":[[1,2],[3]]},{}`, 2},
		"odd types": {`1,null,[2,3],"a,b"`, 4},
		"many":      {repeated(`{"platform":{"os.features":["a","b"]}}`, 5000), 5000},
	} {
		t.Run(name, func(t *testing.T) {
			m, _ := model.LoadManifest([]byte(`{"layers" : [` + elements.text + `],"x":[1,2,3,4,5,6,7,8]}`))
			if len(m.Layers) != elements.n || cap(m.Layers) != elements.n {
				t.Errorf("%d layers in room for %d, want %d", len(m.Layers), cap(m.Layers), elements.n)
			}
		})
	}
	// What is no JSON ends too.
	for _, text := range []string{`{"layers":[{}`, `{"layers":["`, `{"layers":[{}}`, `{"layers":[,,,`, `{"layers":[[[[`, `{"layers":[{},{"a`, `{"layers":["\`} {
		if m, problems := model.LoadManifest([]byte(text)); problems.Err() == nil || cap(m.Layers) > 8 {
			t.Errorf("%s: room for %d layers, %v", text, cap(m.Layers), problems)
		}
	}
}

// What a document says again and again is held once.
func TestLoadShares(t *testing.T) {
	m, problems := model.LoadManifest([]byte(`{"layers":[` + repeated(`{"mediaType":"some/type","annotations":{"some.key":"some value"}}`, 3) + `]}`))
	if problems != nil {
		t.Fatal(problems)
	}
	first, last := &m.Layers[0], &m.Layers[2]
	if unsafe.StringData(first.MediaType) != unsafe.StringData(last.MediaType) ||
		unsafe.StringData(first.Annotations["some.key"]) != unsafe.StringData(last.Annotations["some.key"]) {
		t.Error("equal strings are held twice")
	}
}

func TestMemory(t *testing.T) {
	if n := model.NewIndex().Memory(); n != 0 {
		t.Errorf("%d bytes of what was made in Go", n)
	}
	small, _ := model.LoadIndex([]byte(`{"manifests":[]}`))
	large, _ := model.LoadIndex([]byte(`{"manifests":[` + repeated(`{"annotations":{"":""}}`, 1000) + `]}`))
	if a, b := small.Memory(), large.Memory(); a > 1000 || b < 400_000 || b > 800_000 {
		t.Errorf("%d and %d bytes", a, b)
	}
	// It follows from the document alone, as the limit that is held against it has to.
	for range 10 {
		again, _ := model.LoadIndex(large.Raw())
		if again.Memory() != large.Memory() {
			t.Fatalf("%d bytes, and before %d", again.Memory(), large.Memory())
		}
	}
}

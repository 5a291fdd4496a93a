package show

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/model"
)

// differences returns the members in which two documents differ, sorted by
// pointer, but for those at the pointers in skip and below them. A document that
// cannot be encoded again, as it is too odd, is compared as far as that goes.
func differences(a, b any, skip ...string) []Member {
	x, _ := model.Map(a)
	y, _ := model.Map(b)
	return differencesOf(x, y, skip...)
}

func differencesOf(a, b map[string]any, skip ...string) []Member {
	d := &differ{skip: skip, found: []Member{}}
	d.objects("", a, b)
	return d.found
}

// configDifferences is differences for configurations.
func configDifferences(a, b *model.Image) []Member {
	x, _ := model.Map(a)
	y, _ := model.Map(b)
	environment(x, y)
	return differencesOf(x, y, "/rootfs/diff_ids")
}

// environment puts the variables by name in the place of the lists of them,
// unless only the order of the lists tells them apart.
func environment(a, b map[string]any) {
	x, _ := a["config"].(map[string]any)
	y, _ := b["config"].(map[string]any)
	one, ok := variables(x["Env"])
	two, also := variables(y["Env"])
	if !ok || !also || reflect.DeepEqual(one, two) {
		return
	}
	if x["Env"] != nil {
		x["Env"] = one
	}
	if y["Env"] != nil {
		y["Env"] = two
	}
}

// variables returns NAME=VALUE by name. Of a name that stands twice the last
// counts, as it does for a process.
func variables(list any) (map[string]any, bool) {
	values, ok := list.([]any)
	byName := make(map[string]any)
	for _, v := range values {
		text, isText := v.(string)
		name, value, hasValue := strings.Cut(text, "=")
		if !isText {
			return nil, false
		}
		byName[name] = nil
		if hasValue {
			byName[name] = value
		}
	}
	return byName, ok || list == nil
}

type differ struct {
	skip  []string
	found []Member
}

var escapeToken = strings.NewReplacer("~", "~0", "/", "~1")

// objects compares two objects. Its recursion is bounded by that of loading.
func (d *differ) objects(pointer string, a, b map[string]any) {
	names := make(map[string]bool)
	for name := range a {
		names[name] = true
	}
	for name := range b {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		x, inA := a[name]
		y, inB := b[name]
		d.values(pointer+"/"+escapeToken.Replace(name), x, y, inA, inB)
	}
}

// values compares two members. An object that is absent on one side is compared
// with an empty one, so that what it holds is listed member by member.
func (d *differ) values(pointer string, a, b any, inA, inB bool) {
	if slices.Contains(d.skip, pointer) || inA == inB && reflect.DeepEqual(a, b) {
		return
	}
	x, isX := a.(map[string]any)
	y, isY := b.(map[string]any)
	if (isX || !inA) && (isY || !inB) && len(x)+len(y) > 0 {
		d.objects(pointer, x, y)
		return
	}
	d.found = append(d.found, Member{pointer, encoded(a, inA), encoded(b, inB)})
}

func encoded(v any, there bool) json.RawMessage {
	if !there {
		return nil
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return json.RawMessage("null") // no value of model.Map is refused
	}
	return bytes.TrimSpace(out.Bytes())
}

package model_test

import (
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
	"github.com/ocilayout/ocilayout/verify/rule"
)

func nested(depth int, open, shut string) string {
	return strings.Repeat(open, depth) + strings.Repeat(shut, depth)
}

func repeated(element string, n int) string {
	return strings.TrimSuffix(strings.Repeat(element+",", n), ",")
}

func TestLimits(t *testing.T) {
	object := func(members string) string { return `{` + members + `}` }
	tests := []struct {
		name   string
		limits model.Limits
		within string
		beyond string
		number int // that the problem has to name
	}{
		{"depth of unknown arrays", model.Limits{Depth: 5}, object(`"x":` + nested(4, "[", "]")), object(`"x":` + nested(5, "[", "]")), 5},
		{"depth of unknown objects", model.Limits{Depth: 3}, object(`"x":{"x":{}}`), object(`"x":{"x":{"x":{}}}`), 3},
		{"depth of known members", model.Limits{Depth: 3}, object(`"layers":[{}]`), object(`"layers":[{"platform":{}}]`), 3},
		{"depth of a wrong type", model.Limits{Depth: 3}, object(`"config":[[]]`), object(`"config":[[[]]]`), 3},
		{"depth by default", model.Limits{}, object(`"x":` + nested(63, "[", "]")), object(`"x":` + nested(64, "[", "]")), 64},
		{"items of an unknown array", model.Limits{Items: 3}, object(`"x":[1,2,3]`), object(`"x":[1,2,3,4]`), 3},
		{"items of layers", model.Limits{Items: 3}, object(`"layers":[{},{},{}]`), object(`"layers":[{},{},{},{}]`), 3},
		{"members of a map", model.Limits{Items: 3}, object(`"annotations":{"a":"","b":"","c":""}`), object(`"annotations":{"a":"","b":"","c":"","d":""}`), 3},
		{"members of the document", model.Limits{Items: 3}, object(`"a":1,"b":2,"c":3`), object(`"a":1,"b":2,"c":3,"d":4`), 3},
		{"members that repeat", model.Limits{Items: 3}, object(`"a":1,"a":2,"a":3`), object(`"a":1,"a":2,"a":3,"a":4`), 3},
		{"items by default", model.Limits{}, object(`"layers":[` + repeated("{}", 65_536) + `]`), object(`"layers":[` + repeated("{}", 65_537) + `]`), 65_536},
		{"values", model.Limits{Values: 6}, object(`"x":[1]`), object(`"x":[1,2]`), 6},
		{"values by default", model.Limits{}, object(`"x":[` + repeated("["+repeated("0", 40_000)+"]", 24) + `]`),
			object(`"x":[` + repeated("["+repeated("0", 40_000)+"]", 26) + `]`), 1_000_000},
		{"memory of an array", model.Limits{Memory: 1000}, object(`"layers":[` + repeated("{}", 6) + `]`), object(`"layers":[` + repeated("{}", 7) + `]`), 1000},
		{"memory of maps", model.Limits{Memory: 1000}, object(`"annotations":{"":""}`), object(`"annotations":{"":""},"layers":[` + repeated(`{"annotations":{"":""}}`, 2) + `]`), 1000},
		{"memory of strings", model.Limits{Memory: 1016}, object(`"mediaType":"` + strings.Repeat("a", 1000) + `"`), object(`"mediaType":"` + strings.Repeat("a", 1001) + `"`), 1016},
		{"memory of equal strings", model.Limits{Memory: 2000}, object(`"layers":[` + repeated(`{"mediaType":"some/type"}`, 12) + `]`), object(`"layers":[` + repeated(`{"mediaType":"some/type","digest":"sha256:"}`, 13) + `]`), 2000},
		{"memory of structs", model.Limits{Memory: 200}, object(`"subject":{}`), object(`"subject":{"platform":{}}`), 200},
		{"memory of unknown members", model.Limits{Memory: 1000}, object(`"a":1,"b":2,"c":3`), object(manyMembers(20)), 1000},
		{"memory of what is skipped", model.Limits{Memory: 1000}, object(`"a":{"a":1,"b":2,"c":3,"d":4},"b":{"a":1,"b":2,"c":3,"d":4}`), object(`"a":{` + manyMembers(30) + `}`), 1000},
		{"string", model.Limits{String: 5}, object(`"x":"abc"`), object(`"x":"abcd"`), 5},
		{"string of a known member", model.Limits{String: 11}, object(`"mediaType":"abc"`), object(`"mediaType":"abcdefghij"`), 11},
		{"string as written", model.Limits{String: 8}, object(`"x":"\u0041"`), object(`"x":"\u0041A"`), 8},
		{"name", model.Limits{String: 5}, object(`"abc":1`), object(`"abcd":1`), 5},
		{"embedded data", model.Limits{String: 13}, object(`"subject":{"data":"e30K"}`), object(`"subject":{"data":"e30Ke30Ke30K"}`), 13},
		{"string by default", model.Limits{}, object(`"x":"` + strings.Repeat("a", 2<<20-2) + `"`), object(`"x":"` + strings.Repeat("a", 2<<20-1) + `"`), 2 << 20},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, problems := model.Load[model.Manifest]([]byte(test.within), test.limits)
			for _, p := range problems {
				if p.Rule == rule.LimitJSON {
					t.Errorf("within the limit: %v", p)
				}
			}
			m, problems := model.Load[model.Manifest]([]byte(test.beyond), test.limits)
			if m == nil {
				t.Fatal("beyond the limit: no document, want what was read up to there")
			}
			last := problems[len(problems)-1]
			if last.Rule != rule.LimitJSON || last.Expected != strconv.Itoa(test.number) {
				t.Errorf("beyond the limit: %v with %q, want a %s that names %d", last, last.Expected, rule.LimitJSON, test.number)
			}
			if problems.Err() == nil {
				t.Error("beyond the limit: Err is nil, though not everything was read")
			}
		})
	}
}

func TestLimitsPointer(t *testing.T) {
	_, problems := model.Load[model.Manifest]([]byte(`{"layers":[{},{"annotations":{"a":"","b":""}}]}`), model.Limits{Items: 1})
	wantPlaces(t, problems, `limit-json /layers/0`)
	_, problems = model.Load[model.Manifest]([]byte(`{"size":1,"layers":[{"annotations":{"a":"xxxxxxxxxxxxx"}}]}`), model.Limits{String: 14})
	wantPlaces(t, problems, `limit-json /layers/0/annotations/a`)
}

// A document can be wrong in more ways than anybody wants to read.
func TestLimitProblems(t *testing.T) {
	for name, element := range map[string]string{
		"wrong types": `5`, "duplicates": `{"a":1,"a":2}`, "wrong types with problems inside": `[{"a":1,"a":2}]`,
	} {
		t.Run(name, func(t *testing.T) {
			x, problems := model.LoadIndex([]byte(`{"manifests":[` + repeated(element, 20_000) + `],"schemaVersion":2}`))
			if len(problems) != 10_001 {
				t.Fatalf("%d problems, want 10,000 and the limit", len(problems))
			}
			limits := 0
			for _, p := range problems {
				if p.Rule == rule.LimitJSON {
					limits++
				}
			}
			if limits != 1 || x.SchemaVersion != 0 {
				t.Errorf("%d problems of %s, schema version %d: want reading to end there", limits, rule.LimitJSON, x.SchemaVersion)
			}
		})
	}
}

// Each problem names its place. Long names are not kept as often as there are
// problems below them.
func TestLimitPointers(t *testing.T) {
	name := strings.Repeat("n", 1<<20)
	_, problems := model.LoadIndex([]byte(`{"` + name + `":{` + repeated(`"a":1`, 20) + `}}`))
	if last := problems[len(problems)-1]; len(problems) > 6 || last.Rule != rule.LimitJSON {
		t.Errorf("%d problems, of which the last is %s: want no more than 4 MiB of places", len(problems), last.Rule)
	}
}

// What a hostile document costs is bounded by its length and the limits, not by
// what it multiplies.
func TestLoadMemory(t *testing.T) {
	const mib = 1 << 20
	name := strings.Repeat("n", mib)
	const (
		live = 40 * mib // that may stay
		work = 80 * mib // that may be allocated in all
	)
	tests := []struct{ name, text string }{
		{"a long name over many problems", `{"` + name + `":{` + repeated(`"a":1`, 10_000) + `}}`},
		{"long names over one another", `{"` + name + `":{"` + name + `":{"` + name + `":{` + repeated(`"a":1`, 10_000) + `}}}}`},
		{"a long annotation key over many problems", `{"annotations":{"` + name + `":{` + repeated(`"a":1`, 10_000) + `}}}`},
		{"empty descriptors", `{"manifests":[` + repeated(`{}`, 2_000_000) + `]}`},
		{"null descriptors", `{"manifests":[` + repeated(`null`, 2_000_000) + `]}`},
		{"descriptors with all that is small", `{"manifests":[` + repeated(`{"annotations":{"":""},"platform":{"x":0},"urls":[""]}`, 65_536) + `]}`},
		{"descriptors with empty maps", `{"manifests":[` + repeated(`{"annotations":{}}`, 65_536) + `]}`},
		{"descriptors with small maps", `{"manifests":[` + repeated(`{"annotations":{"":""}}`, 65_536) + `]}`},
		{"descriptors with large maps", `{"manifests":[` + repeated(`{"annotations":{`+manyMembers(60_000)+`}}`, 10) + `]}`},
		{"descriptors with unknown members", `{"manifests":[` + repeated(`{"":1,"x":[{"a":1},{"a":1}]}`, 65_536) + `]}`},
		{"many arrays", `{"manifests":[` + repeated(`{"urls":[`+repeated(`""`, 9_000)+`]}`, 100) + `]}`},
		{"many annotations", `{"annotations":{` + strings.ReplaceAll(manyMembers(400_000), ":0", `:""`) + `}}`},
		{"many unknown members", `{` + manyMembers(400_000) + `}`},
		{"one long string", `{"mediaType":"` + strings.Repeat("m", 8*mib) + `"}`},
		{"one long number", `{"schemaVersion":` + strings.Repeat("1", 8*mib) + `}`},
		{"much behind the end", `{}` + strings.Repeat("x", 8*mib)},
		{"deep arrays", `{"x":` + strings.Repeat("[", 8*mib)},
		{"deep objects", `{"x":` + strings.Repeat(`{"x":`, mib)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			raw := []byte(test.text)
			before := memory()
			x, problems := model.LoadIndex(raw)
			after := memory()
			if n := int64(after.HeapAlloc) - int64(before.HeapAlloc); n > live {
				t.Errorf("%d MiB stay of %d MiB", n/mib, len(raw)/mib)
			}
			if n := after.TotalAlloc - before.TotalAlloc; n > work {
				t.Errorf("%d MiB were allocated for %d MiB", n/mib, len(raw)/mib)
			}
			runtime.KeepAlive(x)
			runtime.KeepAlive(problems)
			runtime.KeepAlive(raw)
		})
	}
}

func memory() runtime.MemStats {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + strconv.Itoa(i) + `":0`)
	}
	return b.String()
}

// Loading ends soon after Done is closed, and says so: what is there is not the
// whole document.
func TestLimitsDone(t *testing.T) {
	raw := []byte(`{"schemaVersion":2,"manifests":[` + strings.Repeat(`{"size":1},`, 5000) + `{"size":1}]}`)
	done := make(chan struct{})
	index, problems := model.Load[model.Index](raw, model.Limits{Done: done})
	if len(index.Manifests) != 5001 || problems.Err() != nil {
		t.Errorf("%d entries, %v", len(index.Manifests), problems.Err())
	}
	close(done)
	index, problems = model.Load[model.Index](raw, model.Limits{Done: done})
	if index != nil && len(index.Manifests) > 1024 || len(problems) != 1 || problems[0].Rule != rule.LimitJSON {
		t.Errorf("%v", problems)
	}
}

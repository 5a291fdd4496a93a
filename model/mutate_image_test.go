package model_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
)

const anotherDigest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

func TestImageLayers(t *testing.T) {
	step := model.History{CreatedBy: "step", Created: "2020-01-01T00:00:00.5Z"}
	const encodedStep = `{"created":"2020-01-01T00:00:00.5Z","created_by":"step"}`
	add := func(h model.History) func(*model.Image) error {
		return func(i *model.Image) error { return i.AddLayer(anotherDigest, h) }
	}
	for _, test := range []struct {
		text   string
		change func(*model.Image) error
		want   string
	}{
		{`{}`, add(step), `{"rootfs":{"type":"layers","diff_ids":["` + anotherDigest + `"]},"history":[` + encodedStep + `]}`},
		{`{}`, add(model.History{}), `{"rootfs":{"type":"layers","diff_ids":["` + anotherDigest + `"]}}`},
		{`{"rootfs":[],"history":null}`, add(step), `{"rootfs":{"type":"layers","diff_ids":["` + anotherDigest + `"]},"history":[` + encodedStep + `]}`},
		{`{"rootfs":{"type":"layers","diff_ids":["` + someDigest + `"],"x":1}}`, add(step),
			`{"rootfs":{"type":"layers","diff_ids":["` + someDigest + `","` + anotherDigest + `"],"x":1},"history":[{},` + encodedStep + `]}`},
		{`{"rootfs":{"type":"layers","diff_ids":["` + someDigest + `"]},"history":[{},{"empty_layer":true}]}`, add(model.History{}),
			`{"rootfs":{"type":"layers","diff_ids":["` + someDigest + `","` + anotherDigest + `"]},"history":[{},{"empty_layer":true},{}]}`},
		{`{"rootfs":{"type":"layers","diff_ids":["` + someDigest + `"]}}`,
			func(i *model.Image) error { return i.AppendHistory(model.History{EmptyLayer: true}) },
			`{"rootfs":{"type":"layers","diff_ids":["` + someDigest + `"]},"history":[{},{"empty_layer":true}]}`},
	} {
		i, _ := model.LoadImage([]byte(test.text))
		if err := test.change(i); err != nil {
			t.Errorf("%s: %v", test.text, err)
		}
		if got := mustEncode(t, i); got != test.want {
			t.Errorf("%s became\n%s\nwant\n%s", test.text, got, test.want)
		}
	}
}

func TestImageRefuses(t *testing.T) {
	load := func(text string) *model.Image {
		i, _ := model.LoadImage([]byte(text))
		return i
	}
	i := load(`{"architecture":"a","os":"b","rootfs":{"type":"layers","diff_ids":["` + someDigest + `"]},"history":[{}]}`)
	broken := load(`{"history":[{"created":5,"empty_layer":false}]}`).History[0]
	for what, change := range map[string]func() error{
		"no diff id":           func() error { return i.AddLayer("", model.History{}) },
		"a bad diff id":        func() error { return i.AddLayer("sha256:x", model.History{}) },
		"an empty layer":       func() error { return i.AddLayer(someDigest, model.History{EmptyLayer: true}) },
		"a date":               func() error { return i.AddLayer(someDigest, model.History{Created: "2015-10-31"}) },
		"a bad time":           func() error { return i.AppendHistory(model.History{EmptyLayer: true, Created: "2015-10-31Tlunch"}) },
		"bad text":             func() error { return i.AddLayer(someDigest, model.History{Comment: "\xff"}) },
		"a broken entry":       func() error { return i.AddLayer(someDigest, broken) },
		"history of a layer":   func() error { return i.AppendHistory(model.History{}) },
		"an empty name":        func() error { return i.SetEnv("", "x") },
		"a name with a sign":   func() error { return i.SetEnv("A=B", "x") },
		"a name with a NUL":    func() error { return i.SetEnv("A\x00", "x") },
		"a value with a NUL":   func() error { return i.SetEnv("A", "\x00") },
		"a value that is none": func() error { return i.SetEnv("A", "\xff") },
		"a label without name": func() error { return i.SetLabel("", "x") },
		"no port":              func() error { return i.ExposePort("") },
		"a name of a port":     func() error { return i.ExposePort("http") },
		"a port too far":       func() error { return i.ExposePort("65536/tcp") },
		"port zero":            func() error { return i.ExposePort("0") },
		"a range of ports":     func() error { return i.ExposePort("80-90/tcp") },
		"another protocol":     func() error { return i.ExposePort("80/x") },
		"two protocols":        func() error { return i.ExposePort("80/tcp/udp") },
		"a line":               func() error { return i.ExposePort("80\n") },
		"no volume":            func() error { return i.AddVolume("") },
		"a volume with a NUL":  func() error { return i.AddVolume("/a\x00") },
	} {
		wantRefused(t, i, what, change)
	}
	other := load(`{"rootfs":{"type":"tar"}}`)
	wantRefused(t, other, "another rootfs", func() error { return other.AddLayer(someDigest, model.History{}) })
	short := load(`{"rootfs":{"type":"layers","diff_ids":["` + someDigest + `"]},"history":[{},{}]}`)
	wantRefused(t, short, "a history of other layers", func() error { return short.AddLayer(someDigest, model.History{}) })
}

func TestSetEnv(t *testing.T) {
	for _, test := range []struct{ env, want string }{
		{``, `{"config":{"Env":["A=x=y"]}}`},
		{`"config":{"Env":null}`, `{"config":{"Env":["A=x=y"]}}`},
		{`"config":{"Env":["AA=1","A=1","B=2"]}`, `{"config":{"Env":["AA=1","A=x=y","B=2"]}}`},
		{`"config":{"Env":["B=A=1","a=1"]}`, `{"config":{"Env":["B=A=1","a=1","A=x=y"]}}`},
		{`"config":{"Env":["A=1","B=2","A=3","A"]}`, `{"config":{"Env":["A=x=y","B=2"]}}`},
		{`"config":{"Env":["A=1","A=2","B=1"],"x":1}`, `{"config":{"Env":["A=x=y","B=1"],"x":1}}`},
		{`"config":7`, `{"config":{"Env":["A=x=y"]}}`},
	} {
		i, _ := model.LoadImage([]byte("{" + test.env + "}"))
		if err := i.SetEnv("A", "x=y"); err != nil {
			t.Fatal(err)
		}
		if got := mustEncode(t, i); got != test.want {
			t.Errorf("{%s} became\n%s\nwant\n%s", test.env, got, test.want)
		}
	}
}

func TestImageConfigMutators(t *testing.T) {
	for text, want := range map[string]string{
		`{}`: `{"config":{"ExposedPorts":{"53/udp":{},"8080":{}},"Volumes":{"/data":{}},"Labels":{"l":"m"}}}`,
		`{"config":{"ExposedPorts":{"8080":{"x":1},"9":{}},"Volumes":{},"Labels":{"l":"old","k":""}}}`: `{"config":{"ExposedPorts":{"53/udp":{},"8080":{"x":1},"9":{}},"Volumes":{"/data":{}},"Labels":{"k":"","l":"m"}}}`,
	} {
		i, _ := model.LoadImage([]byte(text))
		if err := errors.Join(i.ExposePort("8080"), i.ExposePort("53/udp"), i.AddVolume("/data"), i.SetLabel("l", "m")); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, mustEncode(t, i)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

package model_test

import (
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

// The values below config, for linux unless a case says otherwise.
func TestImageConfig(t *testing.T) {
	judge(t, "image", []judged{
		{"nothing", imageWith(``), ``},
		{"empty", configWith(``), ``},
		{"nulls", configWith(`"User":null,"ExposedPorts":null,"Env":null,"Entrypoint":null,"Cmd":null,"Volumes":null,"WorkingDir":null,"Labels":null,"StopSignal":null,"ArgsEscaped":null,"Memory":null,"Healthcheck":null`), ``},

		{"user", configWith(`"User":"root"`), ``},
		{"user and group", configWith(`"User":"1000:staff"`), ``},
		{"empty user", configWith(`"User":""`), ``},
		{"no user", configWith(`"User":":staff"`), `config-user /config/User`},
		{"no group", configWith(`"User":"root:"`), `config-user /config/User`},
		{"colon alone", configWith(`"User":":"`), `config-user /config/User`},
		{"two colons", configWith(`"User":"a:b:c"`), `config-user /config/User`},

		{"variables", configWith(`"Env":["A=b","B=","C==","D=a=b","E=a\nb","PATH=/bin","e=x"," =","Ä=ä"]`), ``},
		{"no variables", configWith(`"Env":[]`), ``},
		{"bad variables", configWith(`"Env":["A","","=x","=","A=b"]`),
			"config-env /config/Env/0\nconfig-env /config/Env/1\nconfig-env /config/Env/2\nconfig-env /config/Env/3"},
		{"a variable set again", configWith(`"Env":["A=1","B=1","A=1","A","a=1","A=2"]`),
			"config-env-duplicate /config/Env/2\nconfig-env /config/Env/3\nconfig-env-duplicate /config/Env/5"},

		{"volumes", configWith(`"Volumes":{"/":{},"/a/b~c":{}}`), ``},
		{"relative volumes", configWith(`"Volumes":{"":{},"./a":{},"a/b~c":{},"C:\\a":{},"~":{}}`),
			`config-volume /config/Volumes/
config-volume /config/Volumes/.~1a
config-volume /config/Volumes/C:\a
config-volume /config/Volumes/a~1b~0c
config-volume /config/Volumes/~0`},
		{"values that hold something", configWith(`"Volumes":{"/a":{"x":1,"y":2},"/b":{}},"ExposedPorts":{"80/tcp":{"x":null},"":{"x":1}}`),
			`config-value-not-empty /config/ExposedPorts/
config-value-not-empty /config/ExposedPorts/80~1tcp
config-port /config/ExposedPorts/
config-value-not-empty /config/Volumes/~1a`},

		{"working directory", configWith(`"WorkingDir":"/a"`), ``},
		{"root", configWith(`"WorkingDir":"/"`), ``},
		{"empty working directory", configWith(`"WorkingDir":""`), ``},
		{"relative", configWith(`"WorkingDir":"a"`), `config-working-dir /config/WorkingDir`},
		{"dot", configWith(`"WorkingDir":"."`), `config-working-dir /config/WorkingDir`},
		{"of Windows", configWith(`"WorkingDir":"C:\\a"`), `config-working-dir /config/WorkingDir`},
		{"backslash", configWith(`"WorkingDir":"\\a"`), `config-working-dir /config/WorkingDir`},
		{"blank in front", configWith(`"WorkingDir":" /a"`), `config-working-dir /config/WorkingDir`},

		{"ArgsEscaped", configWith(`"ArgsEscaped":true`), `config-args-escaped-os /config/ArgsEscaped`},
		{"false", configWith(`"ArgsEscaped":false`), `config-args-escaped-os /config/ArgsEscaped`},
	})
	for want, signals := range map[string][]string{
		``:                                      {"", "SIGTERM", "SIGRTMIN+3", "SIGRTMAX-14", "SIGRTMIN", "SIGUSR1", "SIG0", "9", "0", "15", "064"},
		`config-stop-signal /config/StopSignal`: {"TERM", "sigterm", "SigTerm", "SIG", "SIGTERM ", " 9", "9\\n", "-9", "+9", "9.0", "SIGRTMIN+", "SIGRTMIN+x", "SIGRTMIN+3+3", "SIG_TERM", "SIGTERM,9", "quit"},
	} {
		for _, signal := range signals {
			wantPlaces(t, collect(validators["image"](t, configWith(`"StopSignal":"`+signal+`"`))), want)
			if t.Failed() {
				t.Fatalf("%q", signal)
			}
		}
	}
}

// The members that are reserved for runtimes have a type, and no more is asked.
func TestImageConfigReserved(t *testing.T) {
	for _, member := range []string{"Memory", "MemorySwap", "CpuShares"} {
		for _, value := range []string{"0", "1", "-1", "9007199254740991", "null"} {
			wantPlaces(t, collect(validators["image"](t, configWith(`"`+member+`": `+value))), ``)
		}
		for _, value := range []string{`"1"`, `""`, "1.5", "1.0", "1e3", "true", "[]", "{}"} {
			wantPlaces(t, collect(validators["image"](t, configWith(`"`+member+`": `+value+` `))), "config-reserved /config/"+member)
		}
	}
	judge(t, "image", []judged{
		{"health check", configWith(`"Healthcheck" : { "Test" : ["NONE"] }`), ``},
		{"null", configWith(`"Healthcheck": null `), ``},
		{"array", configWith(`"Healthcheck":[]`), `config-reserved /config/Healthcheck`},
		{"string", configWith(`"Healthcheck":"{}"`), `config-reserved /config/Healthcheck`},
		{"false", configWith(`"Healthcheck":false`), `config-reserved /config/Healthcheck`},
		{"members that nobody reserved", configWith(`"OnBuild":5,"Hostname":[],"healthcheck":1,"memory":"x","Shell":{}`), ``},
		{"elsewhere", imageWith(`"Memory":"1","Healthcheck":[]`), ``},
	})
}

// Paths and users by operating system; where that is not known, none is wrong.
func TestImageConfigOfWindows(t *testing.T) {
	windows := func(members string) string {
		return strings.Replace(configWith(members), `"linux"`, `"windows"`, 1)
	}
	noOS := func(os, members string) string {
		return strings.Replace(configWith(members), `"os":"linux"`, os, 1)
	}
	const paths = `"WorkingDir":"C:\\a","Volumes":{"d:/a":{},"\\a":{},"/a":{},"C:\\":{},"\\\\host\\a":{}},"User":"DOMAIN\\user:a:b","ArgsEscaped":true`
	judge(t, "image", []judged{
		{"sound", windows(paths), `config-args-escaped /config/ArgsEscaped`},
		{"relative", windows(`"WorkingDir":"C:a","Volumes":{"a":{},"C:":{},"":{},".\\a":{},"C":{}}`),
			`config-volume /config/Volumes/
config-volume /config/Volumes/.\a
config-volume /config/Volumes/C
config-volume /config/Volumes/C:
config-volume /config/Volumes/a
config-working-dir /config/WorkingDir`},
		{"no os", noOS(`"x":1`, paths), "config-member-missing /os\nconfig-args-escaped /config/ArgsEscaped"},
		{"empty os", noOS(`"os":""`, paths), "platform-member-empty /os\nconfig-args-escaped /config/ArgsEscaped"},
		{"relative everywhere", noOS(`"x":1`, `"WorkingDir":"a"`), "config-member-missing /os\nconfig-working-dir /config/WorkingDir"},
	})
	judgeLoaded(t, model.MediaTypeImageConfig, []judged{{"os of the wrong type", noOS(`"os":1`, paths), `config-args-escaped /config/ArgsEscaped`}})
	made := &model.Image{OS: "linux", Architecture: "amd64", RootFS: model.RootFS{Type: "layers"}, Config: model.ImageConfig{ArgsEscaped: true}}
	wantPlaces(t, collect(made.Validate()), `config-args-escaped-os /config/ArgsEscaped`)
}

// What cannot be loaded is told by loading, and by nothing else.
func TestImageOfWrongTypes(t *testing.T) {
	judgeLoaded(t, model.MediaTypeImageConfig, []judged{
		{"config", imageWith(`"config":[]`), ``},
		{"every member of config", configWith(`"User":1,"ExposedPorts":[],"Env":{},"Entrypoint":1,"Cmd":1,"Volumes":[],"WorkingDir":1,"Labels":1,"StopSignal":9,"ArgsEscaped":1`), ``},
		{"elements", configWith(`"ExposedPorts":{"x":1},"Env":[1,null],"Volumes":{"x":null},"Labels":{"x":1}`), ``},
		{"beside others", configWith(`"Env":["A=1",1,"A=2"],"Volumes":{"x":1,"y":{}}`), "config-env-duplicate /config/Env/2\nconfig-volume /config/Volumes/y"},
		{"created and variant", imageWith(`"created":5,"variant":5,"os.version":5,"os.features":5`), ``},
		{"history", imageWith(`"history":{}`), ``},
		{"an entry of it", imageWith(`"history":[5,{}]`), ``},
		{"members of it", imageWith(`"history":[{"created":5,"empty_layer":1}]`), ``},
		{"diff ids", `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":"x"},"history":[{}]}`, ``},
		{"one diff id", `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["` + someDigest + `",5]},"history":[{}]}`, ``},
		{"rootfs", `{"architecture":"amd64","os":"linux","rootfs":[],"history":[{}]}`, ``},
		{"type of rootfs", `{"architecture":"amd64","os":"linux","rootfs":{"type":5,"diff_ids":[]}}`, ``},
	})
}

func TestHistoryCount(t *testing.T) {
	image := func(history string, layers int) string {
		ids := strings.TrimSuffix(strings.Repeat(`"`+someDigest+`",`, layers), ",")
		return `{"history":` + history + `,"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[` + ids + `]}}`
	}
	judge(t, "image", []judged{
		{"none", image(`[]`, 2), ``},
		{"null", image(`null`, 2), ``},
		{"one for each", image(`[{},{"empty_layer":false}]`, 2), ``},
		{"empty ones beside", image(`[{"empty_layer":true},{},{"empty_layer":true}]`, 1), ``},
		{"null is false", image(`[{"empty_layer":null}]`, 1), ``},
		{"too few", image(`[{}]`, 2), `history-count /history`},
		{"too many", image(`[{},{},{}]`, 2), `history-count /history`},
		{"empty ones alone", image(`[{"empty_layer":true}]`, 1), `history-count /history`},
		{"no layers", image(`[{}]`, 0), `history-count /history`},
		{"no rootfs", `{"architecture":"amd64","os":"linux","history":[{}]}`, `config-member-missing /rootfs`},
		{"no diff ids", `{"architecture":"amd64","os":"linux","rootfs":{"type":"layers"},"history":[{}]}`, `config-member-missing /rootfs/diff_ids`},
	})
}

func TestConfigOfArtifact(t *testing.T) {
	judge(t, "image", []judged{
		{"chart", `{"name":"web","version":"1.0"}`, "config-member-missing /architecture\nconfig-member-missing /os\nconfig-member-missing /rootfs\nconfig-of-artifact "},
		{"architecture alone", `{"architecture":"amd64"}`, "config-member-missing /os\nconfig-member-missing /rootfs\nconfig-of-artifact "},
		{"os", `{"os":"linux","architecture":"amd64"}`, "config-member-missing /rootfs"},
		{"rootfs", `{"rootfs":{"type":"layers","diff_ids":[]}}`, "config-member-missing /architecture\nconfig-member-missing /os"},
	})
	judgeLoaded(t, model.MediaTypeImageConfig, []judged{
		{"null is there", `{"os":null,"rootfs":null}`, "config-member-missing /architecture"},
	})
}

// An optional member that is null is allowed, and yielded for those who want to
// know.
func TestNulls(t *testing.T) {
	image := func(text string) *model.Image { i, _ := model.LoadImage([]byte(text)); return i }
	wantPlaces(t, collect(image(imageWith(``)).Nulls()), ``)
	wantPlaces(t, collect(new(model.Image).Nulls()), ``)
	wantPlaces(t, collect(image(imageWith(`"config":null,"created":null,"history":null,"x":null,"author":null,"os.features":null,"os.version":null,"variant":null`)).Nulls()),
		"config-null /created\nconfig-null /author\nconfig-null /variant\nconfig-null /os.version\nconfig-null /os.features\nconfig-null /config\nconfig-null /history")
	i := image(imageWith(`"history":[{},{"comment":null,"empty_layer":null}],"config":{"Labels":null,"Entrypoint":null,"Cmd":null,"Volumes":null,"WorkingDir":null,"Memory":null,"User":null,"Env":[]}`))
	const want = "config-null /config/User\nconfig-null /config/WorkingDir\nconfig-null /history/1/comment\nconfig-null /history/1/empty_layer"
	wantPlaces(t, collect(i.Nulls()), want)
	for n := range strings.Split(want, "\n") {
		met := 0
		for range i.Nulls() {
			if met++; met > n {
				break
			}
		}
		if met != n+1 {
			t.Errorf("%d problems came, want to leave after %d", met, n+1)
		}
	}
	// One that is required, or an element, is no matter of this.
	wantPlaces(t, collect(image(`{"os":null,"architecture":null,"rootfs":{"type":null,"diff_ids":null},"history":[null],"config":{"Env":[null],"Labels":{"a":null}}}`).Nulls()), ``)
}

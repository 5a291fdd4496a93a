package model_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/model"
)

// platformed is an entry of an index for a platform of these members.
func platformed(members string) string {
	return with(typed(model.MediaTypeManifest), `"platform":{`+members+`}`)
}

// ofPlatform is an entry for "os/architecture" or "os/architecture/variant", with
// a digest that n decides.
func ofPlatform(t *testing.T, n int, platform, members string) string {
	t.Helper()
	p, err := model.ParsePlatform(platform)
	if err != nil {
		t.Fatal(err)
	}
	variant := ""
	if p.Variant != "" {
		variant = `,"variant":"` + p.Variant + `"`
	}
	return fmt.Sprintf(`{"mediaType":"%s","digest":"sha256:%064d","size":1%s,"platform":{"os":"%s","architecture":"%s"%s}}`,
		model.MediaTypeManifest, n, behind(members), p.OS, p.Architecture, variant)
}

// Every platform that the toolchain builds for is in our list.
func TestPlatformsOfGo(t *testing.T) {
	out, err := exec.Command("go", "tool", "dist", "list").Output()
	if err != nil {
		t.Fatal(err)
	}
	platforms := strings.Fields(string(out))
	if len(platforms) < 30 {
		t.Fatalf("the toolchain lists %d platforms", len(platforms))
	}
	for _, s := range platforms {
		p, err := model.ParsePlatform(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, problem := range collect(validators["descriptor"](t, platformed(`"os":"`+p.OS+`","architecture":"`+p.Architecture+`"`))) {
			t.Errorf("%s: %v", s, problem)
		}
	}
}

func TestPlatformNames(t *testing.T) {
	const unlistedOS, unlistedArch, pair = "platform-value-unlisted /platform/os", "platform-value-unlisted /platform/architecture", "platform-pair /platform/architecture"
	for platform, want := range map[string]string{
		"linux/amd64": ``, "nacl/amd64p32": ``, "darwin/386": ``, "windows/arm": ``,
		"hurd/amd64": pair, "zos/s390x": pair, "linux/sparc64": pair, "linux/riscv": pair, "linux/armbe": pair, "linux/mips64p32le": pair,
		"darwin/s390x": pair, "js/amd64": pair, "linux/wasm": pair, "windows/riscv64": pair, "plan9/arm64": pair,
		"Linux/amd64": unlistedOS, "macos/arm64": unlistedOS, "win/amd64": unlistedOS, "linux /amd64": unlistedOS, "any/amd64": unlistedOS,
		"linux/x86_64": unlistedArch, "linux/AMD64": unlistedArch, "linux/aarch64": unlistedArch, "linux/armv7": unlistedArch, "linux/i386": unlistedArch,
		"any/any":         unlistedOS + "\n" + unlistedArch,
		"unknown/unknown": "platform-unknown /platform/architecture", "linux/unknown": "platform-unknown /platform/architecture", "unknown/amd64": "platform-unknown /platform/os",
		"unknown/any": "platform-unknown /platform/os", "Unknown/amd64": unlistedOS,
	} {
		t.Run(platform, func(t *testing.T) {
			wantPlaces(t, collect(validators["index"](t, indexOf(ofPlatform(t, 1, platform, "")))), strings.ReplaceAll(want, "/platform/", "/manifests/0/platform/"))
			p, _ := model.ParsePlatform(platform)
			image := &model.Image{OS: p.OS, Architecture: p.Architecture, RootFS: model.RootFS{Type: "layers"}}
			wantPlaces(t, collect(image.Validate()), strings.ReplaceAll(want, "/platform/", "/"))
		})
	}
}

// What other tools call a platform is answered with Go's name for it.
func TestPlatformNamesExpected(t *testing.T) {
	for name, want := range map[string]string{"x86_64": "amd64", "X86-64": "amd64", "aarch64": "arm64", "armv7l": "arm", "ppc64el": "ppc64le", "i686": "386"} {
		found := collect((&model.Image{OS: "linux", Architecture: name, RootFS: model.RootFS{Type: "layers"}}).Validate())
		wantPlaces(t, found, `platform-value-unlisted /architecture`)
		if len(found) == 1 && (found[0].Expected != want || found[0].Actual != name) {
			t.Errorf("%s: expected %q", found[0].Actual, found[0].Expected)
		}
	}
}

func TestPlatformVariants(t *testing.T) {
	for architecture, variants := range map[string]struct{ sound, not string }{
		"amd64":   {"v1 v2 v3 v4 v9 v10", "v0 v v01 V1 1 v1.1 v8a v1- x86_64 haswell"},
		"arm":     {"v6 v7 v8", "v5 v9 7 V7 v7l armv7 v07 v6.1"},
		"arm64":   {"v8 v9 v8.0 v8.1 v8.10 v9.6", "v7 v10 8 V8 v8. v8.1.1 v8.a v8-a armv8"},
		"ppc64le": {"power8 power9 power10 power11 power20 power100", "power7 power power08 POWER9 power9.1 pwr9"},
		"riscv64": {"rva20u64 rva22u64 rva23u64", "rva rva20 rva20u32 rva20s64 RVA20U64 rv64gc rvau64"},
		"s390x":   {"z13 anything", ""},
		"386":     {"sse2 v1", ""},
	} {
		for _, v := range strings.Fields(variants.sound) {
			wantPlaces(t, collect(validators["index"](t, indexOf(ofPlatform(t, 1, "linux/"+architecture+"/"+v, "")))), ``)
		}
		for _, v := range strings.Fields(variants.not) {
			wantPlaces(t, collect(validators["index"](t, indexOf(ofPlatform(t, 1, "linux/"+architecture+"/"+v, "")))), `platform-variant /manifests/0/platform/variant`)
		}
		if t.Failed() {
			t.Fatal(architecture)
		}
	}
	judge(t, "image", []judged{
		{"of a configuration", imageWith(`"variant":"7"`), `platform-variant /variant`},
		{"empty", imageWith(`"variant":""`), ``},
		{"line break", imageWith(`"variant":"v1\n"`), `platform-variant /variant`},
		{"of no known architecture", `{"architecture":"x86","os":"linux","variant":"x","rootfs":{"type":"layers","diff_ids":[]}}`, `platform-value-unlisted /architecture`},
	})
}

func TestPlatformMembers(t *testing.T) {
	const linux, windows = `"os":"linux","architecture":"amd64",`, `"os":"windows","architecture":"amd64",`
	judge(t, "descriptor", []judged{
		{"nothing", platformed(``), "platform-member-missing /platform/architecture\nplatform-member-missing /platform/os"},
		{"os alone", platformed(`"os":"linux"`), "platform-member-missing /platform/architecture"},
		{"architecture alone", platformed(`"architecture":"amd64"`), "platform-member-missing /platform/os"},
		{"empty strings", platformed(`"os":"","architecture":""`), "platform-member-empty /platform/architecture\nplatform-member-empty /platform/os"},
		{"empty os", platformed(`"os":"","architecture":"any"`), "platform-member-empty /platform/os\nplatform-value-unlisted /platform/architecture"},

		{"version of Windows", platformed(windows + `"os.version":"10.0.20348.2113"`), ``},
		{"two numbers", platformed(windows + `"os.version":"10.0"`), ``},
		{"empty", platformed(windows + `"os.version":""`), ``},
		{"one number", platformed(windows + `"os.version":"10"`), `platform-os-version /platform/os.version`},
		{"blank", platformed(windows + `"os.version":"10.0 "`), `platform-os-version /platform/os.version`},
		{"line break", platformed(windows + `"os.version":"10.0\n"`), `platform-os-version /platform/os.version`},
		{"dot at the end", platformed(windows + `"os.version":"10.0."`), `platform-os-version /platform/os.version`},
		{"name", platformed(windows + `"os.version":"ltsc2022"`), `platform-os-version /platform/os.version`},
		{"elsewhere", platformed(linux + `"os.version":"jammy"`), ``},

		{"feature of Windows", platformed(windows + `"os.features":["win32k"]`), ``},
		{"no features", platformed(windows + `"os.features":[]`), ``},
		{"other features", platformed(windows + `"os.features":["win32k","Win32k","","x"]`),
			"platform-os-feature /platform/os.features/1\nplatform-os-feature /platform/os.features/2\nplatform-os-feature /platform/os.features/3"},
		{"features elsewhere", platformed(linux + `"os.features":["Win32k",""]`), ``},

		{"reserved", platformed(linux + `"features":["sse4"]`), `platform-features /platform/features`},
		{"not reserved", platformed(linux + `"Features":[],"feature":1`), ``},
	})
	judge(t, "image", []judged{
		{"empty", `{"os":"","architecture":"","rootfs":{"type":"layers","diff_ids":[]}}`, "platform-member-empty /architecture\nplatform-member-empty /os"},
		{"version and features of Windows", `{"os":"windows","architecture":"amd64","os.version":"10","os.features":["x"],"rootfs":{"type":"layers","diff_ids":[]}}`,
			"platform-os-version /os.version\nplatform-os-feature /os.features/0"},
		{"version and features elsewhere", imageWith(`"os.version":"10","os.features":["x"],"features":[]`), ``},
	})
	judgeLoaded(t, model.MediaTypeIndex, []judged{
		{"wrong types", indexOf(platformed(`"os":1,"architecture":null,"variant":[],"os.version":2,"os.features":"x"`)), ``},
		{"wrong platform", indexOf(with(someManifest, `"platform":[]`)), ``},
		{"wrong feature", indexOf(platformed(windows + `"os.features":[5,"x"]`)), `platform-os-feature /manifests/0/platform/os.features/1`},
		{"wrong variant", indexOf(platformed(`"os":"linux","architecture":"arm","variant":7`)), ``},
	})
}

// A platform belongs to manifests, and how long its strings are is bounded.
func TestPlatformMisplaced(t *testing.T) {
	const platform = `"platform":{"os":"linux","architecture":"amd64"}`
	judge(t, "manifest", []judged{
		{"config", manifestOf(with(someConfig, platform), someLayer), `platform-misplaced /config/platform`},
		{"layers", manifestOf(someConfig, someLayer, with(someLayer, platform)), `platform-misplaced /layers/1/platform`},
		{"subject", with(manifestOf(someConfig, someLayer), `"subject":`+with(someManifest, platform)), ``},
	})
	long := strings.Repeat("x", 1<<16)
	found := collect(validators["manifest"](t, manifestOf(with(someConfig, `"platform":{"os":"linux","architecture":"amd64","variant":"`+long+`"}`), someLayer)))
	wantPlaces(t, found, "platform-misplaced /config/platform\nplatform-variant /config/platform/variant")
	wantBounded(t, found)
}

// Entries for one platform: the first is taken, and the others are never chosen.
func TestEntryPlatforms(t *testing.T) {
	e := func(n int, platform, members string) string { return ofPlatform(t, n, platform, members) }
	bare := func(n int, members string) string {
		return fmt.Sprintf(`{"mediaType":"%s","digest":"sha256:%064d","size":1%s}`, model.MediaTypeManifest, n, behind(members))
	}
	about := func(n int, subject string) string {
		return bare(n, `"annotations":{"vnd.docker.reference.type":"attestation-manifest","vnd.docker.reference.digest":"`+subject+`"}`)
	}
	const name, named = `"annotations":{"org.opencontainers.image.ref.name":"a"}`, `"annotations":{"org.opencontainers.image.ref.name":"b"}`
	tests := []struct {
		name, text, want, asIndexJSON string
	}{
		{"several platforms", indexOf(e(1, "linux/amd64", ""), e(2, "linux/arm64", ""), e(3, "windows/amd64", "")), ``, ``},
		{"one platform", indexOf(e(1, "linux/amd64", ""), e(2, "linux/arm64", ""), e(3, "linux/amd64", ""), e(4, "linux/amd64", "")),
			"platform-shadowed /manifests/2/platform\nplatform-shadowed /manifests/3/platform", "platform-shadowed /manifests/2/platform\nplatform-shadowed /manifests/3/platform"},
		{"usual variants", indexOf(e(1, "linux/arm64", ""), e(2, "linux/arm64/v8", ""), e(3, "linux/arm/v7", ""), e(4, "linux/arm", ""), e(5, "linux/amd64", ""), e(6, "linux/amd64/v1", "")),
			"platform-shadowed /manifests/1/platform\nplatform-shadowed /manifests/3/platform\nplatform-shadowed /manifests/5/platform",
			"platform-shadowed /manifests/1/platform\nplatform-shadowed /manifests/3/platform\nplatform-shadowed /manifests/5/platform"},
		{"other variants", indexOf(e(1, "linux/arm64", ""), e(2, "linux/arm64/v9", ""), e(3, "linux/arm/v6", ""), e(4, "linux/arm", ""), e(5, "linux/amd64/v2", ""), e(6, "linux/amd64", "")), ``, ``},
		{"one digest twice", indexOf(e(1, "linux/amd64", ""), e(1, "linux/amd64", "")), `index-entry-duplicate /manifests/1`, `index-entry-duplicate /manifests/1`},
		{"one digest for two platforms", indexOf(e(1, "linux/amd64", ""), e(1, "linux/arm64", "")), ``, ``},
		{"one digest, the usual variant", indexOf(e(1, "linux/arm64", ""), e(1, "linux/arm64/v8", "")), `index-entry-duplicate /manifests/1`, `index-entry-duplicate /manifests/1`},
		{"no platforms", indexOf(bare(1, ""), bare(2, "")), ``, ``},
		{"one digest and no platform", indexOf(bare(1, ""), bare(1, "")), `index-entry-duplicate /manifests/1`, `index-entry-duplicate /manifests/1`},
		{"names tell entries of index.json apart", indexOf(e(1, "linux/amd64", name), e(2, "linux/amd64", named), e(1, "linux/amd64", named)),
			`platform-shadowed /manifests/1/platform`, ``},
		{"and from those without", indexOf(e(1, "linux/amd64", name), e(1, "linux/amd64", ""), e(2, "linux/amd64", "")),
			`platform-shadowed /manifests/2/platform`, `platform-shadowed /manifests/2/platform`},
		{"attestations of two images that are the same", indexOf(about(1, "a"), about(1, "b"), about(1, "b")), `index-entry-duplicate /manifests/2`, `index-entry-duplicate /manifests/2`},
		{"what cosign saves about an image is not chosen", indexOf(e(1, "linux/amd64", ""), e(2, "linux/amd64", `"annotations":{"kind":"dev.cosignproject.cosign/sigs"}`)), `annotation-key-form /manifests/1/annotations/kind`, `annotation-key-form /manifests/1/annotations/kind`},
		{"artifacts are not chosen", indexOf(e(1, "linux/amd64", ""), e(2, "linux/amd64", `"artifactType":"a/b"`)), ``, ``},
		{"and shadow nothing", indexOf(e(1, "linux/amd64", `"artifactType":"a/b"`), e(2, "linux/amd64", "")), ``, ``},
		{"attestations neither", indexOf(e(1, "linux/amd64", ""), e(2, "linux/amd64", `"annotations":{"vnd.docker.reference.type":"attestation-manifest"}`)), ``, ``},
		{"versions and features", indexOf(platformed(`"os":"windows","architecture":"amd64","os.version":"10.0.1"`), strings.Replace(platformed(`"os":"windows","architecture":"amd64","os.version":"10.0.2"`), "b94d", "0000", 1)), ``, ``},
		{"features in another order", indexOf(platformed(`"os":"linux","architecture":"amd64","os.features":["a","b"]`), strings.Replace(platformed(`"os":"linux","architecture":"amd64","os.features":["b","a"]`), "b94d", "0000", 1)),
			`platform-shadowed /manifests/1/platform`, `platform-shadowed /manifests/1/platform`},
		{"without digests", indexOf(`{"mediaType":"`+model.MediaTypeManifest+`","size":1}`, `{"mediaType":"`+model.MediaTypeManifest+`","size":1}`),
			"descriptor-member-missing /manifests/0/digest\ndescriptor-member-missing /manifests/1/digest", "descriptor-member-missing /manifests/0/digest\ndescriptor-member-missing /manifests/1/digest"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := loadedSoundly(t, test.text, model.LoadIndex)
			wantPlaces(t, collect(x.Validate()), test.want)
			wantPlaces(t, collect(x.ValidateAs(model.As{IndexJSON: true})), test.asIndexJSON)
		})
	}
	twice := bare(1, "")
	judgeLoaded(t, model.MediaTypeIndex, []judged{
		{"a variant of the wrong type", indexOf(e(1, "linux/arm64", ""), strings.Replace(e(2, "linux/arm64/v8", ""), `"v8"`, `8`, 1)), ``},
		{"features of the wrong type", indexOf(e(1, "linux/amd64", ""), with(bare(2, ""), `"platform":{"os":"linux","architecture":"amd64","os.features":{}}`)), ``},
		{"a platform of the wrong type", indexOf(twice, with(twice, `"platform":5`)), ``},
		{"annotations of the wrong type", indexOf(e(1, "linux/amd64", ""), e(2, "linux/amd64", `"annotations":[]`)), ``},
		{"an artifact type of the wrong type", indexOf(e(1, "linux/amd64", ""), e(2, "linux/amd64", `"artifactType":5`)), ``},
		{"elements of the wrong type", indexOf("5", "5", "null"), ``},
	})
}

func TestRunnable(t *testing.T) {
	for want, texts := range map[bool][]string{
		true:  {someManifest, platformed(`"os":"linux","architecture":"amd64"`), platformed(``), with(someManifest, `"annotations":{"vnd.docker.reference.digest":"x"}`)},
		false: {platformed(`"os":"unknown","architecture":"unknown"`), platformed(`"os":"unknown"`), with(someManifest, `"artifactType":"a/b"`), with(someManifest, `"annotations":{"vnd.docker.reference.type":"attestation-manifest"}`)},
	} {
		for _, text := range texts {
			if got := model.Runnable(loadedSoundly(t, text, model.LoadDescriptor)); got != want {
				t.Errorf("%s is runnable: %t", text, got)
			}
		}
	}
}

package model_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ocilayout/ocilayout/model"
)

func TestParsePlatform(t *testing.T) {
	for s, want := range map[string]model.Platform{
		"linux/amd64":       {OS: "linux", Architecture: "amd64"},
		"linux/arm/v7":      {OS: "linux", Architecture: "arm", Variant: "v7"},
		"unknown/unknown":   {OS: "unknown", Architecture: "unknown"},
		"Linux/x86_64":      {OS: "Linux", Architecture: "x86_64"},
		"windows/amd64/ v1": {OS: "windows", Architecture: "amd64", Variant: " v1"},
	} {
		got, err := model.ParsePlatform(s)
		if diff := cmp.Diff(want, got, sameMembers); err != nil || diff != "" {
			t.Errorf("ParsePlatform(%q): %v (-want +got)\n%s", s, err, diff)
		}
		if got.String() != s {
			t.Errorf("%q is written as %q", s, got)
		}
	}
	for _, s := range []string{"", "linux", "/", "//", "linux/", "/amd64", "linux//", "linux//v7", "linux/arm/", "/arm/v7", "linux/arm/v7/", "linux/arm/v7/x", "a/b/c/d"} {
		if p, err := model.ParsePlatform(s); err == nil || p.String() != "/" {
			t.Errorf("ParsePlatform(%q) = %v, %v, want an error", s, p, err)
		}
	}
}

func TestPlatformMatch(t *testing.T) {
	tests := []struct {
		wanted, other string
		want          bool
	}{
		{"linux/amd64", "linux/amd64", true},
		{"linux/amd64", "linux/arm64", false},
		{"linux/amd64", "windows/amd64", false},
		{"linux/amd64", "Linux/amd64", false},
		{"linux/amd64", "linux/amd64/v3", true}, // none is asked for
		{"linux/amd64/v1", "linux/amd64", true},
		{"linux/amd64/v2", "linux/amd64", false},
		{"linux/amd64/v2", "linux/amd64/v3", false},
		{"linux/arm", "linux/arm/v5", true},
		{"linux/arm/v7", "linux/arm", true},
		{"linux/arm/v6", "linux/arm", false},
		{"linux/arm/v7", "linux/arm/v6", false},
		{"linux/arm64/v8", "linux/arm64", true},
		{"linux/arm64/v9", "linux/arm64", false},
		{"linux/arm64", "linux/arm64/v8", true},
		{"linux/riscv64/rva20u64", "linux/riscv64", false},
		{"linux/riscv64/rva20u64", "linux/riscv64/rva20u64", true},
		{"linux/ppc64le", "linux/ppc64le/power9", true},
	}
	for _, test := range tests {
		wanted, err := model.ParsePlatform(test.wanted)
		if err != nil {
			t.Fatal(err)
		}
		other, err := model.ParsePlatform(test.other)
		if err != nil {
			t.Fatal(err)
		}
		if got := wanted.Match(other); got != test.want {
			t.Errorf("%s matches %s: %t", test.wanted, test.other, got)
		}
	}
	any := model.Platform{OS: "linux"}
	if amd64 := (model.Platform{OS: "linux", Architecture: "amd64"}); !any.Match(amd64) || amd64.Match(any) || any.Match(model.Platform{OS: "windows", Architecture: "amd64"}) {
		t.Error("an operating system alone is not for all that it runs on")
	}
	if (model.Platform{}).Match(model.Platform{Architecture: "amd64"}) {
		t.Error("no platform matches one")
	}
	if i := (&model.Image{OS: "linux", Architecture: "arm", Variant: "v7", OSVersion: "1", OSFeatures: []string{"f"}}).Platform(); i.String() != "linux/arm/v7" || i.OSVersion != "1" || len(i.OSFeatures) != 1 {
		t.Errorf("an image's platform is %+v", i)
	}
}

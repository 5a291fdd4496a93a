package cli

import (
	"strings"
	"testing"
)

func TestParsePlatform(t *testing.T) {
	for given, want := range map[string]string{
		"linux/arm64": "linux/arm64", "linux/arm/v7": "linux/arm/v7", "arm64": "linux/arm64", "arm/v6": "linux/arm/v6", "amd64": "linux/amd64",
		"x86_64": "linux/amd64", "linux/x86_64": "linux/amd64", "linux/aarch64": "linux/arm64", "armhf": "linux/arm/v7", "linux/armhf": "linux/arm/v7",
		"linux": "linux/", "windows": "windows/", "windows/amd64": "windows/amd64", "plan10/own": "plan10/own", "arm64/v8": "linux/arm64/v8",
		"": "", "lunix": "", "linux/": "", "/arm64": "", "linux,arm64": "", "arm/v7/x": "linux/arm/v7/x", "a/b/c/d": "",
	} {
		p, err := parsePlatform(given)
		if given == "arm/v7/x" {
			want = ""
		}
		if got := p.String(); err == nil && got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v, not %q", given, got, err, want)
		}
	}
}

// A platform that is taken is one, and none is taken in silence for another.
func FuzzParsePlatform(f *testing.F) {
	for _, s := range []string{"linux", "arm64", "arm/v7", "linux/arm64", "x86_64", "a/b/c", "\x1b[31m", "linux/\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, given string) {
		p, err := parsePlatform(given)
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x1b\n") {
				t.Errorf("%q: %q", given, err)
			}
			return
		}
		if p.OS == "" || p.Variant != "" && p.Architecture == "" || strings.Count(given, "/") > 2 {
			t.Errorf("%q: %+v", given, p)
		}
	})
}

// Each word of another tool names a command that there is not here, and leads to one that
// there is.
func TestOtherCommands(t *testing.T) {
	for word, use := range otherCommands {
		if word != strings.ToLower(word) || !strings.Contains(use, "'") {
			t.Errorf("%s: %s", word, use)
		}
	}
}

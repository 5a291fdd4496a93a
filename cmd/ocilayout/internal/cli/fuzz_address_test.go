package cli

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/model"
	"github.com/opencontainers/go-digest"
)

// addressed are the paths that exist where addresses are fuzzed.
var addressed = []string{"img", "img:v1", "a@b", "deep/img", "deep/a:b", "oci:img"}

// addressRoom makes a directory with them, for all runs of a target.
func addressRoom(f *testing.F) string {
	f.Helper()
	dir := f.TempDir()
	for _, path := range addressed {
		if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(path)), 0o755); err != nil {
			f.Skipf("no such names in this file system: %v", err) // Windows has no colons in them
		}
	}
	return dir
}

// addresses gives fuzzing those that scripts and tests use.
func addresses(f *testing.F, add func(given string)) {
	f.Helper()
	sha := "sha256:" + strings.Repeat("0a", 32)
	for _, path := range append([]string{"", "none", "-", "./img", "/", "img/", `C:\img`}, addressed...) {
		for _, prefix := range append([]string{"", "docker://"}, prefixes...) {
			if prefix != "" && path != "" && path != "img" && path != "oci:img" {
				continue // the others are behind a prefix what they are without
			}
			for _, rest := range []string{"", ":", ":v1", "@", "@" + sha, ":v1@" + sha, ":host:5000/app:v1", "@sha256:0", ":v1@x", "@0a0a0a0a", ":v1@0a0a0a", "@sha256:0a0a0a", "@md5:0", ":\x1b\n"} {
				add(prefix + path + rest)
			}
		}
	}
}

// Whatever an address, what is made of it are pieces of it: path, reference name
// and digest, which joined again are the address without its prefix, and name the
// same. The path is nothing that was not given.
func FuzzAddress(f *testing.F) {
	dir := addressRoom(f)
	addresses(f, func(given string) { f.Add(given) })
	f.Fuzz(func(t *testing.T, given string) {
		t.Chdir(dir)
		a, err := ParseAddress(given)
		if err != nil {
			if _, ok := errors.AsType[*exit.UsageError](err); !ok {
				t.Fatalf("%q: %v is no usage error", given, err)
			}
			return
		}
		if a.Given != given || a.Path == "" && given != "" {
			t.Errorf("%q became %+v", given, a)
		}
		joined := a.Path
		if a.Selector.RefName != "" {
			joined += ":" + a.Selector.RefName
		}
		if short := a.Selector.Short; short != "" {
			joined += "@" + short
			if a.Selector.Digest != "" || strings.Trim(strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(short, "sha256:"), "sha384:"), "sha512:"), "0123456789abcdef") != "" {
				t.Errorf("%q is short for %q", given, short)
			}
		}
		if d := string(a.Selector.Digest); d != "" {
			joined += "@" + d
			if got, err := model.ParseDigest(d); err != nil || got != a.Selector.Digest {
				t.Errorf("%q has the digest %q: %v", given, d, err)
			}
		}
		if joined != given && !oneOfPrefixes(given, joined) {
			t.Errorf("%q became %q", given, joined)
		}
		if exists(given) && (a.Path != given || !a.Selector.All()) {
			t.Errorf("%q exists, and became %+v", given, a)
		}
		if again, err := ParseAddress(joined); joined == given && (err != nil || again != a) {
			t.Errorf("%q became %+v, and then %+v, %v", given, a, again, err)
		}
		if !exists(a.Path) && !a.Selector.All() && pathWithin(joined) {
			t.Errorf("%q became %+v, and a part of it exists", given, a)
		}
	})
}

// oneOfPrefixes says whether given is rest behind a prefix of another tool.
func oneOfPrefixes(given, rest string) bool {
	for _, prefix := range prefixes {
		if given == prefix+rest {
			return true
		}
	}
	return false
}

// pathWithin says whether what stands before a colon is a path that exists.
func pathWithin(s string) bool {
	for i := 1; i < len(s); i++ {
		if s[i] == ':' && exists(s[:i]) {
			return true
		}
	}
	return false
}

// What is put together of a path that exists, a reference name and a digest comes
// apart into the same, unless some other path exists in it.
func FuzzAddressParts(f *testing.F) {
	dir := addressRoom(f)
	for i, ref := range []string{"v1", "1.0", "host:5000/team/app:v1", "a/b", "a@b", "@", ":", "é", "a\nb", "..", "v1@sha256", "latest\nok", `a\b`} {
		f.Add(uint8(i), ref, uint8(i%3))
	}
	f.Fuzz(func(t *testing.T, path uint8, ref string, which uint8) {
		t.Chdir(dir)
		p := addressed[int(path)%(len(addressed)-1)] // the last begins with a prefix
		want := Address{Path: p}
		want.Selector.RefName = ref
		given := p
		if ref != "" {
			given += ":" + ref
		}
		want.Selector.Digest = [...]digest.Digest{"", digest.Digest("sha256:" + zeros(64)), digest.Digest("sha512:" + zeros(128)), "x:y"}[which%4]
		if d := want.Selector.Digest; d != "" {
			given += "@" + string(d)
		}
		want.Given = given
		for i := 1; i <= len(given); i++ {
			if i != len(p) && (i == len(given) || given[i] == ':' || given[i] == '@') && exists(given[:i]) {
				return // that path may be meant
			}
		}
		if strings.Contains(ref, "@") {
			return // what follows may be the digest that is meant
		}
		if got, err := ParseAddress(given); err != nil || got != want {
			t.Errorf("%q became %+v, %v, want %+v", given, got, err, want)
		}
	})
}

func zeros(n int) string { return strings.Repeat("0", n) }

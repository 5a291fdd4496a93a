package model

import (
	"hash/maphash"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ocilayout/ocilayout/verify/rule"
)

// goPlatforms are the architectures that Go builds or once built for, by
// operating system (image-index.md names Go's lists); none where Go only reserves
// the name.
var goPlatforms = map[string][]string{
	"aix":       {"ppc64"},
	"android":   {"386", "amd64", "arm", "arm64"},
	"darwin":    {"386", "amd64", "arm", "arm64"},
	"dragonfly": {"amd64"},
	"freebsd":   {"386", "amd64", "arm", "arm64", "riscv64"},
	"hurd":      nil,
	"illumos":   {"amd64"},
	"ios":       {"amd64", "arm64"},
	"js":        {"wasm"},
	"linux": {"386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle",
		"ppc64", "ppc64le", "riscv64", "s390x"},
	"nacl":    {"386", "amd64p32", "arm"},
	"netbsd":  {"386", "amd64", "arm", "arm64"},
	"openbsd": {"386", "amd64", "arm", "arm64", "mips64", "ppc64", "riscv64"},
	"plan9":   {"386", "amd64", "arm"},
	"solaris": {"amd64"},
	"wasip1":  {"wasm"},
	"windows": {"386", "amd64", "arm", "arm64"},
	"zos":     nil,
}

// reservedArchitectures are names that Go knows and has no compiler for.
var reservedArchitectures = []string{"arm64be", "armbe", "mips64p32", "mips64p32le", "ppc", "riscv", "s390", "sparc", "sparc64"}

var goArchitectures = func() map[string]bool {
	all := make(map[string]bool)
	for _, a := range reservedArchitectures {
		all[a] = true
	}
	for _, architectures := range goPlatforms {
		for _, a := range architectures {
			all[a] = true
		}
	}
	return all
}()

// variants are the forms of the variants of an architecture (image-index.md,
// Platform Variants). The tables there grow with the hardware, so the forms are
// open upwards. An architecture without a row may have any variant.
var variants = map[string]*regexp.Regexp{
	"amd64":   regexp.MustCompile(`^v[1-9][0-9]*$`),
	"arm":     regexp.MustCompile(`^v[678]$`),
	"arm64":   regexp.MustCompile(`^v[89](\.[0-9]+)?$`),
	"ppc64le": regexp.MustCompile(`^power([89]|[1-9][0-9]+)$`),
	"riscv64": regexp.MustCompile(`^rva[0-9]+u64$`),
}

const unknownPlatform = "unknown"

var dottedNumber = regexp.MustCompile(`^[0-9]+(\.[0-9]+)+$`)

func (p *Platform) validate(c *checker) {
	c.required(&p.Members, rule.PlatformMemberMissing, "a platform", "architecture", p.Architecture == "")
	c.required(&p.Members, rule.PlatformMemberMissing, "a platform", "os", p.OS == "")
	c.platform(&p.Members, *p)
	for name := range p.Unknown() {
		if name == "features" && p.Has(name) {
			c.report(rule.PlatformFeatures, name, "the member is reserved for later versions of the specification", "", "")
		}
	}
}

// platform judges the values of a platform, which are members of the object that
// the checker stands in: an entry's platform, or an image configuration.
func (c *checker) platform(m *Members, p Platform) {
	c.notEmpty(m, "architecture", p.Architecture)
	c.notEmpty(m, "os", p.OS)
	if p.IsUnknown() {
		member := "os"
		if p.Architecture == unknownPlatform {
			member = "architecture"
		}
		c.report(rule.PlatformUnknown, member, "the platform is given as unknown, as for what runs nowhere", "", unknownPlatform)
		return
	}
	c.goNames(p)
	if form := variants[p.Architecture]; form != nil && p.Variant != "" && !form.MatchString(p.Variant) {
		c.report(rule.PlatformVariant, "variant", "the architecture has no such variant", form.String(), clip(p.Variant))
	}
	if p.OS != "windows" {
		return
	}
	if p.OSVersion != "" && !dottedNumber.MatchString(p.OSVersion) {
		c.report(rule.PlatformOSVersion, "os.version", "versions of Windows are dotted numbers", "10.0.20348.2113", clip(p.OSVersion))
	}
	c.each("os.features", len(p.OSFeatures), func(i int) {
		if feature := p.OSFeatures[i]; feature != "win32k" && (feature != "" || !m.Wrong("os.features")) {
			c.report(rule.PlatformOSFeature, "", "Windows has no such feature", "win32k", clip(feature))
		}
	})
}

func (c *checker) notEmpty(m *Members, member, value string) {
	if value == "" && m.Has(member) && !m.Wrong(member) && !c.as.OfArtifact {
		c.report(rule.PlatformMemberEmpty, member, "the value is empty, and says nothing", "", "")
	}
}

// goNames holds operating system and architecture against Go's lists.
func (c *checker) goNames(p Platform) {
	architectures, known := goPlatforms[p.OS]
	if p.OS != "" && !known {
		c.report(rule.PlatformValueUnlisted, "os", "Go has no operating system of this name", nearestName(p.OS, osAliases), clip(p.OS))
	}
	if p.Architecture == "" {
		return
	}
	if !goArchitectures[p.Architecture] {
		c.report(rule.PlatformValueUnlisted, "architecture", "Go has no architecture of this name", nearestName(p.Architecture, archAliases), clip(p.Architecture))
	} else if known && !slices.Contains(architectures, p.Architecture) {
		c.report(rule.PlatformPair, "architecture", "Go does not build for this architecture under this operating system", "", clip(p.OS+"/"+p.Architecture))
	}
}

// What other tools call the platforms that Go names otherwise.
var (
	osAliases   = map[string]string{"macos": "darwin", "osx": "darwin", "win": "windows"}
	archAliases = map[string]string{"x86_64": "amd64", "x86-64": "amd64", "x64": "amd64", "x86": "386", "i386": "386", "i686": "386",
		"aarch64": "arm64", "armv8": "arm64", "armhf": "arm", "armel": "arm", "armv7": "arm", "armv7l": "arm", "ppc64el": "ppc64le", "loongarch64": "loong64"}
)

func nearestName(name string, aliases map[string]string) string {
	if alias := aliases[strings.ToLower(name)]; alias != "" {
		return alias
	}
	return "a value of Go's list"
}

// entryPlatforms judges the entries of an index against one another: which are
// there twice, and which are never chosen because an earlier one is for the same
// platform. Names tell the entries of index.json apart, whatever their platform.
func (c *checker) entryPlatforms(x *Index) {
	entries := x.Manifests
	if x.IsCut() {
		return // they may differ in what could not be loaded
	}
	type choice struct{ os, arch, variant, version, features string }
	type entry struct {
		digest, mediaType, artifactType string
		platform                        int
		annotations                     uint64
	}
	platforms := map[choice]int{{}: 0} // numbered, so that an entry costs little
	first := make(map[entry]int)
	chosen := make(map[int]int)
	c.each("manifests", len(entries), func(i int) {
		d := &entries[i]
		if _, named := d.Annotations[AnnotationRefName]; named && c.as.IndexJSON || d.Digest == "" || !d.whole() {
			return
		}
		var p choice
		if d.Platform != nil {
			features := slices.Sorted(slices.Values(d.Platform.OSFeatures))
			p = choice{d.Platform.OS, d.Platform.Architecture, d.Platform.usualVariant(), d.Platform.OSVersion, strings.Join(features, ",")}
		}
		number, ok := platforms[p]
		if !ok {
			number = len(platforms)
			platforms[p] = number
		}
		key := entry{string(d.Digest), d.MediaType, d.ArtifactType, number, hashOf(d.Annotations)}
		if earlier, ok := first[key]; ok {
			c.report(rule.IndexEntryDuplicate, "", "an earlier entry is the same", "", "/manifests/"+strconv.Itoa(earlier))
			return
		}
		first[key] = i
		if p.os == "" || p.arch == "" || !Runnable(d) {
			return
		}
		if earlier, ok := chosen[number]; ok {
			if entries[earlier].Digest == d.Digest {
				return // clients get the same by either
			}
			c.report(rule.PlatformShadowed, "platform", "an earlier entry is for the same platform, and clients take the first", "", "/manifests/"+strconv.Itoa(earlier))
			return
		}
		chosen[number] = i
	})
}

// whole says whether all that the entry holds could be loaded: what could not may
// be what tells it from the others.
func (d *Descriptor) whole() bool {
	return d.bad == 0 && !d.IsCut() && (d.Platform == nil || d.Platform.bad == 0)
}

var annotationSeed = maphash.MakeSeed()

// hashOf returns a hash of annotations, whatever their order.
func hashOf(annotations map[string]string) (sum uint64) {
	var h maphash.Hash
	h.SetSeed(annotationSeed)
	for key, value := range annotations {
		h.Reset()
		h.WriteString(key)
		h.WriteByte(0)
		h.WriteString(value)
		sum += h.Sum64() | 1
	}
	return sum
}

// annotationCosignKind says of the entries that cosign saves what they are.
const annotationCosignKind = "kind"

var cosignKinds = map[string]bool{
	"dev.cosignproject.cosign/sigs": true, "dev.cosignproject.cosign/atts": true, "dev.cosignproject.cosign/sboms": true,
}

// Runnable says whether an entry of an index is there to be chosen by platform, as
// far as it shows by itself: artifacts, BuildKit's attestations and what cosign keeps
// about an image are not.
func Runnable(d *Descriptor) bool {
	if d.ArtifactType != "" || d.Annotations[AnnotationBuildKitType] != "" || cosignKinds[d.Annotations[annotationCosignKind]] {
		return false
	}
	if tag, cosign := SplitReferrersTag(d.Annotations[AnnotationRefName]); cosign && strings.HasPrefix(tag, "sha") {
		return false
	}
	return d.Platform == nil || !d.Platform.IsUnknown()
}

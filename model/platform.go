package model

import (
	"fmt"
	"slices"
	"strings"
)

// ParsePlatform takes "os/architecture" or "os/architecture/variant", as
// [Platform.String] writes it.
func ParsePlatform(s string) (Platform, error) {
	parts := strings.Split(s, "/")
	if len(parts) < 2 || len(parts) > 3 || parts[0] == "" || parts[1] == "" || parts[len(parts)-1] == "" || strings.Contains(s, ",") {
		return Platform{}, fmt.Errorf("not a platform: %q is not of the form os/architecture or os/architecture/variant", s)
	}
	p := Platform{OS: parts[0], Architecture: parts[1]}
	if len(parts) == 3 {
		p.Variant = parts[2]
	}
	return p, nil
}

// Match says whether other is of the platform p: of its operating system, of its
// architecture, unless p has none at all, and of its variant where p names one. An
// absent variant of other stands for the one that everybody takes it for: v8 of arm64,
// v7 of arm, v1 of amd64.
func (p Platform) Match(other Platform) bool {
	if p.OS != other.OS || p.Architecture != other.Architecture && (p.Architecture != "" || p.OS == "") {
		return false
	}
	return p.Variant == "" || p.usualVariant() == other.usualVariant()
}

func (p Platform) usualVariant() string {
	if p.Variant != "" {
		return p.Variant
	}
	return map[string]string{"arm64": "v8", "arm": "v7", "amd64": "v1"}[p.Architecture]
}

// IsUnknown says whether the platform is given as unknown, as BuildKit does for
// what runs nowhere.
func (p Platform) IsUnknown() bool {
	return p.OS == unknownPlatform || p.Architecture == unknownPlatform
}

// Differs returns the member in which p, of an index entry, is not the platform
// that an image's configuration gives, and "" where they agree. What one of the
// two leaves out is no difference, and neither is a variant that is left out and
// the usual one: configurations have variant and os.version only since v1.1.
func (p Platform) Differs(config Platform) string {
	switch {
	case p.OS != config.OS && p.OS != "" && config.OS != "":
		return "os"
	case p.Architecture != config.Architecture && p.Architecture != "" && config.Architecture != "":
		return "architecture"
	case config.Variant != "" && p.usualVariant() != config.usualVariant():
		return "variant"
	case p.OSVersion != "" && config.OSVersion != "" && p.OSVersion != config.OSVersion:
		return "os.version"
	}
	for _, feature := range p.OSFeatures {
		if len(config.OSFeatures) > 0 && !slices.Contains(config.OSFeatures, feature) {
			return "os.features"
		}
	}
	return ""
}

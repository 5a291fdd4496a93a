package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
	"github.com/ocilayout/ocilayout/layout"
	"github.com/ocilayout/ocilayout/model"
)

// PlatformFlag is the flag that Platforms reads.
func PlatformFlag() Flag {
	return &StringSliceFlag{Name: "platform", Usage: "only images for `OS/ARCH[/VARIANT]`, such as linux/arm64, arm64 (of linux) or linux (of any architecture); repeatable"}
}

// systems are the operating systems that --platform takes without an architecture.
var systems = []string{"aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "linux", "netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows"}

// architectures are those that --platform takes without an operating system.
var architectures = []string{"386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64", "ppc64le", "riscv64", "s390x"}

// otherNames are what uname and other tools call an architecture.
var otherNames = map[string]string{"x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386", "armhf": "arm/v7", "armv7l": "arm/v7", "armel": "arm/v6", "armv6l": "arm/v6"}

// parsePlatform takes what model.ParsePlatform takes, and shorter forms: an architecture,
// for which linux is meant, and an operating system, for all that it runs on.
func parsePlatform(s string) (model.Platform, error) {
	parts := strings.Split(s, "/")
	for i, part := range parts {
		if name, ok := otherNames[part]; ok && i < 2 {
			parts[i] = name
		}
	}
	full := strings.Join(parts, "/")
	first, _, more := strings.Cut(full, "/")
	switch {
	case !more && slices.Contains(systems, first):
		return model.Platform{OS: first}, nil
	case slices.Contains(architectures, first):
		full = "linux/" + full
	}
	p, err := model.ParsePlatform(full)
	if err != nil {
		return p, fmt.Errorf("%q is not a platform: write linux/arm64, linux/arm/v7, arm64 (of linux) or linux", s)
	}
	return p, nil
}

func checkPlatform(name, value string) error {
	if _, err := parsePlatform(value); err != nil {
		return exit.Usagef("--%s %v", name, err)
	}
	return nil
}

// Platforms returns the platforms of PlatformFlag, none for all.
func Platforms(c *Context) []model.Platform {
	var platforms []model.Platform
	for _, value := range c.StringSlice("platform") {
		p, _ := parsePlatform(value) // checked
		platforms = append(platforms, p)
	}
	return platforms
}

// NoImage says that nothing runs on the platforms that were asked for, and what there is
// instead.
func NoImage(wanted []model.Platform, available []string) error {
	there := "none"
	if len(available) > 0 {
		there = strings.Join(available, ", ")
	}
	return fmt.Errorf("no image for %s; available: %s", platformWords(wanted), there)
}

func platformWords(platforms []model.Platform) string {
	var words []string
	for _, p := range platforms {
		words = append(words, strings.TrimSuffix(p.String(), "/"))
	}
	return strings.Join(words, " or ")
}

// mostPlatforms is how many platforms a message lists.
const mostPlatforms = 20

// platformsFound returns what the selected entries of a layout run on, not more than a
// message lists.
func platformsFound(ctx context.Context, l *layout.Layout, s layout.Selector) []model.Platform {
	root := l.WithBelow(ctx, l.Index(ctx, layout.Limits{}), s)
	g, err := l.Graph(ctx, layout.GraphOptions{Index: root, Selector: s, SelectedOnly: true})
	if err != nil {
		return nil
	}
	var found []model.Platform
	seen := make(map[string]bool)
	for _, e := range g.Entries {
		for _, p := range e.Summary().Platforms {
			if name := p.String(); p.OS == "" || p.Architecture == "" || p.IsUnknown() || seen[name] {
				continue
			}
			seen[p.String()] = true
			if found = append(found, *p); len(found) == mostPlatforms {
				return found
			}
		}
	}
	return found
}

// Available returns what the selected entries of layouts run on, for a message.
func Available(ctx context.Context, l *layout.Layout, s layout.Selector) []string {
	var names []string
	for _, p := range platformsFound(ctx, l, s) {
		names = append(names, report.Value(p.String()))
	}
	return names
}

// WarnOfPlatforms prints, about what a command shows, that nothing of it runs on the
// platforms that were asked for. Where no platform is known, there is nothing to say.
func WarnOfPlatforms(c *Context, l *layout.Layout, a Address) {
	wanted := Platforms(c)
	if len(wanted) == 0 {
		return
	}
	var there []string
	for _, p := range platformsFound(c.Context, l, a.Selector) {
		if slices.ContainsFunc(wanted, func(w model.Platform) bool { return w.Match(p) }) {
			return
		}
		there = append(there, report.Value(p.String()))
	}
	if len(there) > 0 {
		report.Complain(c.App.ErrWriter, fmt.Errorf("%s: %w", report.Value(a.Path), NoImage(wanted, there)))
	}
}

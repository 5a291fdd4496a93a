package cli

import (
	"maps"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
	"github.com/ocilayout/ocilayout/verify/rule"
)

// otherCommands are the names that other tools have for what a command does here, each
// with what to write.
var otherCommands = map[string]string{
	"check": useVerify, "lint": useVerify, "scan": useVerify, "fsck": useVerify, "test": useVerify, "doctor": useVerify,
	"list": useLs, "images": useLs, "tags": useLs,
	"show": useInspect, "history": useInspect, "config": useInspect, "info": useInspect, "describe": useInspect, "layers": useInspect,
	"export": useUnpack, "extract": useUnpack, "unpack": useUnpack, "unbundle": useUnpack,
	"manifest": useCat, "blob": useCat, "raw": useCat,
	"graph": "'ocilayout tree LAYOUT' shows what leads to what", "referrers": "'ocilayout tree LAYOUT' shows what refers to what",
	"du":      "'ocilayout blobs LAYOUT --sort size' lists what takes room, 'ocilayout files LAYOUT:REF' the files with their sizes",
	"compare": "write 'ocilayout diff LAYOUT:REF LAYOUT:REF'",
	"copy":    useCopy, "cp": useCopy, "push": useCopy, "pull": useCopy, "save": useCopy, "load": useCopy,
	"gc": useReadOnly, "prune": useReadOnly, "rm": useReadOnly, "delete": useReadOnly,
}

const (
	useVerify   = "write 'ocilayout verify LAYOUT'"
	useLs       = "write 'ocilayout ls LAYOUT'"
	useInspect  = "write 'ocilayout inspect LAYOUT:REF'"
	useCat      = "write 'ocilayout cat LAYOUT:REF' for a manifest, 'ocilayout cat LAYOUT@DIGEST' for any blob"
	useUnpack   = "'ocilayout cat LAYOUT:REF PATH' prints one file, 'ocilayout files LAYOUT:REF' lists all; 'umoci unpack --rootless --image LAYOUT:REF BUNDLE' unpacks an image"
	useCopy     = "layouts are only read here: 'skopeo copy oci:LAYOUT:REF oci:OTHER:REF' copies images"
	useReadOnly = "layouts are only read here: 'ocilayout blobs LAYOUT --unreferenced' lists what nothing refers to, 'umoci gc --layout LAYOUT' removes it"
)

// otherFlag returns what to write in place of a flag that other tools have, "" where that
// is not known. known are the flags of the command, value is what stands behind it.
func otherFlag(known []Flag, name, value string) string {
	has := func(flag string) bool {
		return slices.ContainsFunc(known, func(f Flag) bool { return slices.Contains(f.Names(), flag) })
	}
	takes := func(flag, value string) bool {
		return slices.ContainsFunc(known, func(f Flag) bool {
			c, ok := f.(*ChoiceFlag)
			return ok && c.Name == flag && slices.Contains(c.Values, value)
		})
	}
	switch word := strings.ToLower(strings.TrimLeft(name, "-")); word {
	case "strict":
		if has("profile") {
			return "write --profile strict"
		}
	case "json", "sarif", "junit", "ndjson", "mermaid", "dot":
		if takes("format", word) {
			return "write --format " + word
		}
	case "o", "output", "output-format":
		if takes("format", value) {
			return "write --format " + value
		}
	case "ignore", "exclude", "disable", "skip", "suppress":
		if has("rule") {
			if _, ok := rule.Lookup(rule.ID(value)); !ok {
				value = "ID"
			}
			return "write --rule " + value + "=ignore; 'ocilayout rules' lists the ids"
		}
	case "warn", "warning", "enable":
		if has("rule") {
			return "write --rule ID=warning; 'ocilayout rules' lists the ids"
		}
	case "os", "arch", "override-os", "override-arch", "variant":
		if has("platform") {
			return "write --platform OS/ARCH, such as --platform linux/arm64"
		}
	case "no-color", "no-colour", "nocolor":
		if has("color") {
			return "write --color never"
		}
	case "no-progress":
		if has("progress") {
			return "write --progress never"
		}
	case "silent":
		if has("quiet") {
			return "write --quiet"
		}
	case "threads", "parallel", "concurrency", "workers":
		if has("jobs") {
			return "write --jobs N"
		}
	case "template":
		if takes("format", "go-template=") {
			return "write --format '{{.Config.Env}}'"
		}
	case "v":
		if has("version") {
			return "-V prints the version; 'ocilayout verify -v' says more"
		}
	}
	return ""
}

// noFlag returns the usage error about a flag that is not there.
func noFlag(known []Flag, name, value string, names []string) error {
	e := &exit.UsageError{Message: "no flag " + name, Hint: otherFlag(known, name, value)}
	if e.Hint != "" {
		return e
	}
	if near := nearest(strings.TrimLeft(name, "-"), names); near != "" {
		e.Hint = "did you mean --" + near + "?"
	}
	return e
}

// checkNotFormat refuses the name of a format as that of a file, as in "-o json".
func checkNotFormat(formats []string, value string) error {
	if !slices.Contains(formats, strings.ToLower(value)) {
		return nil
	}
	format := strings.ToLower(value)
	return &exit.UsageError{Message: "--output is for the name of a file, and " + value + " is a format",
		Hint: "write --format " + format + ", or --output ./" + value + " for a file of that name"}
}

// Near says whether a word is a name but for letter case, or a misspelling of it.
func Near(word, name string) bool {
	return strings.EqualFold(word, name) || distance(strings.ToLower(word), strings.ToLower(name)) <= min(2, len(name)/3)
}

// OtherCommands returns the names that other tools have for commands, each with what is
// said of it.
func OtherCommands() map[string]string { return maps.Clone(otherCommands) }

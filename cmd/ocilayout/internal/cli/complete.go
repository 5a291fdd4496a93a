package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/verify/rule"
	urfave "github.com/urfave/cli/v2"
)

// candidate is something that the word at the cursor may become.
type candidate struct{ Word, description string }

// files says which files the shell itself is to offer.
type files string

const (
	NoFiles  files = "none"
	AnyFiles files = "files"
	OnlyDirs files = "dirs"
)

// Completion is what the word at the cursor may become.
type Completion struct {
	Kept       int // bytes of the word that stay, before what the candidates are for
	Candidates []candidate
	Files      files // for what is behind kept; in place of candidates
	Open       bool  // more is to come behind a candidate, so no blank follows it
}

// Complete says what the last of words may become: the words after the name of
// the program, up to the cursor. What it reads of a layout ends with ctx, and
// whatever is wrong there only means that there are no candidates.
func Complete(ctx context.Context, app *App, words []string) Completion {
	if len(words) == 0 {
		return Completion{Files: NoFiles}
	}
	current := words[len(words)-1]
	if len(words) == 1 {
		if strings.HasPrefix(current, "-") {
			return flagNames(app.Flags, nil, current)
		}
		return matching(0, current, commandNames(app)...)
	}
	command := app.Command(words[0])
	if command == nil || command.Hidden {
		return Completion{Files: NoFiles}
	}
	line := readLine(command, words[1:len(words)-1])
	switch {
	case line.awaits != nil:
		return line.value(ctx, line.awaits, current, 0)
	case line.onlyArguments || !strings.HasPrefix(current, "-"):
		return line.argument(ctx, current)
	}
	if flag, _, value, ok, err := lookup(line.command.Flags, current); err == nil && ok {
		return line.value(ctx, flag, current, len(current)-len(value))
	}
	return flagNames(command.Flags, line.given, current)
}

// commandLine is what stands on a command's line before the word at the cursor.
type commandLine struct {
	command       *Command
	given         map[Flag]bool
	arguments     []string
	awaits        Flag // that the word at the cursor is the value of
	onlyArguments bool // after "--"
}

// readLine is split for a line that may be wrong: what is not known is passed over.
func readLine(command *Command, words []string) commandLine {
	line := commandLine{command: command, given: make(map[Flag]bool)}
	for _, word := range words {
		switch {
		case line.awaits != nil:
			line.awaits = nil
		case line.onlyArguments || word == "-" || !strings.HasPrefix(word, "-"):
			line.arguments = append(line.arguments, word)
		case word == "--":
			line.onlyArguments = true
		default:
			flag, _, _, hasValue, err := lookup(command.Flags, word)
			if err != nil {
				continue
			}
			line.given[flag] = true
			if _, isBool := flag.(*BoolFlag); !isBool && !hasValue {
				line.awaits = flag
			}
		}
	}
	return line
}

// value completes the value of a flag, which follows the first kept bytes of word.
func (l commandLine) value(ctx context.Context, flag Flag, word string, kept int) Completion {
	switch f := flag.(type) {
	case *BoolFlag:
		return matching(kept, word, undescribed("true", "false")...)
	case *ChoiceFlag:
		c := matching(kept, word, undescribed(f.Values...)...)
		c.Open = slices.ContainsFunc(c.Candidates, func(c candidate) bool { return IsOpen(c.Word) })
		return c
	}
	if by, ok := values[Placeholder(flag)]; ok && by != nil {
		return by(ctx, l, word, kept)
	}
	return Completion{Files: NoFiles}
}

// values says how the value of a flag that is no choiceFlag is completed, by the
// placeholder in its usage; nil is a value that nobody can guess.
var values = map[string]func(ctx context.Context, l commandLine, word string, kept int) Completion{
	"BYTES":    nil,
	"DIGEST":   nil,
	"N":        nil,
	"PATH":     nil, // in an image, which would have to be unpacked
	"TEMPLATE": nil,
	"FILE": func(_ context.Context, _ commandLine, _ string, kept int) Completion {
		return Completion{Kept: kept, Files: AnyFiles}
	},
	"DIR": func(_ context.Context, _ commandLine, _ string, kept int) Completion {
		return Completion{Kept: kept, Files: OnlyDirs}
	},
	"ID=SEVERITY": func(_ context.Context, _ commandLine, word string, kept int) Completion {
		return severities(word, kept)
	},
	"OS/ARCH[/VARIANT]": func(ctx context.Context, l commandLine, word string, kept int) Completion {
		return matching(kept, word, platformsOf(ctx, l.arguments)...)
	},
	"FORMAT:FILE": func(_ context.Context, l commandLine, word string, kept int) Completion {
		return l.reportFile(word, kept)
	},
}

// CompletesValue says whether completion knows what the value of a flag is.
func CompletesValue(flag Flag) bool {
	_, ok := flag.(*ChoiceFlag)
	_, known := values[Placeholder(flag)]
	return ok || known
}

// reportFile completes FORMAT:FILE, with the formats that --format has.
func (l commandLine) reportFile(word string, kept int) Completion {
	if i := strings.IndexByte(word[kept:], ':'); i >= 0 {
		return Completion{Kept: kept + i + 1, Files: AnyFiles}
	}
	var formats []candidate
	for _, f := range l.command.Flags {
		if f, ok := f.(*ChoiceFlag); ok && f.Name == "format" {
			for _, format := range f.Values {
				formats = append(formats, candidate{Word: format + ":"})
			}
		}
	}
	c := matching(kept, word, formats...)
	c.Open = true
	return c
}

// severities completes ID=SEVERITY.
func severities(word string, kept int) Completion {
	if i := strings.IndexByte(word[kept:], '='); i >= 0 {
		return matching(kept+i+1, word, undescribed("error", "warning", "info", "ignore")...)
	}
	ids := ruleIDs()
	for i := range ids {
		ids[i].Word += "="
	}
	c := matching(kept, word, ids...)
	c.Open = true
	return c
}

func ruleIDs() []candidate {
	var ids []candidate
	for r := range rule.All() {
		ids = append(ids, candidate{string(r.ID), r.Title})
	}
	return ids
}

// argument completes an argument, by the place that it has in the usage.
func (l commandLine) argument(ctx context.Context, word string) Completion {
	places := Arguments(l.command)
	n := len(l.arguments)
	if last := len(places) - 1; last >= 0 && n > last && strings.HasSuffix(places[last], "...") {
		n = last
	}
	if n >= len(places) {
		return Completion{Files: NoFiles}
	}
	switch ArgumentKind(places[n]) {
	case "LAYOUT":
		return entriesOf(ctx, word)
	case "FILE":
		return Completion{Files: AnyFiles}
	case "ID":
		return matching(0, word, ruleIDs()...)
	case "SHELL":
		return matching(0, word, undescribed(Shells...)...)
	}
	return Completion{Files: NoFiles}
}

// Arguments returns the places for arguments in the first line of a command's
// usage, as "LAYOUT[:REF]" and "FILE...".
func Arguments(command *Command) []string {
	first, _, _ := strings.Cut(command.UsageText, "\n")
	var places []string
	for _, word := range strings.Fields(first) {
		if word[0] >= 'A' && word[0] <= 'Z' {
			places = append(places, word)
		}
	}
	return places
}

// ArgumentKind returns what stands at a place for an argument, "" if that is not known.
func ArgumentKind(place string) string {
	for _, kind := range []string{"LAYOUT", "FILE", "ID", "SHELL"} {
		if rest, ok := strings.CutPrefix(place, kind); ok && (rest == "" || strings.ContainsAny(rest[:1], "[:@.|")) {
			return kind
		}
	}
	return ""
}

func commandNames(app *App) []candidate {
	var names []candidate
	for _, command := range app.Commands {
		if !command.Hidden {
			names = append(names, candidate{command.Name, command.Usage})
		}
	}
	return names
}

// flagNames completes the name of a flag. One that is given is not offered again,
// unless it may be.
func flagNames(known []Flag, given map[Flag]bool, word string) Completion {
	var names []candidate
	for _, flag := range known {
		_, repeatable := flag.(*StringSliceFlag)
		if given[flag] && !repeatable {
			continue
		}
		for _, name := range flag.Names() {
			switch {
			case len(name) > 1:
				names = append(names, candidate{"--" + name, usageOf(flag)})
			case !strings.HasPrefix(word, "--"):
				names = append(names, candidate{"-" + name, usageOf(flag)})
			}
		}
	}
	if !slices.ContainsFunc(names, func(c candidate) bool { return c.Word == "--help" }) {
		names = append(names, candidate{"--help", "show help"})
	}
	return matching(0, word, names...)
}

// usageOf says what a flag is for.
func usageOf(flag Flag) string {
	if f, ok := flag.(urfave.DocGenerationFlag); ok {
		return strings.ReplaceAll(f.GetUsage(), "`", "")
	}
	return ""
}

// Placeholder returns what stands for the flag's value in its usage.
func Placeholder(flag Flag) string {
	if f, ok := flag.(urfave.DocGenerationFlag); ok {
		if parts := strings.SplitN(f.GetUsage(), "`", 3); len(parts) == 3 {
			return parts[1]
		}
	}
	return ""
}

// matching returns those of all that begin as word does after its first kept bytes.
func matching(kept int, word string, all ...candidate) Completion {
	c := Completion{Kept: kept, Files: NoFiles}
	for _, one := range all {
		if strings.HasPrefix(one.Word, word[kept:]) {
			c.Candidates = append(c.Candidates, one)
		}
	}
	return c
}

func undescribed(words ...string) []candidate {
	var all []candidate
	for _, word := range words {
		all = append(all, candidate{Word: word})
	}
	return all
}

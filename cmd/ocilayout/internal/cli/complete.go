package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/verify/rule"
	urfave "github.com/urfave/cli/v2"
)

// Candidate is something that the word at the cursor may become.
type Candidate struct{ Word, Description string }

// Files says which files the shell itself offers.
type Files string

// The values of Files, as scripts read them.
const (
	NoFiles  Files = "none"
	AnyFiles Files = "files"
	OnlyDirs Files = "dirs"
)

// Completion is what the word at the cursor may become.
type Completion struct {
	Prefix     int // bytes of the word that stay, before what the candidates are for
	Candidates []Candidate
	Files      Files // for what is behind prefix; in place of candidates
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
	line.app = app
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
	app           *App
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

// value completes the value of a flag, which follows the first prefix bytes of word.
func (l commandLine) value(ctx context.Context, flag Flag, word string, prefix int) Completion {
	switch f := flag.(type) {
	case *BoolFlag:
		return matching(prefix, word, undescribed("true", "false")...)
	case *ChoiceFlag:
		c := matching(prefix, word, undescribed(f.Values...)...)
		c.Open = slices.ContainsFunc(c.Candidates, func(c Candidate) bool { return isOpen(c.Word) })
		return c
	}
	if complete := valueKinds[placeholder(flag)].complete; complete != nil {
		return complete(ctx, l, word, prefix)
	}
	return Completion{Files: NoFiles}
}

// CompletesValue says whether completion knows what the value of a flag is.
func CompletesValue(flag Flag) bool {
	_, ok := flag.(*ChoiceFlag)
	_, known := valueKinds[placeholder(flag)]
	return ok || known
}

// reportFile completes FORMAT:FILE, with the formats that --format has.
func (l commandLine) reportFile(word string, prefix int) Completion {
	if i := strings.IndexByte(word[prefix:], ':'); i >= 0 {
		return Completion{Prefix: prefix + i + 1, Files: AnyFiles}
	}
	var formats []Candidate
	for _, f := range l.command.Flags {
		if f, ok := f.(*ChoiceFlag); ok && f.Name == "format" {
			for _, format := range f.Values {
				formats = append(formats, Candidate{Word: format + ":"})
			}
		}
	}
	c := matching(prefix, word, formats...)
	c.Open = true
	return c
}

// severities completes ID=SEVERITY.
func severities(word string, prefix int) Completion {
	if i := strings.IndexByte(word[prefix:], '='); i >= 0 {
		return matching(prefix+i+1, word, undescribed("error", "warning", "info", "ignore")...)
	}
	ids := ruleIDs()
	for i := range ids {
		ids[i].Word += "="
	}
	c := matching(prefix, word, ids...)
	c.Open = true
	return c
}

func ruleIDs() []Candidate {
	var ids []Candidate
	for r := range rule.All() {
		ids = append(ids, Candidate{string(r.ID), r.Title})
	}
	return ids
}

// argument completes an argument, by the place that it has in the usage.
func (l commandLine) argument(ctx context.Context, word string) Completion {
	places := Arguments(l.command)
	n := len(l.arguments)
	if last := len(places) - 1; last >= 0 && n > last && strings.HasSuffix(strings.TrimSuffix(places[last], "]"), "...") {
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
	case "COMMAND":
		return matching(0, word, commandNames(l.app)...)
	case "SHELL":
		return matching(0, word, undescribed(Shells...)...)
	}
	return Completion{Files: NoFiles}
}

// Arguments returns the places for arguments in the first line of a command's
// usage, as "LAYOUT[:REF]", "FILE..." and "[WORD...]".
func Arguments(command *Command) []string {
	first, _, _ := strings.Cut(command.UsageText, "\n")
	var places []string
	for _, word := range strings.Fields(first) {
		if bare := strings.TrimPrefix(word, "["); bare[0] >= 'A' && bare[0] <= 'Z' && bare != "FLAGS]" {
			places = append(places, word)
		}
	}
	return places
}

// ArgumentKind returns what stands at a place for an argument, "" if that is not known.
func ArgumentKind(place string) string {
	place = strings.TrimPrefix(place, "[")
	for _, kind := range []string{"LAYOUT", "FILE", "ID", "SHELL", "COMMAND", "PATH", "WORD"} {
		if rest, ok := strings.CutPrefix(place, kind); ok && (rest == "" || strings.ContainsAny(rest[:1], "[:@.|]")) {
			return kind
		}
	}
	return ""
}

func commandNames(app *App) []Candidate {
	var names []Candidate
	for _, command := range app.Commands {
		if !command.Hidden {
			names = append(names, Candidate{command.Name, command.Usage})
		}
	}
	return names
}

// flagNames completes the name of a flag. One that is given is not offered again,
// unless it may be.
func flagNames(known []Flag, given map[Flag]bool, word string) Completion {
	var names []Candidate
	for _, flag := range known {
		_, repeatable := flag.(*StringSliceFlag)
		if given[flag] && !repeatable {
			continue
		}
		for _, name := range flag.Names() {
			switch {
			case len(name) > 1:
				names = append(names, Candidate{"--" + name, usageOf(flag)})
			case !strings.HasPrefix(word, "--"):
				names = append(names, Candidate{"-" + name, usageOf(flag)})
			}
		}
	}
	if !slices.ContainsFunc(names, func(c Candidate) bool { return c.Word == "--help" }) {
		names = append(names, Candidate{"--help", "show help"})
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

// placeholder returns what stands for the flag's value in its usage.
func placeholder(flag Flag) string {
	if f, ok := flag.(urfave.DocGenerationFlag); ok {
		if parts := strings.SplitN(f.GetUsage(), "`", 3); len(parts) == 3 {
			return parts[1]
		}
	}
	return ""
}

// matching returns those of all that begin as word does after its first prefix bytes.
func matching(prefix int, word string, all ...Candidate) Completion {
	c := Completion{Prefix: prefix, Files: NoFiles}
	for _, one := range all {
		if strings.HasPrefix(one.Word, word[prefix:]) {
			c.Candidates = append(c.Candidates, one)
		}
	}
	return c
}

func undescribed(words ...string) []Candidate {
	var all []Candidate
	for _, word := range words {
		all = append(all, Candidate{Word: word})
	}
	return all
}

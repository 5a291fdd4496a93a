// Package manual writes the pages about the command line, as Markdown and as man
// pages, from a description of the commands that the program gives of itself.
package manual

import "strings"

// Program describes the whole command line.
type Program struct {
	Name        string    `json:"name"`
	Summary     string    `json:"summary"`
	Usage       string    `json:"usage"`
	Description string    `json:"description"`
	Flags       []Flag    `json:"flags"`
	Commands    []Command `json:"commands"`
}

// Command is one of a program's commands.
type Command struct {
	Name        string   `json:"name"`
	Summary     string   `json:"summary"`
	Usage       string   `json:"usage"`
	Examples    []string `json:"examples"`
	Description string   `json:"description"` // paragraphs, with an empty line between
	Flags       []Flag   `json:"flags"`
}

// Flag is a flag of a command.
type Flag struct {
	Names    []string `json:"names"`  // with their hyphens
	Value    string   `json:"value"`  // what stands for the value, "" if there is none
	Values   []string `json:"values"` // those allowed, empty where they are no closed set
	Summary  string   `json:"summary"`
	Default  string   `json:"default"`
	Repeated bool     `json:"repeated"`
	Group    string   `json:"group"` // one of Groups
}

// Groups are what flags are about, in the order in which they are shown.
var Groups = []string{"What to look at", "What counts", "Output", "Limits"}

// group is those flags of a command that are about one thing.
type group struct {
	title string
	flags []Flag
}

// grouped returns flags by their groups, the first for a flag that names none. Flags of one group
// have no more to say than that they are flags.
func grouped(flags []Flag) []group {
	var groups []group
	for _, title := range Groups {
		g := group{title: title}
		for _, f := range flags {
			if f.Group == title || f.Group == "" && title == Groups[0] {
				g.flags = append(g.flags, f)
			}
		}
		if len(g.flags) > 0 {
			groups = append(groups, g)
		}
	}
	if len(groups) == 1 {
		groups[0].title = "Flags"
	}
	return groups
}

// forms returns how a flag is written, as "--jobs N, -j N".
func (f Flag) forms() string {
	var forms []string
	for _, name := range f.Names {
		if f.Value != "" {
			name += " " + f.Value
		}
		forms = append(forms, name)
	}
	return strings.Join(forms, ", ")
}

// says returns what a flag does, with its default.
func (f Flag) says() string {
	if f.Default == "" {
		return f.Summary
	}
	return f.Summary + " (default: " + f.Default + ")"
}

// Examples returns the command lines that a usage text shows as examples, and
// the usage without them.
func Examples(text string) (usage string, examples []string) {
	var rest []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if example, ok := strings.CutPrefix(line, "Example: "); ok {
			examples = append(examples, example)
		} else if line != "" {
			rest = append(rest, line)
		}
	}
	return strings.Join(rest, "\n"), examples
}

// statuses are the exit statuses of every command.
var statuses = [][2]string{
	{"0", "it was carried out, and nothing was found that makes it fail"},
	{"1", "what was looked at is wrong, or differs: findings at or above --fail-on, bytes that do not match their digest"},
	{"2", "the command line cannot be understood"},
	{"3", "it could not be carried out, or not to its end"},
	{"130", "it was interrupted"},
}

package manual

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
)

const (
	helpWidth = 80 // no line is longer, unless one word is
	mostNames = 26 // of the columns that flags and commands take
)

// Help returns what --help prints about the program.
func Help(p Program) []byte {
	var b bytes.Buffer
	helpHead(&b, p.Name, p.Summary, p.Usage, nil, p.Description)
	b.WriteString("\nCommands:\n")
	var rows [][2]string
	for _, c := range p.Commands {
		rows = append(rows, [2]string{c.Name, c.Summary})
	}
	table(&b, rows)
	helpFlags(&b, p.Flags)
	helpStatuses(&b)
	fmt.Fprintf(&b, "\n'%s help COMMAND' shows the flags of a command.\n", p.Name)
	return b.Bytes()
}

// CommandHelp returns what --help prints about a command.
func CommandHelp(p Program, c Command) []byte {
	var b bytes.Buffer
	helpHead(&b, p.Name+" "+c.Name, c.Summary, c.Usage, c.Examples, c.Description)
	helpFlags(&b, c.Flags)
	helpStatuses(&b)
	return b.Bytes()
}

func helpHead(b *bytes.Buffer, name, summary, usage string, examples []string, description string) {
	fmt.Fprintf(b, "%s\n", report.Fill(name+" - "+summary, 0, helpWidth, "    "))
	fmt.Fprintf(b, "\nUsage: %s\n", strings.ReplaceAll(usage, "\n", "\n       "))
	for i, example := range examples {
		label := "       "
		if i == 0 {
			label = "e.g.   "
		}
		fmt.Fprintf(b, "%s%s\n", label, example)
	}
	for paragraph := range strings.SplitSeq(description, "\n\n") {
		switch {
		case paragraph == "":
		case verbatim(paragraph):
			fmt.Fprintf(b, "\n%s\n", paragraph)
		default:
			fmt.Fprintf(b, "\n%s\n", report.Fill(paragraph, 0, helpWidth, ""))
		}
	}
}

func helpFlags(b *bytes.Buffer, flags []Flag) {
	for _, g := range grouped(flags) {
		fmt.Fprintf(b, "\n%s:\n", g.title)
		var rows [][2]string
		for _, f := range g.flags {
			rows = append(rows, [2]string{f.short(), f.says()})
		}
		table(b, rows)
	}
}

// short returns how a flag is written, with its value once: "-j, --jobs N".
func (f Flag) short() string {
	var forms []string
	for _, name := range f.Names {
		if len(name) == 2 {
			forms = append([]string{name}, forms...)
		} else {
			forms = append(forms, name)
		}
	}
	names := strings.Join(forms, ", ")
	if f.Value != "" {
		names += " " + f.Value
	}
	return names
}

func helpStatuses(b *bytes.Buffer) {
	b.WriteString("\nExit status:\n")
	table(b, statuses)
}

// table writes rows of a name and what is said of it, which is broken into lines beside
// the names. A name that is too long has a line of its own.
func table(b *bytes.Buffer, rows [][2]string) {
	widest := 0
	for _, row := range rows {
		if len(row[0]) <= mostNames {
			widest = max(widest, len(row[0]))
		}
	}
	indent := strings.Repeat(" ", widest+4)
	for _, row := range rows {
		name := "  " + row[0]
		if len(row[0]) > widest {
			b.WriteString(name + "\n")
			name = ""
		}
		fmt.Fprintf(b, "%-*s%s\n", len(indent), name, report.Fill(row[1], len(indent), helpWidth, indent))
	}
}

package cli

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

// normalize puts a command's flags before its arguments, because urfave/cli
// takes a flag that stands after one for an argument, in silence. It refuses what it does
// not know, a flag without its value, and a value that its flag does not take.
func normalize(app *App, args []string) ([]string, error) {
	if len(args) < 2 {
		return args, nil
	}
	if (args[1] == "--help" || args[1] == "-h") && len(args) == 3 && app.Command(args[2]) != nil {
		return []string{args[0], args[2], "--help"}, nil
	}
	if strings.HasPrefix(args[1], "-") {
		flags, rest, err := split(app.Flags, args[1:])
		if err == nil && len(rest) > 0 {
			err = exit.Usagef("%q stands before the command: write ocilayout COMMAND [FLAGS] [LAYOUT...]", args[1])
		}
		if err != nil {
			return nil, err
		}
		return slices.Concat(args[:1], flags), nil
	}
	command := app.Command(args[1])
	if command == nil {
		return nil, UnknownCommand(app, args[1])
	}
	if command.SkipFlagParsing {
		return args, nil
	}
	flags, rest, err := split(command.Flags, args[2:])
	if err != nil {
		return nil, err
	}
	return slices.Concat(args[:2], flags, []string{"--"}, rest), nil
}

// split divides args into flags with their values, and arguments. After "--"
// everything is an argument.
func split(known []Flag, args []string) (flags, rest []string, err error) {
	var wrong error // the first value that its flag does not take
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return flags, append(rest, args[i+1:]...), wrong
		}
		if !strings.HasPrefix(arg, "-") || isStdin(arg) {
			rest = append(rest, arg)
			continue
		}
		if arg == "--help" || arg == "-h" {
			return []string{"--help"}, nil, nil
		}
		flag, name, value, hasValue, err := lookup(known, arg)
		if err != nil && value == "" && i+1 < len(args) && !hasValue { // what follows may say what was meant
			_, _, _, _, err = lookup(known, name+"="+args[i+1])
		}
		if err != nil {
			return nil, nil, err
		}
		_, isBool := flag.(*BoolFlag)
		if !isBool && !hasValue {
			if i+1 == len(args) || strings.HasPrefix(args[i+1], "-") && args[i+1] != "-" {
				return nil, nil, exit.Usagef("flag %s needs a value", name)
			}
			i++
			value, hasValue = args[i], true
		}
		// urfave/cli refuses two forms of one flag, though it takes one form twice.
		name = "--" + flag.Names()[0]
		if hasValue {
			wrong = cmp.Or(wrong, checkValue(flag, value))
			name += "=" + value
		}
		flags = append(flags, name)
	}
	return flags, rest, wrong
}

// isStdin says whether arg is the "-" of standard input, alone or with what
// selects an entry.
func isStdin(arg string) bool {
	rest, ok := strings.CutPrefix(arg, fromStdin)
	return ok && (rest == "" || rest[0] == ':' || rest[0] == '@')
}

// lookup finds the flag that arg is, with its value where that is part of arg,
// as in "--jobs=4" and "-j4".
func lookup(known []Flag, arg string) (flag Flag, name, value string, hasValue bool, err error) {
	name, value, hasValue = strings.Cut(arg, "=")
	bare := strings.TrimLeft(name, "-")
	long := strings.HasPrefix(arg, "--")
	var names []string
	for _, f := range known {
		for _, n := range f.Names() {
			if n == bare && long == (len(n) > 1) {
				return f, name, value, hasValue, nil
			}
			if len(n) > 1 {
				names = append(names, n)
			}
		}
	}
	if !long && !hasValue && len(bare) > 1 {
		if f, name, _, _, err := lookup(known, arg[:2]); err == nil {
			if _, isBool := f.(*BoolFlag); !isBool {
				return f, name, arg[2:], true, nil
			}
		}
	}
	return nil, name, value, false, noFlag(known, name, value, names)
}

// nearest returns the name that word is a misspelling of, or "".
func nearest(word string, names []string) string {
	best, least := "", 3
	for _, name := range names {
		if d := distance(word, name); d < least {
			best, least = name, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace between two words.
func distance(a, b string) int {
	if len(a) > 40 { // longer than any name there is
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}

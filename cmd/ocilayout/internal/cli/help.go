package cli

import "github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli/manual"

// helpTopic returns the command that a line in the order of normalize asks --help of, ""
// for the whole program.
func helpTopic(app *App, args []string) (command string, asked bool) {
	switch {
	case len(args) > 1 && args[1] == "--help":
		return "", true
	case len(args) > 2 && args[2] == "--help" && !app.Command(args[1]).SkipFlagParsing:
		return args[1], true
	}
	return "", false
}

// Help prints the help about a command, or about the program where its name is "". It is
// what the pages say as well. The error is a usage error, or that of printing.
func Help(app *App, command string) error {
	p := Describe(app)
	if command == "" {
		_, err := app.Writer.Write(manual.Help(p))
		return err
	}
	for _, c := range p.Commands {
		if c.Name == command {
			_, err := app.Writer.Write(manual.CommandHelp(p, c))
			return err
		}
	}
	return UnknownCommand(app, command)
}

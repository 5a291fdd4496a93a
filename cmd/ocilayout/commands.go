package main

import (
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/report"
)

// commandsCommand describes the command line as JSON, for what writes the pages
// about it.
func commandsCommand() *cli.Command {
	return &cli.Command{
		Name:     "__commands",
		Hidden:   true,
		HideHelp: true,
		Action:   func(c *cli.Context) error { return report.JSON(c.App.Writer, cli.Describe(c.App)) },
	}
}

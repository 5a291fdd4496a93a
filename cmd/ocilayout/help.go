package main

import (
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/exit"
)

func helpCommand() *cli.Command {
	return &cli.Command{
		Name:      "help",
		Usage:     "show what the commands do, or what one of them does",
		UsageText: "ocilayout help [COMMAND]\n\nExample: ocilayout help verify",
		ArgsUsage: "[COMMAND]",
		Action: func(c *cli.Context) error {
			if c.NArg() > 1 {
				return exit.Usagef("help takes one command, but got %d arguments", c.NArg())
			}
			return cli.Help(c.App, c.Args().First())
		},
	}
}

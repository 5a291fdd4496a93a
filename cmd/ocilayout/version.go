package main

import (
	"fmt"
	"io"
	"runtime"

	"github.com/ocilayout/ocilayout/cmd/ocilayout/internal/cli"
)

func versionCommand() *cli.Command {
	return &cli.Command{
		Name:      "version",
		Usage:     "print the version and how it was built",
		UsageText: "ocilayout version\n\nExample: ocilayout version",
		Action: func(c *cli.Context) error {
			if err := cli.NoArguments(c); err != nil {
				return err
			}
			return printVersion(c.App.Writer)
		},
	}
}

func printVersion(w io.Writer) error {
	_, err := fmt.Fprintf(w, "ocilayout %s (%s, %s/%s)\n", cli.Version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
